"""From queued to completed: whatever happens in between, the file's bytes are the single process's, once."""

import asyncio
import errno
import hashlib
import threading
from collections.abc import Awaitable, Callable
from itertools import pairwise
from pathlib import Path

import pytest

from app.adapters.objects.local import LocalObjectStore
from app.errors import StateConflict, StorageFailed
from app.exports.ledger import Claim, PartMade, Standing
from app.exports.models import Caller, Export, Status
from app.exports.rendering import Order
from app.exports.running import RetryLater, WorkFailed
from tests.integration.exports.world import World, caller, perform, request, several


async def eventually(holds: Callable[[], Awaitable[bool]], within_s: float = 10.0) -> None:
    """Waits until something holds."""
    async with asyncio.timeout(within_s):
        while not await holds():  # noqa: ASYNC110  # what is waited for happens in a database
            await asyncio.sleep(0.01)


async def start(world: World, rows: int = 100, alice: Caller | None = None) -> Export:
    return (await world.exports.create(alice or caller(), request(rows))).export


def stored(world: World, export: Export) -> bytes:
    return (world.folder / "objects" / export.object_path).read_bytes()


def left_over(world: World) -> list[Path]:
    """Files that no finished export accounts for: parts in the making, open uploads, half-written objects."""
    work = list((world.folder / "work").rglob("*"))
    return work + [path for path in (world.folder / "objects").rglob(".*/*") if path.exists()]


async def refreshed(world: World, export: Export) -> Export:
    return await world.exports.get(caller(export.owner_id), export.id)


async def test_a_small_export_is_one_job(world: World) -> None:
    """One job makes, stores and completes it; the counters are exact and the digest is the file's."""
    export = await start(world)
    await world.runner().run_export(export.id)
    done = await refreshed(world, export)
    expected = world.reference(100)
    assert stored(world, export) == expected
    assert (done.status, done.progress_percent, done.rows_generated) == (Status.COMPLETED, 100.0, 100)
    assert (done.bytes, done.bytes_generated, done.parts_done) == (len(expected), len(expected), 1)
    assert done.sha256 == hashlib.sha256(expected).hexdigest()
    assert done.expires_at is not None
    assert await world.kinds(export.id) == ["queued", "started", "progress", "completed"]
    assert left_over(world) == []


async def test_a_large_export_is_made_in_parts(world: World) -> None:
    """Parts are made by as many jobs, and the last of them brings the file together."""
    export = await start(world, 5_000)
    assert export.parts_total > 3
    await world.work_off()
    done = await refreshed(world, export)
    expected = world.reference(5_000)
    assert stored(world, export) == expected
    assert (done.status, done.rows_generated, done.parts_done) == (Status.COMPLETED, 5_000, export.parts_total)
    assert (done.bytes, done.sha256) == (len(expected), hashlib.sha256(expected).hexdigest())
    assert done.attempts == 0
    assert left_over(world) == []


async def test_an_archive_s_late_parts_wait_for_the_others(world: World) -> None:
    """A file of an archive that began in another part is ended when all of it is known; the bytes are the same."""
    world.schemas.snapshot = several(3)
    export = await start(world, 5_000)
    assert export.extension == "zip"
    ((late,),) = await world.rows("select segments -> 'late' from generator_export_parts where part_no = 0")
    assert late
    await world.runner().run_export(export.id)
    early = {arguments["part_no"] for task, arguments in await world.jobs() if task == "generate_part"}
    assert early == set(range(1, export.parts_total + 1)) - set(late)
    await world.runner().generate_part(export.id, late[0])  # too early: nothing comes of it
    assert world.renderer.orders == []
    await world.work_off()
    assert (await refreshed(world, export)).status is Status.COMPLETED
    assert stored(world, export) == world.reference(5_000, tables=3)


async def test_an_export_of_no_rows_completes(world: World) -> None:
    """A file may be empty but for its header."""
    export = await start(world, 0)
    await world.work_off()
    done = await refreshed(world, export)
    assert (done.status, done.progress_percent) == (Status.COMPLETED, 100.0)
    assert stored(world, export) == world.reference(0)


