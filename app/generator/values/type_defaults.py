"""The generator that a type gets when nothing is known of a column but its type and its domain."""

from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal

import pyarrow as pa

from app.errors import OptionInvalid
from app.generator.arrow_types import arrow_type
from app.generator.domain import ANYTHING, Domain
from app.generator.pools import pool, resolve_locale
from app.generator.snapshot.model import CompositeType, EnumType, QName, RangeType, TypeRef
from app.generator.types import BUILTIN_SCHEMA
from app.generator.values import documents
from app.generator.values.choices import Listed, literal_array
from app.generator.values.containers import Arrays, Composites
from app.generator.values.context import ColumnContext
from app.generator.values.extensions import extension_generator
from app.generator.values.fitting import default_text
from app.generator.values.generator import Generator
from app.generator.values.identifiers import (
    BitStrings,
    Bytes,
    LogPositions,
    TransactionSnapshots,
    TuplePositions,
    Uuids,
)
from app.generator.values.moments import (
    MICROSECONDS_PER_DAY,
    MICROSECONDS_PER_SECOND,
    SECONDS_PER_DAY,
    Dates,
    Intervals,
    Times,
    Timestamps,
    TimesWithZone,
    clock_span,
    day_span,
    interval_span,
    moment_number,
    moment_span,
)
from app.generator.values.networks import Addresses, MacAddresses, Networks
from app.generator.values.numbers import Booleans, Decimals, Floats, Integers, Money, Spanned
from app.generator.values.patterned import honouring
from app.generator.values.ranges import PointRanges, Ranges
from app.generator.values.shapes import PlaneShapes
from app.generator.values.shares import Distribution
from app.generator.values.spans import Span, numeric_span
from app.generator.values.strings import strings
from app.generator.values.texts import Fitted

TEXT_TYPES = frozenset({"text", "varchar", "bpchar", "name", "citext", "refcursor", "char"})
INTEGER_LIMITS = {
    "int2": (-(1 << 15), (1 << 15) - 1),
    "int4": (-(1 << 31), (1 << 31) - 1),
    "int8": (-(1 << 63), (1 << 63) - 1),
    "oid": (1, (1 << 32) - 1),
    "xid": (3, (1 << 32) - 1),
    "cid": (0, (1 << 32) - 1),
    "xid8": (3, (1 << 62) - 1),
}
NUMBER_TYPES = frozenset(INTEGER_LIMITS) | {"numeric", "float4", "float8", "money"}
MOMENT_TYPES = frozenset({"date", "timestamp", "timestamptz"})
_NATURAL_YEARS_DAYS = 3 * 365
# A float4 tells about seven digits apart, a float8 fifteen.
_FLOAT_UNITS = {"float4": (1 << 23) - 1, "float8": (1 << 52) - 1}
_DIGITS_BEHIND = 6
# Decimals are shifted by a factor below 2^64.
_MOST_SHIFT = 19
_MOST_MONEY = (1 << 62) - 1
_RANGES = {
    "int4range": ("int4", False), "int8range": ("int8", False), "numrange": ("numeric", False),
    "daterange": ("date", False), "tsrange": ("timestamp", False), "tstzrange": ("timestamptz", False),
    "int4multirange": ("int4", True), "int8multirange": ("int8", True), "nummultirange": ("numeric", True),
    "datemultirange": ("date", True), "tsmultirange": ("timestamp", True), "tstzmultirange": ("timestamptz", True),
}  # fmt: skip
# Names of things that every Postgres has, for the reg* types.
_REGISTERED = {
    "regclass": ("pg_class", "pg_type", "pg_attribute", "pg_proc", "pg_index"),
    "regtype": ("integer", "text", "boolean", "date", "numeric"),
    "regproc": ("now", "pi", "version"),
    "regprocedure": ("now()", "pi()", "upper(text)"),
    "regoper": ("||/", "#-", "@?"),
    "regoperator": ("+(integer,integer)", "=(text,text)"),
    "regrole": ("pg_monitor", "pg_read_all_data", "pg_signal_backend"),
    "regnamespace": ("pg_catalog", "information_schema"),
    "regconfig": ("simple", "english", "german", "french", "spanish"),
    "regdictionary": ("simple", "english_stem", "german_stem"),
    "regcollation": ('"C"', '"POSIX"'),
}


@dataclass(frozen=True, slots=True)
class NumberRange:
    """Natural bounds of a number, `decimals` its digits after the point (None: as the column has)."""

    low: Decimal
    high: Decimal
    decimals: int | None = None
    shares: Distribution | None = None


def refuse(context: ColumnContext, message: str) -> OptionInvalid:
    """The error that says which column cannot be made, and why."""
    return OptionInvalid(f"{context.table}.{context.column.name}: {message}")


