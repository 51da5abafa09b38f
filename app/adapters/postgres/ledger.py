"""What workers write down, as SQL. Every method is one transaction that takes the export's row first."""

from collections import deque
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

from psycopg.types.json import Jsonb

from app.adapters.postgres.connections import Database, Query, Row, Transaction, query
from app.adapters.postgres.queue import DIGESTS, JobQueue
from app.exports.experience import Memory, Shown
from app.exports.failures import Failure
from app.exports.jobs import deliver_job, finalise_job, part_job, run_job
from app.exports.ledger import (
    NOT_SENT,
    WHOLE,
    Cancelling,
    Claim,
    FileMade,
    FinishedPart,
    PartMade,
    Refusal,
    Sent,
    Standing,
)
from app.exports.models import EventKind, Status
from app.exports.pace import LAST_PARTS, Pace, told_seconds
from app.exports.ports import Job
from app.exports.speeds import Speed
from app.exports.states import TERMINAL
from app.exports.weighing import cost_of, row_costs, rows_of, weighed

# The most progress events of one export in a second, by all of its workers together: each wakes every listener.
PROGRESS_INTERVAL_S = 0.25
# A part that is stored says how fast it goes, too, when that was not found out for so long.
_STEP_S = 0.1


class PostgresLedger:
    """The `Ledger` of `app.exports.ledger`."""

    def __init__(self, database: Database, queue: JobQueue, *, retention_s: int) -> None:
        """`retention_s`: how long a finished file is kept, unless its owner's quota says otherwise."""
        self._database = database
        self._queue = queue
        self._retention_s = retention_s

    async def claim(self, export_id: UUID, part_no: int, lease_s: float) -> Claim | Refusal:
        """Takes a part under a new token; part 0 of a queued export starts it."""
        token = uuid4()
        how = {"export_id": export_id, "part_no": part_no, "token": token, "lease_s": lease_s}
        earlier: Sequence[Row] = ()
        if part_no == WHOLE:
            async with self._locked(export_id, query("claim_part", **how, late=False)) as (transaction, export):
                taken = transaction.opened
                if export is not None and taken is not None and export["status"] == Status.QUEUED:
                    transaction.later("start_export", export_id=export_id)
                    _append(transaction, export_id, EventKind.STARTED)
        else:
            # Nothing is to be decided here: others who want the export's row do not wait for us to hear of it.
            lock = query("lock_export", export_id=export_id)
            export, taken = await self._database.ask_all(lock, query("claim_part", **how, late=False))
            if export is not None and taken is None and export["status"] == Status.RUNNING:
                taken, earlier = await self._claim_late(how)
        if export is None:
            return Refusal.GONE
        if taken is None:
            status = Status(export["status"])
            if status is Status.CANCELLING:
                return Refusal.CANCELLING
            return Refusal.ENDED if status in TERMINAL else Refusal.TAKEN
        return Claim(
            export_id=export_id,
            owner_id=export["owner_id"],
            part_no=part_no,
            token=token,
            runs=taken["runs"],
            attempts=taken["attempts"],
            rows=taken["rows"],
            segments=taken["segments"],
            layout=taken["layout"],
            plan_json=taken["plan"],
            earlier=[row["facts"] for row in earlier],
            object_path=export["object_path"],
            content_type=export["content_type"],
            chunk_rows=int(export["chunk_rows"]) if export["chunk_rows"] else None,
            parts_total=export["parts_total"],
            upload_id=export["upload_id"],
            request_id=export["request_id"],
            requested_at=export["requested_at"],
        )

    async def _claim_late(self, how: Row) -> tuple[Row | None, Sequence[Row]]:
        """Takes a part that is made last, with all that is there before it."""
        late = query("late_part", export_id=how["export_id"], part_no=how["part_no"])
        async with self._locked(how["export_id"], late) as (transaction, _):
            if transaction.opened is None:
                return None, ()
            earlier = await transaction.all("finished_parts", export_id=how["export_id"])
            if len(earlier) < transaction.opened["after"]:
                return None, ()
            return await transaction.one("claim_part", **how, late=True), earlier

    async def split(self, claim: Claim, upload_id: str, costs: Sequence[float]) -> Standing:
        """Writes down the parts and queues those that are not done; does so once, however often it is asked."""
        async with self._held(claim, query("shown")) as (transaction, export):
            if transaction is None:
                # It was written down before, and the answer was lost on its way: this upload is the one in use.
                known_upload = export is not None and export["upload_id"] == upload_id
                return Standing.HELD if known_upload else _lost(export)
            transaction.later("set_upload", export_id=claim.export_id, upload_id=upload_id)
            known = await transaction.all("part_numbers", export_id=claim.export_id)
            if not known:
                parts = [weighed(part, costs) for part in claim.segments["parts"]]
                await transaction.run_many("insert_part", [_part_row(claim, part) for part in parts])
                known_parts = [(part, 0, False) for part in parts]
            else:
                known_parts = [(row["segments"], row["rows_done"], row["state"] == "done") for row in known]
            assert export is not None
            pace = _pace_of(claim, known_parts, _memory(transaction.rows[2])).start(export["clock"])
            transaction.later("note_pace", export_id=claim.export_id, pace=Jsonb(pace.to_json()))
            done = {row["part_no"] for row in known if row["state"] == "done"}
            transaction.later("settle_whole", export_id=claim.export_id, token=claim.token, anew=bool(known))
            await self._queue.defer(transaction, _next_jobs(claim, done))
        return Standing.HELD

    async def report(self, claim: Claim, rows_done: int, lease_s: float, sent: Sent = NOT_SENT) -> Standing:
        """Counts rows and what is sent, renews the lease, and appends an event when the last one is old enough."""
        renew = query("renew_part", **_key(claim), rows_done=rows_done, lease_s=lease_s)
        last_told = query("last_progress", export_id=claim.export_id)
        async with self._locked(claim.export_id, renew, last_told) as (transaction, export):
            _, renewed, told = transaction.rows
            if export is None or renewed is None:
                return Standing.LOST
            status = Status(export["status"])
            gained = renewed["rows_done"] - renewed["rows_before"]
            if status is Status.RUNNING and (gained or sent.share is not None):
                pace = await self._reported(transaction, claim, export, renewed, sent)
                transaction.later(
                    "count_rows", export_id=claim.export_id, gained=gained, pace=Jsonb(pace.to_json()) if pace else None
                )
                _append_progress(transaction, export, pace, told)
        if status is Status.CANCELLING:
            return Standing.CANCELLING
        return Standing.HELD if status is Status.RUNNING else Standing.ENDED

    async def _reported(
        self, transaction: Transaction, claim: Claim, export: Row, renewed: Row, sent: Sent
    ) -> Pace | None:
        """The pace after a report."""
        pace, part = _pace(export), claim.segments
        if claim.part_no == WHOLE:
            if claim.parts_total > 1:
                return pace  # it is being put together
            part = weighed(claim.layout["parts"][0], row_costs(claim.layout, {}))
            if pace is None:
                memory = _memory(await transaction.one("shown"))
                pace = _expected(claim, cost_of(part, claim.rows), part["expectedBytes"], memory)
        if pace is None:
            return None
        gained = cost_of(part, renewed["rows_done"]) - cost_of(part, renewed["rows_before"])
        size = part["expectedBytes"]
        on_its_way = None if sent.share is None else sent.share * size
        pace = pace.gain(claim.part_no, size, gained, on_its_way, sent.busy_s)
        return pace.step(export["clock"], claim.part_no) if sent.in_step or pace.began is None else pace

    async def finish_part(self, claim: Claim, made: PartMade, busy_s: float = 0.0) -> bool:
        """Marks the part done and counts it; the one that makes the count full queues the finaliser."""
        finish = query(
            "finish_part",
            **_key(claim),
            etag=made.etag,
            bytes=made.bytes,
            crc32=made.crc32,
            sha256=made.sha256,
            facts=Jsonb(made.facts),
        )
        last_told = query("last_progress", export_id=claim.export_id)
        async with self._locked(claim.export_id, finish, last_told) as (transaction, export):
            _, finished, told = transaction.rows
            if export is None or finished is None:
                return False
            pace = _pace(export)
            if pace is not None:
                pace = _finished(claim, pace, finished["rows_before"], busy_s)
                if pace.is_due(export["clock"], _STEP_S):
                    # Parts of less than a quarter of a second are never reported on together; what others have made and
                    # not told is little.
                    pace = pace.step(export["clock"])
                if finished["parts_done"] == finished["parts_total"]:
                    pace = pace.rest(export["clock"])
                transaction.later("note_pace", export_id=claim.export_id, pace=Jsonb(pace.to_json()))
            # An export that failed in another part goes on from here when it is run again.
            if finished["status"] == Status.RUNNING:
                last = finished["parts_done"] == finished["parts_total"]
                _append_progress(transaction, export, pace, None if last else told, stored=made.bytes)
                if last:
                    await self._queue.defer(transaction, [finalise_job(claim.export_id)])
                elif finished["parts_done"] == claim.parts_total - len(claim.layout["late"]):
                    late = [part_job(claim.export_id, claim.owner_id, number, 0) for number in claim.layout["late"]]
                    await self._queue.defer(transaction, late)
        return True

    async def running_sha256(self, claim: Claim) -> tuple[bytes | None, bool]:
        """Asks how far the digest is. Takes no lock: it is asked often."""
        found = await self._database.ask("running_sha256", export_id=claim.export_id, part_no=claim.part_no)
        return (found["running_sha256"], found["coming"]) if found is not None else (None, False)

    async def note_running_sha256(self, claim: Claim, over: str, state: bytes) -> bool:
        """Writes it down, if the claim still stands or the part was done under it, and tells who waits for it."""
        noted = await self._database.ask(
            "note_running_sha256", **_key(claim), running_over=over, running_sha256=state, channel=DIGESTS
        )
        return noted is not None

    async def digested_parts(self, export_id: UUID) -> int:
        """Counts them."""
        found = await self._database.ask("digested_parts", export_id=export_id)
        return int(found["parts"]) if found is not None else 0

    async def finished_parts(self, export_id: UUID) -> Sequence[FinishedPart]:
        """In the order of the file."""
        async with self._database.transaction() as transaction:
            rows = await transaction.all("finished_parts", export_id=export_id)
        return [FinishedPart(**row) for row in rows]

    async def complete(self, claim: Claim, made: FileMade, busy_s: float = 0.0) -> Standing:
        """Moves the export from running to completed, if it is still running."""
        finish = query("finish_whole", **_key(claim), bytes=made.bytes, crc32=made.crc32, sha256=made.sha256)
        async with self._locked(claim.export_id, finish) as (transaction, export):
            status = Status(export["status"]) if export is not None else None
            if export is None or status in (Status.CANCELLED, Status.FAILED, Status.EXPIRED):
                return Standing.ENDED
            if status is Status.CANCELLING:
                return Standing.CANCELLING
            if transaction.opened is None:
                return Standing.LOST
            pace, shown = _pace(export), None
            if pace is not None:
                shown = Shown.by(claim.layout["extension"], claim.rows, pace, export["clock"])
            if export["parts_total"] == 1:
                shown = shown and replace(shown, connection=Speed(made.bytes, busy_s))
                transaction.later("count_whole", export_id=claim.export_id, bytes=made.bytes)
                _append(transaction, claim.export_id, EventKind.PROGRESS)
            transaction.later(
                "complete_export",
                export_id=claim.export_id,
                bytes=made.bytes,
                sha256=made.sha256,
                crc32=made.crc32,
                retention_s=self._retention_s,
                shown=shown and Jsonb(shown.to_json()),
            )
            told = {"bytes": made.bytes, "sha256": made.sha256, "crc32": f"{made.crc32:08x}"}
            _append(transaction, claim.export_id, EventKind.COMPLETED, told)
            if export["notifies"]:
                await self._notify(transaction, claim.export_id, "completed")
        return Standing.HELD

    async def put_back(self, claim: Claim, *, refund: bool) -> None:
        """Gives the part up; with `refund` as if it had never been taken."""
        async with self._locked(claim.export_id) as (transaction, _):
            transaction.later("put_part_back", **_key(claim), refund=int(refund))

    async def fail(self, claim: Claim, failure: Failure, retry_in_s: float | None) -> bool:
        """Counts a failed attempt: the part is due again in `retry_in_s`, or else the export has failed."""
        async with self._locked(claim.export_id) as (transaction, export):
            if export is None:
                return False
            final = retry_in_s is None
            noted = await transaction.one(
                "note_attempt", **_key(claim), state="failed" if final else "pending", retry_in_s=retry_in_s or 0
            )
            if noted is None:
                return False
            transaction.later("count_attempt", export_id=claim.export_id)
            details = failure.details(part_no=claim.part_no, attempt=noted["attempts"])
            if not final:
                if export["status"] == Status.RUNNING:
                    pace = _pace(export)
                    if pace is not None:
                        pace = pace.drop(claim.part_no).hold(export["clock"] + (retry_in_s or 0.0))
                        transaction.later("note_pace", export_id=claim.export_id, pace=Jsonb(pace.to_json()))
                    told = {**details, "retryInSeconds": round(retry_in_s or 0, 3)}
                    _append(transaction, claim.export_id, EventKind.RETRY, told)
            elif await transaction.run("fail_export", export_id=claim.export_id, details=Jsonb(details)):
                _append(transaction, claim.export_id, EventKind.FAILED, details)
                if export["notifies"]:
                    await self._notify(transaction, claim.export_id, "failed")
        return True

    async def restart_upload(self, claim: Claim, failure: Failure) -> Standing:
        """Forgets every finished part, whose upload is no more there, and queues the export again."""
        async with self._held(claim) as (transaction, export):
            if transaction is None:
                return _lost(export)
            transaction.later("forget_parts", export_id=claim.export_id, part_no=claim.part_no)
            transaction.later("count_attempt", export_id=claim.export_id)
            transaction.later("forget_progress", export_id=claim.export_id)
            told = failure.details(part_no=claim.part_no, attempt=claim.attempts + 1)
            _append(transaction, claim.export_id, EventKind.RETRY, {**told, "retryInSeconds": 0})
            await self._queue.defer(transaction, [run_job(claim.export_id, claim.owner_id)])
        return Standing.HELD

    @asynccontextmanager
    async def settling(self, export_id: UUID) -> AsyncIterator[Cancelling | None]:
        """Holds the export's row meanwhile."""
        async with self._locked(export_id, query("parts_running", export_id=export_id)) as (transaction, export):
            if export is None or transaction.opened is None or export["status"] != Status.CANCELLING:
                yield None
                return
            running = int(transaction.opened["parts"])
            yield Cancelling(export["object_path"], export["upload_id"], running)
            if not running:
                transaction.later("mark_cancelled", export_id=export_id)
                _append(transaction, export_id, EventKind.CANCELLED)

    @asynccontextmanager
    async def removing(self, export_id: UUID) -> AsyncIterator[bool]:
        """Holds the export's row meanwhile."""
        async with self._locked(export_id) as (_, export):
            yield export is None or export["status"] in (Status.CANCELLED, Status.FAILED, Status.EXPIRED)

    async def _notify(self, transaction: Transaction, export_id: UUID, event: str) -> None:
        """Writes down the word that is to be sent of the event that was just appended, and queues it."""
        rows = await transaction.all("insert_deliveries", export_id=export_id, event=event)
        await self._queue.defer(transaction, [deliver_job(row["id"]) for row in rows])

    @asynccontextmanager
    async def _locked(self, export_id: UUID, *more: Query) -> AsyncIterator[tuple[Transaction, Row | None]]:
        """A transaction that holds the export's row, None when there is no such export; `more` goes with the same round
        trip, whatever the row says. Others wait for as long as the block takes."""
        first = query("lock_export", export_id=export_id)
        async with self._database.transaction(None, first, *more) as transaction:
            yield transaction, transaction.rows[0]

    @asynccontextmanager
    async def _held(self, claim: Claim, *more: Query) -> AsyncIterator[tuple[Transaction | None, Row | None]]:
        """As `_locked`, with no transaction when the claim was lost or the export is not running any more."""
        async with self._locked(claim.export_id, query("hold_part", **_key(claim)), *more) as (transaction, export):
            held = export is not None and export["status"] == Status.RUNNING and transaction.opened is not None
            yield transaction if held else None, export


