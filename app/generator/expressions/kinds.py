"""Kinds: what the evaluator tells types apart by. Fewer than Postgres has, since many behave alike."""

from dataclasses import dataclass

from app.generator.expressions.nodes import ExpressionUnknown
from app.generator.snapshot.model import CompositeType, EnumType, QName, RangeType, TypeRef
from app.generator.types import BUILTIN_SCHEMA, TypeCatalog


@dataclass(frozen=True, slots=True)
class Kind:
    """A type as the evaluator sees it.

    `name` is the catalogue name, or `enum`, `range`, `multirange`, `array`, `composite`; `unknown` is a quoted literal
    that has not met its type yet, or NULL. `element` belongs to arrays and ranges, `length` to char(n) and
    varchar(n), `precision` and `scale` to numeric and to times, `labels` to enums, `fields` to composites.
    """

    name: str
    element: "Kind | None" = None
    length: int | None = None
    precision: int | None = None
    scale: int | None = None
    labels: tuple[str, ...] = ()
    fields: "tuple[tuple[str, Kind], ...]" = ()

    @property
    def plain(self) -> "Kind":
        """Without length, precision and scale: what a calculation with such a value gives."""
        return Kind(self.name, self.element, labels=self.labels, fields=self.fields)

    def __str__(self) -> str:
        return f"{self.element}[]" if self.name == "array" else self.name


BOOL, INT2, INT4, INT8 = Kind("bool"), Kind("int2"), Kind("int4"), Kind("int8")
NUMERIC, FLOAT4, FLOAT8 = Kind("numeric"), Kind("float4"), Kind("float8")
TEXT, UNKNOWN, BYTEA = Kind("text"), Kind("unknown"), Kind("bytea")
DATE, TIMESTAMP, TIMESTAMPTZ, TIME = Kind("date"), Kind("timestamp"), Kind("timestamptz"), Kind("time")
TIMETZ, INTERVAL, JSON, JSONB, INET = Kind("timetz"), Kind("interval"), Kind("json"), Kind("jsonb"), Kind("inet")

INTEGERS = frozenset({"int2", "int4", "int8", "oid"})
FLOATS = frozenset({"float4", "float8"})
NUMBERS = INTEGERS | FLOATS | {"numeric"}
# Kinds whose arrays hold plain integers: microseconds, days, 0 and 1.
INTEGER_LIKE = INTEGERS | {"date", "timestamp", "timestamptz", "time"}
STRINGS = frozenset({"text", "varchar", "bpchar", "name", "citext", "char", "unknown"})
DATES = frozenset({"date", "timestamp", "timestamptz"})

_RANGES = {
    "int4range": INT4,
    "int8range": INT8,
    "numrange": NUMERIC,
    "daterange": DATE,
    "tsrange": TIMESTAMP,
    "tstzrange": TIMESTAMPTZ,
}


def kind_of(ref: TypeRef, types: TypeCatalog) -> Kind:
    """The kind of a declared type, its domains unwrapped."""
    if ref.array_dims > 1:
        return Kind("nested_array")
    if ref.array_dims:
        element = TypeRef(ref.schema, ref.name, ref.modifiers, 0, ref.interval_fields)
        return Kind("array", kind_of(element, types))
    resolved = types.resolve(_located(ref, types))
    base = resolved.base
    if base.array_dims:
        return kind_of(base, types)
    user = resolved.user
    if isinstance(user, EnumType):
        return Kind("enum", labels=user.labels)
    if isinstance(user, RangeType):
        return Kind("range", kind_of(user.subtype, types))
    if isinstance(user, CompositeType):
        return Kind("composite", fields=tuple((name, kind_of(type_, types)) for name, type_ in user.attributes))
    multirange = types.range_of_multirange(QName(base.schema, base.name))
    if multirange is not None:
        return Kind("multirange", Kind("range", kind_of(multirange.subtype, types)))
    return _named_kind(base)


def _located(ref: TypeRef, types: TypeCatalog) -> TypeRef:
    """A name without schema found among the user types."""
    if ref.schema:
        return ref
    found = types.named(ref.name)
    schema = found.name.schema if found is not None else BUILTIN_SCHEMA
    return TypeRef(schema, ref.name, ref.modifiers, ref.array_dims, ref.interval_fields)


def _named_kind(ref: TypeRef) -> Kind:
    name = ref.name
    if name in _RANGES:
        return Kind("range", _RANGES[name])
    if name.endswith("multirange") and name.replace("multirange", "range") in _RANGES:
        return Kind("multirange", Kind("range", _RANGES[name.replace("multirange", "range")]))
    if name == "numeric" and ref.modifiers:
        scale = ref.modifiers[1] if len(ref.modifiers) > 1 else 0
        return Kind("numeric", precision=ref.modifiers[0], scale=scale)
    if name in ("varchar", "bpchar", "bit", "varbit"):
        length = ref.modifiers[0] if ref.modifiers else None
        return Kind(name, length=length)
    if name in ("timestamp", "timestamptz", "time", "timetz", "interval") and ref.modifiers:
        return Kind(name, precision=ref.modifiers[0])
    return Kind(name)


def is_string(kind: Kind) -> bool:
    """Whether text functions take it as it is (enums and uuids need a cast)."""
    return kind.name in STRINGS


def wider_number(left: Kind, right: Kind) -> Kind:
    """The kind in which Postgres calculates with two numbers of different kinds."""
    names = {left.name, right.name}
    if names & FLOATS:
        return FLOAT4 if names == {"float4"} else FLOAT8
    if "numeric" in names:
        return NUMERIC
    for name in ("int8", "oid", "int4"):
        if name in names:
            return Kind(name)
    return INT2


def common_kind(kinds: list[Kind], what: str) -> Kind:
    """The kind that CASE, COALESCE, arrays and comparisons bring their parts to."""
    known = [kind for kind in kinds if kind.name != "unknown"]
    if not known:
        return TEXT
    found = known[0]
    for kind in known[1:]:
        found = _common(found, kind, what)
    return found


def _common(left: Kind, right: Kind, what: str) -> Kind:
    if left == right:
        return left
    if left.name in NUMBERS and right.name in NUMBERS:
        if left.name == right.name == "numeric":
            return NUMERIC
        return wider_number(left, right)
    if left.name == right.name:
        if left.name == "array" and left.element and right.element:
            return Kind("array", _common(left.element, right.element, what))
        return left.plain
    if left.name in DATES and right.name in DATES:
        return TIMESTAMPTZ if "timestamptz" in (left.name, right.name) else TIMESTAMP
    for preferred in ("citext", "text", "varchar", "bpchar", "name"):
        if preferred in (left.name, right.name) and left.name in STRINGS and right.name in STRINGS:
            # varchar against char(n) is compared as char(n); with text everything becomes text.
            if {left.name, right.name} == {"varchar", "bpchar"}:
                return Kind("bpchar")
            return Kind(preferred)
    if {left.name, right.name} == {"inet", "cidr"}:
        return INET
    if {left.name, right.name} == {"bit", "varbit"}:
        return Kind("varbit")
    raise ExpressionUnknown(f"{what} of {left} and {right}")
