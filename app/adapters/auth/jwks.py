"""The public keys of a Supabase project, fetched without blocking and kept for a few minutes."""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import jwt

from app.adapters.cookieless import cookieless
from app.errors import AuthenticationUnavailable
from app.logging import get_logger

log = get_logger(__name__)

# From this age on the keys are fetched anew behind the scenes; past the limit they are not used any more, so that a
# key that was revoked is refused within that time.
REFRESH_AFTER_S = 300.0
LIMIT_S = 600.0
# Whoever sends tokens with made-up key ids makes us fetch this often at most.
UNKNOWN_KEY_PAUSE_S = 30.0
FAILURE_PAUSE_S = 2.0
FETCH_TIMEOUT_S = 5.0
_MOST_BYTES = 256 * 1024

Fetch = Callable[[], Awaitable[bytes]]


class KeySet:
    """Signing keys by their id. `fetch` gives the key set's JSON; `now` is a monotonic clock in seconds."""

    def __init__(self, fetch: Fetch, *, now: Callable[[], float] = time.monotonic) -> None:
        self._fetch = fetch
        self._now = now
        self._keys: dict[str, jwt.PyJWK] = {}
        self._fetched_at: float | None = None
        self._tried_at: float | None = None
        self._refresh: asyncio.Task[None] | None = None

    async def find(self, kid: str) -> jwt.PyJWK | None:
        """The key of that id, None when the project has none.

        Raises AuthenticationUnavailable when there are no keys that are young enough and none can be had.
        """
        age = self._age(self._fetched_at)
        if age >= LIMIT_S:
            await self._refreshed(pause_s=FAILURE_PAUSE_S)
            if self._age(self._fetched_at) >= LIMIT_S:
                raise AuthenticationUnavailable("the keys that tokens are checked with cannot be fetched at the moment")
        elif age >= REFRESH_AFTER_S and self._age(self._tried_at) >= UNKNOWN_KEY_PAUSE_S:
            self._start()
        key = self._keys.get(kid)
        if key is None:
            await self._refreshed(pause_s=UNKNOWN_KEY_PAUSE_S)
            key = self._keys.get(kid)
        return key

    async def close(self) -> None:
        """Ends a fetch that is under way."""
        if self._refresh is not None:
            self._refresh.cancel()
            await asyncio.gather(self._refresh, return_exceptions=True)

    def _age(self, at: float | None) -> float:
        return float("inf") if at is None else self._now() - at

    async def _refreshed(self, *, pause_s: float) -> None:
        """Waits for a fetch: the one under way, or a new one unless the last was less than `pause_s` ago."""
        if self._refresh is None and self._age(self._tried_at) < pause_s:
            return
        # Shielded: a client that hangs up must not end the fetch that others wait for.
        await asyncio.shield(self._start())

    def _start(self) -> "asyncio.Task[None]":
        if self._refresh is None:
            self._refresh = asyncio.create_task(self._load())
            self._refresh.add_done_callback(self._ended)
        return self._refresh

    def _ended(self, _task: "asyncio.Task[None]") -> None:
        self._refresh = None

    async def _load(self) -> None:
        self._tried_at = self._now()
        try:
            async with asyncio.timeout(FETCH_TIMEOUT_S):
                keys = read_keys(await self._fetch())
        except Exception as error:  # whatever goes wrong over the network, the old keys stay until they are too old
            log.warning("jwks_fetch_failed", error=f"{type(error).__name__}: {error}")
            return
        if keys.keys() != self._keys.keys():
            log.info("jwks_fetched", keys=len(keys))
        self._keys, self._fetched_at = keys, self._now()


def read_keys(document: bytes) -> dict[str, jwt.PyJWK]:
    """The keys of a JWKS document that can check ES256 or RS256 signatures, by id; others are left out.

    A shared secret ("oct") that stands in a public document is no key. Raises ValueError for what is no key set.
    """
    value = json.loads(document)
    entries = value.get("keys") if isinstance(value, dict) else None
    if not isinstance(entries, list):
        raise ValueError("the document has no list of keys")
    keys: dict[str, jwt.PyJWK] = {}
    for entry in entries:
        if not isinstance(entry, dict) or not isinstance(entry.get("kid"), str):
            continue
        algorithm = _algorithm_of(entry)
        if algorithm is None or entry.get("alg", algorithm) != algorithm or entry.get("use", "sig") != "sig":
            continue
        try:
            keys[entry["kid"]] = jwt.PyJWK(entry, algorithm)
        except jwt.PyJWTError as error:
            log.warning("jwks_key_unusable", error=str(error))
    return keys


def _algorithm_of(entry: Mapping[str, Any]) -> str | None:
    if entry.get("kty") == "EC" and entry.get("crv") == "P-256":
        return "ES256"
    return "RS256" if entry.get("kty") == "RSA" else None


def fetch_from(url: str) -> Fetch:
    """Fetches `url` over HTTP: no redirects, no more bytes than a key set has."""

    async def fetch() -> bytes:
        import httpx  # 0.1 s to import: only processes that check such tokens pay for it

        found = bytearray()
        async with (
            httpx.AsyncClient(timeout=FETCH_TIMEOUT_S, follow_redirects=False, cookies=cookieless()) as client,
            client.stream("GET", url, headers={"accept": "application/json"}) as response,
        ):
            response.raise_for_status()
            async for chunk in response.aiter_bytes():
                found += chunk
                if len(found) > _MOST_BYTES:
                    raise ValueError(f"the key set is larger than {_MOST_BYTES} bytes")
        return bytes(found)

    return fetch
