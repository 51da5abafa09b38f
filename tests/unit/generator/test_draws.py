"""Draws that wait until they are asked for: the same numbers as those that do not."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.generator.draws import Chance, Draw
from app.generator.keys import bounded, chance, draw, word_key
from app.generator.permutation import Permutation
from app.generator.pools import pool
from app.generator.values.generator import lazily, pick
from app.generator.values.texts import Phrases, longest

_ROWS = np.concatenate([np.arange(1000), np.array([10**9, 10**10 - 1, 1 << 62])])
_KEYS = st.integers(0, (1 << 64) - 1)


@given(_KEYS, st.integers(0, 9), st.integers(1, (1 << 63) - 1) | st.integers(1, 1 << 33), st.integers(0, 15))
def test_a_draw_that_waits_is_the_draw(key: int, salt: int, count: int, word: int) -> None:
    """`lazily` and `pick` are of one word."""
    assert np.array_equal(lazily(key, _ROWS, salt, count, word).values(), pick(key, _ROWS, salt, count, word))


@given(_KEYS, st.integers(0, 300), st.integers(0, 1_000_000))
def test_a_chance_that_waits_is_the_chance(key: int, salt: int, per_million: int) -> None:
    """Never is never and always is always; in between the limit is that of the scaled word."""
    found = Chance(word_key(key, salt), _ROWS, per_million)
    assert np.array_equal(found.mask(), chance(draw(key, _ROWS, salt), per_million))
    assert np.array_equal(found.slice(7, 99).mask(), found.mask()[7:99])


@given(_KEYS, st.integers(1, 5000), st.integers(1, 5000))
def test_halves_are_as_likely_whatever_their_size(key: int, first: int, second: int) -> None:
    """A first name is a woman's in half of the rows, however many names of either there are."""
    rows = np.arange(4000)
    places = Draw(key, rows, first, second=second).values()
    assert places.min() >= 0
    assert places.max() < first + second
    assert 1750 < np.count_nonzero(places < first) < 2250


@pytest.mark.parametrize("n", [1, 2, 1000, 4096, 4097, 100_000])
def test_a_permutation_is_the_same_looked_up_and_walked(n: int) -> None:
    """Small ones are kept as a table, of the same images."""
    permutation = Permutation(77, n)
    places = np.arange(n)
    assert np.array_equal(np.sort(permutation.at(places)), places)
    assert np.array_equal(permutation.at(places), permutation._walk(places))


def test_short_words_stand_in_for_long_ones() -> None:
    """All of a shortened phrase fits, without a cut; where too few words would be left, there is none."""
    words = pool("en_US", "words")
    phrases = Phrases([words, " ", words, " ", words])
    shorter = phrases.shortened(30)
    assert shorter is not None
    assert shorter.longest <= 30 < phrases.longest
    drawn = shorter.draw(3, np.arange(2000), {}, 0)
    assert longest(drawn) <= 30
    known = set(words.to_pylist())
    assert all(set(text.split(" ")) <= known for text in drawn.to_pylist())
    assert phrases.shortened(8) is None


def test_bounded_is_what_the_kernel_scales_by() -> None:
    """The high half of a product, below and above 32 bits, in arithmetic that cannot overflow."""
    words = draw(5, _ROWS)
    for count in (3, 1 << 32, (1 << 32) + 1, (1 << 62) + 12345):
        high = 32 if count <= 1 << 32 else 0
        expected = [((int(word) >> high) * count) >> (64 - high) for word in words]
        assert bounded(words, count).tolist() == expected
