"""The evaluator against Postgres itself: every expression of the corpus, over rows that Hypothesis makes up."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import numpy as np
import psycopg
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from app.generator.arrow_types import arrow_type
from app.generator.expressions import (
    Predicate,
    ValueExpr,
    compile_predicate,
    compile_value,
    parse_expression,
)
from app.generator.expressions.kinds import kind_of
from app.generator.expressions.text_forms import read_text, write_text
from app.generator.snapshot.model import CompositeType, EnumType, QName, TypeRef
from app.generator.types import TypeCatalog
from tests.integration.expressions.corpus import COLUMNS, NEWER_PREDICATES, NEWER_VALUES, PREDICATES, VALUES

# A failing test would show all its rows; what matters is in the message.
pytestmark = pytest.mark.filterwarnings("ignore:Generating overly large repr")

TYPES = TypeCatalog(
    (
        EnumType(QName("public", "mood"), ("sad", "ok", "happy")),
        CompositeType(
            QName("public", "pair"), (("x", TypeRef("pg_catalog", "int4")), ("y", TypeRef("pg_catalog", "text")))
        ),
    )
)
NAMES = {
    "smallint": "int2", "integer": "int4", "bigint": "int8", "real": "float4", "double precision": "float8",
    "boolean": "bool", "timestamp without time zone": "timestamp", "timestamp with time zone": "timestamptz",
    "time without time zone": "time", "time with time zone": "timetz", "character varying": "varchar",
    "character": "bpchar",
}  # fmt: skip
USER_TYPES = ("mood", "pair", "citext", "hstore", "ltree")


def type_ref(text: str) -> TypeRef:
    """The reference of a type written as in the corpus."""
    base, bracket, rest = text.removesuffix("[]").partition("(")
    modifiers = tuple(int(part) for part in rest.rstrip(")").split(",")) if bracket else ()
    schema = "public" if base in USER_TYPES else "pg_catalog"
    return TypeRef(schema, NAMES.get(base, base), modifiers, int(text.endswith("[]")))


REFS = {name: type_ref(text) for name, text in COLUMNS.items()}

words = st.sampled_from(
    ["", " ", "a", "b", "abc", "ABC", "Abc", "ab", "abcd", "a.c", "aac", "cba", "bc", "12", "a12", "5", "é", "aé",
     "Ünï", "a b", " abc", "abc ", "x y z", "a%", "a\\", "foo@bar.org", "]", "-", "a-c", "tab\there", "line\nbreak",
     "{}", "[1]", "\"q\"", "it's", "日本", "_", "0", "-3", "1.5", "true"]
)  # fmt: skip
small = st.integers(-6, 12)
uuids = st.sampled_from(
    [
        "00000000-0000-0000-0000-000000000000",
        "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11",
        "0fffffff-0000-4000-8000-000000000001",
    ]
)
dates = st.one_of(
    st.sampled_from(["2024-01-01", "2024-02-29", "2000-01-01", "1999-12-31", "2023-12-31", "2020-12-28", "1969-07-20"]),
    st.dates().map(str),
)
stamps = st.one_of(
    st.sampled_from(
        ["2024-01-01 00:00:00", "2000-01-01 12:00:00", "2024-02-29 23:59:59.999999", "1969-12-31 23:00:00.5"]
    ),
    st.datetimes().map(str),
)
intervals = st.one_of(
    st.sampled_from(
        ["1 day", "24:00:00", "1 mon", "30 days", "1 year 2 mons 3 days 04:05:06.789", "-1 days +02:03:00"]
    ),
    st.tuples(st.integers(-30, 30), st.integers(-60, 60), st.integers(-200_000_000_000, 200_000_000_000)).map(
        lambda p: f"{p[0]} mons {p[1]} days {p[2]} microseconds"
    ),
)
documents = st.sampled_from(
    ['{}', '{"a": 1}', '{"a": "1", "b": {"c": "x"}}', '{"b": {"c": "x"}, "a": null}', '[1, 2, 3]', '[]', 'null', '1',
     '"abc"', 'true', '{"a": 1.50}', '{"a": true}', '[{"a": 1}]', '["a"]', '{"é": "ü"}']
)  # fmt: skip

STRATEGIES: Mapping[str, st.SearchStrategy[Any]] = {
    "i2": small | st.sampled_from([-32768, 32767]),
    "i4": small | st.sampled_from([-2147483648, 2147483647, 100]),
    "i4b": small,
    "i8": small | st.sampled_from([-(2**63), 2**63 - 1, 2**40]),
    "n": st.decimals(-200, 200, places=2) | st.sampled_from(["12.50", "99999999.99", "-0.50"]).map(Decimal),
    "n0": st.integers(-999999, 999999).map(Decimal),
    "nu": st.sampled_from(["0", "0.5", "1.25", "100.0001", "-3", "12.5", "99999999999999999999.5"]).map(
        # The engine's numerics without a scale have four digits; division asks how many there are.
        lambda text: Decimal(text).quantize(Decimal("0.0001"))
    ),
    "f4": st.sampled_from([0.0, 0.1, 1.5, -2.25, 3.4e38, 1e-10, float("nan"), float("inf"), 123456.7, 16777217.0]),
    "f8": st.sampled_from(
        [0.0, 0.1, 0.5, 1.5, 2.5, -2.5, 1e300, 1e-7, float("nan"), float("-inf"), 4.0, 123456789.125, 1e16]
    ),
    **dict.fromkeys(("s", "s2"), words),
    "v": words,
    "c": st.sampled_from(["ab", "abcd", "a", "", "AB", "b"]),
    "ci": words,
    **dict.fromkeys(("b", "b2"), st.booleans()),
    **dict.fromkeys(("d", "d2"), dates),
    "ts": stamps,
    **dict.fromkeys(("tz", "tz2"), stamps.map(lambda s: s + "+00")),
    "t": st.sampled_from(["00:00:00", "12:00:00", "08:30:00.5", "23:59:59.999999", "24:00:00"]) | st.times().map(str),
    "tt": st.sampled_from(["12:00:00+00", "12:00:00+02", "14:00:00+02", "10:00:00-05:30"]),
    **dict.fromkeys(("iv", "iv2"), intervals),
    **dict.fromkeys(("j", "jn"), documents),
    **dict.fromkeys(("u", "u2"), uuids),
    "ip": st.sampled_from(["192.168.0.1", "192.168.0.1/24", "10.0.0.1", "::1", "2001:db8::/32", "192.168.0.0/24"]),
    "cd": st.sampled_from(["10.1.0.0/16", "192.168.0.0/24", "10.0.0.1/32", "2001:db8::/32"]),
    "mac": st.sampled_from(["08:00:2b:01:02:03", "00:00:00:00:00:01", "ff:ff:ff:ff:ff:ff"]),
    "ia": st.lists(st.none() | st.integers(-1, 5), max_size=3),
    "ta": st.lists(st.none() | st.sampled_from(["a", "b", "abc", "", "x y", 'q"', "NULL"]), max_size=3),
    "ir": st.sampled_from(["empty", "[1,5)", "[1,4]", "(1,5)", "(,3]", "[2,)", "(,)", "[3,3]", "[5,7)"]),
    "nr": st.sampled_from(["empty", "[1.5,2.5)", "(1,2]", "(,0)", "[0.5,)", "[1,1]"]),
    "dr": st.sampled_from(
        ["empty", "[2024-01-01,2024-02-01)", "[2024-01-01,2024-01-31]", "(,2024-01-01)", "[2023-06-01,)"]
    ),
    "tr": st.sampled_from(
        ["empty", '["2024-01-01 00:00:00+00","2024-01-01 12:00:00+00")', '(,"2024-01-01 00:00:00+00"]',
         '["2000-01-01 00:00:00+02",)']
    ),
    "im": st.sampled_from(["{}", "{[1,3)}", "{[1,3),[5,9)}", "{[1,3),[3,6)}", "{(,5)}"]),
    "m": st.sampled_from(["sad", "ok", "happy"]),
    "by": st.sampled_from([b"", b"\x01", b"\x01\x02", b"\xff"]),
    "bt": st.sampled_from(["1010", "0000", "1111", "0111"]),
    "mo": st.sampled_from(["0.00", "5.00", "-3.50", "1234.56"]),
    "co": st.sampled_from(["(1,abc)", "(,)", '(2,"a ""b""")', "(5,)"]),
    "hs": st.sampled_from(["", '"a"=>"1"', '"a"=>"1", "b"=>NULL', '"b"=>"x y"']),
    "lt": st.sampled_from(["a", "a.b", "a.b.c", "b", ""]),
}  # fmt: skip


