"""Sub-selects inside functions, and the hashes of partitions, against Postgres itself."""

from collections.abc import Iterator
from typing import Any

import psycopg
import pyarrow as pa
import pytest

from app.adapters.introspection.catalog import introspect
from app.generator.arrow_types import arrow_type
from app.generator.expressions import compile_predicate, parse_expression
from app.generator.expressions.hashing import HASHED
from app.generator.snapshot.model import TypeRef
from app.generator.types import TypeCatalog

TYPES = TypeCatalog(())

# Each is the body of a function of numbers, texts and a document.
BODIES = (
    "select not exists (select 1 from unnest(numbers) as n where n <= 0 or n is null)",
    "select exists (select from unnest(numbers) with ordinality as t(n, place) where t.n = place)",
    "select coalesce(sum(n), 0) > 5 from unnest(numbers) n",
    "select count(distinct word) = count(word) from unnest(words) word",
    "select bool_and(n % 2 = 0) from unnest(numbers) as t(n)",
    "select min(n) < max(n) from unnest(numbers) n where n is not null",
    "select numbers = array(select n from unnest(numbers) n order by n)",
    "select numbers = array(select n from unnest(numbers) n order by 1 desc)",
    "select 3 = any (select n from unnest(numbers) n where n > 0)",
    "select 3 <> all (select n from unnest(numbers) n)",
    "select not exists (select from jsonb_object_keys(document) as k where k not in ('a', 'b'))",
    "select count(*) = 2 from jsonb_each_text(document) as e where e.value is not null",
    "select bool_and(jsonb_typeof(item) = 'number') from jsonb_array_elements(document -> 'list') as item",
    "select (select sum(i * d) from (select substr('4711', i, 1)::int as d, i from generate_series(1, 4) as i) s) > n"
    " from (select coalesce(numbers[1], 0) as n) one",
    "select exists (select from unnest(numbers) a cross join unnest(numbers) b where a = -b)",
    "select exists (select from unnest(words) w where exists (select from unnest(numbers) n where n::text = w))",
)

PROCEDURES = (
    "begin foreach item in array numbers loop if item < 0 then return false; end if; end loop; return true; end",
    "begin for place in 1 .. cardinality(words) loop if words[place] = '' then return false; end if; end loop;"
    " return true; end",
    "begin total := cardinality(numbers); total := total * 2; if total > 4 then return false; end if; return true; end",
)

ROWS: tuple[tuple[list[int | None] | None, list[str | None] | None, str | None], ...] = (
    ([1, 2, 3], ["a", "b"], '{"a": 1, "b": null}'),
    ([], [], "{}"),
    ([3, None, -3], ["", "x", "x"], '{"c": 1, "list": [1, 2]}'),
    ([4, 2], [None, "3"], '{"list": [1, "a"], "a": 2}'),
    (None, None, None),
    ([2, 2, 8, 6], ["2", "6"], '{"list": [], "b": 2, "a": 1}'),
    ([-1], ["-1"], "[1, 2]"),
)


@pytest.fixture(scope="module")
def connection(databases: Any) -> Iterator[psycopg.Connection[Any]]:
    name = databases.create()
    with psycopg.connect(databases.url(name), autocommit=True) as connection:
        connection.execute("set timezone to 'UTC'")
        yield connection
    databases.drop(name)


