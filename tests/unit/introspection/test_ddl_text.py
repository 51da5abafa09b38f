"""DDL is cut into statements where psql would cut it, and lines stay those of the user's file."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.adapters.introspection.ddl_kinds import Weight
from app.adapters.introspection.ddl_parsing import prepare_statements
from app.adapters.introspection.ddl_text import split_statements
from app.errors import DdlRefused

SCHEMAS = Path(__file__).resolve().parents[2] / "schemas"


def texts(ddl: str) -> list[str]:
    """The statements' texts."""
    return [statement.text for statement in split_statements(ddl)]


@pytest.mark.parametrize(
    ("ddl", "expected"),
    [
        ("select 1; select 2", ["select 1", "select 2"]),
        ("select ';'; select 2;", ["select ';'", "select 2"]),
        ("select 'it''s; so'; x", ["select 'it''s; so'", "x"]),
        (r"select E'a\'; b'; x", [r"select E'a\'; b'", "x"]),
        ('select "a;""b"; x', ['select "a;""b"', "x"]),
        ("select $$ ; $$; x", ["select $$ ; $$", "x"]),
        ("select $a$ $b$ ; $b$ $a$; x", ["select $a$ $b$ ; $b$ $a$", "x"]),
        ("-- a; b\nselect 1; -- c;\nx", ["select 1", "x"]),
        ("/* a; /* b; */ c; */ select 1; x", ["select 1", "x"]),
        ("create rule r as on insert to t do (select 1; select 2); x", [
            "create rule r as on insert to t do (select 1; select 2)", "x"]),
        ("create function f() returns int begin atomic select 1; select 2; end; x", [
            "create function f() returns int begin atomic select 1; select 2; end", "x"]),
        ("create function f() returns int begin atomic select case when true then 1 end; end; x", [
            "create function f() returns int begin atomic select case when true then 1 end; end", "x"]),
        (";;;", []),
        ("", []),
    ],
)  # fmt: skip
def test_statements_end_where_psql_ends_them(ddl: str, expected: list[str]) -> None:
    """Semicolons in strings, names, bodies, comments and brackets end nothing."""
    assert texts(ddl) == expected


def test_data_of_copy_are_no_statements() -> None:
    """What stands between COPY and its end mark is left alone, whatever it looks like."""
    ddl = "COPY t (a) FROM stdin;\nit's; a 'trap\n\\N\n\\.\nselect 1;"
    statements = split_statements(ddl)
    assert [(statement.copies, statement.line) for statement in statements] == [(True, 1), (False, 5)]


def test_commands_of_psql_are_told_apart() -> None:
    """A line that begins with a backslash is psql's, up to its end."""
    statements = split_statements("\\connect shop\nselect 1;\n\\! rm -rf /\n")
    assert [(s.kind, s.line) for s in statements] == [("meta", 1), ("sql", 2), ("meta", 3)]


def test_a_command_that_sends_a_statement_ends_it() -> None:
    """`\\gexec` and the like stand where a semicolon would, often in the line of what they send."""
    ddl = "select 'create database a'\\gexec\nselect 1\n\\gset\ncreate table t (\n  a text default '\\g'\n);"
    assert [(s.kind, s.line) for s in split_statements(ddl)] == [
        ("sql", 1), ("meta", 1), ("sql", 2), ("meta", 3), ("sql", 4),
    ]  # fmt: skip


@given(st.text(st.sampled_from("a;'\"$()-\n*/\\ e"), max_size=60))
def test_no_text_is_too_odd(ddl: str) -> None:
    """Any text is cut into pieces of itself, in order, at the lines they are on."""
    position = 0
    for statement in split_statements(ddl):
        assert statement.offset >= position
        assert ddl[statement.offset : statement.offset + len(statement.text)] == statement.text
        assert statement.line == ddl[: statement.offset].count("\n") + 1
        position = statement.offset + len(statement.text)


@pytest.mark.parametrize("path", sorted(SCHEMAS.glob("*.sql")), ids=lambda path: path.name)
def test_every_statement_parses_alone(path: Path) -> None:
    """Our schemas are cut into statements of which each is one to Postgres' own parser."""
    assert all(statement.alone for statement in prepare_statements(path.read_text(encoding="utf-8")))


def test_a_syntax_error_has_line_column_and_token() -> None:
    """Each of them, in one answer, also within a statement of several lines and after other scripts."""
    ddl = (
        "-- Straße\ncreate table a (id int);\ncreat table b (id int);\ncreate table c (\n    id int,,\n    n int\n);\n"
    )
    with pytest.raises(DdlRefused) as refused:
        prepare_statements(ddl)
    facts = [fault.facts for fault in refused.value.faults]
    assert facts == [
        {"line": 3, "column": 1, "token": "creat"},
        {"line": 5, "column": 12, "token": ","},
    ]
    assert "line 5, column 12, in the statement that starts on line 4" in refused.value.faults[1].message


def test_a_statement_that_never_ends() -> None:
    """A bracket that is not closed is said at the end of the file."""
    with pytest.raises(DdlRefused) as refused:
        prepare_statements("create table a (id int")
    assert refused.value.faults[0].facts["token"] == "end of input"


def test_indexes_of_what_is_near_are_not_built() -> None:
    """Each row takes such an index some ten milliseconds, and no row is refused for it; other indexes are built."""
    ddl = """
        create index on notes using hnsw (embedding vector_cosine_ops);
        create index on notes using ivfflat (embedding) with (lists = 100);
        create index on notes using gin (words);
        create unique index on notes (code);
    """
    assert [s.weight for s in prepare_statements(ddl)] == [Weight.SKIP, Weight.SKIP, Weight.TRY, Weight.MUST]
