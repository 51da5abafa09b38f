"""Constants as a domain's literals, and comparisons with them as domains."""

from decimal import ROUND_CEILING, ROUND_FLOOR, Context, Decimal
from math import isinf, isnan
from typing import Any

from app.generator.domain import Domain, Value
from app.generator.expressions.intervals import MICROS_PER_DAY, comparable, format_clock, format_interval
from app.generator.expressions.kinds import DATES, FLOATS, INTEGERS, NUMBERS, STRINGS, Kind
from app.generator.expressions.moments import INFINITY, MINUS_INFINITY, format_date, format_timestamp
from app.generator.expressions.text_forms import INTEGER_BOUNDS, read_money

_DIGITS = Context(prec=2000)

UNBOUNDED = (INFINITY, MINUS_INFINITY)


def literal(kind: Kind, value: Any) -> Value | None:
    """A Python form of a kind (see `vectors.from_python`) as a domain's literal; None when it has none."""
    name = kind.name
    if value is None or name in ("array", "bytea", "composite"):
        return None
    if name == "bool":
        return bool(value)
    if name in INTEGERS:
        return int(value)
    if name == "numeric":
        return Decimal(value)
    if name in FLOATS:
        return None if isnan(value) or isinf(value) else Decimal(repr(float(value)))
    if name == "money":
        return read_money(value)
    if name in ("date", "timestamp", "timestamptz"):
        return _moment(name, int(value))
    if name == "time":
        return format_clock(int(value))
    if name == "interval":
        return format_interval(value)
    if name == "bpchar":
        return str(value).rstrip(" ")
    return str(value)


def _moment(name: str, value: int) -> str | None:
    if value in UNBOUNDED:
        return None
    if name == "date":
        return format_date(value)
    text = format_timestamp(value, with_zone=False)
    return text.replace(" ", "T", 1) + ("+00:00" if name == "timestamptz" else "")


def converted(value: Any, source: Kind, target: Kind) -> Any:
    """A constant of one kind as another's Python form, exactly; None when that cannot be (2.5 as an integer)."""
    if value is None or source.name == target.name or (source.name in STRINGS and target.name in STRINGS):
        return value
    if source.name in NUMBERS and target.name in NUMBERS:
        if isinstance(value, float) and (isnan(value) or isinf(value)):
            return None
        exact = Decimal(repr(value)) if isinstance(value, float) else Decimal(value)
        if target.name in INTEGERS:
            return int(exact) if exact == exact.to_integral_value(context=_DIGITS) else None
        return float(exact) if target.name in FLOATS else exact
    if source.name in DATES and target.name in DATES:
        if value in UNBOUNDED:
            return value
        if source.name == "date":
            return value * MICROS_PER_DAY
        if target.name == "date":
            return value // MICROS_PER_DAY if value % MICROS_PER_DAY == 0 else None
        return value
    return None


def comparison_domain(operator: str, kind: Kind, value: Any, source: Kind) -> Domain | None:
    """`column operator constant` as a domain; None when it cannot be said."""
    if value is None:
        return None
    if operator == "=":
        exact = converted(value, source, kind)
        found = literal(kind, exact)
        if found is None and kind.name in DATES and exact in UNBOUNDED:
            return None
        if found is None:
            return Domain(values=()) if kind.name in NUMBERS | DATES and source.name in NUMBERS | DATES else None
        return Domain(values=(found,))
    if operator == "<>":
        return _excluded(kind, converted(value, source, kind))
    return _range(operator, kind, value, source)


def _excluded(kind: Kind, value: Any) -> Domain:
    if kind.name in DATES and value in UNBOUNDED:
        return Domain(finite=True)
    found = literal(kind, value) if value is not None else None
    return Domain() if found is None else Domain(excluded=(found,))


def _range(operator: str, kind: Kind, value: Any, source: Kind) -> Domain | None:
    upper, strict = operator[0] == "<", len(operator) == 1
    if kind.name in NUMBERS and source.name in NUMBERS:
        return _number_range(upper, strict, kind, value)
    if kind.name in DATES and source.name in DATES:
        return _moment_range(upper, strict, kind, value, source)
    if kind.name == "time" and source.name == "time":
        return _side(upper, format_clock(min(MICROS_PER_DAY, max(0, int(value) + _step(upper, strict)))))
    if kind.name == "interval" and source.name == "interval":
        text = format_interval((0, 0, comparable(value))) if comparable(value) else "00:00:00"
        return _side(upper, _hours(comparable(value)) or text, strict)
    if kind.name == "enum":
        place = kind.labels.index(value)
        stop = place + (0 if strict else 1)
        start = place + (1 if strict else 0)
        return Domain(values=kind.labels[:stop] if upper else kind.labels[start:])
    if kind.name == "money":
        return _side(upper, read_money(value), strict)
    if kind.name in STRINGS and source.name in STRINGS:
        return _side(upper, str(value), strict)
    if kind.name == "bool":
        allowed = tuple(flag for flag in (False, True) if (flag < value if upper else flag > value) or (
            not strict and flag == value))  # fmt: skip
        return Domain(values=allowed)
    return None


def _hours(micros: int) -> str:
    """An interval in hours, which nobody reads as months."""
    return ("-" if micros < 0 else "") + format_clock(abs(micros))


def _step(upper: bool, strict: bool) -> int:
    return 0 if not strict else -1 if upper else 1


def _side(upper: bool, bound: Value, strict: bool = False) -> Domain:
    return Domain(high=bound, high_strict=strict) if upper else Domain(low=bound, low_strict=strict)


def _number_range(upper: bool, strict: bool, kind: Kind, value: Any) -> Domain | None:
    if isinstance(value, float) and (isnan(value) or isinf(value)):
        # Everything is below NaN and infinity; nothing is above.
        below = isnan(value) or value > 0
        return Domain(finite=True) if below is upper else Domain(values=())
    exact = Decimal(repr(value)) if isinstance(value, float) else Decimal(value)
    if kind.name in INTEGERS:
        whole = int(exact.to_integral_value(ROUND_FLOOR if upper else ROUND_CEILING, context=_DIGITS))
        if strict and exact == whole:
            whole += -1 if upper else 1
        low, high = INTEGER_BOUNDS[kind.name]
        return _side(upper, max(low - 1, min(high + 1, whole)))
    if kind.name == "numeric" and kind.scale is not None and kind.scale >= 0:
        unit = Decimal(1).scaleb(-kind.scale)
        bound = exact.quantize(unit, ROUND_FLOOR if upper else ROUND_CEILING, context=_DIGITS)
        if strict and bound == exact:
            bound += -unit if upper else unit
        return _side(upper, bound)
    return _side(upper, exact, strict)


def _moment_range(upper: bool, strict: bool, kind: Kind, value: int, source: Kind) -> Domain | None:
    if value in UNBOUNDED:
        return Domain(finite=True) if (value == INFINITY) is upper else Domain(values=())
    micros = value * MICROS_PER_DAY if source.name == "date" else value
    if kind.name == "date":
        days, rest = divmod(micros, MICROS_PER_DAY)
        if upper:
            bound = days - 1 if strict and not rest else days
        else:
            bound = days + 1 if strict or rest else days
    else:
        bound = micros + _step(upper, strict)
    found = literal(kind, bound)
    return None if found is None else _side(upper, found)
