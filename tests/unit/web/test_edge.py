"""What every answer has: ids, security headers, and what other origins may do."""

import asyncio
import json
from typing import Any

import pytest
from structlog.testing import capture_logs

from app.errors import StorageFailed
from app.exports.documents import Document
from app.exports.models import Status
from app.web.edge import API_POLICY
from app.web.pages import PAGE_POLICY
from app.web.sessions import cookie_name, session_cookie
from tests.unit.web.conftest import Client
from tests.unit.web.doubles import AS_ANN, EXPORT, MOMENT, FakeExports, FakeHub, an_export, running

BASE = "/api/data-generator"
COOKIES = {cookie_name(None): session_cookie("ann")}


@pytest.mark.parametrize("path", ["/healthz", "/nowhere", f"{BASE}/export", "/", "/static/seedbed.css", "/schema"])
def test_every_answer_has_the_security_headers(client: Client, path: str) -> None:
    """Also errors, redirects and static files."""
    answer = client.get(path, follow_redirects=False)
    assert answer.status_code < 500
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["x-frame-options"] == "DENY"
    assert answer.headers["content-security-policy"] in (API_POLICY, PAGE_POLICY)
    assert "unsafe" not in answer.headers["content-security-policy"]
    assert answer.headers["referrer-policy"] in ("no-referrer", "same-origin")
    assert answer.headers["x-request-id"]
    assert "server" not in answer.headers


def test_strict_transport_is_asked_for_where_there_is_https(client: Client) -> None:
    """A public URL that is https stays so; one that is not is left alone."""
    assert "max-age" in client.get("/healthz").headers["strict-transport-security"]
    with running() as plain:
        assert "strict-transport-security" not in plain.get("/healthz").headers


@pytest.mark.parametrize(
    ("given", "kept"),
    [("abc-123", True), ("a" * 128, True), ("a" * 129, False), ("x\ty", False), ("<script>", False), ("", False)],
)
def test_a_request_id_is_taken_when_it_is_a_sane_one(client: Client, given: str, kept: bool) -> None:
    """It ends up in logs and answers, so it may not be anything."""
    answer = client.get("/healthz", headers={"x-request-id": given})
    assert (answer.headers["x-request-id"] == given) is kept


def test_logs_hold_no_query(client: Client) -> None:
    """Tickets and signatures stand in queries."""
    with capture_logs() as lines:
        client.get(f"{BASE}/nowhere?ticket=very-secret")
        client.get("/files/a/b.csv?sig=very-secret")
    assert len(lines) == 2
    assert "very-secret" not in str(lines)


def test_other_origins_may_call_when_they_are_listed() -> None:
    """With the headers that supabase-js and an EventSource polyfill send; never with cookies."""
    headers = {
        "origin": "https://app.example.com",
        "access-control-request-method": "POST",
        "access-control-request-headers": (
            "authorization, x-client-info, apikey, content-type, last-event-id, idempotency-key"
        ),
    }
    with running(cors_origins=("https://app.example.com",)) as client:
        preflight = client.options(f"{BASE}/export", headers=headers)
        answer = client.get(f"{BASE}/export", headers={**AS_ANN, "origin": "https://app.example.com"})
        stranger = client.get(f"{BASE}/export", headers={**AS_ANN, "origin": "https://evil.example"})
        refused = client.options(f"{BASE}/export", headers={**headers, "origin": "https://evil.example"})
    assert preflight.status_code == 204
    assert preflight.headers["access-control-allow-origin"] == "https://app.example.com"
    assert answer.headers["access-control-allow-origin"] == "https://app.example.com"
    assert "retry-after" in answer.headers["access-control-expose-headers"].lower()
    assert "access-control-allow-credentials" not in {**preflight.headers, **answer.headers}
    assert "access-control-allow-origin" not in stranger.headers
    assert refused.status_code == 400
    assert "access-control-allow-origin" not in refused.headers


