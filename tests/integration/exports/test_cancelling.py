"""Cancelling before, during and at the very end; running again; deleting."""

import asyncio
import threading
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from app.adapters.objects.local import LocalObjectStore
from app.errors import StateConflict, StorageFailed
from app.exports.ledger import Claim, Standing
from app.exports.models import Export, Status
from app.exports.rendering import Order
from tests.integration.exports.story import eventually, left_over, refreshed, start, stored
from tests.integration.exports.world import World, caller


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

    async def put_then_cancel(key: str, path: Path, content_type: str, *_: object) -> object:
        found = await original(world.objects, key, path, content_type)
        await world.exports.cancel(caller(export.owner_id), export.id)
        return found

    world.objects.put_file = put_then_cancel  # type: ignore[method-assign,assignment]  # one store of one test
    await world.runner().run_export(export.id)
    await world.work_off()
    assert await world.kinds(export.id) == ["queued", "started", "cancelling", "cancelled"]
    assert not (world.folder / "objects" / export.object_path).exists()


_STEPS = [
    (100, "ledger", ("claim", "complete")),
    (100, "objects", ("put_file",)),
    (5_000, "ledger", ("claim", "split", "finish_part", "finished_parts", "complete")),
    (5_000, "objects", ("open_upload", "put_part", "complete_upload")),
    (5_000, "spoilt objects", ("put_part", "complete_upload")),
]


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize(
    ("rows", "side", "step"), [(rows, side, step) for rows, side, steps in _STEPS for step in steps]
)
async def test_cancel_at_any_step_ends_it(world: World, rows: int, side: str, step: str, when: str) -> None:
    """Nothing of it is left to a lease: it is cancelled as soon as whoever works on it hears of that."""
    export = await start(world, rows)
    owner: Any = getattr(world, side.removeprefix("spoilt "))
    original = getattr(owner, step)

    async def cancel() -> None:
        setattr(owner, step, original)
        with suppress(StateConflict):
            await world.exports.cancel(caller(export.owner_id), export.id)

    async def stepping(*arguments: Any, **named: Any) -> Any:
        if when == "before":
            await cancel()
        found = await original(*arguments, **named)
        if when == "after":
            await cancel()
        if side.startswith("spoilt"):
            raise StorageFailed("the upload is gone", reason="upload_missing", retryable=False)
        return found

    setattr(owner, step, stepping)
    await world.work_off()
    done = await refreshed(world, export)
    completed = (step, when) == ("complete", "after")
    assert done.status is (Status.COMPLETED if completed else Status.CANCELLED)
    assert left_over(world) == []
    assert (world.folder / "objects" / export.object_path).exists() is completed


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


async def test_who_settles_late_removes_nothing_of_the_next_run(world: World) -> None:
    """Two workers find it cancelled at the same moment. The second waits for the first, as does who wants it run again:
    the file that is removed then cannot be a new one."""
    export = await start(world, 5_000)
    alice = caller(export.owner_id)
    await world.runner().run_export(export.id)
    await world.exports.cancel(alice, export.id)
    removing, go_on, original, removed = asyncio.Event(), asyncio.Event(), world.objects.delete, list[str]()

    async def slow(key: str) -> None:
        removed.append(key)
        removing.set()
        await go_on.wait()
        await original(key)

    world.objects.delete = slow  # type: ignore[method-assign]  # one store of one test
    first = asyncio.create_task(world.runner().settle_cancel(export.id))
    await removing.wait()
    second = asyncio.create_task(world.runner().settle_cancel(export.id))
    again = asyncio.create_task(world.exports.retry(alice, export.id))
    async with asyncio.timeout(20):
        waiting = (
            "select count(*) from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()"
        )
        while await world.rows(waiting) != [(2,)]:  # noqa: ASYNC110  # it happens in the database
            await asyncio.sleep(0.01)
    go_on.set()
    assert await first
    assert await second
    assert (await again).status is Status.QUEUED
    await world.work_off()
    assert (await refreshed(world, export)).status is Status.COMPLETED
    assert stored(world, export) == world.reference(5_000)
    assert removed == [export.object_path]


async def test_a_file_that_came_too_late_is_left_where_the_export_runs_again(world: World) -> None:
    """A worker stores a file and hears that its export has ended; before it removes it, it looks again."""
    export = await start(world)
    alice = caller(export.owner_id)
    original = world.ledger.complete

    async def late(claim: Claim, *arguments: Any) -> Standing:
        world.ledger.complete = original  # type: ignore[method-assign]  # one ledger of one test
        await world.change("update generator_exports set status = 'failed' where id = %s", export.id)
        found = await original(claim, *arguments)
        await world.exports.retry(alice, export.id)
        await world.runner().run_export(export.id)
        return found

    world.ledger.complete = late  # type: ignore[method-assign,assignment]  # as above
    await world.runner().run_export(export.id)
    assert (await refreshed(world, export)).status is Status.COMPLETED
    assert (world.folder / "objects" / export.object_path).exists()


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
