"""Types read back from the text that Postgres prints for them, and from the names that people write."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.generator.snapshot.model import QName, TypeRef
from app.generator.snapshot.type_names import BUILT_IN, TypeNameInvalid, format_type, parse_modifiers, parse_type

CATALOG = "pg_catalog"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("integer", TypeRef(CATALOG, "int4")),
        ("INT", TypeRef(CATALOG, "int4")),
        ("character varying(20)", TypeRef(CATALOG, "varchar", (20,))),
        ("varchar", TypeRef(CATALOG, "varchar")),
        ("char", TypeRef(CATALOG, "bpchar", (1,))),
        ("character(3)", TypeRef(CATALOG, "bpchar", (3,))),
        ("bpchar", TypeRef(CATALOG, "bpchar")),
        ('"char"', TypeRef(CATALOG, "char")),
        ("numeric(10,2)[]", TypeRef(CATALOG, "numeric", (10, 2), 1)),
        ("numeric(5,-2)", TypeRef(CATALOG, "numeric", (5, -2))),
        ("decimal(4)", TypeRef(CATALOG, "numeric", (4,))),
        ("float(10)", TypeRef(CATALOG, "float4")),
        ("float", TypeRef(CATALOG, "float8")),
        ("double precision", TypeRef(CATALOG, "float8")),
        ("timestamp(3) with time zone", TypeRef(CATALOG, "timestamptz", (3,))),
        ("timestamp", TypeRef(CATALOG, "timestamp")),
        ("time(0) without time zone", TypeRef(CATALOG, "time", (0,))),
        ("interval year to month", TypeRef(CATALOG, "interval", (), 0, "year to month")),
        ("interval day to second(3)", TypeRef(CATALOG, "interval", (3,), 0, "day to second")),
        ("bit varying(12)", TypeRef(CATALOG, "varbit", (12,))),
        ("bit", TypeRef(CATALOG, "bit", (1,))),
        ("integer[3][]", TypeRef(CATALOG, "int4", (), 2)),
        ("public.vector(3)", TypeRef("public", "vector", (3,))),
        ("citext", TypeRef("public", "citext")),
        ("extensions.geometry(Point,4326)", TypeRef("extensions", "geometry", (4326,), 0, None, "Point")),
        ('"My Schema"."Order State"[]', TypeRef("My Schema", "Order State", (), 1)),
        ("mood", TypeRef("public", "mood")),
    ],
)
def test_names_are_read(text: str, expected: TypeRef) -> None:
    """Built-ins by any of their names, extensions' types by theirs, user types when they are known."""
    known = frozenset({QName("My Schema", "Order State"), QName("public", "mood")})
    assert parse_type(text, known) == expected
    assert parse_type(format_type(expected), known) == expected


@pytest.mark.parametrize(
    "text", ["", "no_such_type", "a.b.c", "int4; drop table x", "numeric(a,b)", "int" + "[]" * 7, "'text'"]
)
def test_what_is_no_type_is_refused(text: str) -> None:
    """A name that nobody knows is not guessed at."""
    with pytest.raises(TypeNameInvalid):
        parse_type(text)


def test_modifiers_of_what_postgres_prints() -> None:
    """The words around a modifier do not hide it."""
    assert parse_modifiers("timestamp(3) with time zone") == ((3,), None, None)
    assert parse_modifiers("interval day to second(3)") == ((3,), "day to second", None)
    assert parse_modifiers('"Odd (name)"') == ((), None, None)
    assert parse_modifiers("geometry(PointZ,4326)[]") == ((4326,), None, "PointZ")


_names = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), min_size=1, max_size=20)


@given(st.sampled_from(sorted(BUILT_IN)), st.integers(0, 3))
def test_built_ins_come_back(name: str, dims: int) -> None:
    """Every built-in type survives being written and read."""
    modifiers = (1,) if name == "bit" else ()
    reference = TypeRef(CATALOG, name, modifiers, dims)
    assert parse_type(format_type(reference)) == reference


# Nobody's types stand among the catalog's own.
@given(_names.filter(lambda schema: schema != CATALOG), _names, st.integers(0, 2))
def test_any_user_type_comes_back(schema: str, name: str, dims: int) -> None:
    """Names with quotes, dots, brackets and blanks survive too."""
    reference = TypeRef(schema, name, (), dims)
    assert parse_type(format_type(reference), frozenset({QName(schema, name)})) == reference
