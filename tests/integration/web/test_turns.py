"""What is large is never read or written by the process that answers everybody: it is handed on as it is."""

import json
from typing import Any

import pytest

from app.errors import MOST_FAULTS
from tests.integration.web.service import BASE, Person

LARGE = 96 * 1024
TABLE = {"ddl": "create table t (id int primary key, a text not null)"}
VALUES = [f"value {n}, which is one of many" for n in range(8_000)]


@pytest.fixture
def worked(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The sizes of the larger JSON texts that this process, the API among its threads, has read or written."""
    sizes: list[int] = []
    decode, encode = json.JSONDecoder.decode, json.JSONEncoder.encode

    def reading(self: json.JSONDecoder, s: str, *more: Any) -> Any:
        if len(s) > LARGE:
            sizes.append(len(s))
        return decode(self, s, *more)

    def writing(self: json.JSONEncoder, o: Any) -> str:
        text = encode(self, o)
        if len(text) > LARGE:
            sizes.append(len(text))
        return text

    monkeypatch.setattr(json.JSONDecoder, "decode", reading)
    monkeypatch.setattr(json.JSONEncoder, "encode", writing)
    return sizes


def test_a_large_request_is_never_read_where_others_wait(ann: Person, worked: list[int]) -> None:
    """Asking, looking at it in every way that there is, lists and its page: its overrides are texts all along; a list
    leaves them out, and so does its page."""
    asked = {"schema": TABLE, "config": {"format": "csv", "rows": 9, "overrides": {"t": {"a": VALUES}}}, "seed": 1}
    whole = json.dumps(asked).encode()
    sent = {"content": whole, "headers": {"content-type": "application/json"}}
    # The client holds each answer to the description, and reads it for that: those are not the server's readings.
    ann.http.event_hooks = {}
    worked.clear()
    for route in ("plan", "preview", "export"):
        made = ann.http.post(f"{BASE}/{route}", **sent)  # type: ignore[arg-type]
        assert made.status_code in (200, 202), made.text
    job = made.json()["jobId"]
    answers = {
        path: ann.http.get(path)
        for path in (
            f"{BASE}/export/{job}", f"{BASE}/export/{job}/status", f"{BASE}/export/{job}/plan",
            f"{BASE}/export/{job}/summary", f"{BASE}/export", f"/exports/{job}", "/",
        )
    }  # fmt: skip
    assert worked == []
    assert {answer.status_code for answer in answers.values()} == {200}
    assert answers[f"{BASE}/export/{job}"].json()["config"]["overrides"]["t"]["a"] == VALUES
    (listed,) = answers[f"{BASE}/export"].json()["items"]
    assert listed["config"] is None
    for path in (f"{BASE}/export/{job}/status", f"{BASE}/export", f"/exports/{job}", "/"):
        assert len(answers[path].content) < LARGE


def test_a_request_is_no_longer_said_back_than_anybody_reads(ann: Person) -> None:
    """Faults beyond counting, and names beyond reading: an answer of some kilobytes that says how many there are, and
    where."""
    many = {f"t{n}": {"a": 1} for n in range(5_000)}
    long = "x" * 500_000
    for overrides, pointer in ((many, "/config/overrides/t0"), ({long: {"a": 1}}, "/config/overrides")):
        body = {"schema": TABLE, "config": {"format": "csv", "rows": 9, "overrides": overrides}, "seed": 1}
        for asked in (body, {**body, long: 1}):
            answer = ann.http.post(f"{BASE}/plan", json=asked)
            assert answer.status_code == 422
            assert len(answer.content) < LARGE
            assert len(answer.json()["errors"]) <= MOST_FAULTS
        answer = ann.http.post(f"{BASE}/plan", json=body)
        assert answer.json()["errors"][0]["pointer"] == pointer
    answer = ann.http.post(f"{BASE}/plan", json={**body, "config": {**body["config"], "overrides": many}})  # type: ignore[dict-item]
    assert f"{len(many) - 1} more" in answer.json()["detail"]
