"""Reading an export request: what is taken, and each thing that is refused, by pointer and code."""

from typing import Any
from uuid import UUID

import pytest

from app.errors import RequestRefused
from app.exports.requests import (
    ExportRequest,
    RequestLimits,
    SchemaByDatabase,
    SchemaByDdl,
    SchemaById,
    SchemaBySnapshot,
    check_against_snapshot,
    parse_export_request,
    parse_schema_source,
)
from app.generator.snapshot.model import Column, QName, Snapshot, Table, TypeRef

SCHEMA_ID = "7b0f7d0e-6f0b-4a39-9d43-52a1f1c4a001"


def body(**changes: Any) -> dict[str, Any]:
    """A request that holds, with some of its top fields replaced."""
    return {"schema": {"ddl": "create table t (id int)"}, "config": config(), "seed": "s", **changes}


def config(**changes: Any) -> dict[str, Any]:
    return {"format": "csv", "rows": 10, **changes}


def refused(value: object, limits: RequestLimits | None = None) -> dict[str, str]:
    """The faults of a request, code by pointer."""
    with pytest.raises(RequestRefused) as caught:
        parse_export_request(value, limits)
    assert caught.value.faults
    return {fault.pointer: fault.code for fault in caught.value.faults}


def test_a_full_request_is_read() -> None:
    """Every field of the contract arrives under its name."""
    request = parse_export_request(
        {
            "schema": {"id": SCHEMA_ID},
            "config": {
                "format": "copy",
                "compression": "gzip",
                "rows": {"customers": 5, "orders": {"perParent": {"min": 0, "max": 3}}},
                "tables": ["customers", "orders"],
                "overrides": {"customers.email": {"generator": "email"}},
                "locale": "de-DE",
                "chunkRows": 1000,
                "fileName": "kundenübersicht 2025",
            },
            "seed": 7,
            "promptContext": "a bakery\nin Bremen",
            "notify": {"webhook": "https://hooks.example.com/x?y=1", "email": "ann@example.com"},
        }
    )
    assert request.schema == SchemaById(UUID(SCHEMA_ID))
    assert request.config.rows == {"customers": 5, "orders": {"perParent": {"min": 0, "max": 3}}}
    assert request.config.locale == "de_DE"
    assert request.config.chunk_rows == 1000
    assert request.config.file_name == "kundenübersicht 2025"
    assert request.seed == "7"
    assert request.prompt_context == "a bakery\nin Bremen"
    assert request.notify is not None
    assert request.notify.to_json() == {"webhook": "https://hooks.example.com/x?y=1", "email": "ann@example.com"}


@pytest.mark.parametrize(
    ("schema", "source"),
    [
        ({"ddl": "create table t ()"}, SchemaByDdl("create table t ()")),
        ({"snapshot": {"version": 1}}, SchemaBySnapshot({"version": 1})),
        ({"database": {}}, SchemaByDatabase(None, None)),
        ({"database": {"schemas": ["a", "b"], "tables": ["a.t"]}}, SchemaByDatabase(("a", "b"), ("a.t",))),
    ],
)
def test_each_kind_of_schema_is_read(schema: dict[str, Any], source: object) -> None:
    """A schema is named in one of four ways."""
    assert parse_export_request(body(schema=schema)).schema == source
    assert parse_schema_source(schema) == source


def test_a_stored_config_reads_back_the_same() -> None:
    """What is stored with an export is the request's own form."""
    first = parse_export_request(body(config=config(compression="zstd", chunkRows=5, tables=["t"])))
    second = parse_export_request(body(config=first.config.to_json()))
    assert second.config == first.config