def test_functions_with_sub_selects_say_what_postgres_says(connection: psycopg.Connection[Any]) -> None:
    """Each body is understood, and is true, false or NULL in the same rows; an error there is false here."""
    arguments = "numbers int[], words text[], document jsonb"
    checks = []
    for number, body in enumerate(BODIES):
        connection.execute(f"create function body{number}({arguments}) returns boolean language sql as $${body}$$")
        checks.append(f"check (body{number}(numbers, words, document))")
    for number, body in enumerate(PROCEDURES):
        declared = "declare item int; total int := 0; " if "total" in body else "declare item int; "
        connection.execute(
            f"create function procedure{number}({arguments}) returns boolean language plpgsql as $${declared}{body}$$"
        )
        checks.append(f"check (procedure{number}(numbers, words, document))")
    connection.execute(f"create table sets (numbers int[], words text[], document jsonb, {', '.join(checks)})")
    snapshot = introspect(connection, tables=["sets"])
    (table,) = snapshot.tables
    declared_types = {column.name: column.type for column in table.columns}
    columns = zip(("numbers", "words", "document"), zip(*ROWS, strict=True), strict=True)
    arrays = {name: pa.array(values, arrow_type(declared_types[name])) for name, values in columns}
    wrong = []
    for check in table.checks:
        predicate = compile_predicate(parse_expression(check.expression, snapshot.functions), declared_types, TYPES)
        found = predicate.test({name: arrays[name] for name in predicate.columns}, len(ROWS)).tolist()
        for ours, row in zip(found, ROWS, strict=True):
            theirs = _asked(connection, check.expression, row)
            if (ours == 1) != (theirs is True) or (theirs is not False and (ours == -1) != (theirs is None)):
                wrong.append(f"{check.expression}: {ours} here, {theirs} there, for {row}")
    assert len(table.checks) == len(checks)
    assert not wrong, "\n".join(wrong)


def _asked(connection: psycopg.Connection[Any], expression: str, row: tuple[Any, ...]) -> bool | None:
    query = (
        f"select {expression} from (select %s::int[] as numbers, %s::text[] as words, %s::jsonb as document) as sets"
    )
    try:
        (answer,) = connection.execute(query, row).fetchone() or (None,)
    except psycopg.DataError:
        return False
    return None if answer is None else bool(answer)


VALUES = {
    "int2": ["0", "-5", "32767"],
    "int4": ["0", "1", "-1", "2147483647"],
    "int8": ["0", "-1", "-9000000000", "9223372036854775807"],
    "text": ["", "a", "twelve bytes", "more than twelve bytes, and Ünïcödé"],
    "varchar": ["abc", "hello world"],
    "bpchar(6)": ["ab", "abcdef"],
    "uuid": ["a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"],
    "bytea": ["\\x00ff10", "\\x"],
    "date": ["1999-12-31", "2024-02-29"],
    "time": ["00:00", "23:59:59.5"],
    "timestamp": ["1969-07-20 20:17", "2024-02-29 12:30:00.25"],
    "timestamptz": ["2024-02-29 12:30:00.25+00"],
}


def test_a_row_belongs_to_the_hash_partition_that_postgres_puts_it_into(connection: psycopg.Connection[Any]) -> None:
    """Of every type that is hashed here, alone and behind another key, which may be NULL."""
    assert {name.partition("(")[0] for name in VALUES} == HASHED
    wrong = []
    for number, (type_name, texts) in enumerate(VALUES.items()):
        connection.execute(f"create table h{number} (k {type_name}, n int) partition by hash (k, n)")
        for remainder in range(7):
            connection.execute(
                f"create table h{number}_{remainder} partition of h{number} for values with"
                f" (modulus 7, remainder {remainder})"
            )
        for text in [*texts, None]:
            for n in (None, 0, 77):
                connection.execute(f"insert into h{number} values (%s::{type_name}, %s)", (text, n))
        rows = connection.execute(f"select k, n, right(tableoid::regclass::text, 1)::int from h{number}").fetchall()
        base = type_name.partition("(")[0]
        modifiers = (6,) if "(" in type_name else ()
        declared = {"k": TypeRef("pg_catalog", base, modifiers), "n": TypeRef("pg_catalog", "int4")}
        keys = [None if k is None else str(k) if base == "uuid" else k for k, _, _ in rows]
        arrays = {
            "k": pa.array(keys, arrow_type(declared["k"])),
            "n": pa.array([n for _, n, _ in rows], pa.int32()),
        }
        for remainder in range(7):
            sql = f"satisfies_hash_partition(0, 7, {remainder}, k, n)"
            found = compile_predicate(parse_expression(sql), declared, TYPES).test(arrays, len(rows)).tolist()
            expected = [int(place == remainder) for _, _, place in rows]
            if found != expected:
                wrong.append(f"{type_name} {remainder}: {found} here, {expected} there")
    assert not wrong, "\n".join(wrong)
