"""Unique pairs that a check orders: every pair that it allows has a place, and no other."""

from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.errors import PlanRefused
from app.generator import GeneratorConfig, Plan, batches, make_plan
from app.generator.engine.axes import Axis
from app.generator.engine.pairs import PairIndex, PairKind, PairSpace, pairs_of_axis, pairs_of_columns
from app.generator.keys import Rows
from app.generator.plan import KeyPlan
from app.generator.snapshot.model import Check, Column, KeyElement, QName, Snapshot, Table, UniqueKey
from app.generator.values.generator import Indexed

from .schemas import DATE, INT, UUID, column, key, reference, type_of

KINDS: dict[PairKind, str] = {"below": "<", "at_most": "<=", "differ": "<>"}


class Listed(Indexed):
    """Values in an order of their own."""

    arrow_type = pa.int64()

    def __init__(self, values: list[int], block: int) -> None:
        self._values = np.array(values, dtype=np.int64)
        self.capacity, self.block = len(values), block

    def at(self, index: Rows) -> pa.Array:
        return pa.array(self._values[index])


def allowed(kind: PairKind, low: int, high: int) -> bool:
    return {"below": low < high, "at_most": low <= high, "differ": low != high}[kind]


def every_pair(space: PairSpace, others: list[Axis], rows: int | None = None) -> list[tuple[int, ...]]:
    index = PairIndex(
        KeyPlan("k", "pairs", tuple("abc"[: 2 + len(others)]), pair="below"), space, others,
        lambda first, second: first > second, "1", ("public", "t"), 0,
    )  # fmt: skip
    found = index.at(np.arange(index.places if rows is None else rows, dtype=np.int64), 0)
    return list(zip(*(found[axis].tolist() for axis in index.axes), strict=True))


@given(st.sampled_from(sorted(KINDS)), st.integers(0, 40), st.integers(0, 40))
def test_an_axis_has_each_pair_once(kind: PairKind, size: int, natural: int) -> None:
    """As many as there are by counting, the natural ones first, none of them twice."""
    natural = min(size, natural)
    found = every_pair(pairs_of_axis(Axis(natural, size), kind), [])
    assert sorted(found) == [(a, b) for a in range(size) for b in range(size) if allowed(kind, a, b)]
    few = sum(allowed(kind, a, b) for a in range(natural) for b in range(natural))
    assert all(max(pair) < natural for pair in found[:few])


@given(
    st.sampled_from(sorted(KINDS)),
    st.lists(st.integers(-20, 20), unique=True, min_size=1),
    st.lists(st.integers(-20, 20), unique=True, min_size=1),
    st.integers(1, 9),
)
def test_two_columns_have_each_pair_once(kind: PairKind, lows: list[int], highs: list[int], block: int) -> None:
    """Whatever values each of them may have."""
    first, second = Listed(lows, min(block, len(lows))), Listed(highs, min(block, len(highs)))
    space = pairs_of_columns(first, second, kind)
    assert space is not None
    found = []
    for zone in space.zones:
        low, high = zone.at(np.arange(zone.places, dtype=np.int64))
        found += list(zip(first.at(low).to_pylist(), second.at(high).to_pylist(), strict=True))
    if space.by_value:
        found = [(min(pair), max(pair)) for pair in found]
    assert sorted(found) == sorted((a, b) for a in lows for b in highs if allowed(kind, a, b))


def test_other_columns_of_the_key_multiply_the_pairs() -> None:
    """(room, low, high) has each pair once in every room."""
    found = every_pair(pairs_of_axis(Axis(4, 9), "below"), [Axis(3, 6)])
    assert len(found) == len(set(found)) == 36 * 6
    assert all(a < b for a, b, _ in found)


def test_pairs_of_billions_are_told_apart() -> None:
    """The numbers of pairs go up to 62 bits, and the root that finds the larger index is exact there too."""
    zone = pairs_of_axis(Axis(1 << 40, 1 << 40), "below").zones[0]
    numbers = np.array([0, 1, 2, zone.places - 2, zone.places - 1], dtype=np.int64)
    low, high = zone.at(numbers)
    top = (1 << 31) - 1
    assert list(zip(low.tolist(), high.tolist(), strict=True)) == [
        (0, 1),
        (0, 2),
        (1, 2),
        (top - 2, top),
        (top - 1, top),
    ]


def schema(check: str, kind_of_id: object = UUID, unique: UniqueKey | None = None) -> Snapshot:
    people = Table(QName("public", "people"), (Column("id", kind_of_id, nullable=False),),  # type: ignore[arg-type]  # a type
                   keys=(key("id", primary=True),))  # fmt: skip
    friends = Table(
        QName("public", "friends"),
        (Column("a", people.columns[0].type, nullable=False), Column("b", people.columns[0].type, nullable=False)),
        keys=(unique or key("a", "b", primary=True),),
        foreign_keys=(reference("a", "people"), reference("b", "people")),
        checks=(Check("apart", check),) if check else (),
    )
    return Snapshot((people, friends))


