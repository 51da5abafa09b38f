"""Where cycles of foreign keys are cut."""

from graphlib import TopologicalSorter

from hypothesis import given
from hypothesis import strategies as st

from app.generator.planning.cycles import Edge, cut_cycles
from app.generator.snapshot.model import ForeignKey, QName

_NAMES = st.sampled_from("abcdef")
_DRAWN = st.tuples(_NAMES, _NAMES, st.sampled_from("id created_by region_id".split()), st.booleans(), st.booleans())


def edge(table: str, parent: str, column: str = "id", optional: bool = False, deferrable: bool = False) -> Edge:
    referred = QName("public", parent)
    key = ForeignKey(f"{table}_{parent}_{column}", (column,), referred, ("id",), deferrable=deferrable)
    return Edge(QName("public", table), referred, key, optional)


def order(edges: list[Edge]) -> None:
    """Raises CycleError where no order is left."""
    needs: dict[QName, set[QName]] = {}
    for one in edges:
        needs.setdefault(one.table, set()).add(one.parent)
    TopologicalSorter(needs).prepare()


def test_all_ways_around_a_key_that_has_to_be_are_cut() -> None:
    """Two of them share one key: the first cut is of one way, and the other is still there."""
    edges = [edge("t", "p"), edge("p", "x"), edge("p", "y"), edge("x", "t"), edge("y", "t")]
    cuts = cut_cycles(edges)
    order([one for one in edges if one not in cuts.broken])
    assert cuts.forced == cuts.broken


@given(st.lists(_DRAWN, max_size=24))
def test_no_cycle_is_left(drawn: list[tuple[str, str, str, bool, bool]]) -> None:
    """Whatever refers to what, and in whatever order it comes."""
    edges = list({one.key.name: one for one in (edge(*some) for some in drawn) if one.table != one.parent}.values())
    cuts = cut_cycles(edges)
    kept = [one for one in edges if one not in cuts.broken]
    order(kept)
    assert cuts.broken <= set(edges)
    assert all(not (one.optional or one.key.deferrable) for one in cuts.forced)
    assert cuts == cut_cycles(reversed(edges))
