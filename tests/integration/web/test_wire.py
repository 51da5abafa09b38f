"""Requests that no client of ours would send: odd bytes on the wire, odd methods, and paths that mean something
elsewhere."""

import gzip
import json
import re
import socket
from contextlib import ExitStack
from functools import partial
from urllib.parse import urlsplit

import httpx
import pytest

from app.web.sessions import cookie_name, session_cookie
from tests.integration.web.service import BASE, REQUEST, Person, Service
from tests.waiting import eventually


def sent(service: Service, raw: bytes, *, ended: bool = False) -> bytes:
    """What comes back on one connection, until it is closed; nothing when it is cut off. `ended`: there is no more to
    come, so that nobody waits for it."""
    where = urlsplit(service.url)
    found = b""
    with socket.create_connection((where.hostname, where.port), timeout=30) as wire:
        try:
            wire.sendall(raw)
            if ended:
                wire.shutdown(socket.SHUT_WR)
            while more := wire.recv(65_536):
                found += more
        except ConnectionError:
            pass
    return found


def statuses(answer: bytes) -> list[bytes]:
    """The statuses of the answers that one connection brought."""
    return re.findall(rb"HTTP/1\.1 (\d{3}) ", answer)


def alive(person: Person) -> bool:
    """Whether others are still answered."""
    return person.http.get("/healthz").status_code == 200 and person.http.get(f"{BASE}/export").status_code == 200


_FRAMINGS = [
    "content-length: 5\r\ntransfer-encoding: chunked",
    "transfer-encoding: chunked\r\ncontent-length: 5",
    "content-length: 5\r\ncontent-length: 60",
    "transfer-encoding: xchunked",
    "transfer-encoding: identity, chunked, x",
    "transfer-encoding: chunked\r\ntransfer-encoding: identity",
    "content-length: +5",
    "content-length: 0x5",
    "content-length: -1",
    "content-length : 5",
    "content-length: 5,5",
    "content-length:\r\n 5",
    "transfer-encoding:\x0bchunked",
    "transfer-encoding:\r\n chunked",
]


@pytest.mark.parametrize("framing", _FRAMINGS)
def test_one_request_is_not_two(service: Service, framing: str) -> None:
    """Where a proxy and we might disagree about where a body ends, the second request inside of it is never served."""
    inner = "GET /healthz HTTP/1.1\r\nhost: x\r\nx-request-id: smuggled-request\r\n\r\n"
    raw = f"POST {BASE}/plan HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n{framing}\r\n\r\n0\r\n\r\n{inner}"
    answer = sent(service, raw.encode(), ended=True)
    assert b"200" not in statuses(answer), answer[:500]
    assert b"smuggled-request" not in answer


@pytest.mark.parametrize("size", ["5;x=\nGET / HTTP/1.1\n", "5\n", "0x5", "-5", "5 5", "FFFFFFFFFFFFFFFFF", ";", ""])
def test_a_chunk_is_as_long_as_it_says_or_none(service: Service, ann: Person, size: str) -> None:
    """Sizes and extensions of chunks that servers read differently end the connection, or are read as they stand."""
    head = (
        f"POST {BASE}/plan HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {ann.token}\r\n"
        f"content-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n"
    )
    inner = "0\r\n\r\nGET /healthz HTTP/1.1\r\nhost: x\r\n\r\n"
    answer = sent(service, f"{head}{size}\r\n[1,2]\r\n{inner}".encode(), ended=True)
    assert statuses(answer)[:1] in ([], [b"400"], [b"422"]), answer[:300]
    assert alive(ann)


def test_requests_in_one_piece_are_answered_in_order(service: Service, ann: Person) -> None:
    """Pipelined: each with its own credentials, none with its neighbour's."""
    mine = f"GET {BASE}/export HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {ann.token}\r\n\r\n"
    bare = f"GET {BASE}/export HTTP/1.1\r\nhost: x\r\n\r\n"
    last = bare.replace("host: x", "host: x\r\nconnection: close")
    answer = sent(service, (mine + bare + mine + last).encode())
    assert statuses(answer) == [b"200", b"401", b"200", b"401"]


@pytest.mark.parametrize(
    "method", ["HEAD", "OPTIONS", "TRACE", "CONNECT", "PATCH", "PROPFIND", "get", "G\x00T", "X" * 300]
)
def test_a_method_that_is_not_served_does_nothing(service: Service, ann: Person, method: str) -> None:
    """No answer repeats the request, as TRACE would, and no method stands for another one."""
    raw = (
        f"{method} {BASE}/export HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {ann.token}\r\nconnection: close\r\n\r\n"
    )
    answer = sent(service, raw.encode())
    assert statuses(answer)[:1] in ([], [b"204"], [b"400"], [b"404"], [b"405"]), answer[:300]
    assert ann.token.encode() not in answer


