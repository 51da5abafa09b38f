"""Every error is a problem: its status, its code, its members, and nothing of our inside."""

from typing import Any

import pytest

import app.errors
from app.errors import (
    AuthenticationUnavailable,
    ConfigurationInvalid,
    DatabaseUnavailable,
    DdlRefused,
    ExportNotFound,
    ExportNotReady,
    Fault,
    IdempotencyInFlight,
    IdempotencyMismatch,
    NotPermitted,
    PlanRefused,
    QuotaExceeded,
    SeedbedError,
    SnapshotInvalid,
    StateConflict,
    StorageFailed,
)
from app.web.problems import KINDS, PROBLEM_JSON
from tests.unit.web.conftest import Client
from tests.unit.web.doubles import AS_ANN, EXPORT, REQUEST, FakeExports

BASE = "/api/data-generator"


def test_every_error_has_a_status() -> None:
    """An error that is added without a place in the table would be answered as a fault of ours."""
    errors = [
        value for value in vars(app.errors).values() if isinstance(value, type) and issubclass(value, SeedbedError)
    ]
    assert {error.code for error in errors} <= KINDS.keys()


@pytest.mark.parametrize(
    ("error", "status", "headers"),
    [
        (ExportNotFound("no"), 404, {}),
        (NotPermitted("no"), 403, {}),
        (ExportNotReady("no"), 409, {}),
        (StateConflict("no"), 409, {}),
        (IdempotencyInFlight("no"), 409, {"retry-after": "1"}),
        (IdempotencyMismatch("no"), 422, {}),
        (QuotaExceeded("no", used=10, allowed=10), 429, {"retry-after": "60"}),
        (QuotaExceeded("no", retry_after_s=7), 429, {"retry-after": "7"}),
        (PlanRefused([Fault("/config/rows", "x", "no")]), 422, {}),
        (StorageFailed("no", retryable=True), 503, {"retry-after": "5"}),
        (DatabaseUnavailable("no"), 503, {"retry-after": "2"}),
        (AuthenticationUnavailable("no"), 503, {"retry-after": "2"}),
    ],
)
def test_errors_answer_by_their_code(
    client: Client, exports: FakeExports, error: SeedbedError, status: int, headers: dict[str, str]
) -> None:
    """Status, code, and when it is worth trying again."""
    exports.error = error
    answer = client.get(f"{BASE}/export/{EXPORT}", headers=AS_ANN)
    problem = answer.json()
    assert answer.status_code == problem["status"] == status
    assert answer.headers["content-type"] == PROBLEM_JSON
    assert problem["code"] == error.code
    assert problem["detail"] == error.message
    assert problem["instance"] == f"{BASE}/export/{EXPORT}"
    assert problem["requestId"] == answer.headers["x-request-id"]
    assert {name: answer.headers.get(name) for name in headers} == headers


def test_facts_are_told_in_camel_case(client: Client, exports: FakeExports) -> None:
    """Programs find the numbers of a message beside it, and cannot lose the problem's own members to them."""
    exports.error = QuotaExceeded("no", max_rows=5, status="odd", code="odd")
    problem = client.get(f"{BASE}/export/{EXPORT}", headers=AS_ANN).json()
    assert problem["maxRows"] == 5
    assert (problem["status"], problem["code"]) == (429, "quota_exceeded")


def test_every_fault_is_in_one_answer(client: Client) -> None:
    """With its pointer, its code and its facts."""
    body = {**REQUEST, "seed": [], "config": {"format": "csv", "rows": -1}}
    answer = client.post(f"{BASE}/export", headers=AS_ANN, json=body)
    assert answer.status_code == 422
    assert {(fault["pointer"], fault["code"]) for fault in answer.json()["errors"]} == {
        ("/config/rows", "out_of_range"),
        ("/seed", "wrong_type"),
    }


@pytest.mark.parametrize(
    ("error", "pointer"),
    [
        (DdlRefused([Fault("", "ddl_syntax", "line 1")]), "/schema/ddl"),
        (PlanRefused([Fault("/config/rows/t", "x", "no")]), "/config/rows/t"),
    ],
)
def test_faults_point_into_the_body(client: Client, exports: FakeExports, error: SeedbedError, pointer: str) -> None:
    """Also those that were found where nobody knew the body."""
    exports.error = error
    problem = client.post(f"{BASE}/export", headers=AS_ANN, json=REQUEST).json()
    assert [fault["pointer"] for fault in problem["errors"]] == [pointer]


def test_a_stored_schema_points_into_the_snapshot(client: Client, exports: FakeExports) -> None:
    """The body of that route is the schema itself."""
    exports.error = SnapshotInvalid([Fault("/tables/0", "x", "no")])
    problem = client.post(f"{BASE}/schema", headers=AS_ANN, json={"snapshot": {}}).json()
    assert [fault["pointer"] for fault in problem["errors"]] == ["/snapshot/tables/0"]


