"""`docs/types.md`: every type with its default generator, the generators that serve it, and their options."""

from collections.abc import Sequence

from app.generator.domain import Domain
from app.generator.handbook.page import cell, tabulated
from app.generator.snapshot.model import Column, QName, TypeRef
from app.generator.types import format_type
from app.generator.values.context import ColumnContext
from app.generator.values.entries import Entry, family
from app.generator.values.registry import entries
from app.generator.values.type_catalogue import TypeEntry, describe_types, references

_INTRODUCTION = """# Types

What a column gets of which only the type is known, and what may be asked for instead. This page is made from the code
by `make docs`; the generators and their options are told of one by one in [generators.md](generators.md).

Every default honours the type's modifiers (`numeric(8, 2)`, `varchar(20)`, `timestamp(3)`, `vector(384)`), and the
bounds, lists, lengths and patterns of checks and domains. An override names one of the generators below, or gives a
constant, a list, a `template`, a `regex`, a `sequence` or an `expression`.
"""
_BUILT_UP = """## Types made of others

| type | default | options |
|---|---|---|
| an array, `text[]` | 0 to 4 elements of the element's default | the options of the element's generator; a `constant` or a list gives whole arrays |
| an enum | one of its labels | `one_of` with `values` and `weights` |
| a domain | the default of what it is over, within its checks | as the type that it is over |
| a composite | each attribute by its own type's default | `constant` and lists, in Postgres' text form |
| a range type of your own | bounds of the subtype, `[lower,upper)` | `constant` and lists, in Postgres' text form |
| a type of an extension that is not listed | NULL where it may be, with a warning; else the refusal names the column | `constant`, lists, `regex`, `template` |
"""  # noqa: E501 - a row of a table is a line
# Families with so many generators that they are listed once.
_FAMILIES = ("text", "number", "moment")
# Generators for any column that are about some types; the others take what the column's type takes.
_ABOUT = {
    "duration": {"interval"},
    "gender": {"boolean"},
    "geo_point": {"point", "public.geometry", "public.geography"},
    "ip_address": {"inet", "cidr"},
    "json": {"json", "jsonb"},
    "mac_address": {"macaddr", "macaddr8"},
    "status": set[str](),
    "time_of_day": {"time without time zone", "time with time zone"},
    "uuid": {"uuid"},
}


def types_page() -> str:
    """The whole page."""
    refs = {format_type(ref): ref for ref in references()}
    described = describe_types()
    head = ("type", "default", "distinct values", "examples", "generators and their options")
    rows = [_row(entry, refs[entry.type]) for entry in described]
    parts = [_INTRODUCTION, "## Types and their defaults\n\n" + tabulated(head, rows), _BUILT_UP]
    parts.append("## Generators of text, numbers and moments\n")
    parts += [f"* {kind}: {', '.join(_with_options(e) for e in _of_family(kind))}" for kind in _FAMILIES]
    return "\n".join(part.rstrip() + "\n" for part in parts)


def _row(entry: TypeEntry, ref: TypeRef) -> Sequence[str]:
    context = ColumnContext(QName("public", "examples"), Column("value", ref), ref, Domain())
    kind = family(context)
    counts = kind == "number" or entry.type in ("numeric", "oid")
    own = [
        _with_options(e)
        for e in _all()
        if "any" in e.serves and entry.type in _ABOUT.get(e.name, {entry.type}) and (e.name != "sequence" or counts)
    ]
    listed = [f"those of {kind}"] if kind in _FAMILIES else [_with_options(e) for e in _of_family(kind)]
    distinct = "any number" if entry.capacity is None else f"{entry.capacity:,}"
    examples = ", ".join(map(cell, entry.examples[:2]))
    name = entry.type.removeprefix("public.")  # whatever schema the extension is in
    return [f"`{name}`", entry.about, distinct, examples, ", ".join([*listed, *own])]


def _all() -> list[Entry]:
    return sorted(entries().values(), key=lambda e: e.name)


def _of_family(kind: str | None) -> list[Entry]:
    return [e for e in _all() if kind in e.serves]


def _with_options(entry: Entry) -> str:
    return f"`{entry.name}`" + (f" ({', '.join(sorted(entry.options))})" if entry.options else "")
