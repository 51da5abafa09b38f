"""Types as text, the way Postgres' format_type prints them, and back."""

import re
from collections.abc import Mapping
from types import MappingProxyType

from app.generator.snapshot.model import QName, TypeRef

CATALOG = "pg_catalog"

# Catalogue name -> SQL name, where the two differ.
_SQL_NAMES: Mapping[str, str] = MappingProxyType(
    {
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
)

_SAME_NAMES = """
    numeric text bytea date interval uuid json jsonb jsonpath xml bit money oid name inet cidr macaddr macaddr8
    point line lseg box path polygon circle tsvector tsquery pg_lsn txid_snapshot pg_snapshot tid xid xid8 cid
    int4range int8range numrange tsrange tstzrange daterange
    int4multirange int8multirange nummultirange tsmultirange tstzmultirange datemultirange
    regclass regtype regproc regprocedure regoper regoperator regrole regnamespace regconfig regdictionary regcollation
    refcursor int2vector oidvector aclitem bpchar char
""".split()

BUILT_IN = frozenset(_SQL_NAMES) | frozenset(_SAME_NAMES)

# Types that extensions bring, known by name wherever the extension was put.
EXTENSION_TYPES = frozenset(
    """
    citext hstore ltree lquery ltxtquery vector halfvec sparsevec geometry geography box2d box3d raster topogeometry
    cube seg isbn isbn13 issn issn13 ismn ismn13 ean13 upc lo earth intbig_gkey query_int gtrgm semver
    """.split()
)

_ALIASES: Mapping[str, str] = MappingProxyType(
    {sql: name for name, sql in _SQL_NAMES.items()}
    | {
        "int": "int4",
        "float": "float8",
        "decimal": "numeric",
        "dec": "numeric",
        "char varying": "varchar",
        "national character varying": "varchar",
        "national character": "bpchar",
        "nchar": "bpchar",
        "char": "bpchar",
        "timestamp": "timestamp",
        "time": "time",
    }
)

_MODIFIED = re.compile(r"\(\s*([^()]*?)\s*\)")
_DIMENSION = re.compile(r"\s*\[\s*\d*\s*\]\s*$")
_IDENTIFIER = re.compile(r'"((?:[^"]|"")+)"|([^\W\d][\w$]*)')
_INTERVAL_FIELDS = re.compile(
    r"^interval\s+(year to month|day to hour|day to minute|day to second|hour to minute|hour to second"
    r"|minute to second|year|month|day|hour|minute|second)$"
)
_TAKES_LENGTH = frozenset({"bpchar", "bit"})


# What a function may take and return beside types: any, of which the call decides.
POLYMORPHIC = frozenset(
    f"any{family}{kind}"
    for family, kinds in (
        ("", ("element", "array", "nonarray", "enum", "range", "multirange")),
        ("compatible", ("", "array", "nonarray", "range", "multirange")),
    )
    for kind in kinds
)


class TypeNameInvalid(ValueError):
    """The text is not the name of a type."""


def quote_name(name: str) -> str:
    """The name as SQL takes it, with quotes only where it needs them (keywords aside)."""
    if re.fullmatch(r"[a-z_][a-z0-9_$]*", name):
        return name
    return '"' + name.replace('"', '""') + '"'


def format_type(type_: TypeRef) -> str:
    """The type as text: `numeric(10,2)[]`, `timestamp(3) with time zone`, `public.mpaa_rating`."""
    modifiers = ",".join((*([type_.shape] if type_.shape else []), *map(str, type_.modifiers)))
    suffix = "[]" * type_.array_dims
    if type_.schema != CATALOG:
        name = f"{quote_name(type_.schema)}.{quote_name(type_.name)}"
        return f"{name}({modifiers}){suffix}" if modifiers else name + suffix
    sql = _SQL_NAMES.get(type_.name, type_.name)
    if type_.name == "bpchar" and not modifiers:
        sql = "bpchar"  # "character" alone means character(1)
    if type_.interval_fields:
        sql = f"{sql} {type_.interval_fields}"
    if modifiers:
        first, _, rest = sql.partition(" ")
        # The precision stands after the first word: timestamp(3) with time zone.
        sql = f"{first}({modifiers}) {rest}" if rest.endswith("time zone") else f"{sql}({modifiers})"
    return sql + suffix


def parse_type(text: str, user_types: frozenset[QName] = frozenset()) -> TypeRef:
    """Reads a type's name. Unqualified names are built-ins, then user types in `public`, then extensions' types.

    Raises TypeNameInvalid, also for types that nobody knows.
    """
    rest, dims = text.strip(), 0
    while match := _DIMENSION.search(rest):
        rest, dims = rest[: match.start()], dims + 1
    if dims > 6:
        raise TypeNameInvalid(f"{text!r} has more than the 6 dimensions that an array can have")
    rest, modifiers, shape = _take_modifiers(rest)
    built_in = _built_in(rest, modifiers)
    if built_in is not None:
        name, modifiers, fields = built_in
        return TypeRef(CATALOG, name, modifiers, dims, fields)
    schema, name = _qualified(rest, text)
    for qname in [QName(schema, name)] if schema else [QName("public", name)]:
        if qname in user_types or name in EXTENSION_TYPES:
            return TypeRef(qname.schema, name, modifiers, dims, None, shape)
    raise TypeNameInvalid(f"{text!r} is no type of Postgres, and none of the snapshot's types")


def parse_modifiers(formatted: str) -> tuple[tuple[int, ...], str | None, str | None]:
    """The modifiers, interval fields and shape in a type that format_type printed."""
    rest, modifiers, shape = _take_modifiers(formatted.removesuffix("[]"))
    fields = _INTERVAL_FIELDS.match(rest)
    return modifiers, fields[1] if fields else None, shape


def _take_modifiers(text: str) -> tuple[str, tuple[int, ...], str | None]:
    match = None if text.endswith('"') else next(_MODIFIED.finditer(text), None)
    if match is None:
        return text, (), None
    words = [word.strip() for word in match[1].split(",") if word.strip()]
    numbers = tuple(int(word) for word in words if re.fullmatch(r"[+-]?\d{1,9}", word))
    names = [word for word in words if not re.fullmatch(r"[+-]?\d{1,9}", word)]
    if len(names) > 1 or (names and words[0] is not names[0]):
        raise TypeNameInvalid(f"{text!r} has modifiers that are not numbers")
    return (text[: match.start()] + text[match.end() :]).strip(), numbers, names[0] if names else None


def _built_in(text: str, modifiers: tuple[int, ...]) -> tuple[str, tuple[int, ...], str | None] | None:
    """The catalogue name of a built-in type, its modifiers, and its interval fields."""
    if text == '"char"':
        return "char", (), None
    words = " ".join(text.lower().split())
    words = words.removeprefix("pg_catalog.")
    if fields := _INTERVAL_FIELDS.match(words):
        return "interval", modifiers, fields[1]
    if words in ("float", "float8", "float4") and modifiers:
        return ("float4" if modifiers[0] <= 24 else "float8"), (), None
    name = _ALIASES.get(words, words)
    if name not in BUILT_IN:
        return None
    if name in _TAKES_LENGTH and not modifiers and words != "bpchar":
        modifiers = (1,)
    return name, modifiers, None


def _qualified(text: str, whole: str) -> tuple[str | None, str]:
    names: list[str] = []
    rest = text
    while True:
        match = _IDENTIFIER.match(rest)
        if match is None:
            raise TypeNameInvalid(f"{whole!r} is not the name of a type")
        names.append(match[1].replace('""', '"') if match[1] else match[2].lower())
        rest = rest[match.end() :]
        if not rest:
            break
        if not rest.startswith("."):
            raise TypeNameInvalid(f"{whole!r} is not the name of a type")
        rest = rest[1:]
    if len(names) > 2:
        raise TypeNameInvalid(f"{whole!r} has more than a schema and a name")
    return (names[0] if len(names) == 2 else None), names[-1]