def test_no_origin_is_allowed_unless_listed(client: Client) -> None:
    """By default only our own pages call."""
    answer = client.get("/healthz", headers={"origin": "https://app.example.com"})
    assert "access-control-allow-origin" not in answer.headers


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"sec-fetch-site": "same-origin"}, 202),
        ({"origin": "http://testserver.local"}, 202),
        ({"origin": "https://seedbed.example.com"}, 202),
        ({"sec-fetch-site": "cross-site"}, 403),
        ({"sec-fetch-site": "same-site"}, 403),
        ({"sec-fetch-site": "none"}, 403),
        ({"sec-fetch-site": "cross-site", "origin": "http://testserver.local"}, 403),
        ({"origin": "https://evil.example"}, 403),
        ({"origin": "null"}, 403),
        ({}, 403),
    ],
)
def test_changes_by_cookie_come_from_our_own_pages(
    client: Client, exports: FakeExports, headers: dict[str, str], status: int
) -> None:
    """A form on another site is sent with the visitor's cookie; the browser says where it came from."""
    client.cookies.update(COOKIES)
    answer = client.post(f"{BASE}/export/{EXPORT}/cancel", headers=headers)
    assert answer.status_code == status
    assert bool(exports.calls) is (status == 202)


def test_reading_by_cookie_needs_no_origin(client: Client) -> None:
    """The link in a mail leads to a download."""
    client.cookies.update(COOKIES)
    answer = client.get(f"{BASE}/export/{EXPORT}/download", follow_redirects=False)
    assert answer.status_code == 302
    assert answer.headers["location"] == "https://files.example.com/x"
    assert answer.headers["cache-control"] == "no-store"


def test_a_bearer_token_decides_over_a_cookie(client: Client) -> None:
    """A wrong token is not made good by a cookie."""
    client.cookies.update(COOKIES)
    assert client.get(f"{BASE}/export", headers={"authorization": "Bearer old"}).status_code == 401


def test_the_status_has_an_etag(client: Client, exports: FakeExports) -> None:
    """While nothing changes, asking costs an empty answer."""
    path = f"{BASE}/export/{EXPORT}/status"
    first = client.get(path, headers=AS_ANN)
    tag = first.headers["etag"]
    same = client.get(path, headers={**AS_ANN, "if-none-match": f'"other", W/{tag}'})
    exports.export = an_export(rows_generated=5, started_at=MOMENT)
    changed = client.get(path, headers={**AS_ANN, "if-none-match": tag})
    assert first.headers["retry-after"] == "3"
    assert (same.status_code, same.content) == (304, b"")
    assert same.headers["etag"] == tag
    assert changed.status_code == 200
    assert changed.json()["rowsGenerated"] == 5


def test_readiness_tells_what_is_missing() -> None:
    """By name, and not why: that is for the log."""

    async def fails() -> None:
        raise OSError("postgres.internal refused")

    async def holds() -> None:
        return None

    with running(checks={"database": fails, "storage": holds}) as client:
        answer = client.get("/readyz")
        alive = client.get("/healthz")
    assert answer.status_code == 503
    assert answer.json() == {
        "status": "unavailable",
        "checks": {"database": "unavailable", "storage": "ok", "events": "ok"},
    }
    assert alive.status_code == 200


@pytest.mark.parametrize("away", ["database", "storage"])
def test_readiness_names_the_one_that_is_away(away: str) -> None:
    """Whichever it is, the others are told as they are."""

    async def fails() -> None:
        raise StorageFailed("the bucket has gone")

    async def holds() -> None:
        return None

    checks = {name: fails if name == away else holds for name in ("database", "storage")}
    with running(checks=checks) as client:
        answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "2"
    assert answer.json()["checks"] == {"database": "ok", "storage": "ok", "events": "ok"} | {away: "unavailable"}


def test_readiness_does_not_wait_for_what_does_not_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    """A dependency that is silent is told as such, and does not keep the others from being told."""
    monkeypatch.setattr("app.web.health.CHECK_TIMEOUT_S", 0.01)

    async def hangs() -> None:
        await asyncio.Event().wait()

    async def holds() -> None:
        return None

    with running(checks={"database": holds, "storage": hangs}) as client:
        answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["checks"] == {"database": "ok", "storage": "no answer in time", "events": "ok"}


