"""Whose job is next: owners take turns by what their jobs cost."""

from uuid import UUID, uuid4

from app.exports.jobs import finalise_job, part_job, run_job
from app.exports.ports import Job
from tests.integration.exports.world import World


async def put(world: World, *jobs: Job) -> None:
    async with world.database.transaction() as transaction:
        await world.queue.defer(transaction, jobs)


async def owners(world: World) -> list[UUID]:
    """Whose the waiting jobs are, in the order in which they would be fetched."""
    return [UUID(arguments["owner_id"]) for _, arguments in await world.jobs()]


async def fetch(world: World, count: int) -> list[UUID]:
    """Takes so many jobs, as Procrastinate does; their owners."""
    taken = (await owners(world))[:count]
    await world.change(
        "update queue.procrastinate_jobs set status = 'doing' where id in (select id from queue.procrastinate_jobs"
        " where status = 'todo' order by priority desc, id limit %s)",
        count,
    )
    return taken


async def test_a_thousand_exports_do_not_keep_one_waiting(world: World) -> None:
    """Whoever has nothing waiting is at most third, however much others have."""
    many, one = uuid4(), uuid4()
    await put(world, *(run_job(uuid4(), many, 1_000) for _ in range(1_000)))
    await put(world, run_job(uuid4(), one, 1_000))
    assert (await owners(world)).index(one) <= 2


async def test_those_who_have_much_take_turns(world: World) -> None:
    """Two owners of many equal jobs get half each, though the one came long before the other."""
    early, late = uuid4(), uuid4()
    await put(world, *(run_job(uuid4(), early) for _ in range(50)))
    await put(world, *(run_job(uuid4(), late) for _ in range(50)))
    first = await fetch(world, 40)
    assert abs(first.count(early) - first.count(late)) <= 2


async def test_small_exports_go_before_parts_of_large_ones(world: World) -> None:
    """A part costs many small jobs; neither keeps the other waiting for ever."""
    large, small = uuid4(), uuid4()
    await put(world, *(part_job(uuid4(), large, number, 400_000) for number in range(1, 21)))
    await put(world, *(run_job(uuid4(), small, 1_000) for _ in range(200)))
    order = await owners(world)
    assert order[1] == small
    before_the_third_part = order[: [i for i, owner in enumerate(order) if owner == large][2]]
    assert 20 <= before_the_third_part.count(small) <= 70


async def test_nobody_is_overtaken_for_ever(world: World) -> None:
    """New owners keep coming, and a long queue is worked off all the same."""
    patient = uuid4()
    await put(world, *(run_job(uuid4(), patient) for _ in range(20)))
    served = []
    for _ in range(60):
        await put(world, run_job(uuid4(), uuid4()))
        served += await fetch(world, 2)
    assert served.count(patient) == 20


async def test_the_end_of_an_export_waits_for_nobody(world: World) -> None:
    """Its finaliser goes before everything that takes turns."""
    owner = uuid4()
    await put(world, *(run_job(uuid4(), owner) for _ in range(10)))
    ended = uuid4()
    await put(world, finalise_job(ended))
    assert (await world.jobs())[0] == ("finalise_export", {"export_id": str(ended)})
