"""The digest of a file is handed on from part to part; where it breaks off, the rest of the file is read."""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from pathlib import Path
from uuid import UUID

import psycopg
import pytest

from app.adapters.postgres.queue import DIGESTS
from app.exports import digesting, sha256
from app.exports.digesting import Digests
from app.exports.ledger import Claim
from app.exports.models import Export, Status, StoredObject
from tests.integration.exports.story import refreshed, start, stored
from tests.integration.exports.world import World

ROWS = 5_000
STATES = "select part_no from generator_export_parts where running_sha256 is not null order by part_no"


def reads(world: World) -> list[int]:
    """Where each reading of an object began."""
    original, found = world.objects.read, list[int]()

    def reading(key: str, chunk_bytes: int = 1 << 20, *, start: int = 0) -> object:
        found.append(start)
        return original(key, chunk_bytes, start=start)

    world.objects.read = reading  # type: ignore[method-assign,assignment]  # one store of one test
    return found


def vouch(world: World) -> None:
    """The store proves what it has, as S3 does."""
    original = world.objects.complete_upload

    async def proving(key: str, upload_id: str, parts: Sequence[tuple[int, str]], size: int) -> StoredObject:
        return replace(await original(key, upload_id, parts, size), proven=True)

    world.objects.complete_upload = proving  # type: ignore[method-assign]  # one store of one test


async def begun(world: World) -> Export:
    """An export that is cut into parts, none of which is made."""
    export = await start(world, ROWS)
    assert export.parts_total > 5
    await world.runner().run_export(export.id)
    return export


async def ends_right(world: World, export: Export) -> None:
    await world.work_off()
    done = await refreshed(world, export)
    assert (done.status, done.attempts) == (Status.COMPLETED, 0), done.error_details
    assert stored(world, export) == world.reference(ROWS)
    assert done.sha256 == hashlib.sha256(world.reference(ROWS)).hexdigest()


async def test_it_goes_through_all_parts(world: World) -> None:
    """In order, nothing is left to read of what the store proves."""
    export = await begun(world)
    found = reads(world)
    vouch(world)
    runner = world.runner()
    for number in range(1, export.parts_total + 1):
        await runner.generate_part(export.id, number)
    await runner.digests.close()
    assert await world.rows(STATES) == [(number,) for number in range(1, export.parts_total + 1)]
    await ends_right(world, export)
    assert found == []


async def test_what_the_store_does_not_prove_is_read(world: World) -> None:
    """Once, from the beginning."""
    export = await begun(world)
    found = reads(world)
    await ends_right(world, export)
    assert found == [0]


async def test_it_goes_through_parts_that_are_done_already(world: World) -> None:
    """Whoever made a part keeps it for its turn, and is told when that has come."""
    export = await begun(world)
    found = reads(world)
    vouch(world)
    runners = [world.runner(), world.runner()]
    async with heard_of(world, *(runner.digests for runner in runners)):
        for number in range(export.parts_total, 0, -1):
            await runners[number % 2].generate_part(export.id, number)
        await asyncio.gather(*(runner.digests.close() for runner in runners))
    assert await world.rows(STATES) == [(number,) for number in range(1, export.parts_total + 1)]
    await ends_right(world, export)
    assert found == []