def _lost(export: Row | None) -> Standing:
    """Why a claim no longer stands: as another's, or because its export goes no further."""
    if export is None or export["status"] == Status.RUNNING:
        return Standing.LOST
    return Standing.CANCELLING if export["status"] == Status.CANCELLING else Standing.ENDED


def _key(claim: Claim) -> Mapping[str, Any]:
    return {"export_id": claim.export_id, "part_no": claim.part_no, "token": claim.token}


def _next_jobs(claim: Claim, done: set[int]) -> list[Job]:
    """What there is to do of a file of several parts: most of them, then the late ones, then the end."""
    late = set(claim.layout["late"])
    waiting = [part for part in claim.segments["parts"] if part["number"] not in done]
    first = [part for part in waiting if part["number"] not in late] or waiting
    jobs = [part_job(claim.export_id, claim.owner_id, part["number"], rows_of(part)) for part in first]
    return jobs or [finalise_job(claim.export_id)]


def _part_row(claim: Claim, part: Mapping[str, Any]) -> Row:
    row = {"export_id": claim.export_id, "part_no": part["number"], "segments": Jsonb(part)}
    return {**row, "rows": rows_of(part)}


def _append(
    transaction: Transaction, export_id: UUID, kind: EventKind, details: Mapping[str, Any] | None = None
) -> None:
    transaction.later("append_event", export_id=export_id, kind=kind.value, details=Jsonb(details or {}))


