"""Snapshots and DDL as somebody with time would send them: refused with a reason, or planned and written, never a crash.

The short form is part of `make test`; `make fuzz` takes FUZZ_EXAMPLES cases of each.
"""

import copy
import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, Phase, given, settings

from app.adapters.introspection.catalog import introspect
from app.adapters.introspection.ddl import snapshot_from_ddl
from app.adapters.introspection.ddl_gate import pass_gate
from app.adapters.introspection.scratch import ScratchDatabase
from app.errors import RequestRefused, SeedbedError
from app.generator import GeneratorConfig, batches, make_plan
from app.generator.formats.registry import FORMATS
from app.generator.snapshot.form import snapshot_from_json, snapshot_to_json
from tests.conftest import Server

EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "15"))
SCHEMAS = Path(__file__).parents[2] / "schemas"
FUZZ = settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
# What breaks readers of JSON, of SQL and of names.
JUNK: list[Any] = [
    None, True, False, 0, -1, 1, 2**31, 2**63, -(2**70), 1.5, "", " ", "x", "x" * 200, "\x00", "\n", "\u202e", "\ud83d\ude00",
    "'; drop table t; --", '"', "a.b", "NaN", "(", "((((", "nextval('s')", "pg_sleep(1)", "$$", "\\", [], {}, [[]], [None],
    {"name": "int4"}, {"a": 1}, [[[[[[[[]]]]]]]], "(select 1)", "a > ", "true", "not valid sql at all", "repeat('x', 99999999)",
    "^(a+)+$", "a ~ '^(a+)+$'", "a ~ '('", "value < 1 and value > 2", "numeric(1000,999)", "timestamptz", "int4[]",
]  # fmt: skip
PIECES = [
    "create table", "alter table", "create", "do $$ begin end $$;", "copy t from program 'id';", "\\! id", ";", "(", ")", ",",
    "check (a ~ '^(a+)+$')", "references", "unique", "primary key", "'", '"', "$$", "--", "/*", "*/", "\x00", "default",
    "nextval('x')", "generated always as (", ") stored", "partition by range (a)", "inherits (t)", "exclude using gist (",
    "create extension plpython3u;", "select pg_sleep(10);", "create function f() returns int language sql as $$ select 1 $$;",
    "set role postgres;", "reset role;", "commit;", "numeric(9999)", "[]", "[][][]", "::regclass", "\ud83d\ude00", "E'\\x'", "U&'\\0000'",
]  # fmt: skip


