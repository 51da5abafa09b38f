"""Tables of ten billion rows: their last ones are as near as their first, also those that refer to such tables."""

from dataclasses import replace

import numpy as np
import pytest

from app.errors import PlanRefused
from app.generator import GeneratorConfig, PerParent, Snapshot, make_plan
from app.generator.engine import viable
from app.generator.engine.fanout import Fanout
from app.generator.snapshot.model import Check

from .schemas import column, key, reference, table, type_of
from .test_determinism import rows_of

_BIG = type_of("int8")
_PARENTS = table(
    "parents", column("id", _BIG), column("group_id"), keys=(key("id", primary=True), key("group_id", "id"))
)
_CHILDREN = table(
    "children", column("id", _BIG), column("parent_id", _BIG), keys=(key("id", primary=True),),
    refers=(reference("parent_id", "parents"),),
)  # fmt: skip


@pytest.mark.parametrize(
    "wish",
    [
        PerParent(0, 40, "pareto", mean_millionths=2_345_678),
        PerParent(1, 9, mean_millionths=4_000_000),
        PerParent(3, 3),
    ],
)
def test_a_mean_says_what_parents_come_to_without_a_count(wish: PerParent) -> None:
    """As if all had been counted; of billions it takes no time."""
    for parents in (0, 1, 3_999, 4_000, 4_001, 12_345):
        found = Fanout(11, wish, parents)
        counts = found.children_of(np.arange(parents))[1]
        assert found.total == counts.sum()
        firsts = found.children_of(np.arange(0, parents, 4_000))[0]
        assert firsts.tolist() == [int(counts[:place].sum()) for place in range(0, parents, 4_000)]
    far = Fanout(11, wish, 10**9)
    first, count = far.children_of(np.array([10**9 - 1]))
    assert first[0] + count[0] == far.total


def test_the_last_lines_of_a_billion_orders_are_made_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Their places are found from the mean; a count of all parents would fail here."""
    lines = table(
        "lines", column("parent_id", _BIG), column("line_no"), keys=(key("parent_id", "line_no", primary=True),),
        refers=(reference("parent_id", "parents"),),
    )  # fmt: skip
    monkeypatch.setattr("app.generator.engine.fanout.np.fromiter", None)
    wish = PerParent(1, 40, "pareto", mean_millionths=2_500_000)
    plan = make_plan(Snapshot((lines, _PARENTS)), GeneratorConfig(rows={"parents": 4 * 10**9, "lines": wish}), 7)
    total = plan.table(lines.name).rows
    assert total == 10**10
    last = rows_of(plan, "lines", start=total - 100).to_pylist()
    assert last[-1]["parent_id"] == 4 * 10**9
    assert len({(row["parent_id"], row["line_no"]) for row in last}) == 100


def test_a_check_of_a_reference_to_ten_billion_rows_is_kept() -> None:
    """No list of those that agree is made: what the check refuses is drawn again."""
    checked = replace(_CHILDREN, checks=(Check("half", "parent_id % 2 = 0"),))
    plan = make_plan(Snapshot((checked, _PARENTS)), GeneratorConfig(rows=10**10), 7)
    made = rows_of(plan, "children", start=10**10 - 500)["parent_id"].to_pylist()
    assert all(parent % 2 == 0 for parent in made)
    assert len(set(made)) > 400


def test_parents_are_looked_through_some_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """However many in one go: the same ones agree."""
    checked = replace(_CHILDREN, checks=(Check("third", "parent_id % 3 = 0"),))

    def made() -> list[int]:
        plan = make_plan(Snapshot((checked, _PARENTS)), GeneratorConfig(rows=200), 7)
        found: list[int] = rows_of(plan, "children")["parent_id"].to_pylist()
        return found

    whole = made()
    monkeypatch.setattr(viable, "_AT_A_TIME", 7)
    assert made() == whole
    assert all(parent % 3 == 0 for parent in whole)


def test_parents_that_have_to_agree_with_each_other_are_refused_where_they_are_too_many() -> None:
    """With the constraints' names, rather than for want of memory."""
    both = table(
        "children", column("id", _BIG), column("group_id"), column("one_id", _BIG), column("other_id", _BIG),
        keys=(key("id", primary=True),),
        refers=(reference(("group_id", "one_id"), "parents", ("group_id", "id")),
                reference(("group_id", "other_id"), "parents", ("group_id", "id"))),
    )  # fmt: skip
    with pytest.raises(PlanRefused, match=r"group_id_one_id_fkey.*at most 20,000,000"):
        make_plan(Snapshot((both, _PARENTS)), GeneratorConfig(rows={"parents": 10**10, "children": 10}), 7)
