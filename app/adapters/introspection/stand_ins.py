"""Stand-ins for extensions that a server does not have: enough of their types and functions for a schema to load.

A stand-in type keeps what it is given as text; it takes anything and checks nothing.
"""

import re
from collections.abc import Callable, Mapping
from functools import cache
from types import MappingProxyType
from typing import Any

import psycopg
from psycopg import sql

from app.adapters.introspection.sql_files import read_sql

Connection = psycopg.Connection[Any]

_BARE_SHAPES = (
    "Geometry Point LineString Polygon MultiPoint MultiLineString MultiPolygon GeometryCollection"
    " CircularString CompoundCurve CurvePolygon MultiCurve MultiSurface PolyhedralSurface Triangle Tin"
).split()
_SHAPES = [shape + dimension for shape in _BARE_SHAPES for dimension in ("", "Z", "M", "ZM")]
_SHAPE_NUMBERS = {shape.lower(): number for number, shape in enumerate(_SHAPES)}
_SRIDS = 1_000_000
# geometry(PointZ,4326), and what PostGIS takes besides: geometry('POINT', 2056), "geography"("Polygon"), an SRID of -1.
_SHAPED = re.compile(
    rf"""
    \b(?P<type>geometry|geography)(?P<quote>"?)\s*
    \(\s*(?P<mark>['"]?)(?P<shape>{"|".join(_BARE_SHAPES)})(?P<dimensions>z?m?)(?P=mark)\s*
    (?:,\s*(?P<srid_mark>'?)(?P<srid>-?\d{{1,6}}|[a-z_]\w*)(?P=srid_mark)\s*)?\)
    """,
    re.IGNORECASE | re.VERBOSE,
)

# Extension -> the types to make over text.
_TYPES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "uuid-ossp": (),
        "pgcrypto": (),
        "postgis": ("geometry", "geography", "box2d", "box3d"),
        "postgis_raster": ("raster",),
        "postgis_topology": ("topogeometry",),
        "vector": ("vector", "halfvec", "sparsevec"),
        "citext": ("citext",),
        "hstore": ("hstore",),
        "ltree": ("ltree", "lquery", "ltxtquery"),
        "cube": ("cube",),
        "seg": ("seg",),
        "isn": ("isbn", "isbn13", "issn", "issn13", "ismn", "ismn13", "ean13", "upc"),
        "semver": ("semver",),
        "pg_jsonschema": (),
        "pg_uuidv7": (),
        "unaccent": (),
    }
)
KNOWN_EXTENSIONS = frozenset(_TYPES)


@cache
def _origins() -> Mapping[str, str]:
    """Where a name that the DDL uses without CREATE EXTENSION comes from."""
    origins = {type_: extension for extension, types in _TYPES.items() for type_ in types}
    for extension in _TYPES:
        for name in re.findall(r"create function \{s\}\.(\w+)", _read(extension)):
            origins.setdefault(name, extension)
    return origins | {"gin_trgm_ops": "pg_trgm", "gist_trgm_ops": "pg_trgm"}


def _read(name: str) -> str:
    return read_sql("stand_ins", name).decode()


def origin(name: str) -> str | None:
    """The extension that brings a type or function of this name."""
    return _origins().get(name.lower())


def make_stand_in(connection: Connection, extension: str, schema: str) -> bool:
    """Makes what stands in for an extension; False when there is nothing known of it. Takes a superuser."""
    # The schema's name is put into the bodies of functions, where no quoting would do.
    if extension not in _TYPES or not re.fullmatch(r"[a-z_][a-z0-9_]*", schema):
        return False
    place = sql.Identifier(schema).as_string()
    for name in _TYPES[extension]:
        names = {"type": name, "input": f"{name}_in", "output": f"{name}_out"}
        names |= {"typmod_in": f"{name}_typmod_in", "typmod_out": f"{name}_typmod_out"}
        text = _read("type")
        for part, full in names.items():
            text = text.replace(f"{{{part}}}", sql.Identifier(schema, full).as_string())
        connection.execute(text.encode())
    functions = _read(extension).replace("{s}", place).replace("create function", "create or replace function")
    try:
        connection.execute(functions.encode())
    except psycopg.Error:
        return False  # the DDL brings a function of that name, which is not the extension's
    return True


def make_supabase_auth(connection: Connection) -> None:
    """The part of Supabase's schema `auth` that the schemas of projects lean on."""
    connection.execute(_read("supabase_auth").encode())


def make_supabase_storage(connection: Connection) -> None:
    """The part of Supabase's schema `storage` that keys of projects refer to."""
    connection.execute(_read("supabase_storage").encode())


def function_of_nothing(statement: str) -> str | None:
    """A CREATE FUNCTION in a language that is not here as one in SQL that gives NULL; None where that cannot be."""
    from pglast import ast, parse_sql
    from pglast.stream import RawStream

    node: Any = parse_sql(statement)[0].stmt
    if type(node).__name__ != "CreateFunctionStmt" or node.returnType is None or node.returnType.setof:
        return None
    kind = RawStream()(node.returnType)
    for option in node.options:
        if option.defname == "language":
            option.arg = ast.String("sql")
        elif option.defname == "as":
            option.arg = (ast.String(f"SELECT NULL::{kind}"),)
    return str(RawStream()(node))


def shapes_for(connection: Connection) -> Callable[[str], str]:
    """How a statement's shapes are to be written: as they are where the server has PostGIS, else for a stand-in."""
    known = connection.execute("select from pg_catalog.pg_available_extensions where name = 'postgis'").fetchone()
    return encode_shapes if known is None else str


def encode_shapes(statement: str) -> str:
    """Writes `geometry(Point,4326)` as `geometry(n)`, since a stand-in can only take a number."""
    return _SHAPED.sub(_encode_shape, statement)


def _encode_shape(match: re.Match[str]) -> str:
    shape = (match["shape"] + match["dimensions"]).lower()
    # A negative SRID is PostGIS' old word for an unknown one; a word is psql's variable that nothing in the file sets.
    srid = match["srid"] or ""
    number = _SHAPE_NUMBERS[shape] * _SRIDS + (int(srid) if srid.isdigit() else 0) + 1
    return f"{match['type']}{match['quote']}({number})"


def decode_shape(number: int) -> tuple[str, tuple[int, ...]]:
    """The shape and the modifiers behind a number that `encode_shapes` wrote."""
    shape, srid = divmod(number - 1, _SRIDS)
    return _SHAPES[shape], (srid,) if srid else ()