def test_readiness_is_looked_at_once_for_all_who_ask_meanwhile() -> None:
    """Strangers may ask as often as they like: the store and the database are asked by one of them at a time."""
    looks: list[str] = []
    begun = asyncio.Event()

    async def counted() -> None:
        looks.append("look")
        await begun.wait()
        if len(looks) == 1:
            raise OSError("not yet")

    with running(checks={"database": counted}) as client:

        async def many() -> list[dict[str, str]]:
            asked = [asyncio.create_task(client.app.state.looks_ready()) for _ in range(50)]
            while not looks:  # noqa: ASYNC110  # it is the event loop's turn, and no more
                await asyncio.sleep(0)
            asked.pop().cancel()
            begun.set()
            found: list[dict[str, str]] = await asyncio.gather(*asked)
            return found

        with client.portal() as portal:
            told = portal.call(many)
        assert told == [{"database": "unavailable"}] * 49
        assert len(looks) == 1
        assert client.get("/readyz").json()["checks"]["database"] == "ok"
        assert len(looks) == 2


def test_answers_that_nobody_reads_are_few() -> None:
    """Large ones of one user's: the next is told to wait, others are answered, and there is room again once it is read."""
    exports = FakeExports()
    exports.export = an_export(config=Document(b'{"format":"csv","rows":10,"note":"' + b"x" * 200_000 + b'"}'))
    with running(exports, max_body_bytes=1024 * 128) as client:
        read = asyncio.Event()
        begun: list[tuple[str, int]] = []

        async def asked(token: str, sent: list[bytes]) -> None:
            async def receive() -> Any:
                return {"type": "http.request", "body": b"", "more_body": False}

            async def send(message: Any) -> None:
                if message["type"] == "http.response.start":
                    begun.append((token, message["status"]))
                else:
                    sent.append(message["body"])
                    await read.wait()

            path = f"{BASE}/export/{EXPORT}"
            scope: Any = {
                "type": "http", "method": "GET", "path": path, "raw_path": path.encode(), "query_string": b"",
                "headers": [(b"authorization", f"Bearer {token}".encode()), (b"host", b"x")], "scheme": "http",
                "http_version": "1.1", "server": ("x", 80), "client": ("x", 1), "root_path": "", "extensions": {},
                "asgi": {"version": "3.0"}, "app": client.app, "state": {},
            }  # fmt: skip
            await client.app(scope, receive, send)

        async def many() -> list[list[bytes]]:
            answers: list[list[bytes]] = [[] for _ in range(5)]
            tasks = []
            for sent, token in zip(answers, ["ann", "ann", "ann", "ben", "ann"], strict=True):
                tasks.append(asyncio.create_task(asked(token, sent)))
                while not sent:  # noqa: ASYNC110  # its turn of the event loop, and no more
                    await asyncio.sleep(0)
            assert client.app.state.answer_room.held_bytes > 3 * 200_000
            read.set()
            await asyncio.gather(*tasks)
            assert client.app.state.answer_room.held_bytes == 0
            return answers

        with client.portal() as portal:
            answers = portal.call(many)
    assert begun == [("ann", 200), ("ann", 200), ("ann", 429), ("ben", 200), ("ann", 429)]
    assert [len(b"".join(sent)) > 200_000 for sent in answers] == [True, True, False, True, False]
    assert max(len(piece) for sent in answers for piece in sent) <= 64 * 1024
    assert json.loads(answers[4][0])["code"] == "too_many_requests"


