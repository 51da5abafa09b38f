"""Arithmetic with Postgres' widths, scales and errors.

Integers are calculated in 64 bits, or in Python's integers when 64 bits could be too few, and then checked against
the width of the result; numeric is exact (see `vectors.Exact`).
"""

from collections.abc import Callable
from decimal import ROUND_HALF_UP, Context, Decimal
from fractions import Fraction
from typing import Any

import numpy as np

from app.generator.expressions.casts import checked_integers, coerce
from app.generator.expressions.kinds import FLOAT8, FLOATS, INTEGERS, NUMBERS, NUMERIC, Kind, wider_number
from app.generator.expressions.nodes import ExpressionUnknown
from app.generator.expressions.operands import Operand, Outcome, lift, lift_scalar
from app.generator.expressions.vectors import Exact, disjoined, magnitude, narrowed, plus, times, wide

MIN_SIGNIFICANT_DIGITS = 16  # numeric.c: NUMERIC_MIN_SIG_DIGITS
_POWERS_OF_TEN = np.array([10**n for n in range(19)], dtype=np.int64)
_DIGITS = Context(prec=4000, rounding=ROUND_HALF_UP)
_MAX_EXPONENT = 400


def arithmetic(operator: str, left: Operand, right: Operand) -> Operand | None:
    """`left operator right` for two numbers; None when the operands or the operator are of another sort."""
    names = {left.kind.name, right.kind.name}
    if operator not in _OPERATORS or not (names <= NUMBERS | {"unknown"} and names & NUMBERS):
        return None
    known = [operand.kind for operand in (left, right) if operand.kind.name != "unknown"]
    kind = known[0].plain if len(known) == 1 else wider_number(*known)
    if operator == "^":
        return power(left, right)
    a, b = coerce(left, kind), coerce(right, kind)
    if kind.name in INTEGERS:
        of_integers = _INTEGER.get(operator)
        if of_integers is None:
            return None
        return lift(kind, lambda x, y: _width_checked(of_integers(x, y), kind), a, b)
    if kind.name in FLOATS:
        of_floats = _FLOAT.get(operator)
        if of_floats is None:
            return None
        return lift(kind, lambda x, y: _float_checked(of_floats(x, y), x, y), a, b)
    if operator == "/":
        return lift(NUMERIC, _divide, a, b)
    of_decimals = _EXACT.get(operator)
    return None if of_decimals is None else lift(NUMERIC, of_decimals, a, b)


def _width_checked(result: Any, kind: Kind) -> Any:
    if not isinstance(result, Outcome):
        return checked_integers(result, kind.name)
    checked = checked_integers(result.data, kind.name)
    if isinstance(checked, Outcome):
        return Outcome(checked.data, failed=disjoined((checked.failed, result.failed)))
    return Outcome(checked, failed=result.failed)


def _zero_divisors(divisor: Any) -> tuple[Any, Any]:
    """The divisor with zeros replaced, and where they were."""
    zero = np.asarray(divisor == 0, dtype=np.bool_)
    return (np.where(zero, 1, divisor), zero) if zero.any() else (divisor, None)


def truncated_division(left: Any, right: Any) -> Any:
    """Whole division towards zero; rows divided by zero failed."""
    divisor, zero = _zero_divisors(wide(right))
    dividend = wide(left)
    quotient = dividend // divisor
    # Python and numpy round down, Postgres towards zero.
    quotient = quotient + ((quotient < 0) & (quotient * divisor != dividend))
    return quotient if zero is None else Outcome(quotient, failed=zero)


def _remainder(left: Any, right: Any) -> Any:
    divisor, zero = _zero_divisors(wide(right))
    dividend = wide(left)
    if dividend.dtype == object or divisor.dtype == object:
        result = np.abs(dividend.astype(object)) % np.abs(divisor.astype(object)) * np.where(dividend < 0, -1, 1)
    else:
        result = np.fmod(dividend, divisor)
    return result if zero is None else Outcome(result, failed=zero)


def _shift(left: Any, right: Any, sign: int) -> Any:
    return wide(left) << right if sign > 0 else wide(left) >> right


_INTEGER: dict[str, Callable[[Any, Any], Any]] = {
    "+": plus,
    "-": lambda x, y: plus(x, y, -1),
    "*": times,
    "/": truncated_division,
    "%": _remainder,
    "&": lambda x, y: wide(x) & wide(y),
    "|": lambda x, y: wide(x) | wide(y),
    "#": lambda x, y: wide(x) ^ wide(y),
    "<<": lambda x, y: _shift(x, y, 1),
    ">>": lambda x, y: _shift(x, y, -1),
}


def _float_checked(result: Any, left: Any, right: Any) -> Any:
    """Overflow, and a number divided by zero, are errors; infinities that were there before are not."""
    bad = ~np.isfinite(result) & np.isfinite(left) & np.isfinite(right)
    return Outcome(result, failed=bad) if bad.any() else result


