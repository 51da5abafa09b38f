"""Numbers of any type within a domain: the span that a column leaves, and the generator over it."""

from dataclasses import dataclass
from decimal import Decimal

import pyarrow as pa

from app.generator.arrow_types import arrow_type
from app.generator.domain import Domain
from app.generator.values.context import ColumnContext
from app.generator.values.generator import Generator
from app.generator.values.kinds import INTEGER_LIMITS, refuse
from app.generator.values.numbers import Decimals, Floats, Integers, Money
from app.generator.values.shares import Distribution
from app.generator.values.spans import Span, numeric_span

# A float4 tells about seven digits apart, a float8 fifteen.
_FLOAT_UNITS = {"float4": (1 << 23) - 1, "float8": (1 << 52) - 1}
_DIGITS_BEHIND = 6
# Decimals are shifted by a factor below 2^64.
_MOST_SHIFT = 19
_MOST_MONEY = (1 << 62) - 1


@dataclass(frozen=True, slots=True)
class NumberRange:
    """Natural bounds of a number, `decimals` its digits after the point (None: as the column has)."""

    low: Decimal
    high: Decimal
    decimals: int | None = None
    shares: Distribution | None = None


def default_number(context: ColumnContext) -> NumberRange:
    """What a number is when its name says nothing."""
    name, modifiers = context.type.name, context.type.modifiers
    if name == "numeric" and modifiers:
        whole_digits = modifiers[0] - (modifiers[1] if len(modifiers) > 1 else 0)
        return NumberRange(Decimal(0 if whole_digits < 1 else 1), Decimal(10) ** max(0, min(whole_digits, 4)))
    if name in ("numeric", "float4", "float8", "money"):
        return NumberRange(Decimal(1), Decimal(1000), None if name == "numeric" else 2)
    return NumberRange(Decimal(1), Decimal(100 if name == "int2" else 10_000))


def number_generator(context: ColumnContext, natural: NumberRange) -> Generator:
    """Numbers of the column's type, naturally within a range, always within type and domain."""
    name = context.type.name
    arrow = arrow_type(context.type)
    if name in INTEGER_LIMITS:
        return Integers(_span(context, natural, INTEGER_LIMITS[name], 0), arrow, natural.shares)
    if name in _FLOAT_UNITS:
        scale = _float_scale(context.domain, natural)
        limit = _FLOAT_UNITS[name]
        return Floats(_span(context, natural, (-limit, limit), scale), arrow, scale, natural.shares)
    if name == "money":
        return Money(_span(context, natural, (-_MOST_MONEY, _MOST_MONEY), 2), natural.shares)
    if name == "numeric":
        return _numeric_generator(context, natural, arrow)
    raise refuse(context, f"{name} is not a type of numbers")


def _numeric_generator(context: ColumnContext, natural: NumberRange, arrow: pa.DataType) -> Generator:
    modifiers = context.type.modifiers
    if not modifiers:
        scale = natural.decimals if natural.decimals is not None else 2
        scale = min(4, max(scale, _needed_scale(context.domain)))
        limit = 10**18
    else:
        declared = modifiers[1] if len(modifiers) > 1 else 0
        # Nobody needs twenty digits behind the point, and 64 bits could not count them.
        scale = min(declared, max(_DIGITS_BEHIND, _needed_scale(context.domain), declared - _MOST_SHIFT))
        limit = min(10 ** (modifiers[0] - declared + scale), 1 << 62) - 1
    if natural.decimals is not None and 0 <= natural.decimals < scale and _needed_scale(context.domain) == 0:
        span = _try_span(context, natural, (-limit, limit), scale, 10 ** (scale - natural.decimals))
        if span is not None:
            return Decimals(span, arrow, scale, natural.shares)
    found = _try_span(context, natural, (-limit, limit), scale)
    if found is None:
        return _far_decimals(context, natural, arrow, scale, modifiers[0] if modifiers else 38)
    return Decimals(found, arrow, scale, natural.shares)


def _far_decimals(
    context: ColumnContext, natural: NumberRange, arrow: pa.DataType, scale: int, precision: int
) -> Generator:
    """Numerics that start beyond what 64 bits count: an offset of any size and a span above it."""
    low = context.domain.low
    if not isinstance(low, int | Decimal) or pa.types.is_string(arrow):
        raise refuse(context, "its constraints leave no number of its type")
    base = int(Decimal(low).scaleb(scale)) + 1
    room = min(10**precision - 1 - base, 10**12)
    high = context.domain.high
    if isinstance(high, int | Decimal):
        room = min(room, int(Decimal(high).scaleb(scale)) - base)
    if room < 0:
        raise refuse(context, "its constraints leave no number of its type")
    return Decimals(Span(0, room, 1, 0, room), arrow, scale, None, base)


def _needed_scale(domain: Domain) -> int:
    literals = [domain.low, domain.high, domain.multiple_of, domain.remainder]
    exponents = [Decimal(v).normalize().as_tuple().exponent for v in literals if isinstance(v, int | Decimal)]
    return max((-e for e in exponents if isinstance(e, int)), default=0)


def _float_scale(domain: Domain, natural: NumberRange) -> int:
    scale = natural.decimals if natural.decimals is not None else 2
    narrow = domain.low is not None and domain.high is not None
    if narrow and isinstance(domain.low, int | Decimal) and isinstance(domain.high, int | Decimal):
        width = Decimal(domain.high) - Decimal(domain.low)
        while width * 10**scale < 1000 and scale < 6:
            scale += 1
    return max(scale, min(_needed_scale(domain), 12))


def _span(context: ColumnContext, natural: NumberRange, limits: tuple[int, int], scale: int) -> Span:
    span = _try_span(context, natural, limits, scale)
    if span is None:
        raise refuse(context, "its constraints leave no number of its type")
    return span


def _try_span(
    context: ColumnContext, natural: NumberRange, limits: tuple[int, int], scale: int, step: int = 1
) -> Span | None:
    low, high = int(natural.low.scaleb(scale)), int(natural.high.scaleb(scale))
    return numeric_span(context.domain, limits, (low, high), scale, step)