async def test_fan_in_happens_once_under_concurrent_workers(world: World) -> None:
    """However the workers race, the count comes full once, and the export is completed once."""
    export = await start(world, 8_000)
    runner = world.runner()
    await runner.run_export(export.id)
    numbers = range(1, export.parts_total + 1)
    # Each part twice: as when the queue delivers a job again.
    await asyncio.gather(*(runner.generate_part(export.id, number) for number in [*numbers, *numbers]))
    finalisers = [task for task, _ in await world.jobs() if task == "finalise_export"]
    assert len(finalisers) == 1
    await asyncio.gather(*(runner.finalise_export(export.id) for _ in range(4)))
    kinds = await world.kinds(export.id)
    assert kinds.count("completed") == 1
    assert stored(world, export) == world.reference(8_000)
    assert (await refreshed(world, export)).parts_done == export.parts_total


async def test_a_zombies_result_is_refused(world: World) -> None:
    """Once its lease has run out and another has taken the part, a worker's word counts for nothing."""
    export = await start(world, 5_000)
    await world.runner().run_export(export.id)
    zombie = await world.ledger.claim(export.id, 1, 0.01)
    assert isinstance(zombie, Claim)
    await asyncio.sleep(0.02)
    heir = await world.ledger.claim(export.id, 1, 30.0)
    assert isinstance(heir, Claim)
    made = PartMade("etag", 1, 1, "0" * 64, {})
    assert await world.ledger.report(zombie, 10, 30.0) is Standing.LOST
    assert not await world.ledger.finish_part(zombie, made)
    await world.ledger.put_back(zombie, refund=False)
    assert await world.ledger.report(heir, 10, 30.0) is Standing.HELD
    assert (await refreshed(world, export)).parts_done == 0


async def test_a_held_part_is_left_alone(world: World) -> None:
    """While its lease lasts, nobody else gets a part."""
    export = await start(world, 5_000)
    await world.runner().run_export(export.id)
    assert isinstance(await world.ledger.claim(export.id, 1, 30.0), Claim)
    await world.runner().generate_part(export.id, 1)
    assert world.renderer.orders == []


async def test_what_a_dead_worker_left_is_taken_up(world: World) -> None:
    """When a lease has run out and no job is going there, the part is queued again; and only then."""
    export = await start(world, 5_000)
    await world.runner().run_export(export.id)
    assert isinstance(await world.ledger.claim(export.id, 2, 0.01), Claim)
    await world.change("delete from queue.procrastinate_jobs where (args ->> 'part_no')::int in (2, 3)")
    await asyncio.sleep(0.02)
    taken_up = [job.arguments for job in await world.upkeep.requeue_stranded()]
    assert sorted(found["part_no"] for found in taken_up) == [2, 3]
    assert await world.upkeep.requeue_stranded() == []
    await world.work_off()
    assert (await refreshed(world, export)).status is Status.COMPLETED
    assert stored(world, export) == world.reference(5_000)


@pytest.mark.parametrize("lost", ["run_export", "finalise_export"])
async def test_a_lost_job_of_the_whole_is_taken_up(world: World, lost: str) -> None:
    """An export whose start or end has no job any more gets another one."""
    export = await start(world, 5_000)
    while (jobs := await world.jobs())[0][0] != lost:
        task, arguments = jobs[0]
        await world.change(
            "update queue.procrastinate_jobs set status = 'doing' where id ="
            "(select id from queue.procrastinate_jobs where status = 'todo' order by priority desc, id limit 1)"
        )
        await perform(world.runner(), task, arguments)
        await world.change("update queue.procrastinate_jobs set status = 'succeeded' where status = 'doing'")
    await world.change("delete from queue.procrastinate_jobs")
    assert [job.task for job in await world.upkeep.requeue_stranded()] == [lost]
    await world.work_off()
    assert (await refreshed(world, export)).status is Status.COMPLETED


async def test_a_poisoned_part_fails_after_its_run_cap(world: World) -> None:
    """A part that kills every worker does not go round for ever."""
    export = await start(world, 5_000)
    runner = world.runner(run_cap=3)
    await runner.run_export(export.id)
    for _ in range(3):
        assert isinstance(await world.ledger.claim(export.id, 1, 0.0), Claim)
    with pytest.raises(WorkFailed):
        await runner.generate_part(export.id, 1)
    done = await refreshed(world, export)
    assert done.status is Status.FAILED
    assert done.error_details is not None
    assert done.error_details["code"] == "part_poisoned"


# -- failures ---------------------------------------------------------------------------------------------------------


class Failing:
    """Makes a method of the object store fail so many times."""

    def __init__(self, world: World, method: str, error: Exception, times: int) -> None:
        self.left = times
        original = getattr(world.objects, method)

        async def fail(*arguments: object, **named: object) -> object:
            if self.left > 0:
                self.left -= 1
                raise error
            return await original(*arguments, **named)

        setattr(world.objects, method, fail)


