"""The rows of the handbook's examples load into Postgres."""

import json

from app.adapters.introspection.catalog import introspect
from app.adapters.introspection.scratch import ScratchDatabase
from app.adapters.verification.verify import verify
from app.generator.handbook.examples import EXAMPLES
from app.generator.handbook.page import FOLDER, plan_of, shop
from app.generator.snapshot.form import snapshot_to_json
from tests.conftest import Server


def test_every_example_loads_with_every_constraint_on(postgres: Server) -> None:
    """And the snapshot that the page is made from is that of the shop it shows."""
    with ScratchDatabase(postgres.url()) as scratch:
        scratch.load((FOLDER / "shop.sql").read_text("utf-8"))
        with scratch.connect() as connection:
            found = json.loads(json.dumps(snapshot_to_json(introspect(connection))))
            # Whatever server it was read from.
            assert found | {"serverVersion": ""} == snapshot_to_json(shop()) | {"serverVersion": ""}
            for example in EXAMPLES:
                with connection.transaction(force_rollback=True):
                    report = verify(plan_of(example.config), connection)
                assert report.holds, f"{example.title}: {report.to_text()}"
