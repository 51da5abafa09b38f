"""Names that say nothing are names all the same."""

import pytest

from app.generator import GeneratorConfig, make_plan
from app.generator.snapshot.form import snapshot_from_json

TYPES = ("int2", "int4", "text", "varchar(3)", "numeric(9,2)", "timestamptz", "date", "uuid", "bool", "jsonb", "text[]")
NAMES = (
    '"' * 63, "'" * 63, "_", "__", "1", "1_2", "$", " ", "\n", "-", "%s", "{}", "{0}", "\\", "é", "日本", "ш", "🙂" * 15, "\u202e",
    "\x7f", "null", "*", "=", "..", "/", "data", "data_", "_data", "per", "x_per", "id_", "_id", "tableoid", "ctid", "a" * 63,
)  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_a_column_may_be_called_anything(name: str) -> None:
    """As may its table; of whatever type it is, there is a plan."""
    columns = [{"name": name if n == 0 else f"{name[:50]}{n}", "type": kind} for n, kind in enumerate(TYPES)]
    alone = [
        {"schema": "public", "name": f"t{n}", "columns": [{"name": name, "type": kind}]} for n, kind in enumerate(TYPES)
    ]
    tables = [{"schema": "public", "name": name, "columns": columns}, *alone]
    plan = make_plan(snapshot_from_json({"version": 1, "tables": tables}), GeneratorConfig.from_json({"rows": 3}), "1")
    assert plan.rows_total == 3 * len(tables)
