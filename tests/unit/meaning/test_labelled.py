"""The catalogue against columns that people labelled.

`labelled.csv` was written before the rules; one half of it was never looked at while they were tuned.
`public_names.csv` holds tables in six languages, in six sets of 607, 403, 319, 774, 750 and 440 columns, each of them
labelled before the catalogue was asked; the fourth was written down from memory, the others are out of public
repositories. When it was first asked of each, 78, 92, 86, 88, 95.5 and 95.0 % were right.
`own_names.csv` holds nineteen more, in seven languages, of 487, 352, 339, 291, 814, 367, 146, 745, 491, 375, 365,
374, 337, 259, 244, 210, 263, 261 and 158 columns, most of which nobody has in production: three of the columns that
are hard to read, four of whole ordinary tables, and twelve in which abbreviations, prefixes for types and comments
stand among ordinary names. When it was first asked, 87, 87, 86, 99.7, 86.7, 94.6, 93.2, 76.1, 85.9, 83.7, 81.9, 84.2,
81.0, 83.8, 85.2, 84.3, 90.9, 84.3 and 86.7 % were right. The words have been widened for all of them since, so the
tests say that they stay right, not how well names are read that nobody has seen: these figures do. Set 40 is of
uncommon trades in English, German and Dutch, from opticians to helicopters: of its 396 columns 83.3 % were right first
(89.4, 80.3 and 79.5). Set 30 is of uncommon trades in French, Spanish, Portuguese and Italian, from beekeepers to
samba schools: of its 485 columns 80.8 % were right first (84.3, 77.6, 82.4 and 78.7). Set 31 is of the same kind and
languages and was written when nouns decided: of its 395 columns 88.1 % were right first (89.5, 84.8, 88.6 and 89.7).
Set 41 has 278 more in English, German and Dutch, masters of suppliers in abbreviations among them: 83.5 % (89.1, 82.0
and 78.4). Set 42, written after all those words, has 200 of ordinary lending, washing, research and school meals in these
three: 86.0 % (92.9, 78.6 and 86.7).
Sets 50 to 57 have 1,406 of ordinary business and public tables in English, German and Dutch, half of them in abbreviations
and camelCase, each labelled before it was asked for and after the words of those before it: 93.4, 89.5, 92.2, 89.1, 90.3,
89.9, 88.1 and 94.5 % were right (in English 95.1, 91.7, 91.5, 82.4, 88.2, 92.6, 84.4 and 95.1; in German 91.8, 88.5, 89.7,
93.5, 90.0, 90.8, 88.7 and 91.2; in Dutch 93.2, 88.4, 95.2, 90.7, 93.0, 85.7, 92.1 and 97.8).
Sets 58 to 64 have 1,634 more of the same kind and languages, each labelled before it was asked for and after the words of
those before it: of 215, 237, 243, 248, 244, 239 and 208 columns 96.3, 96.2, 93.4, 96.0, 91.0, 94.1 and 93.3 % were right (in
English 95.3, 96.3, 96.0, 94.4, 93.5, 92.2 and 96.0; in German 94.7, 94.2, 91.9, 96.7, 85.0, 95.2 and 90.9; in Dutch 100.0,
98.3, 89.3, 98.4, 91.7, 96.7 and 90.6). One label of set 58 has been widened since.
Sets 65 to 67 have 566 more of the same, with more cut words in German and Dutch: of 171, 162 and 233 columns 89.5, 93.2 and
92.7 % were right first (in English 93.2, 94.9 and 100.0; in German 88.7, 92.3 and 87.7; in Dutch 87.7, 93.1 and 92.5), the
last after the words and the rules had been widened for the two before.
Sets 90 to 95 have 1,293 more in these three, each labelled before it was asked for: of 224, 231, 195, 194, 234 and 215 columns
87.9, 93.5, 94.4, 94.3, 93.2 and 95.3 % were right first (in English 87.0, 93.9, 93.8, 94.2, 95.8 and 95.3; in German 88.1, 93.4,
92.6, 91.7, 87.7 and 92.9; in Dutch 89.5, 93.1, 96.7, 97.9, 93.1 and 98.1). The first is of subjects that no set before it had,
such as incidents, games, learning, advertising, sensors, laboratories, ports, elections and law; three labels of sets 90, 92 and
95 have been widened since.
Set 96, of 51 German columns and asked for after all those words, was right at 96.1 %.
Sets 32 to 36 are of ordinary firms, offices, clinics and farms in French, Spanish, Portuguese and Italian, half of their
names in abbreviations, each written before the catalogue was asked and after the words had been widened for the one
before it: of 186, 215, 235, 227 and 209 columns 88.2, 82.8, 91.5, 86.8 and 89.5 % were right first (the last in these
languages 87.9, 85.1, 88.9 and 94.9).
Sets 37 to 39 and 70 to 75 have 2,710 more of ordinary tables of shops, offices, schools, hospitals, hotels, banks and town halls
in these four languages, each written before the catalogue was asked, those from 70 on after the words had been widened for the
one before: 96.0, 95.3, 92.3, 93.9, 93.0, 94.9, 96.7, 93.8 and 95.9 % were right first (in French 96.2, 96.5, 92.5, 93.2, 94.7, 95.5,
89.7, 94.5 and 94.9; in Spanish 96.6, 93.4, 89.7, 93.4, 92.8, 95.8, 98.6, 89.5 and 96.7; in Portuguese 96.4, 94.4, 93.8, 95.2,
94.0, 92.8, 98.5, 100 and 93.5; in Italian 94.8, 96.7, 93.3, 93.7, 90.7, 95.5, 100, 88.2 and 100).
Sets 76 to 80 have 1,080 more in these four, most names of which are cut words (mt_ht, dt_nais, rag_soc), each written before the
catalogue was asked and after the words had been widened for the one before; the tables of set 77 are of cut words alone. Of
222, 148, 229, 264 and 217 columns 91.4, 81.1, 91.3, 85.2 and 81.6 % were right first (in French 90.5, 91.6, 90.3, 81.2 and
77.5; in Spanish 97.0, 47.8, 88.4, 87.0 and 92.5; in Portuguese 84.4, 89.5, 93.0, 93.2 and 89.5; in Italian 96.8, 69.6, 96.7,
86.8 and 71.4). About half of what was wrong in set 80 (22 of 40) stood in tables whose language was not told. Four labels of sets
30, 76 and 79 have been widened. Set 81, of 60 columns and asked for after the words of set 80, was right at 88.3 %.
Sets 101 to 106 have 1,136 more in these four, half of them French, a third of their names whole, a third cut and a third both,
each written before the catalogue was asked and after the words of the one before it. Of 182, 189, 197, 237, 95 and 236 columns
92.9, 86.8, 89.8, 91.6, 88.4 and 89.0 % were right first (in French 92.9, 80.2, 86.7, 89.6, 89.8 and 88.8; in Spanish 93.9, 97.0,
91.4, 88.6, 73.3 and 85.7; in Portuguese 94.1, 91.4, 90.6, 97.8, 100 and 97.8; in Italian 90.3, 90.0, 96.9, 93.9, 88.2 and 82.9).
Six of their labels have been widened.
"""