rows = st.lists(
    st.fixed_dictionaries({name: st.none() | strategy for name, strategy in STRATEGIES.items()}),
    min_size=8,
    max_size=24,
)
# Shrinking would run all expressions hundreds of times; the message already names one row and its columns.
PHASES = (Phase.explicit, Phase.generate)


def as_arrow(name: str, values: Sequence[Any]) -> pa.Array:
    """A column as the engine makes it."""
    ref = REFS[name]
    base = ref if ref.name not in USER_TYPES else TypeRef("public", ref.name)
    type_ = arrow_type(base)
    if pa.types.is_temporal(type_):
        kind = kind_of(ref, TYPES)
        numbers = [None if value is None else read_text(value, kind) for value in values]
        if name == "t":
            return pa.array(numbers, pa.int64()).view(pa.time64("us"))
        storage = pa.int32() if type_ == pa.date32() else pa.int64()
        return pa.array(numbers, storage).view(type_)
    return pa.array(values, type_)


@dataclass(repr=False)
class Probe:
    """The expressions, compiled here and wrapped into functions there."""

    connection: psycopg.Connection
    predicates: dict[str, Predicate]
    printed: dict[str, Predicate]
    values: dict[str, ValueExpr]

    def __repr__(self) -> str:
        return "<expressions>"


