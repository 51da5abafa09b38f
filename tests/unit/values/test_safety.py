"""Every generator there is, in every locale: its text reaches nobody, runs nowhere and breaks no reader.

The registry names what is tested, so that a generator that is added is held to all of this at once.
"""

import csv
import io
import ipaddress
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from app.errors import OptionInvalid
from app.generator import batches
from app.generator.formats.csv import CsvEncoder
from app.generator.values.choice import Choice
from app.generator.values.containers import element_text
from app.generator.values.generator import Generator, Tagging
from app.generator.values.kinds import NUMBER_TYPES
from app.generator.values.registry import build, entries
from app.generator.values.type_catalogue import references
from tests.golden.digests import SCHEMAS, plan_of
from tests.unit.values.columns import LOCALES, column, example, sibling_arrays

_ROWS = np.arange(300)
_SIBLINGS = sibling_arrays(_ROWS)
# `nasty` is what adversarial text is asked for with.
_NAMES = sorted(set(entries()) - {"nasty"})
_WIDTHS = ("varchar(1)", "varchar(3)", "varchar(6)", "varchar(8)", "bpchar(10)", "varchar(12)", "varchar(20)",
           "varchar(23)", "citext")  # fmt: skip
# OWASP's list for CSV injection, and the signs that a spreadsheet reads like them: full width, and the real minus.
_FORMULA = r"^\s*[=+\-@\x{FF1D}\x{FF0B}\x{FF0D}\x{FF20}\x{2212}\t\r\n]"
# RFC 2606 and RFC 6761: nobody owns anything below these.
_RESERVED = re.compile(r"(^|\.)(example\.(com|org|net)|example|test|invalid|localhost)$", re.IGNORECASE)
_AT = re.compile(r"[\w.+-]@([^\s@,;\"'<>)\]]*)")
_HOST = re.compile(r"\b(?:[a-z]+://|www\.)([^\s/\"'<>)\]]*)", re.IGNORECASE)
# Not behind a slash: browsers have versions of four numbers.
_QUAD = re.compile(r"(?<![\d./])\d{1,3}(?:\.\d{1,3}){3}(?![\d.])")
_NETS = [
    ipaddress.ip_network(net)
    for net in ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "10.0.0.0/8", "127.0.0.0/8")
]


def _variants(name: str) -> Iterator[Mapping[str, Any]]:
    """The options of the documented example, none, and each word that an option may be."""
    entry = entries()[name]
    yield entry.example
    yield {}
    for option, kind in entry.options.items():
        for choice in kind.choices or ((True,) if kind.kind == "boolean" else ()):
            yield {**entry.example, option: choice}


def _values(generator: Generator) -> Iterator[pa.Array]:
    """Drawn and redrawn, numbered from the first to the last, and told apart by a number."""
    for salt in (0, 3):
        yield generator.draw(3, _ROWS, _SIBLINGS, salt)
    if generator.capacity is not None:
        yield generator.at(np.arange(min(generator.capacity, 200)))
        yield generator.at(np.unique(np.linspace(0, float(generator.capacity - 1) * 0.9999, 100).astype(np.int64)))
    if isinstance(generator, Tagging):
        index = _ROWS if generator.capacity is None else _ROWS % generator.capacity
        yield generator.tag(index, 3, _ROWS, _SIBLINGS)


def _made(name: str, locale: str, kind: str | None, variants: Iterable[Mapping[str, Any]]) -> pa.Array:
    """All text of a generator with these options, in a column of that type or of the one it is for."""
    _, context = example(name, locale)
    if kind is not None:
        context = column(kind, locale=locale)
    found: list[pa.Array] = []
    for options in variants:
        for unique in (False, True):
            try:
                generator = build(Choice(name, dict(options)), replace(context, unique=unique))
            except OptionInvalid:  # an option that it cannot do without, or no room
                continue
            found += [array for array in _values(generator) if pa.types.is_string(array.type)]
    return pa.chunked_array(found, pa.string()).combine_chunks()


