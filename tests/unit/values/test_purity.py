"""A value is a function of key, row, salt and siblings: nothing else may move it."""

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.generator.spelling import Columns, array_of
from app.generator.values.choice import Choice
from app.generator.values.generator import Tagging, spell_distinct, spell_drawn
from app.generator.values.registry import build, entries
from tests.unit.values.columns import LOCALES, column, made, sibling_arrays

_NAMES = sorted(entries())
_ROWS = np.concatenate([np.arange(300), np.array([10**6, 10**9 + 7, 10**10 - 1])])
_SIBLINGS = sibling_arrays(_ROWS)


def _some(places: list[int]) -> dict[str, pa.Array]:
    return {name: array.take(pa.array(places)) for name, array in _SIBLINGS.items()}


@pytest.mark.parametrize("name", _NAMES)
@settings(max_examples=10, deadline=None)
@given(st.lists(st.integers(0, len(_ROWS) - 1), min_size=1, max_size=40), st.integers(0, 9))
def test_rows_do_not_depend_on_their_neighbours(name: str, places: list[int], salt: int) -> None:
    """Any rows in any order, repeated or not, get the values that they have among all rows."""
    generator = made(name)
    whole = generator.draw(4711, _ROWS, _SIBLINGS, salt)
    part = generator.draw(4711, _ROWS[places], _some(places), salt)
    assert part.equals(whole.take(pa.array(places)))
    assert whole.type == generator.arrow_type


@pytest.mark.parametrize("name", _NAMES)
def test_numbered_values_do_not_depend_on_their_neighbours(name: str) -> None:
    """The value of an index is the same alone and among others."""
    generator = made(name)
    if generator.capacity is None:
        return
    index = np.unique(np.linspace(0, float(min(generator.capacity - 1, 10**12)), 200).astype(np.int64))
    whole = generator.at(index)
    for place in (0, len(index) // 2, len(index) - 1):
        assert generator.at(index[place : place + 1]).equals(whole.slice(place, 1))
    if isinstance(generator, Tagging):
        count = len(_ROWS)
        tagged = generator.tag(np.arange(count), 7, _ROWS, _SIBLINGS)
        alone = generator.tag(np.arange(5, 6), 7, _ROWS[5:6], _some([5]))
        assert alone.equals(tagged.slice(5, 1))


@pytest.mark.parametrize("name", _NAMES)
def test_values_in_pieces_are_the_same_values(name: str) -> None:
    """What is left for an encoder to put together, or to draw, comes to what `draw` and `tag` give at once."""
    generator = made(name)
    siblings = Columns(_SIBLINGS)
    for salt in (0, 1, 2, 7):
        loosely = spell_drawn(generator, 4711, _ROWS, siblings, salt)
        assert array_of(loosely).equals(generator.draw(4711, _ROWS, siblings, salt))
        if not isinstance(loosely, pa.Array):
            assert array_of(loosely.slice(3, 9)).equals(array_of(loosely).slice(3, 6))
    if isinstance(generator, Tagging):
        index = np.arange(len(_ROWS))
        loosely = spell_distinct(generator, index, 7, _ROWS, siblings)
        assert array_of(loosely).equals(generator.tag(index, 7, _ROWS, siblings))


def test_an_email_of_names_in_pieces_is_that_of_the_names() -> None:
    """Whether a sibling's names come from their pool or as plain text, the address is the same."""
    emails = build(
        Choice("email", {"first": "first_name", "last": "last_name"}),
        column("text"),
    )
    pieces = Columns(
        {f"{which}_name": spell_drawn(made(f"{which}_name"), 1, _ROWS, {}, 0) for which in ("first", "last")}
    )
    texts = Columns({name: array_of(pieces.column(name)) for name in pieces})
    assert emails.draw(5, _ROWS, pieces, 0).equals(emails.draw(5, _ROWS, texts, 0))


@pytest.mark.parametrize("name", _NAMES)
def test_no_rows_make_no_values(name: str) -> None:
    """A batch may be empty."""
    none = np.empty(0, np.int64)
    empty = {name: array.slice(0, 0) for name, array in _SIBLINGS.items()}
    found = made(name).draw(1, none, empty, 0)
    assert len(found) == 0


_SAME_FOR_ALL = {"constant", "sequence", "template", "expression"}
# Of the locale's own country there is only one.
_SAME_FOR_ALL |= {"country", "country_code", "country_code3", "continent", "currency", "locale"}


@pytest.mark.parametrize("name", sorted(set(_NAMES) - _SAME_FOR_ALL))
def test_keys_and_attempts_move_values(name: str) -> None:
    """Another attempt gives other values, unless they follow from siblings alone."""
    generator = made(name)
    if set(generator.needs) or generator.capacity in (1, 2, 3):
        return
    first = generator.draw(1, _ROWS, _SIBLINGS, 0)
    assert not first.equals(generator.draw(1, _ROWS, _SIBLINGS, 1))


@pytest.mark.parametrize(
    "kind",
    [
        "int4",
        "int4[]",
        "text[]",
        "uuid[]",
        "int4[][]",
        "numeric",
        "float8",
        "varchar(3)",
        "bytea",
        "jsonb",
        "inet",
        "tstzrange",
        "int4multirange",
        "numrange",
        "polygon",
        "tsvector",
        "interval",
        "timetz",
        "bit(70)",
        "money",
        "xml",
    ],
)
@settings(max_examples=10, deadline=None)
@given(st.lists(st.integers(0, len(_ROWS) - 1), min_size=1, max_size=40), st.integers(0, 9))
def test_types_do_not_depend_on_neighbours_either(kind: str, places: list[int], salt: int) -> None:
    """The defaults by type, arrays with their lengths and elements included."""
    generator = build(Choice("type"), column(kind))
    whole = generator.draw(4711, _ROWS, {}, salt)
    part = generator.draw(4711, _ROWS[places], {}, salt)
    assert part.equals(whole.take(pa.array(places)))


@pytest.mark.parametrize("locale", LOCALES)
def test_every_generator_works_in_every_locale(locale: str) -> None:
    """No locale lacks a pool."""
    rows = np.arange(50)
    siblings = {name: array.slice(0, 50) for name, array in _SIBLINGS.items()}
    for name in _NAMES:
        values = made(name, locale).draw(3, rows, siblings, 0)
        assert len(values) == 50
