"""Unique keys by construction: indexes on axes, children per parent."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.generator.config import PerParent
from app.generator.engine.axes import NO_PLACE, Axis, KeyIndex
from app.generator.engine.fanout import Fanout
from app.generator.engine.relations import bounded_each
from app.generator.keys import draw
from app.generator.plan import KeyPlan

TABLE = ("public", "t")


def index(mode: str, *axes: Axis, rows: int = 0) -> KeyIndex:
    """The index of a key over axes a, b, ..."""
    names = tuple("abc"[: len(axes)])
    return KeyIndex(KeyPlan("k", mode, names), axes, "1", TABLE, rows)  # type: ignore[arg-type]  # modes are strings here


@given(st.lists(st.tuples(st.integers(1, 9), st.integers(1, 5)), min_size=1, max_size=3))
def test_a_product_gives_each_combination_once(sizes: list[tuple[int, int]]) -> None:
    """As many rows as there are places have as many different keys."""
    axes = [Axis(natural, natural * rounds) for natural, rounds in sizes]
    key = index("product", *axes)
    found = key.at(np.arange(key.places, dtype=np.int64), 0)
    tuples = set(zip(*(found[name].tolist() for name in key.axes), strict=True))
    assert len(tuples) == key.places
    for name, axis in zip(key.axes, axes, strict=True):
        assert found[name].min() >= 0
        assert found[name].max() < axis.size


def test_natural_values_come_first() -> None:
    """A small table does not see the unnatural end of a column's values."""
    found = index("injective", Axis(100, 1 << 40)).at(np.arange(100, dtype=np.int64), 0)["a"]
    assert sorted(found.tolist()) == list(range(100))


def test_rows_past_the_last_place_have_none() -> None:
    """A key that is used up says so, and does not repeat itself."""
    found = index("injective", Axis(3, 3)).at(np.arange(5, dtype=np.int64), 0)["a"]
    assert sorted(found[:3].tolist()) == [0, 1, 2]
    assert found[3:].tolist() == [NO_PLACE, NO_PLACE]


@pytest.mark.parametrize("mode", ["injective", "product"])
def test_retries_collide_with_nobody(mode: str) -> None:
    """A row that is given another place takes nobody's, whatever attempt the others are at."""
    key = index(mode, Axis(50, 5_000), rows=100)
    rows = np.arange(100, dtype=np.int64)
    all_places = np.concatenate([key.at(rows, salt)["a"] for salt in range(16)])
    assert len(np.unique(all_places)) == all_places.size


@given(st.integers(1, 60), st.integers(0, 60), st.integers(1, 5_000), st.integers(0, 40))
def test_more_rows_move_no_retry_while_there_are_sixteen_places_for_each(
    few: int, more: int, natural: int, salt: int
) -> None:
    """Beyond that, in a key that is more than a sixteenth full, a row that a check redraws may follow the count."""
    size = -(-16 * (few + more) // natural) * natural
    before, after = (index("injective", Axis(natural, size), rows=rows) for rows in (few, few + more))
    rows = np.arange(few, dtype=np.int64)
    assert before.at(rows, salt)["a"].tolist() == after.at(rows, salt)["a"].tolist()


def test_a_full_key_leaves_a_row_where_it_is() -> None:
    """Where there is no place to spare a retry keeps the row's own."""
    key = index("injective", Axis(100, 100), rows=100)
    rows = np.arange(100, dtype=np.int64)
    assert key.at(rows, 3)["a"].tolist() == key.at(rows, 0)["a"].tolist()


def test_ordinals_count_up_within_each_parent() -> None:
    """Each parent's children are numbered 0, 1, 2, ... without a gap."""
    found = index("ordinal", Axis(7, 7), Axis(1000, 1000)).at(np.arange(70, dtype=np.int64), 0)
    for parent in range(7):
        assert found["b"][found["a"] == parent].tolist() == list(range(10))


@given(st.integers(1, 30), st.integers(1, 4), st.integers(1, 9))
def test_lines_count_up_and_keep_to_their_values(codes: int, parents: int, numbers: int) -> None:
    """A few rows in turn have the same values on the other axes, numbered 0, 1, ..., and no key comes twice."""
    key = index("lines", Axis(codes, codes * 3), Axis(parents, parents), Axis(numbers, numbers))
    found = key.at(np.arange(key.places + 2, dtype=np.int64), 0)
    keys = list(zip(*(found[name].tolist() for name in key.axes), strict=True))
    assert len(set(keys[:-2])) == key.places == codes * 3 * parents * min(4, numbers)
    assert keys[-2:] == [(NO_PLACE, NO_PLACE, NO_PLACE)] * 2
    for before, after in pairwise(keys[:-2]):
        assert after[2] == 0 or (*before[:2], before[2] + 1) == after


@given(st.integers(0, 3), st.integers(0, 6), st.integers(0, 9_000), st.sampled_from(["uniform", "skewed"]))
def test_every_child_belongs_to_the_parent_whose_turn_it_is(low: int, more: int, parents: int, how: str) -> None:
    """Counts stay within bounds, add up to the total, and are found again from the child's row number."""
    fanout = Fanout(11, PerParent(low, low + more, how), parents)  # type: ignore[arg-type]  # sampled from the literals
    rows = np.arange(fanout.total, dtype=np.int64)
    found, places = fanout.parents_of(rows)
    counts = np.bincount(found, minlength=parents) if parents else np.zeros(0)
    assert counts.sum() == fanout.total
    if parents:
        assert low <= counts.min()
        assert counts.max() <= low + more
    assert (np.diff(found) >= 0).all()
    first = np.flatnonzero(np.diff(found, prepend=-1))
    assert (places[first] == 0).all()


def test_a_fanout_does_not_depend_on_later_parents() -> None:
    """More parents leave the children of the earlier ones as they were."""
    few, many = (Fanout(11, PerParent(0, 9), n) for n in (5_000, 9_000))
    rows = np.arange(few.total, dtype=np.int64)
    assert few.parents_of(rows)[0].tolist() == many.parents_of(rows)[0].tolist()


@given(st.lists(st.integers(0, 1 << 62), min_size=1, max_size=20))
def test_a_limit_for_each_row_is_kept(limits: list[int]) -> None:
    """Scaling by a limit of its own gives what integer arithmetic gives."""
    words = draw(3, np.arange(len(limits), dtype=np.int64))
    found = bounded_each(words, np.array(limits, dtype=np.int64))
    assert found.tolist() == [int(w) * n >> 64 for w, n in zip(words.tolist(), limits, strict=True)]
