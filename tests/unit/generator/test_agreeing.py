"""Tables that have to have something in common, so that rows can refer to them all."""

from app.generator import GeneratorConfig, Snapshot, batches, make_plan
from app.generator.snapshot.model import QName

from .schemas import INT, TEXT, column, key, reference, table, type_of


def _rows(snapshot: Snapshot, name: str, **rows: int) -> list[dict[str, object]]:
    plan = make_plan(snapshot, GeneratorConfig(rows=rows), "agreeing")
    return [row for batch in batches(plan, QName("public", name)) for row in batch.to_pylist()]


def test_parents_agree_where_no_table_says_in_what() -> None:
    """Rows that refer to two tables by a column that both of them have find parents in both, of any type."""
    for kind in (INT, TEXT, type_of("uuid"), type_of("varchar", 2)):
        halls = table("halls", column("plant", kind), column("no", TEXT), keys=(key("plant", "no", primary=True),))
        lines = table("lines", column("plant", kind), column("no", TEXT), column("hall", TEXT, null=True),
                      keys=(key("plant", "no", primary=True),), refers=(reference(("plant", "hall"), "halls", ("plant", "no")),))  # fmt: skip
        tools = table("tools", column("plant", kind), column("mark", TEXT), keys=(key("plant", "mark", primary=True),))
        setups = table("setups", column("plant", kind), column("line", TEXT), column("mark", TEXT),
                       refers=(reference(("plant", "line"), "lines", ("plant", "no")),
                               reference(("plant", "mark"), "tools", ("plant", "mark"))))  # fmt: skip
        rows = _rows(Snapshot((halls, lines, tools, setups)), "setups", halls=30, lines=30, tools=30, setups=30)
        assert len(rows) == 30
        assert len({row["plant"] for row in rows}) > 1