def test_readiness_tells_of_a_listener_that_hears_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Streams of such a process would lag."""
    monkeypatch.setattr(FakeHub, "healthy", False)
    with running(checks={}) as client:
        answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["checks"] == {"events": "not listening"}


def test_metrics_count_by_route_and_not_by_id(client: Client) -> None:
    """A label for each export would make Prometheus grow without end."""
    client.get(f"{BASE}/export/{EXPORT}", headers=AS_ANN)
    client.get("/nowhere/at/all")
    text = client.get("/metrics").text
    assert 'route="/api/data-generator/export/{export_id}",status="200"}' in text
    assert 'route="unmatched",status="404"}' in text
    assert str(EXPORT) not in text


def test_signing_in_for_development(client: Client) -> None:
    """A token for whoever one says one is, by JSON; the page's cookie only from our own page."""
    token = client.post("/dev/token", json={"email": "ann@example.com"})
    foreign = client.post("/dev/sign-in", json={"email": "ann@example.com"}, headers={"origin": "https://evil.example"})
    own = client.post("/dev/sign-in", json={"email": "ann@example.com"}, headers={"sec-fetch-site": "same-origin"})
    assert token.json()["tokenType"] == "bearer"
    assert foreign.status_code == 403
    cookie = own.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie


def test_there_is_no_development_issuer_elsewhere() -> None:
    """Without the switch the routes are not there at all."""
    with running(dev_auth=False, dev_auth_key=None, supabase_url="https://x.supabase.co") as client:
        assert client.post("/dev/token", json={"email": "ann@example.com"}).status_code == 404


def test_the_request_reaches_the_domain_as_it_was_asked(client: Client, exports: FakeExports) -> None:
    """With its key, the hash of its body, and the id that stands in the logs."""
    body = {"schema": {"ddl": "x"}, "config": {"format": "csv", "rows": 1}, "seed": "s"}
    sent = {**AS_ANN, "idempotency-key": "k-1", "x-request-id": "r-1"}
    answer = client.post(f"{BASE}/export", headers=sent, json=body)
    assert answer.status_code == 202
    assert answer.headers["location"] == f"{BASE}/export/{EXPORT}"
    ((_, (caller, wanted), options),) = exports.calls
    assert caller.token == "ann"
    assert wanted.seed == "s"
    assert options["idempotency_key"] == "k-1"
    assert options["request_id"] == "r-1"
    assert len(options["body_sha256"]) == 64


@pytest.mark.parametrize(
    ("query", "ttl_s"), [("", None), ("?expiresIn=1", 1), ("?expiresIn=3600", 3600), ("?expiresIn=604800", 604_800)]
)
def test_a_link_lasts_as_long_as_is_asked(client: Client, exports: FakeExports, query: str, ttl_s: int | None) -> None:
    """For one request, up to the cap; without asking as the service is set."""
    exports.export = an_export(status=Status.COMPLETED)
    assert client.get(f"{BASE}/export/{EXPORT}{query}", headers=AS_ANN).json()["downloadUrl"]
    assert [call[2]["ttl_s"] for call in exports.calls if call[0] == "download"] == [ttl_s]


@pytest.mark.parametrize("given", ["0", "-1", "604801", "1e3", "", "٣", "9" * 40, "60&expiresIn=60"])
def test_a_link_lasts_no_longer_than_is_allowed(client: Client, exports: FakeExports, given: str) -> None:
    """What is beyond the cap, or no number of seconds, is refused before anything is signed."""
    exports.export = an_export(status=Status.COMPLETED)
    answer = client.get(f"{BASE}/export/{EXPORT}?expiresIn={given}", headers=AS_ANN)
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["pointer"] == "/query/expiresIn"
    assert exports.calls == []


def test_a_store_that_cannot_sign_hides_nothing_else(client: Client, exports: FakeExports) -> None:
    """What is known of a finished export is told without a URL, and when to come back for one."""
    exports.export = an_export(status=Status.COMPLETED)
    exports.download_error = StorageFailed("could not sign", reason="unreachable", retryable=True)
    answer = client.get(f"/api/data-generator/export/{EXPORT}", headers=AS_ANN)
    assert (answer.status_code, answer.json()["status"], answer.json()["downloadUrl"]) == (200, "completed", None)
    assert int(answer.headers["retry-after"]) > 0
    exports.download_error = None
    assert client.get(f"/api/data-generator/export/{EXPORT}", headers=AS_ANN).json()["downloadUrl"]
