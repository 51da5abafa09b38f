"""What the crowd has seen, all of it together."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import httpx

from tests.soak.shapes import Shape

_MOST_FAULTS = 100


@dataclass
class Book:
    """`references` are the digests that files have to have; `stranger` is a client without a token."""

    references: Mapping[Shape, str]
    stranger: httpx.AsyncClient
    accepted: set[str] = field(default_factory=set)
    completed: set[str] = field(default_factory=set)
    deleted: set[str] = field(default_factory=set)
    heard: set[str] = field(default_factory=set)
    faults: list[str] = field(default_factory=list)
    requests: int = 0
    put_off: int = 0
    events: int = 0
    polls: int = 0
    downloads: int = 0
    wrong_downloads: int = 0
    downloaded_bytes: int = 0
    previews: int = 0
    plans: int = 0
    looks: int = 0
    cancels: int = 0
    retries: int = 0
    shares: int = 0

    def fault(self, words: str) -> None:
        """Writes down what should not be, and says so at once."""
        if len(self.faults) < _MOST_FAULTS:
            self.faults.append(words)
            print(f"fault: {words}", flush=True)

    @asynccontextmanager
    async def noting(self, what: str) -> AsyncIterator[None]:
        """Whatever goes wrong inside is written down, and does not end the run."""
        try:
            yield
        except asyncio.CancelledError:
            raise
        except Exception as error:  # a run of an hour tells everything that went wrong, not the first thing
            self.fault(f"{what}: {type(error).__name__}: {error}")

    def summary(self) -> str:
        """A line for whoever waits."""
        return (
            f"{len(self.accepted):,} exports, {self.downloads:,} downloads ({self.downloaded_bytes / 1e6:,.0f} MB),"
            f" {self.requests:,} requests ({self.put_off} put off), {self.events:,} events, {self.cancels} cancelled, {len(self.deleted)} deleted,"
            f" {self.shares} shared, {len(self.faults)} faults"
        )
