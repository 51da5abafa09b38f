"""Values honour the domain by construction, in every attempt."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from app.generator.domain import Domain, Pattern, Value
from app.generator.values.choice import Choice
from app.generator.values.generator import Generator
from app.generator.values.registry import build, build_unique
from tests.unit.values.columns import column, sibling_arrays

_ROWS = np.arange(60)
_SIBLINGS = sibling_arrays(_ROWS)
_SALTS = (0, 1, 3, 7, 13)


def _literal(value: Any) -> Value:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float):
        return Decimal(repr(value))
    return value  # type: ignore[no-any-return]  # Arrow's Python values are untyped


def _all_values(generator: Generator) -> list[Value]:
    found = [generator.draw(11, _ROWS, _SIBLINGS, salt) for salt in _SALTS]
    if generator.capacity is not None:
        index = np.unique(np.linspace(0, float(generator.capacity - 1) * 0.999, 60).astype(np.int64))
        found += [generator.at(index), generator.at(np.arange(min(60, generator.capacity)))]
    return [_literal(v) for array in found for v in array.to_pylist()]


def _assert_honoured(choice: Choice, kind: str, domain: Domain) -> None:
    generator = build(choice, column(kind, domain))
    for value in _all_values(generator):
        assert domain.permits(value), value


_INTS = st.integers(-40_000, 40_000)


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from(["int2", "int4", "int8", "numeric(8,0)"]),
    st.sampled_from(["type", "number", "age"]),
    _INTS | st.none(),
    _INTS | st.none(),
    st.integers(1, 400) | st.none(),
    st.integers(0, 399),
    st.lists(_INTS, max_size=5),
    st.lists(_INTS, max_size=3),
)
def test_whole_numbers(
    kind: str, name: str, low: int | None, high: int | None, multiple: int | None, rest: int, out: list[int],
    cuts: list[int],
) -> None:  # fmt: skip
    """Bounds, multiples, holes and cuts."""
    domain = Domain(
        low=low, high=high, multiple_of=multiple, remainder=rest % multiple if multiple else 0, excluded=tuple(out),
        cuts=tuple(cuts),
    )  # fmt: skip
    limit = 32_767 if kind == "int2" else 10**7
    fitting = [n for n in range(max(-limit, low if low is not None else -limit), max(-limit, low or -limit) + 2000)
               if n <= min(limit, high if high is not None else limit) and domain.permits(n)]  # fmt: skip
    assume(fitting)
    _assert_honoured(Choice(name), kind, domain)


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from(["numeric(6,2)", "numeric(10,4)", "float8", "numeric", "money"]),
    st.sampled_from(["type", "price", "number"]),
    st.decimals(-900, 900, places=2),
    st.decimals(1, 900, places=2),
    st.booleans(),
    st.booleans(),
)
def test_decimals(kind: str, name: str, low: Decimal, width: Decimal, low_open: bool, high_open: bool) -> None:
    """Bounds, open or closed."""
    domain = Domain(low=low, high=low + width, low_strict=low_open, high_strict=high_open)
    generator = build(Choice(name), column(kind, domain))
    for value in _all_values(generator):
        number = Decimal(value) if isinstance(value, str) else value
        assert domain.permits(number), value


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from(["date", "timestamp", "timestamptz(0)"]),
    st.sampled_from(["type", "timestamp", "birth_date", "later"]),
    st.dates(date(1900, 1, 1), date(2100, 1, 1)),
    st.integers(1, 4000),
)
def test_moments(kind: str, name: str, low: date, days: int) -> None:
    """Bounds of dates and time stamps, whatever the column means."""
    end = date.fromordinal(low.toordinal() + days)
    suffix = "" if kind == "date" else "T00:00:00" + ("+00:00" if kind.startswith("timestamptz") else "")
    domain = Domain(low=low.isoformat() + suffix, high=end.isoformat() + suffix)
    options = {"of": ["created_at"]} if name == "later" else {}
    generator = build(Choice(name, options), column(kind, domain))
    for value in _all_values(generator):
        assert str(domain.low) <= str(value) <= str(domain.high) or str(value).startswith(str(domain.high)), value


@settings(max_examples=80, deadline=None)
@given(
    st.sampled_from(["type", "email", "first_name", "full_name", "company", "description", "city", "slug", "phone",
                     "code", "hash", "url", "status", "token", "serial"]),
    st.integers(0, 30),
    st.integers(0, 60),
    st.sampled_from([None, "lower", "upper"]),
    st.booleans(),
)  # fmt: skip
def test_text(name: str, least: int, more: int, case: Any, blank: bool) -> None:
    """Lengths and case, whatever the column means."""
    if name == "status":
        name = "job_title"
    domain = Domain(min_length=least, max_length=least + more, case=case, not_blank=blank, trimmed=True)
    assume(least + more > 0)
    _assert_honoured(Choice(name), "text", domain)


@settings(max_examples=30, deadline=None)
@given(
    st.sampled_from(["[A-Z]{3}[0-9]{4}", "^[a-z]{2,8}$", "^[^@]+@[^@]+[.][a-z]+$", "^SKU-[0-9]+$", "^(a|b)x*$"]),
    st.sampled_from(["type", "email", "code", "product"]),
)
def test_patterns(regex: str, name: str) -> None:
    """Regular expressions, whatever the column means; a meaning that matches is kept."""
    from app.generator.expressions.matching import matcher

    domain = Domain(patterns=(Pattern(regex),), max_length=60)
    generator = build(Choice(name), column("text", domain))
    values = _all_values(generator)
    assert matcher(regex, False)(pa.array(values)).all()
    if name == "email" and "@" in regex:
        assert all(".example." in f".{v}" or "@example." in str(v) for v in values)


def test_excluded_text_does_not_come_up() -> None:
    """Neither drawn nor numbered, and the others stay distinct."""
    plain = build(Choice("pool", {"name": "departments"}), column("text"))
    out = tuple(plain.at(np.arange(5)).to_pylist())
    generator = build_unique(Choice("pool", {"name": "departments"}), column("text", Domain(excluded=out)), 100)
    values = _all_values(generator)
    assert not set(values) & set(out)
    counted = generator.at(np.arange(2000)).to_pylist()
    assert len(set(counted)) == 2000
    assert not set(counted) & set(out)


def test_suggested_values_are_strewn_in() -> None:
    """What a rule between columns compares with must come up, so that the rule can be met."""
    generator = build(Choice("type"), column("text", Domain(suggested=("gold",))))
    assert "gold" in generator.draw(1, np.arange(100), {}, 0).to_pylist()


def test_cuts_are_met_from_both_sides() -> None:
    """Numbers below, at and above a boundary that a disjunction asks about all come up soon."""
    generator = build(Choice("type"), column("int4", Domain(cuts=(1_000_000,))))
    values = [v for salt in range(6) for v in generator.draw(1, np.arange(100), {}, salt).to_pylist()]
    assert min(values) < 1_000_000 < max(values)
    assert 1_000_000 in values


def test_arrays_honour_lengths_and_elements() -> None:
    """Between as many items as the checks say, each within its own bounds."""
    domain = Domain(min_items=2, max_items=3, element=Domain(low=5, high=7))
    values = build(Choice("type"), column("int4[]", domain)).draw(1, _ROWS, {}, 0).to_pylist()
    assert {len(items) for items in values} == {2, 3}
    assert {item for items in values for item in items} == {5, 6, 7}
