"""Functions that only decide and return are one expression; those that do more are left alone."""

import pytest

from app.adapters.introspection.plpgsql import read_expression


def expression(body: str, declared: str = "") -> str | None:
    """What a function of one argument n comes to."""
    return read_expression(
        f"CREATE FUNCTION f(n text) RETURNS boolean LANGUAGE plpgsql AS $$ {declared} BEGIN {body} END $$"
    )


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("return n > 'a';", "(n > 'a')"),
        ("if n = '' then return null; end if; return n ~ '^x';", "CASE WHEN (n = '') THEN (null) ELSE (n ~ '^x') END"),
        (
            "if n = 'a' then return true; elsif n = 'b' then return false; else return n > 'c'; end if;",
            "CASE WHEN (n = 'a') THEN (true) WHEN (n = 'b') THEN (false) ELSE (n > 'c') END",
        ),
        ("if length(n) > 5 then raise exception 'too long: %', n; end if; return true;",
         "CASE WHEN (length(n) > 5) THEN false ELSE (true) END"),
        ("raise notice 'hm'; return true;", "(true)"),
        ("return n;", "((n))"),
        ("if n = 'a' then raise notice 'a'; end if; return true;", "CASE WHEN (n = 'a') THEN (true) ELSE (true) END"),
    ],
)  # fmt: skip
def test_decisions_become_an_expression(body: str, expected: str) -> None:
    """IF, ELSIF, RETURN and RAISE, in the order in which they are reached."""
    assert expression(body) == expected


@pytest.mark.parametrize(
    "body",
    [
        "perform pg_sleep(1); return true;",
        "loop return true; end loop;",
        "select true into strict n; return true;",
        "if n = 'a' then return true; end if;",
        "return",
    ],
)
def test_what_does_more_is_left_alone(body: str) -> None:
    """Loops, queries, handlers, paths that end without a value, and what does not parse."""
    assert expression(body) is None


def test_variables_and_loops_become_sub_selects() -> None:
    """A variable is a column of one row; a loop that only looks for something asks whether it is there."""
    assert expression("x := 2; return x > 1;", "declare x int;") == (
        '(SELECT (x > 1) FROM (SELECT CAST(( 2) AS int4) AS "x") AS held)'
    )
    declared = "declare x text;"
    trimmed = '(SELECT ((x)) FROM (SELECT CAST((pg_catalog.btrim(n)) AS text) AS "x") AS held)'
    assert expression("select trim(n) into x; return x;", declared) == trimmed
    looked = '(SELECT ((x)) FROM (SELECT CAST((SELECT        y FROM t WHERE id = n) AS text) AS "x") AS held)'
    assert expression("SELECT INTO x y FROM t WHERE id = n; return x;", declared) == looked
    assert expression("select 1, 2 into x, n; return x;", declared) is None
    assert expression("for i in 1 .. 3 loop if n = i::text then return false; end if; end loop; return true;") == (
        "CASE WHEN (1) IS NULL OR (3) IS NULL THEN false"
        ' WHEN EXISTS (SELECT FROM generate_series((1), (3)) AS "i" WHERE (n = i::text)) THEN (false)'
        " ELSE (true) END"
    )
    assert expression("begin return n::int > 0; exception when others then return false; end;") == "(n::int > 0)"


def test_loops_that_gather_are_left_alone() -> None:
    """What a round leaves to the next one is not followed."""
    loop = "for i in 1 .. 3 loop x := x + i; end loop; return x > 1;"
    assert expression(loop, "declare x int := 0;") is None


def test_many_branches_do_not_explode() -> None:
    """Each IF doubles what follows; a function with too many is left alone."""
    assert expression("if n = 'a' then raise notice 'a'; end if; " * 40 + "return true;") is None
