"""What workers do: carry an export from queued to its end, part by part.

Each method is one job's work and may be run any number of times, by any number of workers at once: what is done is
not done again, and what somebody else holds is left alone. The ledger's claims see to both.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID

import structlog

from app.errors import DatabaseUnavailable, SeedbedError, StorageFailed
from app.exports.checking import check_parts, is_stored
from app.exports.digesting import Digests
from app.exports.failures import ChecksumMismatch, classify
from app.exports.ledger import WHOLE, Claim, FileMade, Ledger, PartMade, Refusal, Standing
from app.exports.models import Status
from app.exports.observation import Observer, Outcome, Unobserved
from app.exports.ports import ObjectStore
from app.exports.progress import ChunkLines, ClaimLost, ExportCancelled, ExportEnded, Progress, go_on, watch
from app.exports.rendering import Order, Rendered, Renderer
from app.exports.retrying import RetryLater, RetryPolicy, WorkFailed
from app.exports.weighing import files_to_weigh, row_costs
from app.logging import bind
from app.tracing import Traced, span

log = structlog.get_logger(__name__)

T = TypeVar("T")

# How long a result that is at hand is kept while the database is away, before the work is given up for another run.
PERSIST_S = 90.0
_PERSIST_WAITS_S = (0.1, 0.2, 0.5, 1.0, 2.0)
# How long work is left to other workers that this one is not fit for.
_UNFIT_WAIT_S = 2.0
# A chunk costs by itself what hundreds of rows do. Whoever asks for small ones has so many, or some of that size.
_MOST_SMALL_CHUNKS = 100
_LEAST_CHUNK_ROWS = 1_000
# What a store says of an upload out of which the file cannot be made any more: the parts are to be stored again.
_UPLOAD_SPOILT = frozenset({"upload_missing", "invalid_part", "size_mismatch"})


@dataclass(frozen=True, slots=True)
class RunnerOptions:
    """`lease_s`: how long a part may go without a sign of life before others take it."""

    work_dir: Path
    chunk_rows: int = 10_000
    retry: RetryPolicy = field(default_factory=RetryPolicy)
    lease_s: float = 60.0
    run_cap: int = 25


class ExportRunner:
    """The worker's use cases."""

    def __init__(
        self,
        ledger: Ledger,
        objects: ObjectStore,
        renderer: Renderer,
        options: RunnerOptions,
        observer: Observer | None = None,
    ) -> None:
        self._ledger = ledger
        self._objects = objects
        self._renderer = renderer
        self._options = options
        self._observer = observer or Unobserved()
        self.digests = Digests(ledger)

    async def run_export(self, export_id: UUID) -> None:
        """Makes a file of one part; cuts a larger one into parts and queues them."""
        claim = await self._claim(export_id, WHOLE)
        if claim is not None:
            await self._attempt(claim, self._make_whole if claim.parts_total == 1 else self._split)

    async def generate_part(self, export_id: UUID, part_no: int) -> None:
        """Makes and stores one part of a larger file."""
        claim = await self._claim(export_id, part_no)
        if claim is not None:
            await self._attempt(claim, self._make_part)

    async def finalise_export(self, export_id: UUID) -> None:
        """Puts the file together when all parts are there, checks it, and completes the export."""
        claim = await self._claim(export_id, WHOLE)
        if claim is not None:
            await self._attempt(claim, self._finalise)

    async def settle_cancel(self, export_id: UUID) -> bool:
        """Ends an export that is being cancelled, unless somebody alive still works on it: then False."""
        async with self._ledger.settling(export_id) as found:
            if found is None:
                return True
            if found.parts_running:
                return False
            # Nobody can start a part of an export that is cancelling, so nothing is written after this.
            if found.upload_id is not None:
                await self._objects.abort_upload(found.object_path, found.upload_id)
            await self._objects.delete(found.object_path)
        self._observer.export_ended(Status.CANCELLED, None)
        log.info("export_cancelled", export_id=str(export_id))
        return True

    # -- an attempt ---------------------------------------------------------------------------------------------------

    async def _claim(self, export_id: UUID, part_no: int) -> Claim | None:
        claiming = asyncio.ensure_future(self._ledger.claim(export_id, part_no, self._options.lease_s))
        try:
            claim = await asyncio.shield(claiming)
        except asyncio.CancelledError:
            # Told to stop while it was being taken: it goes back now, rather than when its lease is over.
            with suppress(DatabaseUnavailable):
                taken = await claiming
                if isinstance(taken, Claim):
                    await self._put_back(taken, refund=True)
            raise
        if isinstance(claim, Claim):
            if part_no == WHOLE and claim.upload_id is None and claim.runs == 1:
                self._observer.export_started(claim)
            return claim
        log.debug("nothing_to_do", export_id=str(export_id), part=part_no, why=claim.name.lower())
        if claim is Refusal.CANCELLING:
            await self.settle_cancel(export_id)
        return None

    async def _attempt(self, claim: Claim, work: Callable[[Claim, Progress], Coroutine[Any, Any, None]]) -> None:
        """Runs the work under its claim, and writes down how it ended if the work has not."""
        kind = work.__name__.strip("_")
        traced_as = span(f"part {kind}", export_id=str(claim.export_id), part=claim.part_no, run=claim.runs)
        # Whatever is logged inside, by whom ever, says of which request and part.
        with bind(**_facts(claim)), traced_as as traced:
            await self._attempt_traced(claim, kind, work, traced)

    async def _attempt_traced(
        self, claim: Claim, kind: str, work: Callable[[Claim, Progress], Coroutine[Any, Any, None]], traced: Traced
    ) -> None:
        facts = _facts(claim)
        began = asyncio.get_running_loop().time()
        log.info("part_started", **facts, work=kind, run=claim.runs, attempt=claim.attempts + 1)
        progress = Progress(claim)
        outcome = Outcome.DONE
        try:
            if claim.runs > self._options.run_cap:
                raise PartPoisoned(f"the part was begun {claim.runs - 1} times, and its worker was lost each time")
            await watch(work(claim, progress), progress, self._ledger, self._options.lease_s)
        except asyncio.CancelledError:
            # The worker is told to stop: the part goes back as if it had never been taken.
            outcome = Outcome.PUT_BACK
            await asyncio.shield(self._put_back(claim, refund=True))
            log.info("part_put_back", **facts, why="shutdown")
            raise
        except ClaimLost:
            outcome = await self._let_go(claim, Standing.LOST)
        except ExportCancelled:
            outcome = await self._let_go(claim, Standing.CANCELLING)
        except ExportEnded:
            outcome = await self._let_go(claim, Standing.ENDED)
        except Exception as error:
            if _is_ours(error):
                outcome = Outcome.PUT_BACK
                await self._put_back(claim, refund=True)
                log.error("part_put_back", **facts, why="this worker's clock is wrong", exc_info=error)
                raise RetryLater(_UNFIT_WAIT_S) from error
            outcome = Outcome.FAILED
            outcome, verdict = await self._fail(claim, error)
            if verdict is not None:
                raise verdict from error
        else:
            seconds = round(asyncio.get_running_loop().time() - began, 3)
            log.info("part_finished", **facts, work=kind, rows=progress.rows, seconds=seconds)
        finally:
            traced.note(outcome=outcome.value, rows=progress.rows)
            self._observer.part_ended(kind, outcome, asyncio.get_running_loop().time() - began, progress.rows)

    async def _fail(self, claim: Claim, error: Exception) -> tuple[Outcome, Exception | None]:
        """Writes a failure down; what became of the run, and what the queue is to be told."""
        failure = classify(error)
        attempt = claim.attempts + 1
        spoilt = _is_spoilt(claim, error)
        asked_s = error.facts.get("retry_after_s") if isinstance(error, StorageFailed) else None
        wait_s = self._options.retry.wait_s(attempt, asked_s) if failure.retryable or spoilt else None
        retry = wait_s is not None
        log.error("part_failed", **_facts(claim), code=failure.code, attempt=attempt, retry=retry, exc_info=error)
        if retry and spoilt:
            # The parts that were stored are of no more use; making one of them again would help nothing.
            standing = await self._persist(lambda: self._ledger.restart_upload(claim, failure))
            if standing is not Standing.HELD:
                return await self._let_go(claim, standing), None
            if claim.upload_id is not None:
                await self._drop_upload(claim.object_path, claim.upload_id)
            return Outcome.RETRIED, None
        held = await self._persist(lambda: self._ledger.fail(claim, failure, wait_s))
        if not held:
            return Outcome.FENCED, None
        if wait_s is not None:
            return Outcome.RETRIED, RetryLater(wait_s)
        self._observer.export_ended(Status.FAILED, claim)
        return Outcome.FAILED, WorkFailed(failure.code)

    async def _let_go(self, claim: Claim, standing: Standing) -> Outcome:
        """Gives up work that is another's now, or nobody's any more."""
        if standing is Standing.LOST:
            log.warning("claim_lost", **_facts(claim))
            return Outcome.FENCED
        await self._put_back(claim, refund=True)
        log.info("part_put_back", **_facts(claim), why=standing.name.lower())
        if standing is Standing.CANCELLING:
            await self.settle_cancel(claim.export_id)
        return Outcome.PUT_BACK

    async def _drop_upload(self, object_path: str, upload_id: str) -> None:
        """Drops an upload that no row is going to name; what cannot be dropped now, the sweep finds in the store."""
        try:
            await self._objects.abort_upload(object_path, upload_id)
        except StorageFailed as error:
            log.warning("upload_left_to_the_sweep", object_path=object_path, reason=error.facts.get("reason"))

    async def _put_back(self, claim: Claim, *, refund: bool) -> None:
        try:
            await self._ledger.put_back(claim, refund=refund)
        except DatabaseUnavailable:
            log.warning("part_left_to_its_lease", **_facts(claim))

    async def _persist(self, write: Callable[[], Awaitable[T]]) -> T:
        """Reads, or writes down what is done, through a restart of the database: the token keeps it from harm."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + PERSIST_S
        attempt = 0
        while True:
            try:
                return await write()
            except DatabaseUnavailable:
                if loop.time() > deadline:
                    raise
                await asyncio.sleep(_PERSIST_WAITS_S[min(attempt, len(_PERSIST_WAITS_S) - 1)])
                attempt += 1

    # -- the kinds of work -------------------------------------------------------------------------------------------

    async def _make_whole(self, claim: Claim, progress: Progress) -> None:
        async with self._work_file(claim) as path:
            made = await self._render(claim, Order("whole", str(path), claim.plan_json, claim.layout), progress)
            with progress.storing(made.bytes):
                stored = await self._objects.put_file(claim.object_path, path, claim.content_type, progress.send)
        _check_size(stored.size, made.bytes)
        if not stored.proven:
            async with self._checking(claim):
                if not await is_stored(self._objects, claim.object_path, made.bytes, made.crc32):
                    raise _mismatch(made.bytes, made.crc32)
        await self._complete(claim, progress, FileMade(made.bytes, made.sha256, made.crc32))

    async def _split(self, claim: Claim, progress: Progress) -> None:
        opened = None
        if claim.upload_id is None:
            opened = await self._objects.open_upload(claim.object_path, claim.content_type)
        upload_id = claim.upload_id or opened
        assert upload_id is not None
        costs = row_costs(claim.layout, await self._weigh(claim))
        standing = await self._persist(lambda: self._ledger.split(claim, upload_id, costs))
        if standing is not Standing.HELD and opened is not None:
            await self._drop_upload(claim.object_path, opened)
        go_on(standing)

    async def _weigh(self, claim: Claim) -> dict[int, float]:
        """What a row costs of the files that make up most of the export: seconds, by the file's place in the layout.
        Predicting goes without where that fails, as where a wild plan ends the process."""
        files = files_to_weigh(claim.layout)
        if not files:
            return {}
        try:
            async with self._work_file(claim) as path:
                order = Order("sample", str(path), claim.plan_json, claim.layout, files=tuple(files))
                sampled = await self._renderer.render(order, lambda rows: None)
        except (SeedbedError, OSError) as error:
            log.warning("not_weighed", **_facts(claim), cause=type(error).__name__)
            return {}
        return {int(index): float(cost) for index, cost in sampled.facts["costs"].items()}

    async def _make_part(self, claim: Claim, progress: Progress) -> None:
        assert claim.upload_id is not None
        order = Order("part", "", claim.plan_json, claim.layout, part=claim.segments, earlier=tuple(claim.earlier))
        async with self._work_file(claim) as path:
            made = await self._render(claim, replace(order, path=str(path)), progress)
            async with self.digests.through(claim, path, made.sha256):
                with progress.storing(made.bytes):
                    etag = await self._objects.put_part(
                        claim.object_path, claim.upload_id, claim.part_no, path, progress.send
                    )
        part = PartMade(etag, made.bytes, made.crc32, made.sha256, made.facts)
        progress.finish()
        if not await self._persist(lambda: self._ledger.finish_part(claim, part, progress.take_busy_s())):
            raise ClaimLost

    async def _finalise(self, claim: Claim, progress: Progress) -> None:
        parts = await self._persist(lambda: self._ledger.finished_parts(claim.export_id))
        if len(parts) < claim.parts_total or claim.upload_id is None:
            await self._put_back(claim, refund=True)
            return
        facts = tuple(part.facts for part in parts)
        stored = [(part.part_no, part.etag) for part in parts]
        async with self._work_file(claim) as path:
            order = Order("tail", str(path), claim.plan_json, claim.layout, earlier=facts)
            tail = await self._render(claim, order, progress)
            size = sum(part.bytes for part in parts) + tail.bytes
            proven = await self._put_together(claim, stored, path if tail.bytes else None, size)
            parts = await self._persist(lambda: self.digests.whole(claim, parts))
            async with self._checking(claim):
                expected = (size, tail.crc32)
                made = await check_parts(self._objects, claim.object_path, parts, path, expected, proven=proven)
                if made is None:
                    raise _mismatch(*expected)
        await self._complete(claim, progress, made)

    async def _put_together(self, claim: Claim, stored: list[tuple[int, str]], tail: Path | None, size: int) -> bool:
        """Makes one object of `size` bytes out of the stored parts and the tail; whether the store has proved that."""
        assert claim.upload_id is not None
        try:
            if tail is not None:
                number = claim.parts_total + 1
                etag = await self._objects.put_part(claim.object_path, claim.upload_id, number, tail)
                stored = [*stored, (number, etag)]
            finished = await self._objects.complete_upload(claim.object_path, claim.upload_id, stored, size)
        except StorageFailed as error:
            reason = error.facts.get("reason")
            if reason == "size_mismatch":
                await self._objects.delete(claim.object_path)
            # An earlier run completed it, and the answer was lost: its object is read back like any other.
            if reason != "upload_missing" or await self._objects.head(claim.object_path) != size:
                raise
            return False
        _check_size(finished.size, size)
        return finished.proven

    async def _complete(self, claim: Claim, progress: Progress, made: FileMade) -> None:
        progress.finish()
        standing = await self._persist(lambda: self._ledger.complete(claim, made, progress.take_busy_s()))
        if standing is Standing.ENDED:
            # It ended while we were storing its file, which nobody would ever remove; or has it been run again?
            async with self._ledger.removing(claim.export_id) as nobodys:
                if nobodys:
                    await self._objects.delete(claim.object_path)
        go_on(standing)
        self._observer.export_ended(Status.COMPLETED, claim, made.bytes)
        log.info("export_completed", **_facts(claim), bytes=made.bytes, sha256=made.sha256)

    async def _render(self, claim: Claim, order: Order, progress: Progress) -> Rendered:
        order = replace(order, chunk_rows=_chunk_rows(claim, self._options.chunk_rows))
        lines = ChunkLines(_facts(claim))

        def on_chunk(rows: int) -> None:
            progress.add(rows)
            lines.add(rows, progress.rows)

        try:
            with span("generate"):
                rendered = await self._renderer.render(order, on_chunk)
            self._observer.rendered(rendered.bytes)
            return rendered
        finally:
            lines.flush()

    @asynccontextmanager
    async def _checking(self, claim: Claim) -> AsyncIterator[None]:
        """An object that is not what was made is removed."""
        try:
            yield
        except StorageFailed as error:
            if error.facts.get("reason") != "object_missing":
                raise
            raise ChecksumMismatch("the store lost the file that it had taken") from error
        except ChecksumMismatch:
            await self._objects.delete(claim.object_path)
            raise

    @asynccontextmanager
    async def _work_file(self, claim: Claim) -> AsyncIterator[Path]:
        """A place for the bytes of this claim alone, removed at the end."""
        path = self._options.work_dir / f"{claim.token}.part"
        try:
            yield path
        finally:
            path.unlink(missing_ok=True)


class PartPoisoned(SeedbedError):
    """Every worker that began this part was lost."""

    code = "part_poisoned"


def _is_spoilt(claim: Claim, error: Exception) -> bool:
    """Whether the file cannot be made of what was stored of it, and has to be begun anew."""
    if claim.parts_total == 1:
        return False
    if isinstance(error, StorageFailed):
        return error.facts.get("reason") in _UPLOAD_SPOILT
    return isinstance(error, ChecksumMismatch)


def _is_ours(error: Exception) -> bool:
    """Whether it is this machine that is wrong rather than the work: any other worker may well do it."""
    return isinstance(error, StorageFailed) and error.facts.get("reason") == "clock_skewed"


def _mismatch(size: int, crc: int) -> ChecksumMismatch:
    return ChecksumMismatch(f"the store does not hold the {size:,} bytes of CRC-32 {crc:08x} that were sent")


def _check_size(stored: int, made: int) -> None:
    if stored != made:
        raise ChecksumMismatch(f"the store holds {stored:,} bytes where {made:,} were written")


def _chunk_rows(claim: Claim, default: int) -> int:
    """How many rows of a part are made at once. One by one, a thousand times the work would count as none."""
    if claim.chunk_rows is None:
        return default
    return max(claim.chunk_rows, min(_LEAST_CHUNK_ROWS, -(-claim.rows // _MOST_SMALL_CHUNKS)))


def _facts(claim: Claim) -> dict[str, Any]:
    return {"export_id": str(claim.export_id), "request_id": claim.request_id, "part": claim.part_no}
