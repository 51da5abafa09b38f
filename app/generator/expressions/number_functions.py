"""The functions of numbers. Those whose results differ between machines (exp, ln, sin) are left out."""

from collections.abc import Callable, Sequence
from decimal import ROUND_HALF_UP, Context, Decimal
from fractions import Fraction
from math import gcd, isqrt, lcm
from typing import Any

import numpy as np

from app.generator.expressions.casts import cast, checked_integers, coerce, round_exact
from app.generator.expressions.kinds import FLOAT8, FLOATS, INT4, INT8, INTEGERS, NUMBERS, NUMERIC, wider_number
from app.generator.expressions.nodes import ExpressionUnknown
from app.generator.expressions.numbers import (
    MIN_SIGNIFICANT_DIGITS,
    arithmetic,
    decimal_scale,
    negative,
    power,
    room_for_sign,
    truncated_division,
)
from app.generator.expressions.operands import Operand, Outcome, lift, lift_scalar
from app.generator.expressions.vectors import Exact, Fails, wide

_DIGITS = Context(prec=4000, rounding=ROUND_HALF_UP)


def _number(operand: Operand) -> Operand:
    """An argument of a function that exists for numeric and float8: integers go in as float8, as Postgres has it."""
    if operand.kind.name in ("numeric", "float8"):
        return operand
    if operand.kind.name in NUMBERS:
        return cast(operand, FLOAT8)
    return coerce(operand, FLOAT8)


def _rounding(exact: Callable[[Exact, int], Exact], of_float: Callable[[Any], Any]) -> Callable[..., Operand]:
    def build(arguments: Sequence[Operand]) -> Operand:
        if len(arguments) == 1:
            value = _number(arguments[0])
            if value.kind.name == "float8":
                return lift(FLOAT8, of_float, value)
            return lift(NUMERIC, lambda x: exact(x, 0), value)
        value, digits = coerce(arguments[0], NUMERIC), arguments[1]
        if digits.value is None or digits.is_null:
            raise ExpressionUnknown("rounding to a number of digits that is no constant")
        scale = int(digits.constant())
        return lift(NUMERIC, lambda x: exact(x, scale), value)

    return build


def _truncated(value: Exact, scale: int) -> Exact:
    drop = value.scale - scale
    if drop <= 0:
        return value
    unit = 10**drop
    integers = value.unscaled.astype(object) if unit > 1 << 62 else wide(value.unscaled)
    cut = np.abs(integers) // unit * np.where(integers < 0, -1, 1)
    return Exact(cut * 10**-scale, 0) if scale < 0 else Exact(cut, scale)