import csv
import zlib
from pathlib import Path

import pytest

from app.generator.domain import Domain
from app.generator.meaning.concepts import recognise
from app.generator.snapshot.model import Column, QName, TypeRef
from app.generator.values.context import ColumnContext

_FOLDER = Path(__file__).parent
_LEAST_SHARE = 0.95
# Concepts that are finer than the labels.
_SAME = {
    "promo_code": "code", "incoterm": "code", "crop": "kind", "shift": "kind", "frequency": "kind", "side": "kind",
    "visibility": "kind", "direction": "kind", "meal_plan": "kind", "bed_type": "kind", "protocol": "kind",
    "encoding": "kind", "religion": "kind", "education": "level", "academic_title": "honorific", "icd": "code", "vaccine": "medication", "court": "label",
    "party": "label", "json_text": "word", "cron": "word", "seat": "code", "edition": "word", "listed": "kind",
    "result": "status", "symptom": "description",
}  # fmt: skip


def _type(text: str) -> TypeRef:
    dimensions = text.count("[]")
    name, _, inside = text.replace("[]", "").partition("(")
    modifiers = tuple(int(n) for n in inside.rstrip(")").split(",")) if inside else ()
    return TypeRef("pg_catalog", {"char": "bpchar"}.get(name, name), modifiers, dimensions)


