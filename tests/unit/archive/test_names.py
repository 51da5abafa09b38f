"""File names from tables' names."""

import re

from hypothesis import given
from hypothesis import strategies as st

from app.generator.archive.names import file_stems
from app.generator.snapshot.model import QName


def stems(*names: str, taken: tuple[str, ...] = ()) -> list[str]:
    return file_stems([QName("public", name) for name in names], taken)


def test_plain_names_are_kept() -> None:
    """Most tables are called what their file is called."""
    assert stems("users", "order_items", "größe", "Name-2") == ["users", "order_items", "größe", "Name-2"]


def test_tables_of_several_schemas_say_which() -> None:
    """Two tables of the same name are told apart."""
    assert file_stems([QName("a", "users"), QName("b", "users")]) == ["a.users", "b.users"]


def test_no_name_leads_out_of_the_folder() -> None:
    """A table may be called anything that Postgres takes."""
    assert stems("../../etc/passwd", "/abs", "..", ".hidden", "-rf", "a\\b", "c:d", "x\n", "") == [
        "_.__._etc_passwd",
        "_abs",
        "__",
        "_hidden",
        "_rf",
        "a_b",
        "c_d",
        "x_",
        "_",
    ]


def test_devices_of_windows_are_avoided() -> None:
    """`con.csv` cannot be unpacked there."""
    assert stems("con", "NUL", "com1.x", "LPT²", "console") == ["_con", "_NUL", "_com1.x", "_LPT²", "console"]


def test_names_that_differ_in_case_alone_are_numbered() -> None:
    """On many systems they are one file; names that are taken count too."""
    assert stems("users", "Users", "USERS", "users-2", "manifest", taken=("manifest",)) == [
        "users",
        "Users-2",
        "USERS-3",
        "users-2-2",
        "manifest-2",
    ]


@given(st.lists(st.text(min_size=1, max_size=80), max_size=20, unique=True))
def test_any_names_make_safe_and_different_files(names: list[str]) -> None:
    """Whatever the names are, files are distinct whatever their case, and short, and have no special characters."""
    made = stems(*names)
    assert len({stem.casefold() for stem in made}) == len(names)
    for stem in made:
        assert re.fullmatch(r"[\w-][\w.-]*", stem)
        assert not stem.startswith("-")
        assert ".." not in stem
        assert not stem.endswith(".")
        assert len(stem) <= 70
