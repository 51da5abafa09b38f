"""What a declared type comes down to: domains unwrapped, aliases resolved, the text that Postgres prints for it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from app.generator.snapshot.model import (
    Check,
    CompositeType,
    DomainType,
    EnumType,
    QName,
    RangeType,
    Snapshot,
    TypeRef,
    UserType,
)

BUILTIN_SCHEMA = "pg_catalog"

# Catalogue name -> the name that format_type prints, where the two differ.
_PRINTED = {
    "int2": "smallint",
    "int4": "integer",
    "int8": "bigint",
    "float4": "real",
    "float8": "double precision",
    "bool": "boolean",
    "varchar": "character varying",
    "bpchar": "character",
    "varbit": "bit varying",
    "timestamp": "timestamp without time zone",
    "timestamptz": "timestamp with time zone",
    "time": "time without time zone",
    "timetz": "time with time zone",
    "char": '"char"',
}

REGISTERED = {
    "regclass": ("pg_class", "pg_type", "pg_attribute", "pg_proc", "pg_index"),
    "regtype": ("integer", "text", "boolean", "date", "numeric"),
    "regproc": ("now", "pi", "version"),
    "regprocedure": ("now()", "pi()", "upper(text)"),
    "regoper": ("||/", "#-", "|/"),
    "regoperator": ("*(integer,integer)", "<(text,text)"),
    "regrole": ("pg_monitor", "pg_read_all_data", "pg_signal_backend"),
    "regnamespace": ("pg_catalog", "information_schema"),
    "regconfig": ("simple", "english", "german", "french", "spanish"),
    "regdictionary": ("simple", "english_stem", "german_stem"),
    "regcollation": ('"C"', '"POSIX"'),
}
"""Names of things that every Postgres has, for the reg* types."""


@dataclass(frozen=True, slots=True)
class ResolvedType:
    """A type with its domains unwrapped.

    `base` is a built-in, an extension's type or a user type that is not a domain; `user` is the enum, composite or
    range it names. `checks` are those of every domain on the way (the value is called VALUE), `nullable` is False
    when one of the domains is NOT NULL.
    """

    base: TypeRef
    user: EnumType | CompositeType | RangeType | None = None
    checks: tuple[Check, ...] = ()
    nullable: bool = True
    domains: tuple[QName, ...] = ()


class TypeCatalog:
    """The user types of a snapshot, by name."""

    def __init__(self, types: tuple[UserType, ...] = ()) -> None:
        self._types: Mapping[QName, UserType] = {t.name: t for t in types}
        self._multiranges = {
            QName(t.name.schema, t.multirange): t for t in types if isinstance(t, RangeType) and t.multirange
        }
        self._resolved: dict[TypeRef, ResolvedType] = {}
        self._bases: dict[TypeRef, TypeRef] = {}

    @classmethod
    def of(cls, snapshot: Snapshot) -> "TypeCatalog":
        """The catalogue of a snapshot."""
        return cls(snapshot.types)

    def get(self, name: QName) -> UserType | None:
        """The user type of that name, if there is one."""
        return self._types.get(name)

    def named(self, name: str) -> UserType | None:
        """The user type of that name in whichever schema: for expressions printed without schemas."""
        return next((found for key, found in sorted(self._types.items()) if key.name == name), None)

    def range_of_multirange(self, name: QName) -> RangeType | None:
        """The user-defined range whose multirange has that name."""
        return self._multiranges.get(name)

    def resolve(self, ref: TypeRef) -> ResolvedType:
        """Unwraps domains, those over domains and over arrays too."""
        found = self._resolved.get(ref)
        if found is None:
            found = self._resolved[ref] = self._unwrap(ref)
        return found

    def base(self, ref: TypeRef) -> TypeRef:
        """The type with domains unwrapped, an array's element too."""
        found = self._bases.get(ref)
        if found is None:
            found = self.resolve(ref).base
            if found.array_dims:
                element = self.resolve(self.element(found)).base
                found = replace(element, array_dims=found.array_dims + element.array_dims)
            self._bases[ref] = found
        return found

    def _unwrap(self, ref: TypeRef) -> ResolvedType:
        checks: list[Check] = []
        domains: list[QName] = []
        nullable = True
        while not ref.array_dims:
            found = self._types.get(QName(ref.schema, ref.name))
            if not isinstance(found, DomainType):
                return ResolvedType(ref, found, tuple(checks), nullable, tuple(domains))
            checks += found.checks
            domains.append(found.name)
            nullable = nullable and not found.not_null
            ref = found.base
        return ResolvedType(ref, None, tuple(checks), nullable, tuple(domains))

    def element(self, ref: TypeRef) -> TypeRef:
        """The element type of an array type."""
        return TypeRef(ref.schema, ref.name, ref.modifiers, 0, ref.interval_fields)


def format_type(ref: TypeRef) -> str:
    """The type as Postgres' format_type prints it, schema-qualified unless built in."""
    if ref.schema == BUILTIN_SCHEMA:
        text = _PRINTED.get(ref.name, ref.name)
    else:
        text = f"{quote_name(ref.schema)}.{quote_name(ref.name)}"
    if ref.interval_fields:
        text += f" {ref.interval_fields}"
    if ref.modifiers or ref.shape:
        inner = ",".join((*([ref.shape] if ref.shape else []), *(str(m) for m in ref.modifiers)))
        head, space, tail = text.partition(" with")
        # timestamp(3) with time zone: the modifier stands inside the name.
        inside = ref.name in ("timestamp", "timestamptz", "time", "timetz") and ref.schema == BUILTIN_SCHEMA
        text = f"{head}({inner}){space}{tail}" if inside else f"{text}({inner})"
    return text + "[]" * ref.array_dims


def quote_name(name: str) -> str:
    """An identifier, quoted where Postgres could read it as anything else."""
    plain = name.isascii() and name.replace("_", "a").isalnum() and not name[0].isdigit() and name == name.lower()
    if plain and name not in _RESERVED:
        return name
    return '"' + name.replace('"', '""') + '"'


# Reserved words of PostgreSQL 18 (pg_get_keywords(), categories R and T), and those that a column or type may not be.
_RESERVED = frozenset(
    """all analyse analyze and any array as asc asymmetric authorization between bigint binary bit boolean both case
    cast char character check coalesce collate collation column concurrently constraint create cross current_catalog
    current_date current_role current_schema current_time current_timestamp current_user dec decimal default deferrable
    desc distinct do else end except exists extract false fetch float for foreign freeze from full grant greatest group
    grouping having ilike in initially inner inout int integer intersect interval into is isnull join json json_array
    json_arrayagg json_exists json_object json_objectagg json_query json_scalar json_serialize json_table json_value
    lateral leading least left like limit localtime localtimestamp merge_action national natural nchar none normalize
    not notnull null nullif numeric offset on only or order out outer overlaps overlay placing position precision
    primary real references returning right row select session_user setof similar smallint some substring symmetric
    system_user table tablesample then time timestamp to trailing treat trim true union unique user using values
    varchar variadic verbose when where window with xmlattributes xmlconcat xmlelement xmlexists xmlforest
    xmlnamespaces xmlparse xmlpi xmlroot xmlserialize xmltable""".split()
)