async def test_storage_trouble_is_tried_again_twice(world: World) -> None:
    """Two failures are survived, and counted; the waits double from the base."""
    export = await start(world)
    Failing(world, "put_file", StorageFailed("the store is away", retryable=True), times=2)
    waits = []
    for _ in range(2):
        with pytest.raises(RetryLater) as later:
            await world.runner(retry_base_s=0.02).run_export(export.id)
        waits.append(later.value.wait_s)
        await asyncio.sleep(0.1)
    await world.runner().run_export(export.id)
    done = await refreshed(world, export)
    assert (done.status, done.attempts, done.error_details) == (Status.COMPLETED, 2, None)
    assert 0.02 <= waits[0] <= 0.022
    assert 0.04 <= waits[1] <= 0.044
    assert await world.kinds(export.id) == ["queued", "started", "retry", "retry", "progress", "completed"]


async def test_the_last_failure_ends_the_export(world: World) -> None:
    """After the retries the export has failed, and its record says of what, without a secret."""
    export = await start(world)
    Failing(world, "put_file", StorageFailed("the store is away", retryable=True), times=9)
    await world.work_off()
    done = await refreshed(world, export)
    assert (done.status, done.attempts) == (Status.FAILED, 3)
    assert done.error_details == {
        "code": "storage_failed",
        "message": "the store is away",
        "cause": "StorageFailed",
        "part": 0,
        "attempt": 3,
    }
    assert (await world.kinds(export.id))[-1] == "failed"
    assert left_over(world) == []


async def test_a_data_error_fails_at_once(world: World) -> None:
    """What the engine cannot make it will not be able to make a minute later."""
    from app.exports.failures import GenerationFailed

    def refuse(order: Order) -> None:
        raise GenerationFailed("no value is left for public.numbers.n")

    export = await start(world)
    world.renderer.before_chunk = refuse
    with pytest.raises(WorkFailed):
        await world.runner().run_export(export.id)
    done = await refreshed(world, export)
    assert (done.status, done.attempts) == (Status.FAILED, 1)
    assert done.error_details is not None
    assert done.error_details["code"] == "generation_failed"