def test_a_method_is_what_the_request_line_says(ann: Person) -> None:
    """No header or parameter turns a look into a deletion."""
    job_id = ann.ask()
    for name in ("x-http-method-override", "x-http-method", "x-method-override", "_method"):
        assert ann.http.get(f"{BASE}/export/{job_id}", headers={name: "DELETE"}).status_code == 200
        assert ann.http.get(f"{BASE}/export/{job_id}/status", params={name: "DELETE"}).status_code in (200, 400)
    assert ann.http.get(f"{BASE}/export/{job_id}").json()["status"] == "queued"


_PATHS = [
    "/api/data-generator/export/%2e%2e/%2e%2e/%2e%2e/metrics",
    "/static/%2e%2e/%2e%2e/settings.py",
    "/static/..%2f..%2fsettings.py",
    "/static/..;/..;/settings.py",
    "/static/%252e%252e/settings.py",
    "/static//etc/passwd",
    "/static/..%5c..%5csettings.py",
    "//evil.example/export",
    "http://evil.example/api/data-generator/export",
    "/api/data-generator/export;x=1",
    "/api/data-generator/export/..;/export",
    "/api/data-generator/export/%00",
    "/api/data-generator/export%2f",
    "/api/data-generator/./export/../export",
    "/%c0%ae%c0%ae/etc/passwd",
    "/API/data-generator/export",
    "/files/..%2f..%2fetc%2fpasswd",
    "/files/generator-exports/%2e%2e/%2e%2e/etc/passwd?expires=1&signature=x",
]


@pytest.mark.parametrize("path", _PATHS)
def test_a_path_means_what_it_says(service: Service, path: str) -> None:
    """Without credentials no spelling of a path leads to anybody's data, to a file beside the pages, or elsewhere."""
    answer = sent(service, f"GET {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n".encode())
    assert statuses(answer)[0] in (b"400", b"401", b"404", b"405"), answer[:300]
    assert b"root:" not in answer
    assert b"DATABASE_URL" not in answer


_KINDS = [
    "text/plain",
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=x",
    "multipart/form-data; boundary=" + "x" * 5_000,
    "multipart/form-data",
    'multipart/mixed; boundary="',
    "application/json, text/plain",
    "text/plain; application/json",
    "application/json; charset=utf-16",
    "application/jsonp",
    "application/xml",
    "",
]


@pytest.mark.parametrize("kind", _KINDS)
def test_only_json_is_taken_for_json(ann: Person, kind: str) -> None:
    """A form of another site's can send the first three without asking the browser's leave."""
    body = json.dumps(REQUEST).encode()
    answer = ann.http.post(f"{BASE}/export", content=body, headers={"content-type": kind})
    assert answer.status_code == 415


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br", "zstd", "gzip, gzip", "GZIP", "identity, gzip", "x-gzip"])
def test_a_compressed_body_is_not_unpacked(ann: Person, coding: str) -> None:
    """A thousand-fold bomb is a short body of a coding that is not read."""
    bomb = gzip.compress(b'{"schema":' + b" " * 10_000_000 + b"}")
    headers = {"content-type": "application/json", "content-encoding": coding}
    assert ann.http.post(f"{BASE}/export", content=bomb, headers=headers).status_code == 415


def test_bodies_that_never_end_hold_up_nobody(service: Service, ann: Person) -> None:
    """A hundred connections that have sent half of a request each."""
    where = urlsplit(service.url)
    half = (
        f"POST {BASE}/export HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {ann.token}\r\n"
        "content-type: application/json\r\ncontent-length: 1000\r\n\r\n{"
    ).encode()
    with ExitStack() as open_ones:
        for _ in range(100):
            wire = open_ones.enter_context(socket.create_connection((where.hostname, where.port), timeout=10))
            wire.sendall(half)
        assert alive(ann)
        assert ann.http.post(f"{BASE}/export", json=REQUEST).status_code == 202
    # They hang up: that is no failure of ours, which somebody would be called for.
    assert 'status="500"' not in ann.http.get("/metrics").text


def test_nobodys_bodies_fill_the_memory(service: Service, ann: Person, ben: Person) -> None:
    """Of large ones that are sent slowly a few are held for a user, and the next is told to wait; small ones, and other
    people's, are taken meanwhile, and all room is there again when their senders have gone."""
    where, size = urlsplit(service.url), service.settings.max_body_bytes - 1_000
    slow = (
        f"POST {BASE}/export HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {ann.token}\r\n"
        f"content-type: application/json\r\ncontent-length: {size}\r\n\r\n"
    ).encode() + b" " * (size - 1)

    def holds(held: int) -> bool:
        return bool(service.server._app.state.body_room.held_bytes == held)

    with ExitStack() as open_ones:
        for number in range(1, 5):
            wire = open_ones.enter_context(socket.create_connection((where.hostname, where.port), timeout=30))
            wire.sendall(slow)
            eventually(partial(holds, number * (size - 1)))
        answer = sent(service, slow, ended=True)
        assert answer.startswith(b"HTTP/1.1 429 "), answer
        assert b"too_many_requests" in answer
        assert [person.http.post(f"{BASE}/plan", json=REQUEST).status_code for person in (ann, ben)] == [200, 200]
        large = json.dumps(REQUEST).encode() + b" " * 500_000
        headers = {"content-type": "application/json"}
        assert ben.http.post(f"{BASE}/plan", content=large, headers=headers).status_code == 200
    eventually(partial(holds, 0))