FUNCTION = """
create function {name}(wanted_row integer) returns text language plpgsql as $body$
declare result text;
begin
    select ({expression})::text into result from probes where id = wanted_row;
    return coalesce(result, '<null>');
exception when others then
    return '<error> ' || sqlerrm;
end $body$
"""


@pytest.fixture(scope="module")
def probe(databases: Any) -> Iterator[Probe]:
    name = databases.create()
    with psycopg.connect(databases.url(name), autocommit=True) as connection:
        connection.execute("set timezone to 'UTC'")
        connection.execute("create extension citext; create extension hstore; create extension ltree")
        connection.execute("create type mood as enum ('sad', 'ok', 'happy')")
        connection.execute("create type pair as (x integer, y text)")
        columns = ", ".join(f"{column} {type_}" for column, type_ in COLUMNS.items())
        connection.execute(f"create table probes (id integer primary key, {columns})")
        predicates: dict[str, Predicate] = {}
        printed: dict[str, Predicate] = {}
        for number, expression in enumerate(PREDICATES + known(NEWER_PREDICATES, connection)):
            connection.execute(FUNCTION.format(name=f"p{number}", expression=expression))
            predicates[expression] = compile_predicate(parse_expression(expression), REFS, TYPES)
            canonical = as_printed(connection, expression)
            printed[expression] = compile_predicate(parse_expression(canonical), REFS, TYPES, sql=canonical)
        values = {}
        for number, expression in enumerate(VALUES + known(NEWER_VALUES, connection)):
            connection.execute(FUNCTION.format(name=f"v{number}", expression=expression))
            values[expression] = compile_value(parse_expression(expression), REFS, TYPES)
        yield Probe(connection, predicates, printed, values)
    databases.drop(name)


def known(newer: Mapping[str, int], connection: psycopg.Connection) -> list[str]:
    """Those of the newer expressions that this server's version knows."""
    return [expression for expression, since in newer.items() if connection.info.server_version >= since]


def as_printed(connection: psycopg.Connection, expression: str) -> str:
    """The expression as pg_get_expr prints it for a constraint."""
    connection.execute(f"alter table probes add constraint probed check ({expression}) not valid")
    row = connection.execute(
        "select pg_get_expr(conbin, conrelid) from pg_constraint where conname = 'probed'"
    ).fetchone()
    connection.execute("alter table probes drop constraint probed")
    assert row is not None
    return str(row[0])


def insert(connection: psycopg.Connection, table: Sequence[Mapping[str, Any]]) -> None:
    connection.execute("truncate probes")
    names = list(COLUMNS)
    casts = ", ".join(f"%s::{COLUMNS[name]}" for name in names)
    with connection.cursor() as cursor:
        cursor.executemany(
            f"insert into probes (id, {', '.join(names)}) values (%s, {casts})",
            [[number, *(row[name] for name in names)] for number, row in enumerate(table)],
        )