def rows_of(plan: Plan, name: str) -> list[dict[str, Any]]:
    found = QName("public", name)
    found_rows: list[dict[str, Any]] = pa.Table.from_batches(
        list(batches(plan, found, 0, plan.table(found).rows))
    ).to_pylist()
    return found_rows


@pytest.mark.parametrize(("check", "most"), [("a < b", 45), ("b <= a", 55), ("a <> b", 90), ("NOT (b = a)", 90)])
@pytest.mark.parametrize("kind", [UUID, INT], ids=["uuid", "integer"])
def test_two_references_fill_their_space(check: str, most: int, kind: object) -> None:
    """Ten people have just so many friendships: all of them can be asked for, and one more is refused."""
    snapshot = schema(check, kind)
    plan = make_plan(snapshot, GeneratorConfig.from_json({"rows": {"people": 10, "friends": most}}), 3)
    rows = rows_of(plan, "friends")
    assert len({(r["a"], r["b"]) for r in rows}) == most
    assert all(eval(check.replace("<>", "!=").replace(" = ", "==").replace("NOT", "not"), {}, r) for r in rows)  # noqa: S307  # the test's own words
    with pytest.raises(PlanRefused, match=f"friends.*: unique over {most} values, {most + 1} rows asked"):
        make_plan(snapshot, GeneratorConfig.from_json({"rows": {"people": 10, "friends": most + 1}}), 3)


@pytest.mark.parametrize(("check", "most"), [("a <> b", 45), ("", 55)])
def test_a_pair_is_one_whichever_way_round(check: str, most: int) -> None:
    """A unique index over least(a, b) and greatest(a, b) takes (1, 2) and (2, 1) for the same."""
    either = UniqueKey("either", (KeyElement(None, "LEAST(a, b)"), KeyElement(None, "GREATEST(a, b)")))
    plan = make_plan(
        schema(check, INT, either), GeneratorConfig.from_json({"rows": {"people": 10, "friends": most}}), 3
    )
    rows = rows_of(plan, "friends")
    assert len({frozenset((r["a"], r["b"])) for r in rows}) == most
    assert any(r["a"] < r["b"] for r in rows)
    assert any(r["a"] > r["b"] for r in rows)


def test_narrow_columns_fill_their_space() -> None:
    """(low, high) over 0..9 and low < high: 45 bands."""
    small = type_of("int2")
    bands = Table(
        QName("public", "bands"), (column("low", small), column("high", small)), keys=(key("low", "high"),),
        checks=(Check("c", "low >= 0 AND low <= 9 AND high >= 0 AND high <= 9 AND low < high"),),
    )  # fmt: skip
    plan = make_plan(Snapshot((bands,)), GeneratorConfig.from_json({"rows": {"bands": 45}}), 1)
    found = rows_of(plan, "bands")
    assert {(r["low"], r["high"]) for r in found} == {(a, b) for a in range(10) for b in range(a + 1, 10)}
    with pytest.raises(PlanRefused, match=r"bands\.low, high: unique over 45 values, 46 rows asked"):
        make_plan(Snapshot((bands,)), GeneratorConfig.from_json({"rows": {"bands": 46}}), 1)


def test_more_rows_change_no_earlier_pair() -> None:
    """A pair is its row's own."""
    few, many = (
        make_plan(schema("a < b"), GeneratorConfig.from_json({"rows": {"people": 100, "friends": n}}), 3)
        for n in (300, 4950)
    )
    assert rows_of(few, "friends") == rows_of(many, "friends")[:300]


@pytest.mark.parametrize("fixed", ["starts", "ends"])
@pytest.mark.parametrize("kind", [DATE, INT], ids=["date", "integer"])
def test_an_override_in_an_ordered_pair_holds_exactly(fixed: str, kind: object) -> None:
    """Where a check orders two columns, the one that nobody asked anything of makes room for the other."""
    spans = Table(
        QName("public", "spans"), (column("starts", kind), column("ends", kind)),  # type: ignore[arg-type]  # a type
        checks=(Check("c", "starts <= ends"),),
    )  # fmt: skip
    value = "1999-12-31" if kind is DATE else 77
    overrides = {"spans": {fixed: {"constant": value}}}
    plan = make_plan(Snapshot((spans,)), GeneratorConfig.from_json({"rows": 200, "overrides": overrides}), 1)
    found = rows_of(plan, "spans")
    assert {str(r[fixed]) for r in found} == {str(value)}
    assert all(r["starts"] <= r["ends"] for r in found)