async def test_a_neighbour_is_heard_of(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever waits for a part that this process makes is told, and need not look again and again."""
    monkeypatch.setattr(digesting, "_LOOKS_S", (1_000.0,))
    monkeypatch.setattr(digesting, "_PATIENCE_S", 60.0)
    export = await begun(world)
    runner = world.runner()
    for number in (3, 2, 1):
        await runner.generate_part(export.id, number)
    await runner.digests.close()
    assert await world.rows(STATES) == [(1,), (2,), (3,)]


async def test_others_are_heard_of(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """By the database."""
    monkeypatch.setattr(digesting, "_LOOKS_S", (1_000.0,))
    export = await begun(world)
    here, there = world.runner(), world.runner()
    async with heard_of(world, here.digests, there.digests):
        await here.generate_part(export.id, 3)
        await there.generate_part(export.id, 2)
        await here.generate_part(export.id, 1)
        monkeypatch.setattr(digesting, "_PATIENCE_S", 60.0)
        await asyncio.gather(here.digests.close(), there.digests.close())
    assert await world.rows(STATES) == [(1,), (2,), (3,)]


@asynccontextmanager
async def heard_of(world: World, *digests: Digests) -> AsyncIterator[None]:
    """While the block runs, these hear what is said on the channel."""
    async with await psycopg.AsyncConnection.connect(world.database_url, autocommit=True) as connection:
        await connection.execute(f'listen "{DIGESTS}"'.encode())

        async def listen() -> None:
            async for notification in connection.notifies():
                for each in digests:
                    each.heard(notification.payload)

        listening = asyncio.create_task(listen())
        try:
            yield
        finally:
            listening.cancel()
            await asyncio.gather(listening, return_exceptions=True)


async def test_what_is_not_said_by_workers_is_not_heard(world: World) -> None:
    """Anybody who has a connection may speak on a channel."""
    digests = world.runner().digests
    for payload in ("", "nobody 1", f"{UUID(int=0)}", f"{UUID(int=0)} one", f"{UUID(int=0)} 1 2"):
        digests.heard(payload)


def kept_files(world: World) -> list[str]:
    """Files of parts that this process has open."""
    names = []
    for link in Path("/proc/self/fd").iterdir():
        with suppress(FileNotFoundError):
            names.append(str(link.readlink()))
    return [name for name in names if name.startswith(str(world.folder / "work"))]


async def test_no_more_is_kept_than_there_is_room_for(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """What waits for a part that does not come is let go, once; what follows the gap is read."""
    monkeypatch.setattr(digesting, "_KEPT", 2)
    monkeypatch.setattr(digesting, "_PATIENCE_S", 0.0)
    export = await begun(world)
    found = reads(world)
    vouch(world)
    runner = world.runner()
    for number in range(3, export.parts_total + 1):
        await runner.generate_part(export.id, number)
        async with asyncio.timeout(20):
            while len(kept_files(world)) > 2:  # noqa: ASYNC110  # nobody says when a file is closed
                await asyncio.sleep(0.01)
    await runner.digests.close()
    for number in (1, 2):
        runner = world.runner()
        await runner.generate_part(export.id, number)
        monkeypatch.setattr(digesting, "_PATIENCE_S", 60.0)
        await runner.digests.close()
    monkeypatch.setattr(digesting, "_PATIENCE_S", 0.0)
    await ends_right(world, export)
    ((through,),) = await world.rows("select sum(bytes)::int from generator_export_parts where part_no between 1 and 2")
    assert found == [through]


@pytest.mark.parametrize("proven", [True, False])
@pytest.mark.parametrize("before", [0, 2])
async def test_it_breaks_off_with_its_worker(
    world: World, before: int, proven: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Those who kept parts for their turn are gone: what follows is read when the file is there."""
    export = await begun(world)
    found = reads(world)
    if proven:
        vouch(world)
    order = [*range(1, before + 1), *range(before + 2, export.parts_total + 1), before + 1]
    for number in order:
        runner = world.runner()
        await runner.generate_part(export.id, number)
        # Those behind the gap would wait for it.
        monkeypatch.setattr(digesting, "_PATIENCE_S", 60.0 if number <= before + 1 else 0.0)
        await runner.digests.close()
    monkeypatch.setattr(digesting, "_PATIENCE_S", 0.0)
    assert await world.rows(STATES) == [(number,) for number in range(1, before + 2)]
    ((through,),) = await world.rows(
        "select sum(bytes)::int from generator_export_parts where part_no <= %s", before + 1
    )
    await ends_right(world, export)
    assert found == [through if proven else 0]


async def test_it_is_waited_for_in_the_end(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """As long as it gets on."""
    export = await begun(world)
    found = reads(world)
    vouch(world)
    runner, noting, count = world.runner(), world.ledger.note_running_sha256, world.ledger.digested_parts
    counted = asyncio.Event()

    async def later(claim: Claim, over: str, state: bytes) -> bool:
        await counted.wait()
        return await noting(claim, over, state)

    async def counting(export_id: UUID) -> int:
        counted.set()
        return await count(export_id)

    monkeypatch.setattr(world.ledger, "note_running_sha256", later)
    monkeypatch.setattr(world.ledger, "digested_parts", counting)
    for number in range(1, export.parts_total + 1):
        await runner.generate_part(export.id, number)
    assert await world.rows(STATES) == []
    await runner.finalise_export(export.id)
    assert (await refreshed(world, export)).sha256 == hashlib.sha256(world.reference(ROWS)).hexdigest()
    assert found == []


async def test_it_is_not_of_a_part_that_was_made_otherwise(world: World) -> None:
    """The part was made again after it went through, and has other bytes, whatever those who promise say."""
    export = await begun(world)
    found = reads(world)
    vouch(world)
    for number in range(1, export.parts_total + 1):
        runner = world.runner()
        await runner.generate_part(export.id, number)
        await runner.digests.close()
        if number == 2:
            await world.change("update generator_export_parts set running_over = repeat('0', 64) where part_no = 2")
    ((through,),) = await world.rows("select bytes::int from generator_export_parts where part_no = 1")
    await ends_right(world, export)
    assert found == [through]


async def test_the_first_state_of_a_part_stays(world: World) -> None:
    """A part whose worker was lost after it left the digest: the parts behind it went on from that."""
    export = await begun(world)
    claim = await world.ledger.claim(export.id, 1, 30.0)
    assert isinstance(claim, Claim)
    await world.ledger.note_running_sha256(claim, "first", b"state")
    await world.ledger.note_running_sha256(claim, "second", b"other")
    assert await world.rows("select running_over, running_sha256 from generator_export_parts where part_no = 1") == [
        ("first", b"state")
    ]
    await world.change("update generator_export_parts set token = gen_random_uuid() where part_no = 1")
    await world.change("update generator_export_parts set running_sha256 = null where part_no = 1")
    await world.ledger.note_running_sha256(claim, "zombie", b"state")
    assert await world.rows(STATES) == []


@pytest.mark.parametrize("proven", [True, False])
async def test_without_openssls_state_files_are_read(
    world: World, proven: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Wherever this Python comes from, the digest is right."""
    monkeypatch.setattr(sha256, "_library", lambda: None)
    export = await begun(world)
    found = reads(world)
    if proven:
        vouch(world)
    await ends_right(world, export)
    assert found == [0]
