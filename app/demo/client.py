"""One export, made the way any client would make it: over HTTP, with a token, watched by server-sent events."""

import hashlib
import json
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from app.errors import SeedbedError

_BASE = "/api/data-generator"
_TIMEOUT_S = 60.0


class DemoFailed(SeedbedError):
    """The demonstration's export did not come to its file."""

    code = "demo_failed"


@dataclass(frozen=True, slots=True)
class Event:
    """A server-sent event."""

    id: str
    kind: str
    data: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Downloaded:
    """The file that came of it."""

    path: Path
    bytes: int
    sha256: str


class Client:
    """A client of the API on behalf of one user."""

    def __init__(self, base_url: str, token: str) -> None:
        self._http = httpx.AsyncClient(
            base_url=base_url, headers={"Authorization": f"Bearer {token}"}, timeout=_TIMEOUT_S, trust_env=False
        )

    async def __aenter__(self) -> "Client":
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._http.aclose()

    async def create_export(self, body: Mapping[str, Any]) -> str:
        """Asks for an export; the job's id."""
        answer = await self._http.post(f"{_BASE}/export", json=body)
        if answer.status_code != 202:
            raise DemoFailed(f"the API refused the export: {_reason(answer)}")
        job_id: str = answer.json()["jobId"]
        return job_id

    async def follow(self, job_id: str) -> AsyncIterator[Event]:
        """The export's events, until the last one."""
        async with self._http.stream("GET", f"{_BASE}/export/{job_id}/events") as answer:
            if answer.status_code != 200:
                await answer.aread()
                raise DemoFailed(f"the API gave no events: {_reason(answer)}")
            async for event in _events(answer.aiter_lines()):
                yield event

    async def export(self, job_id: str) -> Mapping[str, Any]:
        """The export's metadata, with a signed URL when it is completed."""
        answer = await self._http.get(f"{_BASE}/export/{job_id}")
        if answer.status_code != 200:
            raise DemoFailed(f"the API does not find the export: {_reason(answer)}")
        metadata: Mapping[str, Any] = answer.json()
        return metadata

    async def download(self, url: str, path: Path, on_bytes: Callable[[int], None] = lambda size: None) -> Downloaded:
        """Fetches a signed URL, which needs no token, into `path`."""
        digest = hashlib.sha256()
        size = 0
        staging = path.with_name(f".{path.name}.part")
        async with (
            httpx.AsyncClient(timeout=_TIMEOUT_S, trust_env=False) as anybody,
            anybody.stream("GET", url) as answer,
        ):
            if answer.status_code != 200:
                await answer.aread()
                raise DemoFailed(f"the signed URL does not answer: {_reason(answer)}")
            with staging.open("wb") as file:
                async for chunk in answer.aiter_bytes():
                    file.write(chunk)
                    digest.update(chunk)
                    size += len(chunk)
                    on_bytes(len(chunk))
        staging.replace(path)
        return Downloaded(path, size, digest.hexdigest())


async def _events(lines: AsyncIterator[str]) -> AsyncIterator[Event]:
    """Server-sent events out of a stream's lines, by the HTML standard's rules as far as they are used here."""
    fields: dict[str, list[str]] = {}
    async for line in lines:
        if line:
            if not line.startswith(":"):  # a comment keeps the connection busy and says nothing
                name, _, value = line.partition(":")
                fields.setdefault(name, []).append(value.removeprefix(" "))
            continue
        if "data" in fields:
            data = json.loads("\n".join(fields["data"]))
            yield Event(fields.get("id", [""])[-1], fields.get("event", ["message"])[-1], data)
        fields = {}


def _reason(answer: httpx.Response) -> str:
    try:
        problem = answer.json()
        faults = "; ".join(str(fault.get("message")) for fault in problem.get("errors", []))
        return f"{answer.status_code} {problem.get('detail') or problem.get('title')}{f' ({faults})' if faults else ''}"
    except (ValueError, AttributeError):
        return f"{answer.status_code} {answer.text[:200]}"
