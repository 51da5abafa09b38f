"""Names whose last word, first mark or neighbours change what the rest of them says."""

import pytest

from app.generator.domain import Domain
from app.generator.meaning.concepts import recognise
from app.generator.snapshot.model import Column, QName, TypeRef
from app.generator.values.context import ColumnContext


def _concept(column: str, kind: str, table: str, *others: str, comment: str | None = None) -> str:
    name, _, inside = kind.partition("(")
    ref = TypeRef("pg_catalog", name, (int(inside.rstrip(")")),) if inside else ())
    text = TypeRef("pg_catalog", "text", ())
    siblings = dict.fromkeys(others, text)
    return recognise(
        ColumnContext(QName("public", table), Column(column, ref, comment=comment), ref, Domain(), siblings=siblings)
    ).name


@pytest.mark.parametrize(
    ("column", "kind", "table", "concept"),
    [
        ("diagnosis", "text", "visits", "diagnosis"),
        ("diagnosis_code", "text", "visits", "code"),
        ("job_number", "text", "work_orders", "serial"),
        ("document_type", "text", "papers", "kind"),
        ("login_method", "text", "attempts", "kind"),
        ("escalated_to", "text", "tickets", "full_name"),
        ("ship_via", "text", "deliveries", "carrier"),
        ("permite_animais", "bpchar(1)", "imoveis", "flag_text"),
        ("numero_quartos", "int4", "imoveis", "count"),
        ("numero_fattura", "int4", "fatture", "code"),
        ("tipodocumento", "text", "personas", "kind"),
        ("eta", "timestamptz", "shipments", "future"),
    ],
)
def test_the_last_word_says_what_of_the_thing_is_kept(column: str, kind: str, table: str, concept: str) -> None:
    """A diagnosis is no diagnosis code, and one character holds no animal."""
    assert _concept(column, kind, table) == concept


def test_marks_of_types_are_read_only_where_a_table_has_them() -> None:
    """lngPoints is a number of points among strName and dtmBirth, and a longitude elsewhere."""
    marked = ("strName", "dtmCreated", "curTotal", "intAge")
    assert _concept("lngPoints", "int8", "tblCustomers", *marked) in ("count", "score")
    assert _concept("lng", "float8", "places", "lat", "name") == "longitude"
    assert _concept("str", "text", "kunden", "plz", "ort", "hausnr") == "street"


def test_a_matricula_is_a_plate_beside_what_drives() -> None:
    """And the number of a student or of a property's entry elsewhere."""
    assert _concept("matricula", "varchar(12)", "alumnos", "nombre", "curso") == "serial"
    assert _concept("matricula", "varchar(12)", "vehiculos", "color") == "license_plate"


def test_two_things_in_a_comment_are_read_together() -> None:
    """`Straße und Hausnummer` is one line of an address, whatever the language joins them by."""
    assert _concept("feld_a", "varchar(60)", "daten", comment="Straße und Hausnummer") == "street"
    assert _concept("f1", "varchar(60)", "data", comment="first and last name") == "full_name"