def _append_progress(
    transaction: Transaction, export: Row, pace: Pace | None, last: Row | None, *, stored: int = 0
) -> None:
    """A progress event, unless the `last` one is of a moment ago: the next one tells as much. `stored` bytes are so
    only now."""
    if last is None or last["age_s"] >= PROGRESS_INTERVAL_S:
        left_s = None if pace is None else told_seconds(pace.seconds_left(export["clock"]))
        details = {"bytes_generated": export["bytes_generated"] + stored, "eta_seconds": left_s}
        kind = EventKind.PROGRESS.value
        transaction.later("append_quietly", export_id=export["id"], kind=kind, details=Jsonb(details))
        transaction.afterwards("notify_after", export_id=export["id"])


def _pace(export: Row) -> Pace | None:
    """None before its parts are known."""
    return None if export["pace"] is None else Pace.from_json(export["pace"])


def _finished(claim: Claim, pace: Pace, rows_before: int, busy_s: float) -> Pace:
    """The pace after a part was stored."""
    gained = cost_of(claim.segments, claim.rows) - cost_of(claim.segments, rows_before)
    return pace.store(claim.part_no, claim.segments["expectedBytes"], gained, busy_s)


def _pace_of(claim: Claim, parts: Iterable[tuple[Mapping[str, Any], int, bool]], memory: Memory) -> Pace:
    """Of an export whose parts are about to be made; with each the rows of it that there are already, and whether it is
    stored."""
    cost = size = made = stored = count = there = 0.0
    # Those that are late come behind all others.
    last: deque[float] = deque(maxlen=LAST_PARTS)
    for part, rows_done, done in sorted(parts, key=lambda one: bool(one[0].get("late"))):
        last.append(part["expectedBytes"])
        cost += cost_of(part, rows_of(part))
        made += cost_of(part, rows_done)
        size += part["expectedBytes"]
        stored += part["expectedBytes"] if done else 0
        count += 1
        there += done
    pace = replace(_expected(claim, cost, size, memory), parts=int(count), done=int(there), made=made, stored=stored)
    return replace(pace, last=tuple(last), finishing_s=memory.finishing_s(size))


def _expected(claim: Claim, cost: float, size: float, memory: Memory) -> Pace:
    """Of an export of so many bytes, by what others have shown."""
    seen = memory.making(claim.layout["extension"], size / max(1, claim.rows), size)
    expected = Speed(seen.gained * cost / max(1.0, size), seen.seconds)
    return memory.of_the_store(Pace(cost, size, expected=expected))


def _memory(found: Row | None) -> Memory:
    """What the last exports have shown."""
    return Memory(map(Shown.from_json, (found and found["shown"]) or ()))