def test_what_is_refused_is_refused_before_its_body_is_read(service: Service) -> None:
    """Nobody without a token makes the service hold eight megabytes: the answer comes while the body is still due."""
    where = urlsplit(service.url)
    with socket.create_connection((where.hostname, where.port), timeout=10) as wire:
        wire.sendall(
            f"POST {BASE}/export HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n"
            "content-length: 1000000\r\n\r\n".encode()
        )
        assert wire.recv(65_536).split(b" ", 2)[1] == b"401"


_HEADERS = [
    ("authorization", b"Bearer " + b"a" * 60_000),
    ("authorization", b"Bearer " + b"a." * 10_000),
    ("authorization", b"Basic YTpi"),
    ("authorization", b"Bearer"),
    ("authorization", b"Bearer  x y z"),
    ("authorization", b"Bearer \xff\xfe"),
    ("cookie", b"sb-x-auth-token.0=" + b"a" * 50_000),
    ("cookie", b";".join(b"sb-x-auth-token.%d=a" % n for n in range(2_000))),
]


@pytest.mark.parametrize(("name", "value"), _HEADERS)
def test_credentials_of_any_length_are_none(service: Service, name: str, value: bytes) -> None:
    """Long, split, of another scheme or no text: not signed in, and no failure of ours."""
    raw = f"GET {BASE}/export HTTP/1.1\r\nhost: x\r\nconnection: close\r\n{name}: ".encode() + value + b"\r\n\r\n"
    assert statuses(sent(service, raw)) in ([b"401"], [b"400"], [b"431"])


def test_where_a_stream_goes_on_is_a_number_or_refused(ann: Person) -> None:
    """`Last-Event-ID` comes from whoever asks: beyond all events, before them, or no number at all."""
    job_id = ann.ask()
    for mark in ("9" * 400, "-1", "-" + "9" * 30, "1e9", "0x10", "١٢", "9223372036854775808", "", "a"):
        headers = {b"last-event-id": mark.encode()}
        with ann.http.stream("GET", f"{BASE}/export/{job_id}/events", headers=headers) as answer:
            assert answer.status_code in (200, 400), mark
            if answer.status_code == 200:
                assert next(answer.iter_lines()).startswith("retry:")


@pytest.mark.parametrize("key", [b"\x7f", b"a\x01b", b"\xff", "ключ".encode(), b"a" * 300, b"", b" ", b"a\tb"])
def test_an_idempotency_key_is_plain_text(service: Service, ann: Person, key: bytes) -> None:
    """Control characters, other encodings and novels are refused: by us or by the server, and nothing is made."""
    body = json.dumps(REQUEST).encode()
    head = (
        f"POST {BASE}/export HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {ann.token}\r\nconnection: close\r\n"
        f"content-type: application/json\r\ncontent-length: {len(body)}\r\nidempotency-key: "
    ).encode()
    assert statuses(sent(service, head + key + b"\r\n\r\n" + body)) == [b"400"]
    assert ann.http.get(f"{BASE}/export").json()["items"] == []


def test_a_foreign_host_is_nowhere_in_an_answer(ann: Person) -> None:
    """Links and redirects are made of paths and of what the operator set, never of a header."""
    headers = {"host": "evil.example", "x-forwarded-host": "evil.example", "forwarded": "host=evil.example"}
    answer = ann.http.post(f"{BASE}/export", json=REQUEST, headers=headers)
    assert answer.status_code == 202
    for text in (answer.text, str(answer.headers), ann.http.get("/sign-in", headers=headers).text):
        assert "evil.example" not in text


def test_cookies_do_not_add_up_to_a_session_of_two(service: Service, ann: Person, ben: Person) -> None:
    """A whole cookie beside chunks of another's, and a name that stands twice: one person or nobody, never a mixture."""
    name = cookie_name(service.settings.supabase_url)
    mine, other = session_cookie(ann.token), session_cookie(ben.token)
    ids = {str(ann.ask()), str(ben.ask())}
    for cookies in (
        f"{name}={mine}; {name}.0={other[:900]}; {name}.1={other[900:]}",
        f"{name}={mine}; {name}={other}",
        f"{name}.0={mine[:50]}; {name}.1={other[50:]}",
        f"{name}.00={other}; {name}={mine}",
    ):
        with httpx.Client(base_url=service.url, headers={"cookie": cookies}) as visitor:
            answer = visitor.get(f"{BASE}/export")
        assert answer.status_code in (200, 401), cookies[:80]
        if answer.status_code == 200:
            assert len({item["jobId"] for item in answer.json()["items"]} & ids) == 1