def generator_for_type(context: ColumnContext) -> Generator:
    """The default generator of a column's type, within its domain. Raises OptionInvalid when there can be none."""
    ref, domain = context.type, context.domain
    if not domain.allows_value:
        raise refuse(context, "its constraints leave no value")
    if ref.array_dims:
        return array_of(context, generator_for_type(element_context(context)))
    if domain.values is not None:
        return listed(context)
    if context.user_type is not None:
        return _user_generator(context, context.user_type)
    if ref.schema == BUILTIN_SCHEMA:
        found = _builtin_generator(context)
        if found is not None:
            return _without_excluded(found, context)
    multirange = context.types.range_of_multirange(QName(ref.schema, ref.name))
    if multirange is not None:
        return _range_generator(context, multirange.subtype, multi=True)
    found = extension_generator(context)
    if found is None:
        raise refuse(context, f"no generator knows the type {ref.name}; override it with a list of values")
    return _without_excluded(found, context)


def _without_excluded(generator: Generator, context: ColumnContext) -> Generator:
    """Values that travel as text (bits, addresses, documents) without the excluded ones."""
    out = tuple(value for value in context.domain.excluded if isinstance(value, str))
    is_text = context.type.name in TEXT_TYPES or context.type.name == "citext"
    if not out or is_text or isinstance(generator, Spanned) or not pa.types.is_string(generator.arrow_type):
        return generator
    return Fitted(generator, excluded=out)


def element_context(context: ColumnContext) -> ColumnContext:
    """The context of an array's elements: their own checks, and those of the array about every element."""
    element = context.types.resolve(context.types.element(context.type))
    domain = context.domain.element or ANYTHING
    return replace(context, type=element.base, user_type=element.user or context.user_type, domain=domain)


def array_of(context: ColumnContext, element: Generator) -> Generator:
    """Arrays of `element` as long as the domain says."""
    return Arrays(
        element,
        context.domain.min_items,
        context.domain.max_items,
        context.type.array_dims,
        array_delimiter(context.type),
    )


def array_delimiter(ref: TypeRef) -> str:
    """What stands between the elements in the text form: a comma, for all types but `box`."""
    return ";" if ref.schema == BUILTIN_SCHEMA and ref.name == "box" else ","


def listed(context: ColumnContext) -> Generator:
    """One of the values that the domain lists."""
    values = literal_values(context)
    if len(values) == 0:
        raise refuse(context, "its constraints leave no value")
    return Listed(values)


def literal_values(context: ColumnContext) -> pa.Array:
    """The domain's allow list as an array, without those that are excluded."""
    domain = context.domain
    return literal_array([v for v in domain.values or () if domain.permits(v)], arrow_type(context.type))


def _user_generator(context: ColumnContext, user: EnumType | CompositeType | RangeType) -> Generator:
    if isinstance(user, EnumType):
        labels = [label for label in user.labels if context.domain.permits(label)]
        if not labels:
            raise refuse(context, "its constraints leave no label of the enum")
        return Listed(strings(tuple(labels)))
    if isinstance(user, RangeType):
        return _range_generator(context, user.subtype, multi=context.type.name == user.multirange)
    return Composites(tuple(_nested(context, ref) for _, ref in user.attributes))


def _nested(context: ColumnContext, ref: TypeRef, domain: Domain = ANYTHING) -> Generator:
    resolved = context.types.resolve(ref)
    return generator_for_type(replace(context, type=resolved.base, user_type=resolved.user, domain=domain))


def _range_generator(context: ColumnContext, subtype: TypeRef, *, multi: bool) -> Generator:
    bounds = _nested(context, subtype, replace(context.domain.element or ANYTHING, excluded=(), cuts=()))
    if isinstance(bounds, Spanned):
        return Ranges(bounds, _range_unit(bounds), multi=multi)
    return PointRanges(bounds, multi=multi)


def _range_unit(bounds: Spanned) -> int:
    if isinstance(bounds, Timestamps):
        return 1800 * MICROSECONDS_PER_SECOND // bounds.span.step
    if isinstance(bounds, Decimals | Floats):
        return 100
    return 1


