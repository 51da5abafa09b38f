"""Keys, draws, permutations: the arithmetic that every value comes from."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.generator.keys import bounded, draw, make_key
from app.generator.permutation import Permutation


def test_names_do_not_run_into_each_other() -> None:
    """("ab", "c") and ("a", "bc") are different places."""
    assert make_key("1", "ab", "c") != make_key("1", "a", "bc")
    assert make_key("1", "ab") != make_key("1a", "b")


def test_a_key_is_the_same_on_every_machine() -> None:
    """A key is part of the format: were it to change, every export would."""
    assert make_key("7", "public", "customers", "email", "value") == 0xF7A6CC47DAEC42D1


def test_a_draw_depends_on_nothing_but_its_row() -> None:
    """Rows drawn alone, in another order or among others have the same word."""
    rows = np.array([5, 0, 10**10, 3], dtype=np.int64)
    together = draw(1, rows)
    alone = [int(draw(1, np.array([r], dtype=np.int64))[0]) for r in rows.tolist()]
    assert together.tolist() == alone
    assert draw(1, rows[::-1]).tolist() == alone[::-1]


def test_salts_and_keys_tell_draws_apart() -> None:
    """Attempts and columns are independent: no two words agree."""
    rows = np.arange(1000, dtype=np.int64)
    words = np.concatenate([draw(k, rows, s) for k in range(5) for s in range(5)])
    assert len(np.unique(words)) == words.size


@given(st.integers(1, 1 << 63), st.integers(0, (1 << 64) - 1))
def test_bounded_is_the_high_half_of_the_product(n: int, word: int) -> None:
    """The scaled word is what integer arithmetic of any width gives."""
    found = int(bounded(np.array([word], dtype=np.uint64), n)[0])
    assert found == ((word >> 32) * n >> 32 if n <= 1 << 32 else word * n >> 64)


def test_bounded_is_uniform() -> None:
    """Each of seven values comes up about as often."""
    counts = np.bincount(bounded(draw(3, np.arange(700_000, dtype=np.int64)), 7))
    assert counts.min() > 99_000
    assert counts.max() < 101_000


@pytest.mark.parametrize("n", [1, 2, 3, 4, 5, 10, 255, 256, 257, 1000, 4097])
def test_a_permutation_hits_every_place_once(n: int) -> None:
    """Distinct places come out distinct, and none is left out."""
    images = Permutation(99, n).at(np.arange(n, dtype=np.int64))
    assert sorted(images.tolist()) == list(range(n))


@given(st.integers(1, 1 << 62), st.integers(0, 1 << 40))
def test_large_permutations_stay_inside_and_apart(n: int, start: int) -> None:
    """Over a domain too large to list, a run of places is still distinct and within it."""
    places = np.unique(np.minimum(start + np.arange(50, dtype=np.int64), n - 1))
    images = Permutation(5, n).at(places)
    assert len(np.unique(images)) == places.size
    assert images.min() >= 0
    assert images.max() < n
