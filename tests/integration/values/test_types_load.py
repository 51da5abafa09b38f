"""Every type's values, read by a real server."""

from collections.abc import Iterator

import numpy as np
import psycopg
import pyarrow as pa
import pytest

from app.embedded import EmbeddedPostgres
from app.generator.domain import Domain
from app.generator.snapshot.model import (
    Column,
    CompositeType,
    EnumType,
    QName,
    RangeType,
    TypeRef,
    UserType,
)
from app.generator.types import TypeCatalog, format_type
from app.generator.values.choice import Choice
from app.generator.values.containers import element_text, list_text
from app.generator.values.context import ColumnContext
from app.generator.values.generator import Generator
from app.generator.values.registry import build
from app.generator.values.type_defaults import array_delimiter

_COUNT = 1000

# Without xml, which the embedded server is not built with.
_BUILT_IN = """
bool int2 int4 int8 oid xid cid xid8 tid float4 float8 numeric numeric(4,2) numeric(12,4) numeric(38,10)
numeric(60,5) numeric(60,30) numeric(38,38) numeric(30,20) numeric(5,-2) numeric(3,5) money text varchar varchar(1)
varchar(2) varchar(5) varchar(14) varchar(40)
bpchar(1) bpchar(3) bpchar(20) name char
citext refcursor date timestamp timestamp(0) timestamp(3) timestamptz timestamptz(2) time time(0) timetz timetz(3)
interval bytea uuid json jsonb jsonpath bit(1) bit(8) bit(100) varbit varbit(5) inet cidr macaddr macaddr8
point line lseg box path polygon circle tsvector tsquery pg_lsn txid_snapshot pg_snapshot int2vector oidvector
int4range int8range numrange daterange tsrange tstzrange int4multirange int8multirange nummultirange datemultirange
tsmultirange tstzmultirange regclass regtype regproc regprocedure regoper regoperator regrole regnamespace regconfig
regdictionary regcollation hstore ltree lquery ltxtquery query_int vector(3) vector(20) halfvec(4) sparsevec(9) cube
seg ean13 upc isbn isbn13 ismn ismn13 issn issn13
""".split()
_EXTENSIONS = ("citext", "hstore", "ltree", "intarray", "vector", "cube", "seg", "isn")
_EXTENSION_TYPES = frozenset(
    """citext hstore ltree lquery ltxtquery query_int vector halfvec sparsevec cube seg ean13 upc isbn isbn13 ismn
    ismn13 issn issn13""".split()
)
_INTERVAL_FIELDS = ("YEAR", "MONTH", "YEAR TO MONTH", "DAY", "DAY TO SECOND", "HOUR TO MINUTE", "MINUTE", "SECOND")

_MOOD = EnumType(QName("public", "mood"), ("sad", "so so", 'quo"ted', "it's"))
_PAIR = CompositeType(
    QName("public", "pair"),
    (("a", TypeRef("pg_catalog", "text")), ("b", TypeRef("pg_catalog", "int4", (), 1)),
     ("c", TypeRef("public", "mood")), ("d", TypeRef("pg_catalog", "bytea")),
     ("e", TypeRef("pg_catalog", "timestamptz")),
     ("f", TypeRef("pg_catalog", "bool")), ("g", TypeRef("pg_catalog", "tstzrange"))),
)  # fmt: skip
_FLOAT_RANGE = RangeType(QName("public", "floatrange"), TypeRef("pg_catalog", "float8"), "floatmultirange")
_TEXT_RANGE = RangeType(QName("public", "textrange"), TypeRef("pg_catalog", "text"), "textmultirange")
_USER_TYPES: tuple[UserType, ...] = (_MOOD, _PAIR, _FLOAT_RANGE, _TEXT_RANGE)
_CREATE_TYPES = """
create type mood as enum ('sad', 'so so', 'quo"ted', 'it''s');
create type pair as (a text, b int4[], c mood, d bytea, e timestamptz, f bool, g tstzrange);
create type floatrange as range (subtype = float8, multirange_type_name = floatmultirange);
create type textrange as range (subtype = text, multirange_type_name = textmultirange);
"""
_USER_NAMES = ("mood", "pair", "floatrange", "floatmultirange", "textrange", "textmultirange")


