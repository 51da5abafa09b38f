"""The generator that a type gets when nothing is known of a column but its type and its domain."""

from dataclasses import replace

import pyarrow as pa

from app.generator.arrow_types import arrow_type
from app.generator.domain import ANYTHING, Domain
from app.generator.pools import pool, resolve_locale
from app.generator.snapshot.model import CompositeType, EnumType, QName, RangeType, TypeRef
from app.generator.types import BUILTIN_SCHEMA, REGISTERED
from app.generator.values import documents
from app.generator.values.choices import Listed, literal_array
from app.generator.values.containers import Arrays, Composites, ListTexts
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
from app.generator.values.kinds import NUMBER_TYPES, TEXT_TYPES, refuse
from app.generator.values.moment_defaults import (
    clock_generator,
    default_moments,
    interval_generator,
    moment_generator,
)
from app.generator.values.moments import MICROSECONDS_PER_SECOND, SECONDS_PER_DAY, Dates, Timestamps
from app.generator.values.networks import Addresses, MacAddresses, Networks, restricted
from app.generator.values.number_defaults import default_number, number_generator
from app.generator.values.numbers import Booleans, Decimals, Floats, Spanned
from app.generator.values.patterned import honouring
from app.generator.values.ranges import PointRanges, Ranges
from app.generator.values.shapes import PlaneShapes
from app.generator.values.strings import strings
from app.generator.values.texts import Fitted

# Of what lasts for months, and of what hardly anything does.
_LASTING = frozenset(
    """period term validity valid contract lease subscription coverage employment membership tenure season semester
    laufzeit zeitraum gueltigkeit vigencia periodo periode""".split()
)
_BOOKED = frozenset({"booking", "reservation", "shift", "appointment", "event", "meeting", "session", "slot", "visit"})
_MONTH_DAYS = 30
# As many ranges side by side as any table has rows for one parent.
_ROOM = 100_000
_RANGES = {
    "int4range": ("int4", False), "int8range": ("int8", False), "numrange": ("numeric", False),
    "daterange": ("date", False), "tsrange": ("timestamp", False), "tstzrange": ("timestamptz", False),
    "int4multirange": ("int4", True), "int8multirange": ("int8", True), "nummultirange": ("numeric", True),
    "datemultirange": ("date", True), "tsmultirange": ("timestamp", True), "tstzmultirange": ("timestamptz", True),
}  # fmt: skip


def generator_for_type(context: ColumnContext) -> Generator:
    """The default generator of a column's type, within its domain. Raises OptionInvalid when there can be none."""
    ref, domain = context.type, context.domain
    if not domain.allows_value:
        raise refuse(context, "its constraints leave no value")
    if ref.array_dims:
        if has_arrays_inside(context):
            return ListTexts(array_of(replace(context, type=replace(ref, array_dims=1)), _inside(context)))
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


def has_arrays_inside(context: ColumnContext) -> bool:
    """Whether it is an array of a domain that is over arrays itself: not two dimensions, but arrays as elements."""
    outer = context.types.resolve(context.column.type).base
    inner = context.types.resolve(context.types.element(outer)).base
    return context.type.array_dims > 1 and bool(outer.array_dims) and bool(inner.array_dims)


def _inside(context: ColumnContext) -> Generator:
    """Such elements, as texts.

    What the domain and its elements ask is not asked of each, but an empty array has nothing that could fail.
    """
    types = context.types
    inner = types.resolve(types.element(types.resolve(context.column.type).base))
    checked = inner.checks or types.resolve(types.element(inner.base)).checks
    domain = Domain(min_items=0, max_items=0) if checked else ANYTHING
    lists = generator_for_type(
        replace(context, column=replace(context.column, type=inner.base), type=inner.base, domain=domain)
    )
    return ListTexts(lists)


def array_of(context: ColumnContext, element: Generator) -> Generator:
    """Arrays of `element` as long as the domain says."""
    return Arrays(
        element,
        context.domain.min_items,
        context.domain.max_items,
        context.type.array_dims,
        array_delimiter(context.type),
        context.domain.sizes,
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
    wanted = dict(context.domain.fields)
    return Composites(tuple(_nested(context, ref, wanted.get(name, ANYTHING)) for name, ref in user.attributes))


def _nested(context: ColumnContext, ref: TypeRef, domain: Domain = ANYTHING) -> Generator:
    resolved = context.types.resolve(ref)
    return generator_for_type(replace(context, type=resolved.base, user_type=resolved.user, domain=domain))


def _range_generator(context: ColumnContext, subtype: TypeRef, *, multi: bool) -> Generator:
    bounds = _nested(context, subtype, replace(context.domain.element or ANYTHING, excluded=(), cuts=()))
    if isinstance(bounds, Spanned):
        least, most = context.domain.span_least, context.domain.span_most
        unit = _months(context, bounds) or _range_unit(bounds)
        return Ranges(bounds, unit, multi=multi, least=least, most=most)
    return PointRanges(bounds, multi=multi)


def _months(context: ColumnContext, bounds: Spanned) -> int | None:
    """The steps of a month, for ranges whose name says that they last; None for others, and where there is no room."""
    day = {Timestamps: SECONDS_PER_DAY * MICROSECONDS_PER_SECOND, Dates: 1}.get(type(bounds))
    if day is None or not _LASTING & _words(context.column.name) or _BOOKED & _words(context.table.name):
        return None
    steps = _MONTH_DAYS * day // bounds.span.step
    return steps if (bounds.span.high - bounds.span.low) // bounds.span.step // steps >= _ROOM else None


def _words(name: str) -> set[str]:
    return {word.rstrip("s") for word in name.lower().split("_")}


def _range_unit(bounds: Spanned) -> int:
    if isinstance(bounds, Timestamps):
        return 1800 * MICROSECONDS_PER_SECOND // bounds.span.step
    if isinstance(bounds, Decimals | Floats):
        return 100
    return 1


def _addresses(name: str, domain: Domain) -> Generator | None:
    if domain.networks or domain.masks is not None:
        return restricted(domain.networks, domain.masks, host=name == "inet")
    return Addresses() if name == "inet" else Networks()


def _builtin_generator(context: ColumnContext) -> Generator | None:
    name, modifiers = context.type.name, context.type.modifiers
    if name in NUMBER_TYPES:
        return number_generator(context, default_number(context))
    if name in TEXT_TYPES and (context.domain.json_types is not None or context.domain.json_keys):
        words = pool(resolve_locale(context.locale), "words")
        return documents.JsonValues(words, context.domain)
    if name in TEXT_TYPES:
        return honouring(default_text(context), context)
    if name in _RANGES:
        subtype, multi = _RANGES[name]
        return _range_generator(context, TypeRef(BUILTIN_SCHEMA, subtype), multi=multi)
    if name in REGISTERED:
        return Listed(strings(REGISTERED[name]))
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
        case "inet" | "cidr":
            return _addresses(name, context.domain)
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
            return Listed(strings(tuple(f"pg_monitor={how}/pg_monitor" for how in ("r", "w", "rw"))))
        case _:
            return None


def _byte_width(domain: Domain) -> int:
    least, most = domain.min_bytes or domain.min_length or 0, domain.max_bytes or domain.max_length
    return max(least, 16 if most is None else min(16, most))
