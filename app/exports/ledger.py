"""What workers write down: who works on which part, how far it is, what came of it.

Every change names the claim it is made under. A claim that was lost (its lease ran out and somebody else took the
part) changes nothing: the methods then return False or Standing.LOST.
"""

import builtins
from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime
from enum import Enum, auto
from typing import Any, Protocol
from uuid import UUID

from app.exports.failures import Failure

WHOLE = 0  # the part that stands for the export as a whole


class Refusal(Enum):
    """Why there is nothing to do."""

    GONE = auto()
    ENDED = auto()
    CANCELLING = auto()
    TAKEN = auto()


class Standing(Enum):
    """What a worker learns when it reports."""

    HELD = auto()
    LOST = auto()
    CANCELLING = auto()
    ENDED = auto()


@dataclass(frozen=True, slots=True)
class Claim:
    """The right to work on a part, until its lease runs out or the work is written down.

    `segments` is the layout for part 0, else the part. `layout` is what the part needs of the layout, `earlier` the
    facts of other parts that a late part needs.
    """

    export_id: UUID
    owner_id: UUID
    part_no: int
    token: UUID
    runs: int
    attempts: int
    rows: int
    segments: Mapping[str, Any]
    layout: Mapping[str, Any]
    plan_json: str
    earlier: Sequence[Mapping[str, Any]]
    object_path: str
    content_type: str
    chunk_rows: int | None
    parts_total: int
    upload_id: str | None
    request_id: str | None
    requested_at: datetime


@dataclass(frozen=True, slots=True)
class Sent:
    """How much of a part is on its way to the store, as a share of it, None before that begins; and for how many
    seconds it was on its way since that was last said. `in_step`: the worker's other parts report now too."""

    share: float | None = None
    busy_s: float = 0.0
    in_step: bool = True


@dataclass(frozen=True, slots=True)
class PartMade:
    """A stored part. `facts` is what the file's tail needs to know of it."""

    etag: str | None
    bytes: int
    crc32: int
    sha256: str
    facts: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class FileMade:
    """The finished file."""

    bytes: int
    sha256: str
    crc32: int


@dataclass(frozen=True, slots=True)
class FinishedPart:
    """`running_sha256` is the state of the file's digest after this part, where there is one."""

    part_no: int
    etag: str
    bytes: int
    crc32: int
    facts: Mapping[str, Any]
    running_sha256: builtins.bytes | None = None


@dataclass(frozen=True, slots=True)
class Cancelling:
    """An export that is to end: what is to be removed, and how many parts are worked on by somebody alive."""

    object_path: str
    upload_id: str | None
    parts_running: int


NOT_SENT = Sent()


class Ledger(Protocol):
    """The database, as far as workers need it. Every method is one transaction and raises DatabaseUnavailable."""

    async def claim(self, export_id: UUID, part_no: int, lease_s: float) -> Claim | Refusal:
        """Takes a part that nobody works on, under a new token. Taking part 0 of a queued export starts it."""
        ...

    async def split(self, claim: Claim, upload_id: str, costs: Sequence[float]) -> Standing:
        """Writes down the parts of the layout and queues what is not done of them; part 0 is put back: HELD. `costs`
        are what a row costs of each file of the layout. Otherwise the upload is not in use."""
        ...

    async def report(self, claim: Claim, rows_done: int, lease_s: float, sent: Sent = NOT_SENT) -> Standing:
        """Counts rows and what is sent, renews the lease, and appends an event when the last one is old enough."""
        ...

    async def finish_part(self, claim: Claim, made: PartMade, busy_s: float = 0.0) -> bool:
        """Marks the part done and counts it; the one that makes the count full queues the finaliser."""
        ...

    async def running_sha256(self, claim: Claim) -> tuple[bytes | None, bool]:
        """The state of the file's digest after the part before this one; and whether its export still runs, so that it
        may come."""
        ...

    async def note_running_sha256(self, claim: Claim, over: str, state: bytes) -> bool:
        """Leaves the state of the file's digest after this part, whose own digest is `over`, for the next part; not
        when there is one, or the part is no more this claim's."""
        ...

    async def digested_parts(self, export_id: UUID) -> int:
        """How many parts the file's digest has gone through."""
        ...

    async def finished_parts(self, export_id: UUID) -> Sequence[FinishedPart]: ...

    async def complete(self, claim: Claim, made: FileMade, busy_s: float = 0.0) -> Standing:
        """Moves the export from running to completed: HELD. LOST: somebody else does, or did. ENDED: it has ended in
        another way, or was deleted, and no file is to be left."""
        ...

    async def put_back(self, claim: Claim, *, refund: bool) -> None:
        """Gives the part up, for others to take at once; with `refund` as if it had never been taken."""
        ...

    async def fail(self, claim: Claim, failure: Failure, retry_in_s: float | None) -> bool:
        """Counts a failed attempt: the part is due again in `retry_in_s`, or else the export has failed."""
        ...

    async def restart_upload(self, claim: Claim, failure: Failure) -> Standing:
        """Forgets every finished part, whose upload is no more there, and queues the export again: HELD; for the part
        that found out it counts as an attempt."""
        ...

    def settling(self, export_id: UUID) -> AbstractAsyncContextManager[Cancelling | None]:
        """What is to be removed of an export that is being cancelled; None when it is not. With no part that is worked
        on it is cancelled when the block has ended well. Until then nobody can run it again, and nobody else removes
        anything: what came later would be the next run's."""
        ...

    def removing(self, export_id: UUID) -> AbstractAsyncContextManager[bool]:
        """Whether what is stored of an export that has ended is nobody's: so it stays while the block removes it."""
        ...