@pytest.mark.parametrize(
    "error", [ValueError("password=hunter2"), ConfigurationInvalid("KEY is hunter2"), SeedbedError("hunter2")]
)
def test_what_is_our_fault_is_not_explained(client: Client, exports: FakeExports, error: Exception) -> None:
    """A 500 tells which request it was, and nothing else: no message, no stack."""
    exports.error = error
    answer = client.get(f"{BASE}/export/{EXPORT}", headers=AS_ANN)
    assert answer.status_code == 500
    assert "hunter2" not in answer.text
    assert "Traceback" not in answer.text
    assert answer.json()["requestId"]


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/nowhere", 404, "not_found"),
        ("GET", f"{BASE}/export/not-a-uuid", 404, "not_found"),
        ("GET", f"{BASE}/export/{EXPORT}/nothing", 404, "not_found"),
        ("PATCH", f"{BASE}/export", 405, "method_not_allowed"),
        ("DELETE", f"{BASE}/export", 405, "method_not_allowed"),
    ],
)
def test_the_frameworks_own_errors_are_problems_too(
    client: Client, method: str, path: str, status: int, code: str
) -> None:
    """Whoever made the error, it looks the same."""
    answer = client.request(method, path, headers=AS_ANN)
    assert answer.status_code == status
    assert answer.headers["content-type"] == PROBLEM_JSON
    assert answer.json()["code"] == code
    if status == 405:
        assert "POST" in answer.headers["allow"]


@pytest.mark.parametrize(
    ("content", "headers", "status", "code"),
    [
        (b"{", {}, 400, "request_malformed"),
        (b"[" * 100_000, {}, 400, "request_malformed"),
        (b"[]", {}, 422, "request_refused"),
        (b'"' + b"x" * 300_000 + b'"', {}, 413, "too_large"),
        (b"{}", {"content-type": "text/plain"}, 415, "unsupported_media_type"),
        (b"{}", {"content-type": "application/x-www-form-urlencoded"}, 415, "unsupported_media_type"),
        (b"{}", {"content-type": "application/json; charset=latin-1"}, 415, "unsupported_media_type"),
        (b"{}", {"content-encoding": "gzip"}, 415, "unsupported_media_type"),
        (b"{}", {"idempotency-key": ""}, 400, "request_malformed"),
        (b"{}", {"idempotency-key": "k" * 256}, 400, "request_malformed"),
        (b"{}", {"idempotency-key": "\t"}, 400, "request_malformed"),
    ],
)
def test_bodies_and_headers_that_are_refused(
    client: Client, exports: FakeExports, content: bytes, headers: dict[str, str], status: int, code: str
) -> None:
    """Malformed, enormous and foreign bodies: one clear problem each."""
    sent = {"content-type": "application/json", **AS_ANN, **headers}
    answer = client.post(f"{BASE}/export", headers=sent, content=content)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert not exports.calls


def test_a_body_without_a_length_is_measured_as_it_comes(client: Client) -> None:
    """A sender that does not say how much is coming is stopped at the limit."""

    def endless() -> Any:
        for _ in range(1_000):
            yield b"x" * 1_024

    sent = {"content-type": "application/json", **AS_ANN}
    answer = client.post(f"{BASE}/export", headers=sent, content=endless())
    assert answer.status_code == 413


@pytest.mark.parametrize(
    ("query", "faults"),
    [
        ("limit=0", {"/query/limit": "invalid_parameter"}),
        ("limit=1000", {"/query/limit": "invalid_parameter"}),
        ("limit=ten", {"/query/limit": "invalid_parameter"}),
        ("limit=٣", {"/query/limit": "invalid_parameter"}),
        ("limit=" + "9" * 5_000, {"/query/limit": "invalid_parameter"}),
        ("status=done", {"/query/status": "invalid_parameter"}),
        ("cursor=", {"/query/cursor": "invalid_parameter"}),
        ("limit=1&limit=2", {"/query/limit": "duplicate_parameter"}),
        ("state=failed&limit=0", {"/query/state": "unknown_parameter", "/query/limit": "invalid_parameter"}),
    ],
)
def test_parameters_that_are_refused(client: Client, query: str, faults: dict[str, str]) -> None:
    """All at once, and a misspelt filter is not taken for none."""
    answer = client.get(f"{BASE}/export?{query}", headers=AS_ANN)
    assert answer.status_code == 400
    assert {fault["pointer"]: fault["code"] for fault in answer.json()["errors"]} == faults


@pytest.mark.parametrize(
    ("headers", "challenge"),
    [
        ({}, 'Bearer realm="seedbed"'),
        (
            {"authorization": "Bearer old"},
            'Bearer realm="seedbed", error="invalid_token", error_description="the token has expired"',
        ),
    ],
)
def test_a_401_says_how_to_sign_in(client: Client, headers: dict[str, str], challenge: str) -> None:
    """RFC 6750: an error is named only where there were credentials."""
    answer = client.get(f"{BASE}/export", headers=headers)
    assert answer.status_code == 401
    assert answer.json()["code"] == "not_authenticated"
    assert answer.headers["www-authenticate"] == challenge


@pytest.mark.parametrize("header", ["", "ann", "Basic YW5uOg==", "Bearer", "Bearer a b", "Bearer a,b", "Bearer \u00e4"])
def test_a_broken_authorization_header_is_refused(client: Client, header: str) -> None:
    """Also beside a cookie that would hold: what was meant to decide does."""
    answer = client.get(f"{BASE}/export", headers=[(b"authorization", header.encode("latin-1"))])
    assert answer.status_code == 401


def test_people_get_a_page(client: Client) -> None:
    """A browser that asks for HTML is shown the problem in words."""
    answer = client.get("/nowhere", headers={"accept": "text/html,*/*"})
    assert answer.status_code == 404
    assert answer.headers["content-type"].startswith("text/html")
    assert "There is nothing here" in answer.text