def _assert_harmless(texts: pa.Array, where: str) -> None:
    texts = pc.drop_null(texts)
    leading = texts.filter(pc.match_substring_regex(texts, _FORMULA))
    assert not len(leading), (where, "begins like a formula", leading[:3].to_pylist())
    assert pc.all(pc.greater(pc.utf8_length(texts), 0)).as_py() in (True, None), (where, "empty")
    assert texts.equals(pc.utf8_trim_whitespace(texts)), (where, "blanks around")
    # Whatever is in it can be stored and sent: a lone surrogate would not have become Arrow's UTF-8.
    whole = "\n".join(texts.to_pylist())
    odd = {hex(ord(c)) for c in set(whole) - {"\n", " "} if unicodedata.category(c)[0] in "CZ"}
    assert not odd, (where, "controls, marks of direction, blanks of no width", odd)
    assert whole.count("\n") == max(0, len(texts) - 1), (where, "a line break")
    assert unicodedata.is_normalized("NFC", whole), (where, "letters in pieces")
    for pattern in (_AT, _HOST):
        for found in set(pattern.findall(whole)):
            assert _RESERVED.search(found), (where, "an address that may be somebody's", found)
    for found in set(_QUAD.findall(whole)):
        assert any(ipaddress.ip_address(found) in net for net in _NETS), (where, "an address on the net", found)


@pytest.mark.parametrize("name", _NAMES)
def test_every_generator_is_harmless_in_every_locale(name: str) -> None:
    """No formula, control or mark of direction; whatever looks like an address is a reserved one."""
    for locale in LOCALES:
        _assert_harmless(_made(name, locale, None, _variants(name)), f"{name}, {locale}")


@pytest.mark.parametrize("kind", _WIDTHS)
def test_text_in_narrow_columns_is_harmless(kind: str) -> None:
    """Cut short it is no formula either, and no address loses the end of its domain: example.co is somebody's."""
    for name in _NAMES:
        _assert_harmless(_made(name, "en_US", kind, [entries()[name].example]), f"{name}, {kind}")


@pytest.mark.parametrize("most", range(1, 45))
def test_domains_are_reserved_at_every_width(most: int) -> None:
    """A host or an address is whole or there is none."""
    for name in ("email", "url", "domain_name", "host_name"):
        for choice in (Choice(name), example(name)[0]):
            for unique in (False, True):
                generator = build(choice, column(f"varchar({most})", unique=unique))
                for array in _values(generator):
                    assert pc.max(pc.utf8_length(array)).as_py() <= most
                    for text in set(array.to_pylist()):
                        host = re.sub(r"^.*@|^https?://|/.*$", "", text)
                        assert "." not in host or _RESERVED.search(host), (name, text)


@pytest.mark.parametrize("ref", references(), ids=lambda ref: ref.name)
def test_every_type_is_harmless(ref: Any) -> None:
    """What a column of no meaning gets. Numbers may be below zero, which a spreadsheet reads as such."""
    context = replace(column("text"), type=ref, column=replace(column("text").column, type=ref))
    generator = build(Choice("type"), context)
    for array in _values(generator):
        texts = element_text(array)
        if ref.name in NUMBER_TYPES or not pa.types.is_string(array.type):
            texts = pc.replace_substring_regex(texts, r"^-([0-9])", r"\1")
        if array.type != pa.binary():
            _assert_harmless(texts, ref.name)


@pytest.mark.parametrize("schema", SCHEMAS)
@pytest.mark.parametrize("locale", ["en_US", "ja_JP"])
def test_no_cell_of_a_csv_file_is_a_formula(schema: str, locale: str) -> None:
    """As a spreadsheet opens it: a cell that begins with a sign is a number. Nobody asked for nasty text here."""
    plan = plan_of(schema, locale=locale)
    for table in plan.tables:
        assert not any(c.generator == "nasty" for c in table.columns)
        encoder = CsvEncoder(table)
        body = b"".join(encoder.encode(batch) for batch in batches(plan, table.name, 0, None))
        for row in csv.reader(io.StringIO((encoder.header() + body).decode("utf-8"))):
            for cell in row:
                assert not re.match(_FORMULA.replace(r"\x{", r"\u").replace("}", ""), cell) or re.fullmatch(
                    r"-[0-9.e+-]+", cell
                ), (table.name, cell)
