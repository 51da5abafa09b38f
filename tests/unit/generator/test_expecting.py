"""What is told of a plan's size: near what it will be, and soon, however many tables there are."""

import pytest

from app.generator import GeneratorConfig, batches, expecting, make_plan
from app.generator.explaining import explain
from app.generator.formats.registry import FORMATS
from app.generator.plan import Plan
from app.generator.snapshot.model import Snapshot, Table

from .schemas import INT, MONEY, TEXT, TIMESTAMPTZ, UUID, column, key, reference, shop, table


def of_many_tables(groups: int) -> Plan:
    """Four tables in each group, narrow and wide ones, of which every seventh group's are ten times as large."""
    tables: list[Table] = []
    rows: dict[str, int] = {}
    for n in range(groups):
        people, sales, notes, tags = (f"{name}_{n}" for name in ("people", "sales", "notes", "tags"))
        id_key = key("id", primary=True)
        tables += [
            table(
                people,
                column("id", UUID),
                *(column(name, TEXT) for name in ("first_name", "last_name", "email", "city")),
                column("created_at", TIMESTAMPTZ),
                keys=(id_key,),
            ),
            table(
                sales,
                column("id"),
                column("person_id", UUID),
                column("total", MONEY),
                column("paid_at", TIMESTAMPTZ, null=True),
                keys=(id_key,),
                refers=(reference("person_id", people),),
            ),
            table(notes, column("id"), column("body", TEXT), column("title", TEXT), keys=(id_key,)),
            table(tags, column("id", INT), column("color", TEXT), keys=(id_key,)),
        ]
        for name, count in ((people, 40), (sales, 120), (notes, 25), (tags, 10)):
            rows[name] = count * (10 if n % 7 == 3 else 1)
    return make_plan(Snapshot(tuple(tables)), GeneratorConfig.from_json({"rows": rows}), 7)


def real_bytes(plan: Plan, name: str) -> dict[str, int]:
    """Of each table in a format that is written batch by batch."""
    encoder = FORMATS[name].encoder
    assert encoder is not None
    return {
        str(t.name): sum(len(encoder(t).encode(batch, 0)) for batch in batches(plan, t.name, 0, None, 10_000))
        for t in plan.tables
    }


def test_a_plan_of_many_tables_is_told_by_some_of_them(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows are made of no more than 24 of 120 tables; the sum is near, and so is what is told of each table."""
    plan = of_many_tables(30)
    looked = set()

    def noted(*args: object) -> object:
        looked.add(args[1])
        return batches(*args)  # type: ignore[arg-type]  # handed on as they came

    monkeypatch.setattr(expecting, "batches", noted)
    explained = explain(plan)
    assert len(looked) == expecting.MOST_MEASURED
    for form in ("csv", "ndjson", "sql"):
        real = real_bytes(plan, form)
        assert explained.expected_bytes[form] == pytest.approx(sum(real.values()), rel=0.08)
        for facts in explained.tables:
            assert facts.expected_bytes[form] == pytest.approx(real[facts.name], rel=0.5, abs=100), facts.name
    assert all(facts.expected_seconds > 0 for facts in explained.tables)


def test_the_largest_tables_are_measured() -> None:
    """However far behind they stand in a plan: the sum hangs on them."""
    plan = of_many_tables(30)
    largest = sorted(plan.tables, key=lambda one: one.rows * len(one.columns), reverse=True)[:10]
    measured = expecting.measured_tables(plan)
    assert {one.name for one in largest} <= {one.name for one in measured}
    assert len({one.name for one in measured}) == len(measured)


def test_what_is_told_of_sizes_is_the_plans_alone() -> None:
    """Told twice, it is the same; tables without rows weigh nothing, and a plan of them alone can be told of."""
    plan = of_many_tables(9)
    first, again = (explain(plan, timed=False) for _ in range(2))
    assert first == again
    assert first.expected_seconds == 0
    empty = make_plan(shop(), GeneratorConfig.from_json({"rows": 0}), 7)
    assert set(explain(empty).expected_bytes.values()) == {0}