def test_every_fault_is_told_at_once() -> None:
    """One answer lists all that is wrong, so that a caller needs one round."""
    assert refused(
        {
            "schema": {"ddl": "x", "id": SCHEMA_ID},
            "config": {
                "format": "cvs",
                "rows": {"t": -1, "u": "many"},
                "chunkRows": 0,
                "fileName": "../x",
                "colour": 1,
            },
            "seed": True,
            "notify": {"email": "nobody"},
            "retentionSeconds": 59,
            "extra": 1,
        }
    ) == {
        "/schema": "one_of",
        "/config/format": "unknown_value",
        "/config/rows/t": "out_of_range",
        "/config/rows/u": "wrong_type",
        "/config/chunkRows": "out_of_range",
        "/config/fileName": "unsafe_file_name",
        "/config/colour": "unknown_field",
        "/seed": "wrong_type",
        "/notify/email": "bad_form",
        "/retentionSeconds": "out_of_range",
        "/extra": "unknown_field",
    }


@pytest.mark.parametrize("value", [None, [], "text", 5, True])
def test_a_body_that_is_no_object_is_refused(value: object) -> None:
    """Whatever JSON arrives, the answer is a fault at the root."""
    assert refused(value) == {"": "wrong_type"}


@pytest.mark.parametrize("name", ["schema", "config", "seed"])
def test_required_fields_may_be_neither_missing_nor_null(name: str) -> None:
    """Missing and null are told apart, and both refused."""
    whole = body()
    assert refused({key: value for key, value in whole.items() if key != name}) == {f"/{name}": "missing_field"}
    assert refused(body(**{name: None})) == {f"/{name}": "wrong_type"}


@pytest.mark.parametrize(
    ("changes", "pointer", "code"),
    [
        ({"format": None}, "/config/format", "wrong_type"),
        ({"format": 1}, "/config/format", "wrong_type"),
        ({"rows": None}, "/config/rows", "wrong_type"),
        ({"rows": -1}, "/config/rows", "out_of_range"),
        ({"rows": 10**10 + 1}, "/config/rows", "out_of_range"),
        ({"rows": 10**400}, "/config/rows", "out_of_range"),
        ({"rows": 1.5}, "/config/rows", "wrong_type"),
        ({"rows": float("nan")}, "/config/rows", "wrong_type"),
        ({"rows": float("inf")}, "/config/rows", "wrong_type"),
        ({"rows": True}, "/config/rows", "wrong_type"),
        ({"rows": "10"}, "/config/rows", "wrong_type"),
        ({"rows": [1]}, "/config/rows", "wrong_type"),
        ({"rows": {}}, "/config/rows", "wrong_size"),
        ({"rows": {"": 1}}, "/config/rows/", "too_short"),
        ({"rows": {"a/b~c": None}}, "/config/rows/a~1b~0c", "wrong_type"),
        ({"rows": {"t" * 1000: 1}}, "/config/rows/" + "t" * 1000, "too_long"),
        ({"rows": {"t": {"perParents": 1, "perParent": {}}}}, "/config/rows/t/perParents", "unknown_field"),
        ({"rows": {"t": {}}}, "/config/rows/t/perParent", "missing_field"),
        ({"rows": {"t": {"perParent": 3}}}, "/config/rows/t/perParent", "wrong_type"),
        ({"compression": "rar"}, "/config/compression", "unknown_value"),
        ({"format": "parquet", "compression": "gzip"}, "/config/compression", "not_applicable"),
        ({"tables": []}, "/config/tables", "wrong_size"),
        ({"tables": "t"}, "/config/tables", "wrong_type"),
        ({"tables": ["t", 1]}, "/config/tables/1", "wrong_type"),
        ({"tables": ["t", "t"]}, "/config/tables/1", "duplicate"),
        ({"overrides": []}, "/config/overrides", "wrong_type"),
        ({"overrides": {"t.c": {"value": "\x00"}}}, "/config/overrides/t.c", "bad_characters"),
        ({"locale": "klingon"}, "/config/locale", "bad_form"),
        ({"locale": "e" * 50}, "/config/locale", "too_long"),
        ({"chunkRows": 0}, "/config/chunkRows", "out_of_range"),
        ({"chunkRows": 10**9}, "/config/chunkRows", "out_of_range"),
        ({"chunkRows": "many"}, "/config/chunkRows", "wrong_type"),
        ({"fileName": "x" * 201}, "/config/fileName", "too_long"),
        ({"fileName": "ü" * 120}, "/config/fileName", "too_long"),
        ({"fileName": "a/b"}, "/config/fileName", "unsafe_file_name"),
        ({"fileName": "..\\b"}, "/config/fileName", "unsafe_file_name"),
        ({"fileName": ".."}, "/config/fileName", "unsafe_file_name"),
        ({"fileName": 'x"; filename="y'}, "/config/fileName", "unsafe_file_name"),
        ({"fileName": "nul.csv"}, "/config/fileName", "unsafe_file_name"),
        ({"fileName": "\uff23\uff2f\uff2e.csv"}, "/config/fileName", "unsafe_file_name"),
        ({"fileName": "a\uff0fb.csv"}, "/config/fileName", "unsafe_file_name"),
        ({"fileName": "a\u2215b.csv"}, "/config/fileName", "unsafe_file_name"),
        ({"fileName": "\uff0e\uff0e"}, "/config/fileName", "unsafe_file_name"),
        ({"fileName": "x\u202ecsv.exe"}, "/config/fileName", "bad_characters"),
        ({"fileName": "a\u200bb.csv"}, "/config/fileName", "bad_characters"),
        ({"fileName": "a\r\nSet-Cookie: x=1"}, "/config/fileName", "bad_characters"),
        ({"fileName": "gpj.\u202etxt"}, "/config/fileName", "bad_characters"),
        ({"fileName": "\ud800"}, "/config/fileName", "bad_characters"),
        ({"fileName": ""}, "/config/fileName", "too_short"),
    ],
)
def test_config_faults(changes: dict[str, Any], pointer: str, code: str) -> None:
    """Each wrong value is refused at its place, alone."""
    assert refused(body(config=config(**changes))) == {pointer: code}