@pytest.fixture(scope="module")
def documents(postgres: Server) -> list[dict[str, Any]]:
    """Snapshots of schemas that are difficult already."""
    found = []
    for name in ("uniques", "temporal", "saas_billing", "quoting"):
        with ScratchDatabase(postgres.url()) as scratch:
            scratch.load((SCHEMAS / f"{name}.sql").read_text())
            with scratch.connect() as connection:
                found.append(json.loads(json.dumps(snapshot_to_json(introspect(connection)))))
    return found


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Every place in a document, by the keys that lead to it."""
    if path:
        yield path
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, child in inner:
        yield from places(child, (*path, key))


def change(document: Any, path: tuple[Any, ...], act: str, junk: Any, other: tuple[Any, ...]) -> None:
    """One thing done to a document at a place of it."""
    parent = document
    for key in path[:-1]:
        parent = parent[key]
    match act:
        case "drop":
            del parent[path[-1]]
        case "put":
            parent[path[-1]] = junk
        case "add" if isinstance(parent, dict):
            parent[str(junk)[:40]] = junk
        case "twice" if isinstance(parent, list):
            parent.append(copy.deepcopy(parent[path[-1]]))
        case "swap":
            taken = document
            for key in other:
                taken = taken[key]
            parent[path[-1]] = copy.deepcopy(taken)


def write(snapshot: Any, seed: int) -> None:
    """The first rows of every table, in every format that is written row by row."""
    plan = make_plan(snapshot, GeneratorConfig(rows=5), seed=seed)
    for table in plan.tables:
        for batch in batches(plan, table.name, 0, table.rows):
            for form in FORMATS.values():
                if form.encoder is not None:
                    encoder = form.encoder(table)
                    encoder.header(), encoder.encode(batch), encoder.footer()


def refused_or_done(act: Callable[[], Any]) -> str:
    """Errors of the product are answers; anything else is a crash."""
    try:
        act()
    except RequestRefused as error:
        faults = error.faults
    except SeedbedError as error:
        return error.code
    else:
        return "done"
    assert faults
    # What was sent is not sent back: a message stays one that a person reads.
    assert max(len(fault.message) for fault in faults) < 2_000
    return "refused"


def test_changed_snapshots_are_refused_or_written(documents: list[dict[str, Any]]) -> None:
    """Up to three changes anywhere in a snapshot: reading, planning and writing it know what to say."""
    known = [list(places(document)) for document in documents]
    outcomes: dict[str, int] = {}

    @FUZZ
    @given(st.data())
    def check(data: st.DataObject) -> None:
        number = data.draw(st.integers(0, len(documents) - 1))
        document = copy.deepcopy(documents[number])
        for _ in range(data.draw(st.integers(1, 3))):
            path, other = (data.draw(st.sampled_from(known[number])) for _ in range(2))
            act = data.draw(st.sampled_from(["drop", "put", "put", "add", "twice", "swap"]))
            try:
                change(document, path, act, data.draw(st.sampled_from(JUNK)), other)
            except (KeyError, IndexError, TypeError):
                continue  # an earlier change took this place away
        outcome = refused_or_done(lambda: write(snapshot_from_json(document), data.draw(st.integers(0, 9))))
        outcomes[outcome] = outcomes.get(outcome, 0) + 1

    check()
    print(f"\nsnapshots: {outcomes}")


def hostile_ddl(data: st.DataObject, texts: list[str], most: int) -> str:
    """A schema with pieces of it moved, lost and put in."""
    tokens = data.draw(st.sampled_from(texts)).split(" ")
    for _ in range(data.draw(st.integers(1, most))):
        at = data.draw(st.integers(0, len(tokens) - 1))
        match data.draw(st.sampled_from(["put", "drop", "swap", "repeat"])):
            case "put":
                tokens.insert(at, data.draw(st.sampled_from(PIECES)))
            case "drop" if len(tokens) > 1:
                del tokens[at]
            case "swap":
                other = data.draw(st.integers(0, len(tokens) - 1))
                tokens[at], tokens[other] = tokens[other], tokens[at]
            case "repeat":
                tokens[at:at] = tokens[at : at + 5]
    return " ".join(tokens)


def test_changed_ddl_passes_the_gate_or_does_not() -> None:
    """The gate judges whatever it is given, within its limits, by its lists."""
    texts = [path.read_text() for path in sorted(SCHEMAS.glob("*.sql"))]
    outcomes: dict[str, int] = {}

    @FUZZ
    @given(st.data())
    def check(data: st.DataObject) -> None:
        outcome = refused_or_done(lambda: pass_gate(hostile_ddl(data, texts, 6)))
        outcomes[outcome] = outcomes.get(outcome, 0) + 1

    check()
    print(f"\nDDL at the gate: {outcomes}")


def test_changed_ddl_loads_or_is_refused(postgres: Server) -> None:
    """All the way: what passes the gate is loaded as a stranger's, read, planned and written."""
    texts = [(SCHEMAS / f"{name}.sql").read_text() for name in ("temporal", "quoting", "geo", "uniques")]
    outcomes: dict[str, int] = {}

    @settings(FUZZ, max_examples=max(4, EXAMPLES // 5))
    @given(st.data())
    def check(data: st.DataObject) -> None:
        ddl = hostile_ddl(data, texts, 2)
        outcome = refused_or_done(lambda: write(snapshot_from_ddl(ddl, server_url=postgres.url(), hostile=True)[0], 1))
        outcomes[outcome] = outcomes.get(outcome, 0) + 1

    check()
    print(f"\nDDL all the way: {outcomes}")
