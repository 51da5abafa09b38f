"""References that no foreign key states, and tables that have to have something in common: what leads somewhere."""

from app.generator import GeneratorConfig, Snapshot, batches, make_plan
from app.generator.planning.revising import revise
from app.generator.snapshot.model import Check, QName, Table

from .schemas import INT, TEXT, column, key, reference, table, type_of

_NUMBERED = (key("id", primary=True),)


def _rows(snapshot: Snapshot, name: str, **rows: int) -> list[dict[str, object]]:
    plan = make_plan(snapshot, GeneratorConfig(rows=rows), "unstated")
    return [row for batch in batches(plan, QName("public", name)) for row in batch.to_pylist()]


def _visits() -> Table:
    columns = ("id", "user_id", "bike_shop_id", "former_user_id", "ghost_id", "visit_id", "user_no")
    return table("visits", *map(column, columns), keys=_NUMBERED)


def test_numbers_that_are_named_after_a_table_lead_to_its_rows() -> None:
    """Whose name ends like the column's; not where there is no such table, nor to the table itself."""
    users, shops = (table(name, column("id"), keys=_NUMBERED) for name in ("Users", "bike_shops"))
    rows = _rows(Snapshot((users, shops, _visits())), "visits", Users=7, bike_shops=3, visits=200)
    assert {row["user_id"] for row in rows} == {row["former_user_id"] for row in rows} == set(range(1, 8))
    assert {row["bike_shop_id"] for row in rows} == {1, 2, 3}
    assert all(len({row[name] for row in rows}) > 100 for name in ("ghost_id", "visit_id", "user_no"))


def test_what_rules_give_stays_theirs() -> None:
    """Checks, keys and references say what a column holds; and a plan that comes back is the plan that was made."""
    users = table("users", column("id"), keys=_NUMBERED)
    checked = Table(QName("public", "logins"), (column("id"), column("user_id")), keys=_NUMBERED,
                    checks=(Check("far", "user_id > 1000"),))  # fmt: skip
    unique = table("profiles", column("id"), column("user_id"), keys=(*_NUMBERED, key("user_id")))
    snapshot = Snapshot((users, checked, unique, _visits()))
    assert min(int(str(row["user_id"])) for row in _rows(snapshot, "logins", users=7, logins=50)) > 1000
    assert len(_rows(snapshot, "profiles", users=7, profiles=50)) == 50
    plan = make_plan(snapshot, GeneratorConfig(rows=20), "unstated")
    assert revise(snapshot, plan.to_json()) == plan


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