@pytest.mark.parametrize(
    ("seed", "code"),
    [
        ("", "too_short"),
        (" ", "too_short"),
        ("x" * 201, "too_long"),
        ("a\x00b", "bad_characters"),
        (1.5, "wrong_type"),
        (2**65, "out_of_range"),
        ([], "wrong_type"),
        ({}, "wrong_type"),
        (False, "wrong_type"),
    ],
)
def test_bad_seeds(seed: object, code: str) -> None:
    """A seed is text or a whole number."""
    assert refused(body(seed=seed)) == {"/seed": code}


def test_a_seed_is_the_same_as_number_and_as_text() -> None:
    """The seed becomes part of keys as text; how it was written must not matter."""
    assert {parse_export_request(body(seed=seed)).seed for seed in (7, "7", 7.0)} == {"7"}


@pytest.mark.parametrize(
    ("schema", "pointer", "code"),
    [
        ({}, "/schema", "one_of"),
        ({"id": "not-a-uuid"}, "/schema/id", "bad_form"),
        ({"id": 5}, "/schema/id", "wrong_type"),
        ({"snapshot": []}, "/schema/snapshot", "wrong_type"),
        ({"snapshot": {"tables": ["\x00"]}}, "/schema/snapshot", "bad_characters"),
        ({"ddl": ""}, "/schema/ddl", "too_short"),
        ({"ddl": "x" * (4 * 1024 * 1024 + 1)}, "/schema/ddl", "too_long"),
        ({"database": []}, "/schema/database", "wrong_type"),
        ({"database": {"schemas": []}}, "/schema/database/schemas", "wrong_size"),
        ({"database": {"schemas": ["x" * 64]}}, "/schema/database/schemas/0", "too_long"),
        ({"database": {"schema": "public"}}, "/schema/database/schema", "unknown_field"),
    ],
)
def test_schema_faults(schema: object, pointer: str, code: str) -> None:
    """Each wrong way to name a schema is refused at its place."""
    assert refused(body(schema=schema)) == {pointer: code}