def _type(text: str) -> TypeRef:
    name, _, inside = text.partition("(")
    modifiers = tuple(int(n) for n in inside.rstrip(")").split(",")) if inside else ()
    return TypeRef("public" if name in _EXTENSION_TYPES else "pg_catalog", name, modifiers)


_SCALARS = [
    *(_type(name) for name in _BUILT_IN),
    *(TypeRef("pg_catalog", "interval", (), 0, fields) for fields in _INTERVAL_FIELDS),
    *(TypeRef("public", name) for name in _USER_NAMES),
]
_ARRAYS = [
    TypeRef(t.schema, t.name, t.modifiers, dimensions, t.interval_fields) for t in _SCALARS for dimensions in (1, 2)
]


def _context(ref: TypeRef, domain: Domain | None = None) -> ColumnContext:
    catalog = TypeCatalog(_USER_TYPES)
    found = catalog.get(QName(ref.schema, ref.name))
    user = found if isinstance(found, EnumType | CompositeType | RangeType) else None
    column = Column("c", ref)
    return ColumnContext(QName("public", "t"), column, ref, domain or Domain(), user_type=user, types=catalog)


@pytest.fixture(scope="module")
def connection() -> Iterator[psycopg.Connection]:
    """A server with the extensions and types of this module."""
    with EmbeddedPostgres.start(durable=False) as server, psycopg.connect(server.url(), autocommit=True) as found:
        for name in _EXTENSIONS:
            found.execute(f"create extension {name}")
        found.execute(_CREATE_TYPES)
        yield found


def _texts(values: pa.Array, delimiter: str = ",") -> list[str]:
    if pa.types.is_list(values.type):
        return [str(text) for text in list_text(values, delimiter).to_pylist()]
    return [str(text) for text in element_text(values).to_pylist()]


def _load(connection: psycopg.Connection, ref: TypeRef, texts: list[str]) -> int:
    """Assigns the texts to a column of the type; the number of distinct values that the server sees."""
    printed = format_type(ref)
    connection.execute("drop table if exists loaded")
    connection.execute(f"create table loaded (c {printed})")
    with connection.cursor().copy("copy loaded from stdin") as copy:
        for text in texts:
            copy.write_row((text,))
    # Types without an equality are compared by their printed form.
    row = connection.execute("select count(distinct lower(btrim(c::text))) from loaded").fetchone()
    assert row is not None
    return int(row[0])


@pytest.mark.parametrize("ref", _SCALARS, ids=format_type)
def test_postgres_reads_what_is_drawn(connection: psycopg.Connection, ref: TypeRef) -> None:
    """A thousand drawn values of each type load."""
    generator = build(Choice("type"), _context(ref))
    rows = np.arange(_COUNT, dtype=np.int64)
    _load(connection, ref, _texts(generator.draw(4711, rows, {}, 0)))


@pytest.mark.parametrize("ref", _ARRAYS, ids=format_type)
def test_postgres_reads_arrays(connection: psycopg.Connection, ref: TypeRef) -> None:
    """Arrays and nested arrays of each type load."""
    generator = build(Choice("type"), _context(ref))
    drawn = generator.draw(4711, np.arange(200, dtype=np.int64), {}, 0)
    _load(connection, ref, _texts(drawn, array_delimiter(ref)))


def _spread(generator: Generator) -> np.ndarray:
    """The first indexes, some from all over, and the last ones."""
    assert generator.capacity is not None
    first = np.arange(min(generator.capacity, _COUNT), dtype=np.int64)
    last = generator.capacity - 1 - first
    over = np.linspace(0, float(generator.capacity - 1) * 0.999, 200).astype(np.int64)
    return np.unique(np.concatenate([first, over, last]))


@pytest.mark.parametrize("ref", _SCALARS, ids=format_type)
def test_postgres_sees_as_many_distinct_values_as_are_counted(connection: psycopg.Connection, ref: TypeRef) -> None:
    """Numbered values load and stay apart once Postgres has read them, trimmed and lower-cased."""
    generator = build(Choice("type"), _context(ref))
    assert generator.capacity is not None
    index = _spread(generator)
    assert _load(connection, ref, _texts(generator.at(index))) == len(index)
