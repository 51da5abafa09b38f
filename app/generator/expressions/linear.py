"""Sums of columns compared with each other: bounds that follow for each column from the bounds of the others.

`adults + children = guests` with guests up to 12 says that neither adults nor children exceed 12. Drawn within such
bounds, rows satisfy the comparison often enough to be found by drawing again.
"""

from collections.abc import Iterable, Mapping, MutableMapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from math import ceil, floor

from app.generator.domain import Domain
from app.generator.expressions.findings import exact_number, uncast
from app.generator.expressions.kinds import INTEGERS, NUMBERS, Kind
from app.generator.expressions.leaves import LeafReader
from app.generator.expressions.nodes import ColumnRef, Compare, Expr, Operator, columns_of

_ROUNDS = 4
_MAX_TERMS = 12


@dataclass(frozen=True, slots=True)
class Inequality:
    """The sum of coefficient times column is at most `bound`."""

    terms: tuple[tuple[str, Fraction], ...]
    bound: Fraction


@dataclass(frozen=True, slots=True)
class Interval:
    """What lies between two numbers; None for no limit."""

    low: Fraction | None = None
    high: Fraction | None = None


def inequalities_of(expr: Expr, reader: LeafReader) -> tuple[Inequality, ...]:
    """A comparison of sums of number columns as inequalities; none for any other condition."""
    if not isinstance(expr, Compare) or expr.operator == "<>" or len(columns_of(expr)) < 2:
        return ()
    left, right = _sum(expr.left, reader), _sum(expr.right, reader)
    if left is None or right is None:
        return ()
    coefficients, constant = dict(left[0]), right[1] - left[1]
    for name, factor in right[0].items():
        coefficients[name] = coefficients.get(name, Fraction(0)) - factor
    terms = tuple((name, factor) for name, factor in coefficients.items() if factor)
    if not terms or len(terms) > _MAX_TERMS:
        return ()
    whole = all(reader.kind_of_column(name).name in INTEGERS and factor.denominator == 1 for name, factor in terms)
    strict = Fraction(1) if whole and expr.operator in ("<", ">") else Fraction(0)
    most = Inequality(terms, constant - strict)
    least = Inequality(tuple((name, -factor) for name, factor in terms), -constant - strict)
    if expr.operator == "=":
        return (most, least)
    return (most,) if expr.operator[0] == "<" else (least,)


def _sum(expr: Expr, reader: LeafReader) -> tuple[dict[str, Fraction], Fraction] | None:
    """Coefficients of columns, and a constant."""
    plain = uncast(expr)
    if isinstance(plain, ColumnRef):
        known = reader.kind_of_column(plain.name).name in NUMBERS
        return ({plain.name: Fraction(1)}, Fraction(0)) if known else None
    if not columns_of(expr):
        found = reader.value_of(expr)
        number = exact_number(found[1]) if found is not None and found[0].name in NUMBERS else None
        return None if number is None else ({}, Fraction(number))
    if not isinstance(plain, Operator):
        return None
    right = _sum(plain.right, reader)
    if plain.left is None:
        return _scaled(right, Fraction(-1)) if plain.name == "-" else None
    left = _sum(plain.left, reader)
    if left is None or right is None:
        return None
    if plain.name in ("+", "-"):
        other = right if plain.name == "+" else _scaled(right, Fraction(-1))
        assert other is not None
        joined = dict(left[0])
        for name, factor in other[0].items():
            joined[name] = joined.get(name, Fraction(0)) + factor
        return joined, left[1] + other[1]
    if plain.name == "*" and not right[0]:
        return _scaled(left, right[1])
    return _scaled(right, left[1]) if plain.name == "*" and not left[0] else None


def _scaled(
    found: tuple[dict[str, Fraction], Fraction] | None, factor: Fraction
) -> tuple[dict[str, Fraction], Fraction] | None:
    if found is None:
        return None
    return {name: value * factor for name, value in found[0].items()}, found[1] * factor


def interval_of(domain: Domain) -> Interval:
    """The numbers that a column may hold by its checks; its type's limits would only spread wide bounds around."""
    numbers = [Fraction(value) for value in domain.values or () if not isinstance(value, str)]
    lows = [min(numbers, default=None), None if isinstance(domain.low, str | None) else Fraction(domain.low)]
    highs = [max(numbers, default=None), None if isinstance(domain.high, str | None) else Fraction(domain.high)]
    return Interval(
        max((number for number in lows if number is not None), default=None),
        min((number for number in highs if number is not None), default=None),
    )


def narrowed(inequalities: Iterable[Inequality], intervals: Mapping[str, Interval]) -> dict[str, Interval]:
    """The intervals after what the inequalities say about them, in a few rounds."""
    found: MutableMapping[str, Interval] = dict(intervals)
    listed = list(inequalities)
    for _ in range(_ROUNDS):
        before = dict(found)
        for inequality in listed:
            _narrow(inequality, found)
        if before == found:
            break
    return dict(found)


def _narrow(inequality: Inequality, found: MutableMapping[str, Interval]) -> None:
    least = {name: _least(factor, found[name]) for name, factor in inequality.terms}
    open_terms = [name for name, value in least.items() if value is None]
    if len(open_terms) > 1:
        return
    total = sum((value for value in least.values() if value is not None), Fraction(0))
    for name, factor in inequality.terms:
        if open_terms and open_terms != [name]:
            continue
        own = least[name]
        room = inequality.bound - (total if own is None else total - own)
        limit, interval = room / factor, found[name]
        if factor > 0 and (interval.high is None or limit < interval.high):
            found[name] = Interval(interval.low, limit)
        elif factor < 0 and (interval.low is None or limit > interval.low):
            found[name] = Interval(limit, interval.high)


def _least(factor: Fraction, interval: Interval) -> Fraction | None:
    side = interval.low if factor > 0 else interval.high
    return None if side is None else factor * side


def as_domain(before: Interval, after: Interval, kind: Kind) -> Domain | None:
    """What has become narrower, as a domain in the column's literals; None for nothing."""
    low = after.low if after.low != before.low else None
    high = after.high if after.high != before.high else None
    if low is None and high is None:
        return None
    if kind.name in INTEGERS:
        return Domain(low=None if low is None else ceil(low), high=None if high is None else floor(high))
    unit = 10 ** (kind.scale if kind.scale is not None and kind.scale >= 0 else 6)
    return Domain(
        low=None if low is None else Decimal(ceil(low * unit)) / unit,
        high=None if high is None else Decimal(floor(high * unit)) / unit,
    )
