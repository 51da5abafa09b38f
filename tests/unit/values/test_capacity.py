"""What is said to be distinct is distinct, also for a reader who ignores case and blanks."""

from decimal import Decimal

import numpy as np
import pyarrow as pa
import pytest

from app.generator.domain import Domain
from app.generator.values.choice import Choice
from app.generator.values.choices import Listed
from app.generator.values.containers import element_text
from app.generator.values.continued import Continued
from app.generator.values.generator import Generator, Tagging
from app.generator.values.registry import build, build_unique, entries
from app.generator.values.texts import Codes
from app.generator.values.type_catalogue import describe_types
from tests.unit.values.columns import LOCALES, column, example, sibling_arrays

_MOST = 5000


def _index(generator: Generator) -> np.ndarray:
    """The first indexes, the end, and around the end of the natural block."""
    assert generator.capacity is not None
    assert generator.block is not None
    assert 1 <= generator.block <= generator.capacity <= 1 << 62
    first = np.arange(min(generator.capacity, _MOST))
    last = generator.capacity - 1 - np.arange(min(generator.capacity, 500))
    edge = np.clip(generator.block + np.arange(-250, 250), 0, generator.capacity - 1)
    return np.unique(np.concatenate([first, edge, last]))


def _canonical(values: pa.Array) -> list[str]:
    return [text.strip().lower() for text in element_text(values).to_pylist()]


def _assert_distinct(generator: Generator) -> None:
    index = _index(generator)
    found = _canonical(generator.at(index))
    assert len(set(found)) == len(index)


@pytest.mark.parametrize("name", sorted(entries()))
def test_numbered_values_are_distinct(name: str) -> None:
    """For every generator that counts its values."""
    choice, context = example(name, unique=True)
    generator = build_unique(choice, context, 1)
    if generator.capacity is not None:
        _assert_distinct(generator)


@pytest.mark.parametrize("name", sorted(name for name, e in entries().items() if "text" in e.serves))
@pytest.mark.parametrize("length", [1, 2, 3, 5, 8, 12, 16, 24, 40, 80])
def test_short_columns_have_distinct_values_too(name: str, length: int) -> None:
    """Text of every meaning fits its column, drawn and numbered, and as many as fit are distinct."""
    choice, _ = example(name)
    if name in ("constant", "one_of", "template", "status", "expression", "regex"):
        return
    context = column(f"varchar({length})", unique=True)
    generator = build_unique(choice, context, 10_000)
    assert generator.capacity is not None
    assert generator.capacity >= (10_000 if length >= 3 else 36)
    _assert_distinct(generator)
    rows = np.arange(500)
    siblings = sibling_arrays(rows)
    drawn = generator.draw(5, rows, siblings, 0).to_pylist()
    counted = generator.at(_index(generator)).to_pylist()
    tagged = generator.tag(rows, 5, rows, siblings).to_pylist() if isinstance(generator, Tagging) else []
    assert max(len(text) for text in [*drawn, *counted, *tagged]) <= length
    assert len({text.lower() for text in tagged}) == len(tagged)


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("name", ["first_name", "full_name", "city", "company", "product", "email", "username", "type"])
def test_names_are_distinct_in_every_locale(locale: str, name: str) -> None:
    """Pools hold no entry twice, and no two products of them read the same."""
    generator = build(*example(name, locale, unique=True))
    _assert_distinct(generator)


@pytest.mark.parametrize(
    ("kind", "domain", "capacity"),
    [
        ("bool", Domain(), 2),
        ("bool", Domain(excluded=(True,)), 1),
        ("int2", Domain(), 65_536),
        ("int2", Domain(low=1, high=10), 10),
        ("int4", Domain(low=1, high=100, multiple_of=5), 20),
        ("int4", Domain(low=1, high=10, excluded=(3, 7)), 8),
        ("numeric(4,2)", Domain(), 19_999),
        ("numeric(4,2)", Domain(low=Decimal("0"), high=Decimal("1")), 101),
        ("numeric(4,2)", Domain(low=Decimal("0"), high=Decimal("1"), low_strict=True), 100),
        ("date", Domain(low="2024-01-01", high="2024-01-31"), 31),
        ("time", Domain(low="10:00:00", high="10:00:59"), 60),
        ("timestamp(0)", Domain(low="2024-01-01T00:00:00", high="2024-01-01T00:00:59"), 60),
        ("bit(3)", Domain(), 8),
        ("text", Domain(values=("a", "b", "c")), 3),
        ("int4", Domain(values=(1, 5, 9)), 3),
        ("varchar(3)", Domain(values=("a", "b", "abcd")), 3),
    ],
)
def test_capacity_of_a_type_is_exact(kind: str, domain: Domain, capacity: int) -> None:
    """A planner that asks for one more is told no."""
    generator = build(Choice("type"), column(kind, domain))
    assert generator.capacity == capacity
    values = generator.at(np.arange(capacity))
    assert len(set(_canonical(values))) == capacity
    if kind.startswith(("int", "numeric")):
        assert all(domain.permits(value) for value in values.to_pylist())


def test_tagged_values_are_distinct_whatever_the_siblings_are() -> None:
    """A thousand rows of one name still get a thousand addresses."""
    for name in ("email", "username", "slug"):
        choice, context = example(name, unique=True)
        generator = build_unique(choice, context, 1000)
        assert isinstance(generator, Tagging)
        rows = np.arange(1000)
        same = {sibling: pa.repeat(pa.scalar("Ann-Marie 7"), 1000) for sibling in generator.needs}
        found = generator.tag(rows, 3, rows, same).to_pylist()
        assert len({text.lower() for text in found}) == 1000


def test_every_type_of_the_catalogue_is_described() -> None:
    """The documentation's table has them all, with a word on each and examples."""
    entries_of_types = describe_types()
    assert len(entries_of_types) > 95
    assert all(entry.about and len(entry.examples) == 3 for entry in entries_of_types)


def test_what_continues_a_pool_repeats_none_of_it() -> None:
    """Whatever case it is in: each value that was there already gives way to one from the end, and none comes twice."""
    codes = Codes(4)
    assert codes.capacity is not None
    known = [text.swapcase() for text in codes.at(np.array([0, 3, 77, codes.capacity - 1])).to_pylist()]
    both = Continued(Listed(pa.array(known)), codes)
    found = _canonical(both.at(np.arange(4_000)))
    assert found[:4] == [text.lower() for text in known]
    assert len(set(found)) == len(found)
    assert both.at(np.array([900, 1, 40])).to_pylist() == [both.at(np.arange(901))[n].as_py() for n in (900, 1, 40)]
    assert both.capacity == codes.capacity - 4
    last = both.at(np.array([both.capacity - 1]))
    assert _canonical(last)[0] not in found