def _quiet(function: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    def quietly(left: Any, right: Any) -> Any:
        with np.errstate(all="ignore"):
            return function(left, right)

    return quietly


_FLOAT: dict[str, Callable[[Any, Any], Any]] = {
    "+": _quiet(np.add),
    "-": _quiet(np.subtract),
    "*": _quiet(np.multiply),
    "/": _quiet(np.divide),
}


def _add_exact(left: Exact, right: Exact, sign: int = 1) -> Exact:
    scale = max(left.scale, right.scale)
    return Exact(plus(left.rescaled(scale), right.rescaled(scale), sign), scale)


def _remainder_exact(left: Exact, right: Exact) -> Any:
    scale = max(left.scale, right.scale)
    result = _remainder(left.rescaled(scale), right.rescaled(scale))
    if isinstance(result, Outcome):
        return Outcome(Exact(result.data, scale), failed=result.failed)
    return Exact(result, scale)


_EXACT: dict[str, Callable[[Exact, Exact], Any]] = {
    "+": _add_exact,
    "-": lambda x, y: _add_exact(x, y, -1),
    "*": lambda x, y: Exact(times(x.unscaled, y.unscaled), x.scale + y.scale),
    "%": _remainder_exact,
}


_OPERATORS = frozenset({*_INTEGER, *_FLOAT, *_EXACT, "^"})


def _divide(left: Exact, right: Exact) -> Any:
    """Numeric division: at least 16 significant digits, rounded half away from zero (numeric.c: select_div_scale)."""
    size = max(len(left.unscaled), len(right.unscaled))
    zero = np.broadcast_to(np.asarray(right.unscaled == 0, dtype=np.bool_), size)
    weight_1, first_1 = _leading_digits(left)
    weight_2, first_2 = _leading_digits(right)
    weight = weight_1 - weight_2 - (first_1 <= first_2)
    scales = np.broadcast_to(np.clip(MIN_SIGNIFICANT_DIGITS - 4 * weight, max(left.scale, right.scale), 1000), size)
    widest = int(scales.max()) if size else 0
    dividend, divisor = (np.broadcast_to(side.unscaled, size) for side in (left, right))
    found = np.zeros(size, dtype=object)
    for scale in np.unique(scales).tolist():
        rows = np.flatnonzero((scales == scale) & ~zero)
        power = scale + right.scale - left.scale
        above = np.abs(dividend[rows].astype(object)) * 10 ** max(0, power)
        below = np.abs(divisor[rows].astype(object)) * 10 ** max(0, -power)
        quotient = (2 * above + below) // (2 * below)
        negative = (dividend[rows] < 0) != (divisor[rows] < 0)
        found[rows] = np.where(negative, -quotient, quotient) * 10 ** (widest - scale)
    return Outcome(Exact(narrowed(found), widest), failed=zero) if zero.any() else Exact(narrowed(found), widest)


def _leading_digits(value: Exact) -> tuple[Any, Any]:
    """Weight and value of the first non-zero digit in base 10,000; zeros for zero."""
    sizes = np.abs(room_for_sign(wide(value.unscaled)))
    if sizes.dtype == object:
        digits = np.array([len(str(number)) for number in sizes.tolist()], dtype=np.int64)
    else:
        digits = np.searchsorted(_POWERS_OF_TEN, sizes, side="right")
    # Floor division: the weight of 0.05 is -1.
    weight = np.where(sizes == 0, 0, (digits - 1 - value.scale) // 4)
    first = np.zeros(len(sizes), dtype=np.int64)
    for one in np.unique(weight).tolist():
        rows = np.flatnonzero(weight == one)
        exponent = 4 * one + value.scale
        first[rows] = sizes[rows] // 10**exponent if exponent >= 0 else sizes[rows] * 10**-exponent
    return weight, first


def decimal_scale(value: Decimal) -> int:
    """Digits after the point."""
    exponent = value.as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0


def room_for_sign(integers: Any) -> Any:
    """The integers, in Python's where -2^63 is among them: 64 bits do not hold its opposite."""
    if integers.dtype != object and magnitude(integers) > (1 << 63) - 1:
        return integers.astype(object)
    return integers


def negative(operand: Operand) -> Operand:
    """Unary minus."""
    kind = operand.kind
    if kind.name in INTEGERS:
        return lift(kind.plain, lambda x: checked_integers(plus(np.zeros(1, np.int64), x, -1), kind.name), operand)
    if kind.name in FLOATS:
        return lift(kind, np.negative, operand)
    if kind.name == "numeric":
        return lift(NUMERIC, lambda x: Exact(-room_for_sign(wide(x.unscaled)), x.scale), operand)
    raise ExpressionUnknown(f"minus a value of type {kind}")


def power(base: Operand, exponent: Operand) -> Operand:
    """`^`, for whole exponents: those have one right result on every machine."""
    kind = NUMERIC if "numeric" in (base.kind.name, exponent.kind.name) else FLOAT8
    if {base.kind.name, exponent.kind.name} & FLOATS:
        kind = FLOAT8
    if exponent.value is None or exponent.is_null:
        raise ExpressionUnknown("a power with an exponent that is no constant")
    n = Fraction(str(exponent.constant()))
    if n.denominator != 1 or not 0 <= n <= _MAX_EXPONENT:
        raise ExpressionUnknown(f"a power with exponent {n}")
    whole = int(n)
    if kind == FLOAT8:
        return lift_scalar(FLOAT8, lambda x: float(Fraction(x) ** whole), coerce(base, FLOAT8))
    return lift_scalar(NUMERIC, lambda x: _numeric_power(x, whole), coerce(base, NUMERIC))


def _numeric_power(value: Decimal, exponent: int) -> Decimal:
    exact = Fraction(value) ** exponent
    scale = max(0, MIN_SIGNIFICANT_DIGITS - max(0, value.adjusted() * exponent), decimal_scale(value))
    shifted = exact * 10**scale
    rounded = (2 * abs(shifted.numerator) + shifted.denominator) // (2 * shifted.denominator)
    return Decimal(-rounded if exact < 0 else rounded).scaleb(-scale, _DIGITS)
