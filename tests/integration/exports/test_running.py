"""From queued to completed: whatever happens in between, the file's bytes are the single process's, once."""

import asyncio
import hashlib
import threading
from itertools import pairwise

import pytest

from app.adapters.postgres.upkeep import Rescued
from app.exports.ledger import Claim, PartMade, Standing
from app.exports.models import Status
from app.exports.rendering import Order
from app.exports.retrying import WorkFailed
from tests.integration.exports.story import left_over, refreshed, start, stored
from tests.integration.exports.world import World, caller, perform, request, several


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
    taken_up = [job.arguments for job in (await world.upkeep.requeue_stranded()).stranded]
    assert sorted(found["part_no"] for found in taken_up) == [2, 3]
    assert await world.upkeep.requeue_stranded() == Rescued()
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
    assert [job.task for job in (await world.upkeep.requeue_stranded()).stranded] == [lost]
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


def _slowly(_: Order) -> None:
    threading.Event().wait(0.03)


@pytest.mark.parametrize(("asked", "made"), [(1, 10), (300, 300), (None, 20)])
async def test_rows_are_not_made_one_by_one(world: World, asked: int | None, made: int) -> None:
    """What a request asks for decides how often progress is told, not how long a worker is kept from others' exports."""
    created = await world.exports.create(caller(), request(1_000, chunk_rows=asked))
    await world.runner(chunk_rows=20).run_export(created.export.id)
    assert [order.chunk_rows for order in world.renderer.orders] == [made]
    assert stored(world, created.export).count(b"\n") == 1_001


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


async def test_progress_is_told_four_times_a_second_at_most(world: World) -> None:
    """However many workers and chunks: the first and the last are told, counters never step back and end exact."""
    export = await start(world, 8_000)
    await world.runner().run_export(export.id)
    pace = threading.Event()
    # An engine that takes its time; nobody ever sets the event.
    world.renderer.before_chunk = lambda order: (pace.wait(0.04), None)[1]
    workers = (world.runner(), world.runner())
    parts = range(1, export.parts_total + 1)
    await asyncio.gather(*(workers[number % 2].generate_part(export.id, number) for number in parts))
    await world.work_off()
    told = await world.rows(
        "select extract(epoch from created_at)::float8, rows_generated, progress_percent::float8"
        " from generator_export_events where export_id = %s and kind = 'progress' order by seq",
        export.id,
    )
    times, rows, percents = zip(*told, strict=True)
    assert len(told) >= 2
    assert all(later - earlier >= 0.25 for earlier, later in pairwise(times[:-1]))
    assert list(rows) == sorted(rows)
    assert 0 < rows[0] < 4_000
    assert (rows[-1], percents[-1]) == (8_000, 100.0)
    assert all(percent == int(10_000 * count / 8_000) / 100 for count, percent in zip(rows, percents, strict=True))
