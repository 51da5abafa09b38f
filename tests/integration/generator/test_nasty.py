"""Nasty text on request: wherever no rule forbids it, and the rows still load."""

import psycopg
import pytest

from app.adapters.introspection.catalog import introspect
from app.adapters.introspection.scratch import ScratchDatabase
from app.adapters.verification.verify import verify
from app.generator import GeneratorConfig, make_plan
from tests.conftest import Server
from tests.integration.generator.test_schemas import FOLDER, NEEDS

_SCHEMAS = ("bike_shop", "cms", "collations", "quoting", "rules", "uniques")


# Keys or checks read every text column of these.
NOTHING_FREE = {"rules"}


@pytest.mark.parametrize("name", _SCHEMAS)
def test_nasty_rows_load_with_every_constraint_on(postgres: Server, name: str) -> None:
    """No violation: what a key, a check, a reference or an expression reads keeps its own text."""
    with psycopg.connect(postgres.url()) as connection:
        if connection.info.server_version < NEEDS.get(name, 0):
            pytest.skip("the schema uses syntax of a later PostgreSQL")
    with ScratchDatabase(postgres.url()) as scratch:
        scratch.load((FOLDER / f"{name}.sql").read_text())
        with scratch.connect() as connection:
            plan = make_plan(introspect(connection), GeneratorConfig(rows=200, nasty=True), 7)
            report = verify(plan, connection)
    assert report.holds, report.to_text()
    nasty = [c for t in plan.tables for c in t.columns if c.generator == "nasty"]
    assert nasty or name in NOTHING_FREE
    assert not any(c.unique for c in nasty)
