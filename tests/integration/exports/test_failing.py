"""What goes wrong on the way: what is tried again, what ends the export, and what is written down."""

import asyncio
import errno
import threading
from typing import Any

import pytest

from app.adapters.postgres.upkeep import Rescued
from app.errors import StorageFailed
from app.exports.models import Status
from app.exports.rendering import Order
from app.exports.retrying import RetryLater, RetryPolicy, WorkFailed
from tests.integration.exports.story import Failing, left_over, refreshed, start, stored
from tests.integration.exports.world import World, caller


async def test_storage_trouble_is_tried_again_twice(world: World) -> None:
    """Two failures are survived, and counted; the waits double from the base."""
    export = await start(world)
    Failing(world, "put_file", StorageFailed("the store is away", retryable=True), times=2)
    waits = []
    for _ in range(2):
        with pytest.raises(RetryLater) as later:
            await world.runner(retry=RetryPolicy(base_s=0.02)).run_export(export.id)
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


async def test_a_part_that_waits_for_a_retry_is_not_stranded(world: World) -> None:
    """The rescue leaves alone what has a job, and what is not due."""
    export = await start(world)
    Failing(world, "put_file", StorageFailed("away", retryable=True), times=1)
    with pytest.raises(RetryLater):
        await world.runner(retry=RetryPolicy()).run_export(export.id)
    await world.change("delete from queue.procrastinate_jobs")
    assert await world.upkeep.requeue_stranded() == Rescued()
    await world.change("update generator_export_parts set lease_expires_at = now() - interval '1 second'")
    assert [job.task for job in (await world.upkeep.requeue_stranded()).stranded] == ["run_export"]


async def test_a_worker_whose_clock_is_wrong_leaves_the_work_to_others(world: World) -> None:
    """The store refuses its signatures: that is no failure of the export, and costs it nothing."""
    export = await start(world)
    Failing(world, "put_file", StorageFailed("clock skewed", reason="clock_skewed", retryable=True), times=5)
    for _ in range(5):
        with pytest.raises(RetryLater):
            await world.runner().run_export(export.id)
    parts = await world.rows("select state, runs, attempts from generator_export_parts")
    assert parts == [("pending", 0, 0)]
    await world.runner().run_export(export.id)
    assert (await refreshed(world, export)).attempts == 0


async def test_a_worker_that_stops_while_it_takes_a_part_gives_it_back(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The claim is committed at that moment, and nobody waits for its lease."""
    export = await start(world)
    claim = world.ledger.claim
    taken = asyncio.Event()

    async def slowly(*arguments: Any) -> Any:
        claimed = await claim(*arguments)
        taken.set()
        await asyncio.sleep(0.05)
        return claimed

    monkeypatch.setattr(world.ledger, "claim", slowly)
    working = asyncio.create_task(world.runner().run_export(export.id))
    await taken.wait()
    working.cancel()
    with pytest.raises(asyncio.CancelledError):
        await working
    assert await world.rows("select state, runs from generator_export_parts") == [("pending", 0)]
