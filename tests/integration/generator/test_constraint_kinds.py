"""Which schema of ours has which kind of constraint: none may go without a schema that is loaded with it."""

from collections.abc import Callable

import psycopg
import pytest

from app.adapters.introspection.catalog import introspect
from app.adapters.introspection.scratch import ScratchDatabase
from app.generator.snapshot.model import Snapshot, Table
from tests.conftest import Server
from tests.integration.generator.test_schemas import FOLDER, NEEDS

Has = Callable[[Table, Snapshot], bool]


def _check(*words: str) -> Has:
    """A table with a check in which all the words stand, as Postgres prints them."""
    return lambda table, _: any(all(w in check.expression for w in words) for check in table.checks)


def _shares(table: Table, _: Snapshot) -> bool:
    keys = table.foreign_keys
    return any(set(a.columns) & set(b.columns) for i, a in enumerate(keys) for b in keys[i + 1 :])


def _within_primary_key(table: Table, _: Snapshot) -> bool:
    primary = set((table.primary_key and table.primary_key.columns) or ())
    return any(len(k.columns) > 1 and primary & set(k.columns) for k in table.foreign_keys)


def _to_other_than_primary(table: Table, snapshot: Snapshot) -> bool:
    return any(
        (parent := snapshot.table(k.ref_table)).primary_key is None or parent.primary_key.columns != k.ref_columns
        for k in table.foreign_keys
    )


def _one_to_one(table: Table, _: Snapshot) -> bool:
    unique = {k.columns for k in table.keys}
    return any(k.columns in unique for k in table.foreign_keys)


KINDS: dict[str, tuple[str, Has]] = {
    "composite unique": ("uniques", lambda t, _: any(len(k.columns or ()) > 1 and not k.primary for k in t.keys)),
    "NULLS NOT DISTINCT": ("kinds", lambda t, _: any(k.nulls_not_distinct for k in t.keys)),
    "partial unique": ("uniques", lambda t, _: any(k.predicate is not None for k in t.keys)),
    "expression unique": ("uniques", lambda t, _: any(k.columns is None for k in t.keys)),
    "unique on citext": (
        "uniques",
        lambda t, _: any(t.column(c).type.name == "citext" for k in t.keys for c in k.columns or ()),
    ),
    "composite foreign key": ("trees", lambda t, _: any(len(k.columns) > 1 for k in t.foreign_keys)),
    "foreign keys that overlap": ("university", _shares),
    "foreign key within the primary key": ("trees", _within_primary_key),
    "self reference": ("trees", lambda t, _: any(k.ref_table == t.name for k in t.foreign_keys)),
    "deferrable foreign key": ("cycles", lambda t, _: any(k.deferrable for k in t.foreign_keys)),
    "MATCH FULL": ("trees", lambda t, _: any(k.match == "full" for k in t.foreign_keys)),
    "one to one": ("uniques", _one_to_one),
    "foreign key to a unique key": ("trees", _to_other_than_primary),
    "foreign key across schemas": (
        "three_schemas",
        lambda t, _: any(k.ref_table.schema != t.name.schema for k in t.foreign_keys),
    ),
    "check: range": ("rules", _check(">=", "<")),
    "check: ANY": ("rules", _check("= ANY")),
    "check: regular expression": ("rules", _check("~")),
    "check: length": ("rules", _check("length(")),
    "check: arithmetic between columns": ("rules", _check("gross = (net + vat)")),
    "check: date arithmetic": ("rules", _check("'1 day'::interval")),
    "check: combinations of NULL": ("rules", _check("num_nonnulls")),
    "check: implication by OR": ("rules", _check("<> 'enterprise'", "OR")),
    "check: boolean built-in": ("rules", _check("starts_with")),
    "exclusion": ("bookings", lambda t, _: bool(t.exclusions)),
    "exclusion with a predicate": ("bookings", lambda t, _: any(e.predicate for e in t.exclusions)),
    "generated, stored": ("bookings", lambda t, _: any(c.generated_kind == "stored" for c in t.columns)),
    "generated, virtual": ("temporal", lambda t, _: any(c.generated_kind == "virtual" for c in t.columns)),
    "generated from a document, never NULL": (
        "documents",
        lambda t, _: any(c.generated is not None and "->>" in c.generated and not c.nullable for c in t.columns),
    ),
    "check: make_interval": ("projections", _check("make_interval(days =>")),
    "check: equal to a function of itself": ("projections", _check("title = initcap(title)")),
    "check: order within a unique pair": ("pairs", _check("user_a < user_b")),
    "unique, either way round": (
        "pairs",
        lambda t, _: any(k.columns is None and "GREATEST" in str(k.elements) for k in t.keys),
    ),
    "index that casts a text": ("documents", _check("(number)::integer")),
    "index on a range of two columns": ("temporal", _check("int4range(opened, closed)")),
    "index that divides": ("temporal", _check("100 / halves")),
    "identity, always": ("iot_partitions", lambda t, _: any(c.identity == "always" for c in t.columns)),
    "partitions by list": ("iot_partitions", lambda t, _: bool(t.partition_key and t.partition_key.strategy == "list")),
    "partitions by range": (
        "iot_partitions",
        lambda t, _: bool(t.partition_key and t.partition_key.strategy == "range"),
    ),
    "partitions by hash": ("iot_partitions", lambda t, _: bool(t.partition_key and t.partition_key.strategy == "hash")),
    "default partition": (
        "iot_partitions",
        lambda t, _: bool(t.partition_of and t.partition_of.bound == "DEFAULT"),
    ),
    "partitions of partitions": ("iot_partitions", lambda t, _: bool(t.partition_of and t.partition_key)),
    "inheritance": ("inheritance", lambda t, _: len(t.inherits) > 1),
    "check of a domain on an array": ("kinds", lambda t, _: any(c.type.name == "palindrome" for c in t.columns)),
}


@pytest.fixture(scope="module")
def snapshots(postgres: Server) -> Callable[[str], Snapshot]:
    """Our schemas as they are read, each once."""
    known: dict[str, Snapshot] = {}

    def read(name: str) -> Snapshot:
        if name not in known:
            with ScratchDatabase(postgres.url()) as scratch:
                scratch.load((FOLDER / f"{name}.sql").read_text())
                with scratch.connect() as connection:
                    known[name] = introspect(connection)
        return known[name]

    return read


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_constraint_has_a_schema(
    snapshots: Callable[[str], Snapshot], postgres: Server, kind: str
) -> None:
    """What is said to be kept stands in a schema whose rows are loaded with it, at 1 to 2,000 rows."""
    name, has = KINDS[kind]
    with psycopg.connect(postgres.url()) as connection:
        if connection.info.server_version < NEEDS.get(name, 0):
            pytest.skip("the schema uses syntax of a later PostgreSQL")
    snapshot = snapshots(name)
    assert any(has(table, snapshot) for table in snapshot.tables)