def _builtin_generator(context: ColumnContext) -> Generator | None:
    name, modifiers = context.type.name, context.type.modifiers
    if name in NUMBER_TYPES:
        return number_generator(context, default_number(context))
    if name in TEXT_TYPES:
        return honouring(default_text(context), context)
    if name in _RANGES:
        subtype, multi = _RANGES[name]
        return _range_generator(context, TypeRef(BUILTIN_SCHEMA, subtype), multi=multi)
    if name in _REGISTERED:
        return Listed(strings(_REGISTERED[name]))
    words = pool(resolve_locale(context.locale), "words")
    match name:
        case "bool":
            return Booleans(tuple(v for v in (False, True) if context.domain.permits(v)))
        case "date" | "timestamp" | "timestamptz":
            return moment_generator(context, *default_moments(context))
        case "time" | "timetz":
            return clock_generator(context)
        case "interval":
            return interval_generator(context, (3600, 30 * SECONDS_PER_DAY))
        case "uuid":
            return Uuids()
        case "bytea":
            return Bytes(_byte_width(context.domain))
        case "bit":
            return BitStrings(modifiers[0] if modifiers else 1)
        case "varbit":
            return BitStrings(min(modifiers[0] if modifiers else 16, 64))
        case "json" | "jsonb":
            return documents.JsonValues(words, context.domain)
        case "xml":
            return documents.Worded(words, documents.xml_element)
        case "inet":
            return Addresses()
        case "cidr":
            return Networks()
        case "macaddr":
            return MacAddresses()
        case "macaddr8":
            return MacAddresses(8)
        case "point" | "line" | "lseg" | "box" | "path" | "polygon" | "circle":
            return PlaneShapes(name)
        case "tsvector":
            return documents.Worded(documents.ascii_words(words), documents.lexemes)
        case "tsquery":
            return documents.Worded(documents.ascii_words(words), documents.text_query)
        case "jsonpath":
            return documents.Worded(documents.ascii_words(words), documents.json_path)
        case "pg_lsn":
            return LogPositions()
        case "txid_snapshot" | "pg_snapshot":
            return TransactionSnapshots()
        case "tid":
            return TuplePositions()
        case "int2vector" | "oidvector":
            return Listed(strings(tuple(f"{n} {n + 1} {n + 2}" for n in range(1, 200))))
        case "aclitem":
            return Listed(strings(("=r/pg_monitor", "=w/pg_monitor", "=rw/pg_monitor")))
        case _:
            return None


def _byte_width(domain: Domain) -> int:
    least, most = domain.min_bytes or domain.min_length or 0, domain.max_bytes or domain.max_length
    return max(least, 16 if most is None else min(16, most))


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


def default_moments(context: ColumnContext) -> tuple[int, int]:
    """The last three years before the reference, in microseconds."""
    end = moment_number(context.reference)
    return end - _NATURAL_YEARS_DAYS * MICROSECONDS_PER_DAY, end - 1


def moment_generator(
    context: ColumnContext, low: int, high: int, shares: Distribution | None = None, step: int = 1
) -> Generator:
    """Dates or time stamps, naturally from `low` to `high` microseconds, always within the domain."""
    if context.type.name == "date":
        days = day_span(context.domain, (low // MICROSECONDS_PER_DAY, high // MICROSECONDS_PER_DAY))
        if days is None:
            raise refuse(context, "its constraints leave no date")
        return Dates(days, shares)
    step = max(step, precision_step(context))
    span = moment_span(context.domain, (low, high), step)
    span = moment_span(context.domain, (low, high)) if span is None else span
    if span is None:
        raise refuse(context, "its constraints leave no time")
    return Timestamps(span, arrow_type(context.type), shares)


def precision_step(context: ColumnContext) -> int:
    """The microseconds between two values of the column's declared precision."""
    digits = context.type.modifiers[0] if context.type.modifiers else 6
    return int(10 ** (6 - min(digits, 6)))


def clock_generator(context: ColumnContext, low_s: int = 0, high_s: int = SECONDS_PER_DAY - 1) -> Generator:
    """Times of day, to the second where the domain leaves any."""
    natural = (low_s * MICROSECONDS_PER_SECOND, high_s * MICROSECONDS_PER_SECOND)
    found = clock_span(context.domain, natural, MICROSECONDS_PER_SECOND)
    found = clock_span(context.domain, natural, precision_step(context)) if found is None else found
    if found is None:
        raise refuse(context, "its constraints leave no time of day")
    return Times(found) if context.type.name == "time" else TimesWithZone(found)


def interval_generator(context: ColumnContext, natural_s: tuple[int, int]) -> Generator:
    """Intervals, in the unit that the column's fields keep."""
    fields = (context.type.interval_fields or "").upper()
    unit, step = 1, 1
    if fields in ("YEAR", "MONTH", "YEAR TO MONTH"):
        unit = 30 * SECONDS_PER_DAY
        step = 12 if fields == "YEAR" else 1
        natural_s = (unit, 36 * unit)
    elif fields.endswith("DAY"):
        step = SECONDS_PER_DAY
    elif fields.endswith("HOUR"):
        step = 3600
    elif fields.endswith("MINUTE"):
        step = 60
    span = interval_span(context.domain, (natural_s[0] // unit, natural_s[1] // unit), unit, step)
    if span is None:
        raise refuse(context, "its constraints leave no interval")
    return Intervals(span, fields or None)


def days_before(context: ColumnContext, days: int) -> int:
    """The microsecond `days` before the reference."""
    return moment_number(context.reference - timedelta(days=days))
