"""What a column's values may be: the part of the constraints that can be honoured while a value is made.

A `Domain` is stored in the plan, so it is plain data with a JSON form. Literals stand in one form per type family:
`bool` for boolean; `int` for the integer types and oid; `Decimal` for numeric, money and the float types; ISO text for
dates and times ('2000-01-31', '2000-01-31T12:00:00', '2000-01-31T12:00:00+00:00', '12:00:00'); the text itself for all
others, enum labels, uuid and json included.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from decimal import Decimal
from fractions import Fraction
from itertools import zip_longest
from math import gcd
from typing import Any, Literal

Value = bool | int | Decimal | str
Case = Literal["lower", "upper"]


@dataclass(frozen=True, slots=True)
class Pattern:
    """A regular expression (Postgres' ARE syntax, LIKE already converted) that a text must match, or must not."""

    regex: str
    ignore_case: bool = False
    negated: bool = False


@dataclass(frozen=True, slots=True)
class Domain:
    """The values that a column may take; fields that are not set restrict nothing.

    `low` and `high` are inclusive unless `low_strict` / `high_strict`; on discrete types (integers, dates, time stamps
    in microseconds, numeric of a known scale) strictness is already folded in. A value x honours `multiple_of` when
    x = remainder + n * multiple_of. Lengths are characters, `min_bytes`/`max_bytes` bytes. `patterns` hold together.

    For arrays `min_items`/`max_items` count elements, `sizes` are those of the dimensions of deeper ones (0 for any)
    and `element` restricts each; for ranges `element` restricts both bounds; for json `json_types` lists the allowed
    types of the top value and `json_keys` the keys that an object
    must have; for composites `fields` restricts attributes by name. For ranges `span_least` and `span_most` bound the
    distance of their ends: in days, microseconds or whole numbers. Addresses lie within all of `networks`, and have one
    of the `masks`.

    Hints, which restrict nothing: `cuts` are the boundaries that the column is compared with inside disjunctions
    (sampling should be stratified over the pieces between them), `suggested` are values it is compared with, and
    `null_hint` says that a disjunction asks about its being null, so that it should be null sometimes.
    """

    nullable: bool = True
    null_only: bool = False
    values: tuple[Value, ...] | None = None
    excluded: tuple[Value, ...] = ()
    low: Value | None = None
    high: Value | None = None
    low_strict: bool = False
    high_strict: bool = False
    multiple_of: Decimal | int | None = None
    remainder: Decimal | int = 0
    min_length: int | None = None
    max_length: int | None = None
    min_bytes: int | None = None
    max_bytes: int | None = None
    patterns: tuple[Pattern, ...] = ()
    case: Case | None = None
    trimmed: bool = False
    not_blank: bool = False
    finite: bool = False
    json_types: tuple[str, ...] | None = None
    json_keys: tuple[str, ...] = ()
    min_items: int | None = None
    max_items: int | None = None
    sizes: tuple[int, ...] = ()
    fields: "tuple[tuple[str, Domain], ...]" = ()
    element: "Domain | None" = None
    element_not_null: bool = False
    range_not_empty: bool = False
    range_bounded: bool = False
    span_least: int | None = None
    span_most: int | None = None
    networks: tuple[str, ...] = ()
    masks: tuple[int, ...] | None = None
    cuts: tuple[Value, ...] = ()
    suggested: tuple[Value, ...] = ()
    null_hint: bool = False
    never: bool = False

    def intersect(self, other: "Domain") -> "Domain":
        """The domain of the values that both allow; hints are joined. See `is_empty` for contradictions."""
        multiple_of, remainder, compatible = _common_multiples(self, other)
        low, low_strict = _tighter(self.low, self.low_strict, other.low, other.low_strict, upper=False)
        high, high_strict = _tighter(self.high, self.high_strict, other.high, other.high_strict, upper=True)
        joined = Domain(
            nullable=self.nullable and other.nullable,
            null_only=self.null_only or other.null_only,
            values=_both(self.values, other.values),
            excluded=_joined(self.excluded, other.excluded),
            low=low,
            high=high,
            low_strict=low_strict,
            high_strict=high_strict,
            multiple_of=multiple_of,
            remainder=remainder,
            min_length=_largest(self.min_length, other.min_length),
            max_length=_smallest(self.max_length, other.max_length),
            min_bytes=_largest(self.min_bytes, other.min_bytes),
            max_bytes=_smallest(self.max_bytes, other.max_bytes),
            patterns=tuple(dict.fromkeys(self.patterns + other.patterns)),
            case=self.case or other.case,
            trimmed=self.trimmed or other.trimmed,
            not_blank=self.not_blank or other.not_blank,
            finite=self.finite or other.finite,
            json_types=_both_names(self.json_types, other.json_types),
            json_keys=tuple(dict.fromkeys(self.json_keys + other.json_keys)),
            min_items=_largest(self.min_items, other.min_items),
            max_items=_smallest(self.max_items, other.max_items),
            fields=_each(self.fields, other.fields),
            sizes=tuple(max(pair) for pair in zip_longest(self.sizes, other.sizes, fillvalue=0)),
            element=self.element.intersect(other.element)
            if self.element and other.element
            else (self.element or other.element),
            element_not_null=self.element_not_null or other.element_not_null,
            range_not_empty=self.range_not_empty or other.range_not_empty,
            range_bounded=self.range_bounded or other.range_bounded,
            span_least=_largest(self.span_least, other.span_least),
            span_most=_smallest(self.span_most, other.span_most),
            networks=tuple(dict.fromkeys(self.networks + other.networks)),
            masks=_both_masks(self.masks, other.masks),
            cuts=_joined(self.cuts, other.cuts),
            suggested=_joined(self.suggested, other.suggested),
            null_hint=self.null_hint or other.null_hint,
            # Lower-cased and upper-cased at once leaves only caseless text: seen as none.
            never=self.never
            or other.never
            or not compatible
            or bool(self.case and other.case and self.case != other.case),
        )
        if joined.values is None:
            return joined
        # There may be thousands of values: neither they nor what is excluded are gone through for each of them.
        excluded, others = set(joined.excluded), replace(joined, values=None, excluded=())
        kept = (value for value in joined.values if value not in excluded and others.permits(value))
        return replace(joined, values=tuple(kept))

    def permits(self, value: Value) -> bool:
        """Whether a value (not NULL) in the literal form of the column honours this domain, patterns aside."""
        if self.never or self.null_only:
            return False
        if self.values is not None and value not in self.values:
            return False
        return not (
            value in self.excluded
            or (self.low is not None and _below(value, self.low, self.low_strict))
            or (self.high is not None and _below(self.high, value, self.high_strict))
            or not _is_multiple(value, self.multiple_of, self.remainder)
            or (isinstance(value, str) and not self._permits_text(value))
        )

    def _permits_text(self, value: str) -> bool:
        size = len(value.encode("utf-8", "surrogatepass"))
        return not (
            (self.min_length is not None and len(value) < self.min_length)
            or (self.max_length is not None and len(value) > self.max_length)
            or (self.min_bytes is not None and size < self.min_bytes)
            or (self.max_bytes is not None and size > self.max_bytes)
            or (self.case == "lower" and value != value.lower())
            or (self.case == "upper" and value != value.upper())
            or (self.trimmed and value != value.strip(" "))
            or (self.not_blank and not value.strip())
        )

    @property
    def allows_value(self) -> bool:
        """Whether some value other than NULL may be left, as far as the fields tell (patterns are not solved)."""
        if self.never or self.null_only or () in (self.values, self.json_types, self.masks):
            return False
        if self.low is not None and self.high is not None:
            if _below(self.high, self.low, strict=False):
                return False
            if self.low == self.high and (self.low_strict or self.high_strict or self.low in self.excluded):
                return False
        pairs = (
            (self.min_length, self.max_length),
            (self.min_bytes, self.max_bytes),
            (self.min_length, self.max_bytes),
            (self.min_items, self.max_items),
        )
        if any(least is not None and most is not None and least > most for least, most in pairs):
            return False
        if any(most is not None and most < 0 for _, most in pairs):
            return False
        if self.element is not None and (self.min_items or 0) > 0 and self.element_not_null:
            return self.element.allows_value
        return True

    @property
    def is_empty(self) -> bool:
        """Whether nothing at all may be stored, NULL included."""
        return not self.allows_value and (not self.nullable)

    def to_json(self) -> dict[str, Any]:
        """Plain JSON data; fields at their default are left out."""
        found: dict[str, Any] = {}
        for name, default in _DEFAULTS.items():
            value = getattr(self, name)
            if value != default or type(value) is not type(default):
                found[name] = _encoded(value)
        return found

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Domain":
        """The inverse of `to_json`. Raises ValueError on unknown fields."""
        unknown = set(data) - _DEFAULTS.keys()
        if unknown:
            raise ValueError(f"unknown fields of a domain: {', '.join(sorted(unknown))}")
        decoded = {name: _decoded(value) for name, value in data.items()}
        if "patterns" in data:
            decoded["patterns"] = tuple(Pattern(**pattern) for pattern in data["patterns"])
        if data.get("element") is not None:
            decoded["element"] = cls.from_json(data["element"])
        if "fields" in data:
            decoded["fields"] = tuple((name, cls.from_json(domain)) for name, domain in data["fields"])
        return cls(**decoded)


_DEFAULTS: dict[str, Any] = {f.name: f.default for f in fields(Domain)}

ANYTHING = Domain()
"""No restriction."""

NULL = Domain(null_only=True)
"""Only NULL."""

NOT_NULL = Domain(nullable=False)
"""Anything but NULL."""


def _encoded(value: Any) -> Any:
    if isinstance(value, Decimal):
        return {"decimal": str(value)}
    if isinstance(value, tuple):
        return [_encoded(item) for item in value]
    if isinstance(value, Pattern):
        return {"regex": value.regex, "ignore_case": value.ignore_case, "negated": value.negated}
    if isinstance(value, Domain):
        return value.to_json()
    return value


def _decoded(value: Any) -> Any:
    if isinstance(value, Mapping) and value.keys() == {"decimal"}:
        return Decimal(value["decimal"])
    if isinstance(value, list):
        return tuple(_decoded(item) for item in value)
    return value


# What an interval is written as: 720:00:00 is less than 2160:00:00, and a month less than ten days are as texts.
_SPAN = re.compile(r"-?\d+(?::\d\d:\d\d(?:\.\d+)?| (?:year|mon|day)s?(?: .*)?)")


def _orders(left: Value, right: Value) -> tuple[tuple[int, Any], tuple[int, Any]]:
    """Sort keys by which any two literals compare: of one column they are of one family anyway."""
    if isinstance(left, str) and isinstance(right, str) and _SPAN.fullmatch(left) and _SPAN.fullmatch(right):
        from app.generator.expressions.intervals import comparable, parse_interval

        first, second = parse_interval(left), parse_interval(right)
        if first is not None and second is not None:
            return (1, comparable(first)), (1, comparable(second))
    return (int(isinstance(left, str)), left), (int(isinstance(right, str)), right)


def _below(value: Value, bound: Value, strict: bool) -> bool:
    """Whether `value` lies below a lower bound; by swapping the two, above an upper one."""
    left, right = _orders(value, bound)
    return left < right or (strict and left == right)


def _both(left: tuple[Value, ...] | None, right: tuple[Value, ...] | None) -> tuple[Value, ...] | None:
    if left is None or right is None:
        return right if left is None else left
    allowed = set(right)
    return tuple(value for value in left if value in allowed)


def _both_names(left: tuple[str, ...] | None, right: tuple[str, ...] | None) -> tuple[str, ...] | None:
    if left is None or right is None:
        return right if left is None else left
    return tuple(name for name in left if name in right)


def _both_masks(left: tuple[int, ...] | None, right: tuple[int, ...] | None) -> tuple[int, ...] | None:
    if left is None or right is None:
        return right if left is None else left
    return tuple(mask for mask in left if mask in right)


def _each(
    left: tuple[tuple[str, Domain], ...], right: tuple[tuple[str, Domain], ...]
) -> tuple[tuple[str, Domain], ...]:
    """The attributes that either names, with what both say of them."""
    found = dict(left)
    for name, domain in right:
        found[name] = found[name].intersect(domain) if name in found else domain
    return tuple(found.items())


def _joined(left: tuple[Value, ...], right: tuple[Value, ...]) -> tuple[Value, ...]:
    return tuple(dict.fromkeys(left + right)) if right else left


def _largest(left: int | None, right: int | None) -> int | None:
    return max((n for n in (left, right) if n is not None), default=None)


def _smallest(left: int | None, right: int | None) -> int | None:
    return min((n for n in (left, right) if n is not None), default=None)


def _tighter(
    left: Value | None, left_strict: bool, right: Value | None, right_strict: bool, *, upper: bool
) -> tuple[Value | None, bool]:
    if left is None:
        return right, right_strict
    if right is None:
        return left, left_strict
    if left == right:
        return left, left_strict or right_strict
    first, second = _orders(left, right)
    takes_left = (first < second) == upper
    return (left, left_strict) if takes_left else (right, right_strict)


def _is_multiple(value: Value, multiple_of: Decimal | int | None, remainder: Decimal | int) -> bool:
    if multiple_of is None or isinstance(value, str):
        return True
    return (Fraction(value) - Fraction(remainder)) % Fraction(multiple_of) == 0


def _common_multiples(left: Domain, right: Domain) -> tuple[Decimal | int | None, Decimal | int, bool]:
    """The residue class that lies in both, and whether there is one (the Chinese remainder theorem)."""
    if left.multiple_of is None:
        return right.multiple_of, right.remainder, True
    if right.multiple_of is None:
        return left.multiple_of, left.remainder, True
    if (left.multiple_of, left.remainder) == (right.multiple_of, right.remainder):
        return left.multiple_of, left.remainder, True
    m1, m2 = Fraction(left.multiple_of), Fraction(right.multiple_of)
    r1, r2 = Fraction(left.remainder), Fraction(right.remainder)
    unit = 1
    for fraction in (m1, m2, r1, r2):
        unit = unit * fraction.denominator // gcd(unit, fraction.denominator)
    a, b, ra, rb = (int(fraction * unit) for fraction in (m1, m2, r1, r2))
    common = gcd(a, b)
    if (rb - ra) % common:
        return left.multiple_of, left.remainder, False
    period = a // common * b
    steps = (rb - ra) // common * pow(a // common, -1, b // common) % (b // common)
    return _plain(Fraction(period, unit)), _plain(Fraction((ra + a * steps) % period, unit)), True


def _plain(number: Fraction) -> Decimal | int:
    if number.denominator == 1:
        return number.numerator
    return Decimal(number.numerator) / Decimal(number.denominator)