def _rows(name: str = "labelled.csv") -> list[dict[str, str]]:
    with (_FOLDER / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _context(row: dict[str, str], rows: list[dict[str, str]]) -> ColumnContext:
    kind = _type(row["type"])
    siblings = {
        other["column"]: _type(other["type"])
        for other in rows
        if other["table"] == row["table"] and other["column"] != row["column"] and row["table"] not in ("t1", "legacy")
    }
    column = Column(row["column"], kind, comment=row["comment"] or None)
    return ColumnContext(QName("public", row["table"]), column, kind, Domain(), siblings=siblings)


def _half(row: dict[str, str]) -> str:
    """Which half a row belongs to: rules were tuned on one, and never looked at the other."""
    return "held out" if zlib.crc32(f"{row['table']}.{row['column']}".encode()) % 2 else "tuned"


def _misses(chosen: list[dict[str, str]], rows: list[dict[str, str]]) -> list[str]:
    """The wrong answers among the chosen rows, whose tables are made of all `rows`."""
    wrong = []
    for row in chosen:
        found = recognise(_context(row, rows)).name
        if not {found, _SAME.get(found, found)} & set(row["label"].split("|")):
            wrong.append(f"{row['table']}.{row['column']} {row['type']}: {found}, not {row['label']}")
    return wrong


@pytest.mark.parametrize("half", ["tuned", "held out"])
def test_columns_mean_what_people_say_they_mean(half: str) -> None:
    """At least 95 % of the labelled columns are recognised, in the half that was looked at and in the other."""
    rows = _rows()
    chosen = [row for row in rows if _half(row) == half]
    wrong = _misses(chosen, rows)
    assert len(chosen) > 300
    assert 1 - len(wrong) / len(chosen) >= _LEAST_SHARE, "\n".join(wrong)


@pytest.mark.parametrize("language", ["en", "de", "fr", "es", "pt", "nl"])
def test_names_of_public_schemas_are_read_in_each_language(language: str) -> None:
    """At least 95 % in every language, abbreviations, prefixes and words written together included."""
    rows = _rows("public_names.csv")
    chosen = [row for row in rows if row["language"] == language]
    wrong = [
        miss for number in "123456" for miss in _misses([r for r in chosen if r["set"] == number], _of(rows, number))
    ]
    assert len(chosen) > 100
    assert 1 - len(wrong) / len(chosen) >= _LEAST_SHARE, "\n".join(wrong)


@pytest.mark.parametrize("language", ["en", "de", "fr", "es", "pt", "nl", "it"])
def test_names_of_our_own_invention_are_read_in_each_language(language: str) -> None:
    """At least 95 % of abbreviations, joined words, comments and trades of all kinds, and of ordinary tables."""
    rows = _rows("own_names.csv")
    chosen = [row for row in rows if row["language"] == language]
    sets = sorted({row["set"] for row in rows}, key=int)
    wrong = [miss for number in sets for miss in _misses([r for r in chosen if r["set"] == number], _of(rows, number))]
    assert len(chosen) > 50
    assert 1 - len(wrong) / len(chosen) >= _LEAST_SHARE, "\n".join(wrong)


def _of(rows: list[dict[str, str]], number: str) -> list[dict[str, str]]:
    return [row for row in rows if row["set"] == number]