def _floored(value: Exact, _: int) -> Exact:
    unit = 10**value.scale
    integers = value.unscaled.astype(object) if unit > 1 << 62 else wide(value.unscaled)
    return Exact(integers // unit, 0)


def _ceiled(value: Exact, _: int) -> Exact:
    return Exact(-_floored(Exact(-room_for_sign(wide(value.unscaled)), value.scale), 0).unscaled, 0)


def _absolute(arguments: Sequence[Operand]) -> Operand:
    (value,) = arguments
    kind = value.kind
    if kind.name == "numeric":
        return lift(NUMERIC, lambda x: Exact(_abs_integers(x.unscaled), x.scale), value)
    if kind.name in INTEGERS:
        return lift(kind.plain, lambda x: checked_integers(_abs_integers(x), kind.name), value)
    value = value if kind.name in FLOATS else coerce(value, FLOAT8)
    return lift(value.kind, np.abs, value)


def _abs_integers(values: Any) -> Any:
    return np.abs(room_for_sign(wide(values)))


def _sign(arguments: Sequence[Operand]) -> Operand:
    value = _number(arguments[0])
    if value.kind.name == "numeric":
        return lift(NUMERIC, lambda x: Exact(np.sign(x.unscaled).astype(np.int64), 0), value)
    return lift(FLOAT8, np.sign, value)


def _modulo(arguments: Sequence[Operand]) -> Operand:
    found = arithmetic("%", *arguments)
    if found is None:
        raise ExpressionUnknown("mod of values that are no numbers")
    return found


def _whole_division(arguments: Sequence[Operand]) -> Operand:
    left, right = (coerce(argument, NUMERIC) for argument in arguments)

    def kernel(x: Exact, y: Exact) -> Any:
        scale = max(x.scale, y.scale)
        result = truncated_division(x.rescaled(scale), y.rescaled(scale))
        if isinstance(result, Outcome):
            return Outcome(Exact(result.data, 0), failed=result.failed)
        return Exact(result, 0)

    return lift(NUMERIC, kernel, left, right)


def _square_root(arguments: Sequence[Operand]) -> Operand:
    value = _number(arguments[0])
    if value.kind.name == "numeric":
        return lift_scalar(NUMERIC, _numeric_root, value)

    def kernel(x: Any) -> Any:
        bad = np.asarray(x < 0)
        return Outcome(np.sqrt(np.where(bad, 0, x)), failed=bad) if bad.any() else np.sqrt(x)

    return lift(FLOAT8, kernel, value)


def _numeric_root(value: Decimal) -> Decimal:
    if value < 0:
        raise Fails("square root of a negative number")
    weight = value.adjusted() // 4 if value else 0
    scale = max(MIN_SIGNIFICANT_DIGITS - (weight * 4) // 2 - 1, decimal_scale(value), 0)
    scaled = Fraction(value) * 10 ** (2 * scale + 2)
    root = isqrt(int(scaled))
    return Decimal((root + 5) // 10).scaleb(-scale, _DIGITS)


def _whole_pair(function: Callable[[int, int], int]) -> Callable[[Sequence[Operand]], Operand]:
    def build(arguments: Sequence[Operand]) -> Operand:
        kind = wider_number(arguments[0].kind, arguments[1].kind)
        if kind.name not in INTEGERS:
            raise ExpressionUnknown("gcd or lcm of values that are no integers")
        wide_pair = (coerce(arguments[0], INT8), coerce(arguments[1], INT8))
        return cast(lift_scalar(INT8, function, *wide_pair), kind)

    return build


def _inverted(arguments: Sequence[Operand]) -> Operand:
    """`~` of integers."""
    kind = arguments[0].kind
    if kind.name not in INTEGERS:
        raise ExpressionUnknown(f"~ of a value of type {kind}")
    return lift(kind, np.invert, arguments[0])


def _scale_function(arguments: Sequence[Operand]) -> Operand:
    return lift_scalar(INT4, decimal_scale, coerce(arguments[0], NUMERIC))


def _min_scale(arguments: Sequence[Operand]) -> Operand:
    return lift_scalar(INT4, lambda x: decimal_scale(x.normalize(_DIGITS)), coerce(arguments[0], NUMERIC))


def _trim_scale(arguments: Sequence[Operand]) -> Operand:
    return lift_scalar(NUMERIC, lambda x: x.normalize(_DIGITS), coerce(arguments[0], NUMERIC))


def _width_bucket(arguments: Sequence[Operand]) -> Operand:
    value, low, high, count = arguments
    low, high, value = (coerce(operand, NUMERIC) for operand in (low, high, value))

    def bucket(x: Decimal, a: Decimal, b: Decimal, n: int) -> int:
        if n <= 0 or a == b:
            raise Fails("width_bucket")
        if (x < a) if a < b else (x > a):
            return 0
        if (x >= b) if a < b else (x <= b):
            return n + 1
        return int((Fraction(x) - Fraction(a)) * n / (Fraction(b) - Fraction(a))) + 1

    return lift_scalar(INT4, bucket, value, low, high, coerce(count, INT4))


FUNCTIONS: dict[str, Callable[[Sequence[Operand]], Operand]] = {
    "abs": _absolute,
    "sign": _sign,
    "round": _rounding(round_exact, np.rint),
    "trunc": _rounding(_truncated, np.trunc),
    "floor": _rounding(_floored, np.floor),
    "ceil": _rounding(_ceiled, np.ceil),
    "ceiling": _rounding(_ceiled, np.ceil),
    "mod": _modulo,
    "div": _whole_division,
    "sqrt": _square_root,
    "power": lambda arguments: power(*arguments),
    "pow": lambda arguments: power(*arguments),
    "gcd": _whole_pair(gcd),
    "lcm": _whole_pair(lcm),
    "scale": _scale_function,
    "min_scale": _min_scale,
    "trim_scale": _trim_scale,
    "width_bucket": _width_bucket,
}


def prefix(operator: str, operand: Operand) -> Operand | None:
    """A prefix operator on a number; None for any other."""
    if operator == "-":
        return negative(operand)
    if operator == "@":
        return _absolute([operand])
    if operator == "~" and operand.kind.name in INTEGERS:
        return _inverted([operand])
    if operator == "|/":
        return _square_root([operand])
    return None