async def test_a_full_disk_fails_clearly(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """A full disk is said to be one, at once, and leaves no half file."""

    def full(fd: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    export = await start(world)
    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(WorkFailed):
        await world.runner().run_export(export.id)
    done = await refreshed(world, export)
    assert done.status is Status.FAILED
    assert done.error_details is not None
    assert done.error_details["code"] == "storage_full"
    assert not (world.folder / "objects" / export.object_path).exists()
    assert left_over(world) == []


async def test_an_unknown_error_tells_nothing_of_itself(world: World) -> None:
    """The text of an exception from elsewhere may hold anything; the record gets its kind alone."""
    export = await start(world)
    Failing(world, "put_file", ValueError("password=hunter2"), times=9)
    await world.work_off()
    done = await refreshed(world, export)
    assert done.error_details is not None
    assert (done.error_details["code"], done.error_details["cause"]) == ("internal_error", "ValueError")
    assert "hunter2" not in str(done.error_details)


async def test_a_lost_upload_is_begun_anew(world: World) -> None:
    """When the store has forgotten an upload, its parts are made again into a new one."""
    export = await start(world, 5_000)
    await world.runner().run_export(export.id)
    await world.runner().generate_part(export.id, 1)
    ((upload_id,),) = await world.rows("select upload_id from generator_exports")
    await world.objects.abort_upload(export.object_path, upload_id)
    await world.work_off()
    done = await refreshed(world, export)
    assert (done.status, done.rows_generated) == (Status.COMPLETED, 5_000)
    assert stored(world, export) == world.reference(5_000)


async def test_a_retried_export_goes_on_from_its_finished_parts(world: World) -> None:
    """What was stored is not made again."""
    export = await start(world, 5_000)
    Failing(world, "put_part", StorageFailed("not today", retryable=False), times=0)
    await world.runner().run_export(export.id)
    await world.runner().generate_part(export.id, 1)
    Failing(world, "put_part", StorageFailed("not today", retryable=False), times=1)
    await world.work_off()
    failed = await refreshed(world, export)
    assert failed.status is Status.FAILED
    done_parts = failed.parts_done
    assert 1 <= done_parts < export.parts_total
    world.renderer.orders.clear()
    again = await world.exports.retry(caller(export.owner_id), export.id)
    assert (again.status, again.parts_done) == (Status.QUEUED, done_parts)
    await world.work_off()
    assert (await refreshed(world, export)).status is Status.COMPLETED
    assert stored(world, export) == world.reference(5_000)
    assert sum(order.kind == "part" for order in world.renderer.orders) == export.parts_total - done_parts


async def test_a_worker_that_stops_puts_its_part_back(world: World) -> None:
    """A deploy costs no attempt and no run: the part is as if it had never been taken."""
    export = await start(world, 5_000)
    runner = world.runner()
    await runner.run_export(export.id)
    begun, go_on = threading.Event(), threading.Event()

    def hold(order: Order) -> None:
        begun.set()
        go_on.wait(10)

    world.renderer.before_chunk = hold
    working = asyncio.create_task(runner.generate_part(export.id, 1))
    await asyncio.to_thread(begun.wait, 10)
    working.cancel()
    go_on.set()
    with pytest.raises(asyncio.CancelledError):
        await working
    parts = await world.rows("select state, runs, attempts from generator_export_parts where part_no = 1")
    assert parts == [("pending", 0, 0)]
    world.renderer.before_chunk = lambda order: None
    await world.work_off()
    assert (await refreshed(world, export)).attempts == 0


# -- cancelling -------------------------------------------------------------------------------------------------------


async def test_cancel_before_the_start(world: World) -> None:
    """A queued export ends at once, and its job finds nothing to do."""
    export = await start(world)
    cancelled = await world.exports.cancel(caller(export.owner_id), export.id)
    assert cancelled.status is Status.CANCELLED
    await world.work_off()
    assert await world.kinds(export.id) == ["queued", "cancelled"]
    assert not (world.folder / "objects" / export.object_path).exists()


@pytest.mark.parametrize("rows", [1_000, 5_000], ids=["whole", "parts"])
async def test_cancel_while_it_runs(world: World, rows: int) -> None:
    """The worker notices between two chunks; no file, no upload and no half part is left."""
    export = await start(world, rows)
    runner = world.runner()
    if export.parts_total > 1:
        await runner.run_export(export.id)
    begun = threading.Event()

    def slow(order: Order) -> None:
        begun.set()
        threading.Event().wait(0.05)

    world.renderer.before_chunk = slow
    work = runner.run_export(export.id) if export.parts_total == 1 else runner.generate_part(export.id, 1)
    working = asyncio.create_task(work)
    await asyncio.to_thread(begun.wait, 10)
    assert (await world.exports.cancel(caller(export.owner_id), export.id)).status is Status.CANCELLING
    await working
    assert (await refreshed(world, export)).status is Status.CANCELLED
    assert (await world.kinds(export.id))[-2:] == ["cancelling", "cancelled"]
    assert not (world.folder / "objects" / export.object_path).exists()
    await eventually(lambda: _nothing_left(world))
    await world.work_off()  # the jobs of the other parts
    assert (await world.kinds(export.id))[-1] == "cancelled"


async def _nothing_left(world: World) -> bool:
    return left_over(world) == []


async def test_cancel_racing_completion_ends_in_one_state(world: World) -> None:
    """Whoever commits first decides; afterwards there is one terminal event, and a file only if it completed."""
    outcomes = set()
    for _ in range(12):
        export = await start(world)
        outcome = await asyncio.gather(
            world.runner().run_export(export.id),
            world.exports.cancel(caller(export.owner_id), export.id),
            return_exceptions=True,
        )
        assert outcome[0] is None
        assert isinstance(outcome[1], Export | StateConflict)
        await world.work_off()
        done = await refreshed(world, export)
        outcomes.add(done.status)
        kinds = await world.kinds(export.id)
        assert sum(kind in ("completed", "cancelled", "failed") for kind in kinds) == 1
        assert (world.folder / "objects" / export.object_path).exists() == (done.status is Status.COMPLETED)
    assert outcomes <= {Status.COMPLETED, Status.CANCELLED}


async def test_cancel_at_the_last_moment_removes_the_file(world: World) -> None:
    """A cancel that comes after the file was stored and before it was written down still wins, and removes it."""
    export = await start(world)
    original = LocalObjectStore.put_file

    async def put_then_cancel(key: str, path: Path, content_type: str) -> object:
        found = await original(world.objects, key, path, content_type)
        await world.exports.cancel(caller(export.owner_id), export.id)
        return found

    world.objects.put_file = put_then_cancel  # type: ignore[method-assign,assignment]  # one store of one test
    await world.runner().run_export(export.id)
    await world.work_off()
    assert await world.kinds(export.id) == ["queued", "started", "cancelling", "cancelled"]
    assert not (world.folder / "objects" / export.object_path).exists()


async def test_a_cancelled_export_that_nobody_works_on_is_settled(world: World) -> None:
    """Its worker may be dead: when the lease is over, the job that cancel queued ends it."""
    export = await start(world, 5_000)
    await world.runner().run_export(export.id)
    assert isinstance(await world.ledger.claim(export.id, 1, 0.2), Claim)
    await world.exports.cancel(caller(export.owner_id), export.id)
    assert not await world.runner().settle_cancel(export.id)
    await asyncio.sleep(0.25)
    assert await world.runner().settle_cancel(export.id)
    assert (await refreshed(world, export)).status is Status.CANCELLED
    assert left_over(world) == []


# -- afterwards -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("rows", [100, 5_000], ids=["whole", "parts"])
async def test_a_cancelled_export_can_be_run_again(world: World, rows: int) -> None:
    """It starts anew, and comes to the same bytes."""
    export = await start(world, rows)
    alice = caller(export.owner_id)
    await world.runner().run_export(export.id) if rows > 100 else None
    await world.exports.cancel(alice, export.id)
    await world.work_off()
    await world.exports.retry(alice, export.id)
    await world.work_off()
    done = await refreshed(world, export)
    assert (done.status, done.rows_generated) == (Status.COMPLETED, rows)
    assert stored(world, export) == world.reference(rows)


async def test_delete_removes_row_and_file(world: World) -> None:
    """Nothing of it is left, but the record that it was there; while it runs it cannot be deleted."""
    export = await start(world)
    alice = caller(export.owner_id)
    await world.work_off()
    await world.exports.delete(alice, export.id)
    assert await world.rows("select count(*) from generator_exports") == [(0,)]
    assert not (world.folder / "objects" / export.object_path).exists()
    assert await world.rows("select count(*) from seedbed.orphaned_objects") == [(0,)]
    running = await start(world, 5_000, alice)
    await world.runner().run_export(running.id)
    with pytest.raises(StateConflict):
        await world.exports.delete(alice, running.id)


def _slowly(_: Order) -> None:
    threading.Event().wait(0.03)


async def test_progress_is_exact_and_coalesced(world: World) -> None:
    """Many chunks, few events: the first and the last are told, numbers never fall, the sum is exact."""
    export = await start(world, 1_000)
    world.renderer.before_chunk = _slowly
    await world.runner(chunk_rows=20).run_export(export.id)
    events = await world.exports.events_after(caller(export.owner_id), export.id)
    progress = [event for event in events if event.kind == "progress"]
    counts = [event.rows_generated for event in progress]
    assert counts == sorted(counts)
    assert 0 < counts[0] < 1_000
    assert counts[-1] == 1_000
    assert progress[-1].progress_percent == 100.0
    gaps = [(b.created_at - a.created_at).total_seconds() for a, b in pairwise(progress[:-1])]
    assert all(gap >= 0.25 for gap in gaps)
    assert len(progress) < 15
    assert [event.seq for event in events] == list(range(1, len(events) + 1))


async def test_all_workers_together_keep_to_the_pace_of_events(world: World) -> None:
    """Each event wakes every listener, so it is the export's events that are limited, not a worker's."""
    export = await start(world, 5_000)
    await world.runner().run_export(export.id)
    claims = [await world.ledger.claim(export.id, number, 30.0) for number in (1, 2, 3)]
    for rows in range(10, 100, 10):
        for claim in claims:
            assert isinstance(claim, Claim)
            await world.ledger.report(claim, rows, 30.0)
    events = await world.exports.events_after(caller(export.owner_id), export.id)
    moments = [event.created_at for event in events if event.kind == "progress"]
    assert all((later - earlier).total_seconds() >= 0.25 for earlier, later in pairwise(moments))
    assert (await refreshed(world, export)).rows_generated == 3 * 90


async def test_a_part_that_waits_for_a_retry_is_not_stranded(world: World) -> None:
    """The rescue leaves alone what has a job, and what is not due."""
    export = await start(world)
    Failing(world, "put_file", StorageFailed("away", retryable=True), times=1)
    with pytest.raises(RetryLater):
        await world.runner(retry_base_s=30.0).run_export(export.id)
    await world.change("delete from queue.procrastinate_jobs")
    assert await world.upkeep.requeue_stranded() == []
    await world.change("update generator_export_parts set lease_expires_at = now() - interval '1 second'")
    assert [job.task for job in await world.upkeep.requeue_stranded()] == ["run_export"]