def fitted(table: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Texts cut to their columns' lengths: an assignment would refuse them."""
    return [row | {"v": row["v"] and row["v"][:20], "c": row["c"] and row["c"][:4]} for row in table]


@settings(max_examples=6, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True, phases=PHASES)
@given(table=rows)
def test_predicates_are_true_false_and_null_where_postgres_says_so(probe: Probe, table: list[dict[str, Any]]) -> None:
    """Each predicate of the corpus gives, for each row, what Postgres gives; an error there is false here.

    Both as it is written in the corpus and as Postgres prints it.
    """
    table = fitted(table)
    insert(probe.connection, table)
    arrays = {name: as_arrow(name, [row[name] for row in table]) for name in COLUMNS}
    wrong: list[str] = []
    for number, (expression, predicate) in enumerate(probe.predicates.items()):
        found = predicate.test({name: arrays[name] for name in predicate.columns}, len(table)).tolist()
        printed = probe.printed[expression]
        if printed.test({name: arrays[name] for name in printed.columns}, len(table)).tolist() != found:
            wrong.append(f"{expression} and {printed.sql} differ")
        told = probe.connection.execute(f"select p{number}(id) from probes order by id").fetchall()
        for row, ours, (theirs,) in zip(table, found, told, strict=True):
            expected = {"true": 1, "false": 0, "<null>": -1}.get(theirs, 0)
            if ours != expected:
                shown = {name: row[name] for name in sorted(predicate.columns)}
                wrong.append(f"{expression}: {ours} here, {theirs} there, for {shown}")
                break
    assert not wrong, "\n".join(wrong)


@settings(max_examples=5, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True, phases=PHASES)
@given(table=rows)
def test_values_are_those_of_postgres(probe: Probe, table: list[dict[str, Any]]) -> None:
    """Each value of the corpus reads the same as Postgres', numbers by value, an error there as NULL here."""
    table = fitted(table)
    insert(probe.connection, table)
    arrays = {name: as_arrow(name, [row[name] for row in table]) for name in COLUMNS}
    wrong: list[str] = []
    for number, (expression, value) in enumerate(probe.values.items()):
        found = shown_values(value, {name: arrays[name] for name in value.columns}, len(table))
        told = probe.connection.execute(f"select v{number}(id) from probes order by id").fetchall()
        for row, ours, (theirs,) in zip(table, found, told, strict=True):
            if not same(ours, theirs):
                shown = {name: row[name] for name in sorted(value.columns)}
                wrong.append(f"{expression}: {ours!r} here, {theirs!r} there, for {shown}")
                break
    assert not wrong, "\n".join(wrong)


def shown_values(value: ValueExpr, arrays: Mapping[str, pa.Array], length: int) -> list[Any]:
    """The values as text where Postgres' text says it all."""
    if value.kind.name in ("date", "timestamp", "timestamptz", "time"):
        array = value.evaluate(arrays, length)
        numbers = array.view(pa.int32() if array.type == pa.date32() else pa.int64()).to_pylist()
        return [None if number is None else write_text(number, value.kind) for number in numbers]
    shown: list[Any] = value.evaluate(arrays, length).to_pylist()
    return shown


def same(ours: Any, theirs: str) -> bool:
    if theirs in ("NaN", "Infinity", "-Infinity") and ours is None:
        return True  # numeric holds no such values here
    if ours is None and theirs.isdigit() and len(theirs) > 76:
        return True  # nor so many digits
    if ours is None or theirs == "<null>" or theirs.startswith("<error>"):
        return ours is None and (theirs == "<null>" or theirs.startswith("<error>"))
    if isinstance(ours, bool):
        return theirs == str(ours).lower()
    if isinstance(ours, float):
        # float4 has fewer digits than are shown here.
        return (
            repr(float(theirs)) == repr(ours) or float(theirs) == ours or bool(np.float32(theirs) == np.float32(ours))
        )
    if isinstance(ours, int | Decimal):
        return Decimal(theirs) == ours
    return bool(theirs == ours)
