"""Schemas made hard on purpose: their rows load with every constraint on."""

from pathlib import Path

import psycopg
import pytest

from app.adapters.introspection.catalog import introspect
from app.adapters.introspection.scratch import ScratchDatabase
from app.adapters.introspection.sql_files import read_sql
from app.adapters.verification.verify import verify
from app.generator import GeneratorConfig, make_plan
from tests.conftest import Server

FOLDER = Path(__file__).resolve().parents[2] / "schemas"

# Only a server of that version knows the syntax.
NEEDS = {"temporal": 180_000, "rules": 180_000, "json_texts": 160_000}


# One row and two leave no choice, fifty fill small tables, two thousand exhaust what is narrow.
ROWS = (1, 2, 50, 2_000)


@pytest.mark.parametrize("name", sorted(p.stem for p in FOLDER.glob("*.sql")))
def test_rows_load_with_every_constraint_on(postgres: Server, name: str) -> None:
    """No violation in any table at any count, whatever its keys, checks, partitions, exclusions and cycles."""
    with psycopg.connect(postgres.url()) as connection:
        if connection.info.server_version < NEEDS.get(name, 0):
            pytest.skip("the schema uses syntax of a later PostgreSQL")
    with ScratchDatabase(postgres.url()) as scratch:
        scratch.load((FOLDER / f"{name}.sql").read_text())
        with scratch.connect() as connection:
            snapshot = introspect(connection)
            for rows in ROWS:
                plan = make_plan(snapshot, GeneratorConfig(rows=rows), 7)
                report = verify(plan, connection)
                assert report.holds, f"{rows} rows a table: {report.to_text()}"
                connection.execute(read_sql("introspection", "empty_tables"))
