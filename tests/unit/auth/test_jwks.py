"""The key set: how often it is fetched, and what happens when it cannot be."""

import asyncio
import contextlib
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from app.adapters.auth.jwks import LIMIT_S, REFRESH_AFTER_S, UNKNOWN_KEY_PAUSE_S, KeySet, fetch_from, read_keys
from app.errors import AuthenticationUnavailable

KEY = ec.generate_private_key(ec.SECP256R1()).public_key()


def jwk(kid: str, **changes: Any) -> dict[str, Any]:
    return {**jwt.algorithms.ECAlgorithm.to_jwk(KEY, as_dict=True), "kid": kid, **changes}


class Project:
    """A project whose keys change, with a clock that is moved by hand."""

    def __init__(self, *kids: str) -> None:
        self.kids = list(kids)
        self.fetches = 0
        self.down = False
        self.clock = 1000.0
        self.gate: asyncio.Event | None = None
        self.keys = KeySet(self.fetch, now=lambda: self.clock)

    async def fetch(self) -> bytes:
        self.fetches += 1
        if self.gate is not None:
            await self.gate.wait()
        if self.down:
            raise OSError("no route to host")
        return json.dumps({"keys": [jwk(kid) for kid in self.kids]}).encode()

    async def knows(self, kid: str) -> bool:
        return await self.keys.find(kid) is not None


async def settle() -> None:
    """Lets tasks in the background run to their next wait."""
    for _ in range(10):
        await asyncio.sleep(0)


async def test_keys_are_fetched_once() -> None:
    """A second token costs no request."""
    project = Project("a")
    assert await project.knows("a")
    assert await project.knows("a")
    assert project.fetches == 1


async def test_many_waiters_share_one_fetch() -> None:
    """A hundred requests at start make one request of ours."""
    project = Project("a")
    project.gate = asyncio.Event()
    waiters = [asyncio.create_task(project.knows("a")) for _ in range(100)]
    await settle()
    project.gate.set()
    assert all(await asyncio.gather(*waiters))
    assert project.fetches == 1


async def test_a_waiter_that_leaves_does_not_end_the_fetch() -> None:
    """A client that hangs up must not take the keys from the others."""
    project = Project("a")
    project.gate = asyncio.Event()
    leaver, stayer = asyncio.create_task(project.knows("a")), asyncio.create_task(project.knows("a"))
    await settle()
    leaver.cancel()
    await settle()
    project.gate.set()
    assert await stayer
    assert project.fetches == 1


async def test_a_rotated_key_is_found_without_a_restart() -> None:
    """An unknown id fetches once more, after the pause."""
    project = Project("a")
    assert await project.knows("a")
    project.kids.append("b")
    project.clock += UNKNOWN_KEY_PAUSE_S + 1
    assert await project.knows("b")
    assert project.fetches == 2


async def test_made_up_ids_do_not_make_us_fetch() -> None:
    """Ten thousand unknown ids within the pause cost one request at most."""
    project = Project("a")
    await project.knows("a")
    project.clock += UNKNOWN_KEY_PAUSE_S + 1
    for n in range(1_000):
        assert not await project.knows(f"made up {n}")
    assert project.fetches == 2


async def test_keys_are_refreshed_behind_the_scenes() -> None:
    """Past half the time the next request is answered at once, and the keys are fetched beside it."""
    project = Project("a")
    await project.knows("a")
    project.gate = asyncio.Event()
    project.clock += REFRESH_AFTER_S + 1
    assert await project.knows("a")
    project.gate.set()
    await settle()
    assert project.fetches == 2


async def test_a_revoked_key_is_refused_within_the_limit() -> None:
    """Keys older than the limit are not used: they are fetched first."""
    project = Project("a")
    await project.knows("a")
    project.kids = ["b"]
    project.clock += LIMIT_S + 1
    assert not await project.knows("a")


async def test_a_short_outage_is_not_noticed() -> None:
    """While the keys are young enough, a failing fetch changes nothing."""
    project = Project("a")
    await project.knows("a")
    project.down = True
    project.clock += REFRESH_AFTER_S + 1
    assert await project.knows("a")
    await settle()
    assert await project.knows("a")


async def test_a_long_outage_is_told_as_one() -> None:
    """Without keys nobody is told that their token is wrong; and the project is not asked at every request."""
    project = Project("a")
    project.down = True
    for _ in range(10):
        with pytest.raises(AuthenticationUnavailable):
            await project.knows("a")
    assert project.fetches == 1
    project.down = False
    project.clock += 5
    assert await project.knows("a")


def test_only_signing_keys_are_read() -> None:
    """Secrets, encryption keys, other curves and broken entries are left out, one by one."""
    document = {
        "keys": [
            jwk("good"),
            jwk("for encryption", use="enc"),
            jwk("other algorithm", alg="ES512"),
            jwk("other curve", crv="P-384"),
            jwk("not on the curve", x="AAAA"),
            {"kty": "oct", "kid": "secret", "k": "AAAA"},
            {"kty": "EC", "crv": "P-256"},
            {"kty": ["EC"], "crv": {}, "kid": "odd"},
            "text",
            None,
        ]
    }
    assert read_keys(json.dumps(document).encode()).keys() == {"good"}


@pytest.mark.parametrize("document", [b"", b"<html>", b"[]", b"{}", b'{"keys": 5}', b"\xff"])
def test_what_is_no_key_set_is_refused(document: bytes) -> None:
    """An error page of a proxy is not an empty key set."""
    with pytest.raises(ValueError):  # noqa: PT011  # JSON's own errors are ValueErrors with texts of their own
        read_keys(document)


class _Answering(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(302 if self.path == "/moved" else 200)
        self.send_header("location", "/keys")
        self.end_headers()
        with contextlib.suppress(ConnectionError):
            for _ in range(1 if self.path == "/keys" else 1_000):
                self.wfile.write(b'{"keys": []}' + b" " * 65_536)

    def log_message(self, *_: object) -> None:
        pass


async def test_a_key_set_is_fetched_within_bounds() -> None:
    """Not from where it leads to, and no more of it than a key set has."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _Answering) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        url = f"http://127.0.0.1:{server.server_port}"
        try:
            assert read_keys(await fetch_from(f"{url}/keys")()) == {}
            with pytest.raises(httpx.HTTPStatusError):
                await fetch_from(f"{url}/moved")()
            with pytest.raises(ValueError, match="larger than"):
                await fetch_from(f"{url}/endless")()
        finally:
            server.shutdown()
            thread.join()


async def test_a_slow_endpoint_holds_up_no_known_key() -> None:
    """While the keys are on their way, those that are known are found at once, on and on; a thousand ids that are not
    wait for the one fetch, and no longer than it; whoever comes after it waits for none."""
    project = Project("a")
    assert await project.knows("a")
    project.gate = asyncio.Event()
    project.clock += REFRESH_AFTER_S + 1
    unknown = [asyncio.create_task(project.knows(f"made up {n}")) for n in range(1_000)]
    await settle()
    for _ in range(100):
        async with asyncio.timeout(0):  # an answer that waits for anything is late
            assert await project.knows("a")
    assert project.fetches == 2
    assert not any(task.done() for task in unknown)
    project.gate.set()
    assert not any(await asyncio.gather(*unknown))
    project.gate.clear()
    async with asyncio.timeout(0):
        assert not await project.knows("made up later")
    assert project.fetches == 2