@pytest.mark.parametrize(
    "webhook",
    [
        "http://example.com/x",
        "ftp://example.com",
        "javascript:alert(1)",
        "https://",
        "https://user:pw@example.com/",
        "https://example.com/#x",
        "https://exa mple.com/",
        "https://example.com:99999/",
        "https://[::1/",
    ],
)
def test_bad_webhooks(webhook: str) -> None:
    """A webhook is an https URL without credentials."""
    assert refused(body(notify={"webhook": webhook})) == {"/notify/webhook": "bad_webhook"}


@pytest.mark.parametrize("email", ["nobody", "a@b", "a b@example.com", "a@example.com, b@example.com", "a@-x.com"])
def test_bad_addresses(email: str) -> None:
    """An address is one plain address: a mail header must not be able to grow by it."""
    assert refused(body(notify={"email": email})) == {"/notify/email": "bad_form"}


def test_a_header_cannot_be_smuggled_in_an_address() -> None:
    """Line breaks are refused before the form is looked at."""
    assert refused(body(notify={"email": "a@example.com\nBcc: b@example.com"})) == {"/notify/email": "bad_characters"}


def test_ownership_cannot_be_assigned() -> None:
    """Fields that the service sets are unknown fields of a request."""
    found = refused({**body(), "owner": "x", "status": "completed", "objectPath": "y"})
    assert found == {"/owner": "unknown_field", "/status": "unknown_field", "/objectPath": "unknown_field"}


def test_a_misspelt_field_gets_a_suggestion() -> None:
    """The message names what was probably meant."""
    with pytest.raises(RequestRefused) as caught:
        parse_export_request(body(config=config(compresion="gzip")))
    assert "did you mean compression?" in caught.value.faults[0].message


def test_formats_are_those_that_can_be_made() -> None:
    """The engine says which formats it has; others are refused by name."""
    assert refused(body(), RequestLimits(formats=("copy",))) == {"/config/format": "unknown_value"}


def test_a_million_faults_get_a_short_answer() -> None:
    """The answer does not grow with the request."""
    assert len(refused(body(config=config(rows={f"t{n}": -1 for n in range(5_000)})))) == 100


def test_messages_do_not_carry_the_callers_line_breaks() -> None:
    """A message can be logged: what the caller wrote stands in it on one line, shortened."""
    with pytest.raises(RequestRefused) as caught:
        parse_export_request(body(config=config(format="x\nERROR fake\n" + "y" * 500)))
    assert "\n" not in caught.value.message
    assert len(caught.value.message) < 300


def table(name: str, schema: str = "public", **kwargs: Any) -> Table:
    return Table(QName(schema, name), (Column("id", TypeRef("pg_catalog", "int4")),), **kwargs)


SNAPSHOT = Snapshot(
    (
        table("customers"),
        table("events", kind="partitioned"),
        table("events_1", kind="partition"),
        table("log", "a"),
        table("log", "b"),
    )
)


def unmatched(**changes: Any) -> dict[str, str]:
    request: ExportRequest = parse_export_request(body(config=config(**changes)))
    return {fault.pointer: fault.code for fault in check_against_snapshot(request, SNAPSHOT)}


def test_tables_may_be_named_with_and_without_schema() -> None:
    """Both ways to write a name are taken."""
    assert unmatched(rows={"customers": 1, "public.events": 2, "a.log": 3, "*": 4}, tables=["b.log"]) == {}


def test_tables_that_cannot_be_filled_are_told() -> None:
    """Unknown, ambiguous, repeated and partition names are each a fault of their own."""
    assert unmatched(rows={"custmers": 1, "log": 1, "events_1": 1}, tables=["nowhere"]) == {
        "/config/rows/custmers": "unknown_table",
        "/config/rows/log": "ambiguous_table",
        "/config/rows/events_1": "table_not_fillable",
        "/config/tables/0": "unknown_table",
    }
    assert unmatched(rows={"customers": 1, "public.customers": 2}) == {"/config/rows/public.customers": "duplicate"}
