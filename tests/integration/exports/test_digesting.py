"""The digest of a file is handed on from part to part; where it breaks off, the rest of the file is read."""

import asyncio
import hashlib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from uuid import UUID

import pytest

from app.exports import checking, sha256
from app.exports.ledger import Claim, Refusal
from app.exports.models import Export, Status, StoredObject
from app.exports.ports import OnSent
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
    for number in range(1, export.parts_total + 1):
        await world.runner().generate_part(export.id, number)
    assert await world.rows(STATES) == [(number,) for number in range(1, export.parts_total + 1)]
    await ends_right(world, export)
    assert found == []


async def test_what_the_store_does_not_prove_is_read(world: World) -> None:
    """Once, from the beginning."""
    export = await begun(world)
    found = reads(world)
    await ends_right(world, export)
    assert found == [0]


async def all_claimed(world: World, monkeypatch: pytest.MonkeyPatch, export: Export, *numbers: int) -> None:
    """Makes these parts by one worker, each of which is begun before another goes on."""
    claim, claimed, begun_all = world.ledger.claim, 0, asyncio.Event()

    async def claiming(export_id: UUID, part_no: int, lease_s: float) -> Claim | Refusal:
        nonlocal claimed
        found = await claim(export_id, part_no, lease_s)
        claimed += 1
        if claimed == len(numbers):
            begun_all.set()
        await begun_all.wait()
        return found

    runner = world.runner()
    with monkeypatch.context() as patched:
        patched.setattr(world.ledger, "claim", claiming)
        async with asyncio.timeout(60):
            await asyncio.gather(*(runner.generate_part(export.id, number) for number in numbers))


async def test_a_neighbour_is_heard_of(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever waits for a part that this process makes need not look again and again: it is told."""
    for name in ("_WAIT_FOR_OWN_S", "_PATIENCE_S"):
        monkeypatch.setattr(checking, name, 1_000.0)
    monkeypatch.setattr(checking, "_WAITS_S", (1_000.0,))
    look, leave, put = world.ledger.running_sha256, world.ledger.note_running_sha256, world.objects.put_part
    looked, all_left = asyncio.Event(), asyncio.Event()

    async def looking(claim: Claim) -> tuple[bytes | None, bool]:
        found = await look(claim)
        looked.set()
        return found

    async def leaving(claim: Claim, over: str, state: bytes) -> None:
        if claim.part_no == 1:
            await looked.wait()
        await leave(claim, over, state)
        if claim.part_no == 3:
            all_left.set()

    async def storing(key: str, upload_id: str, part_no: int, body: Path | bytes, on_sent: OnSent | None = None) -> str:
        # None of them is stored before all have left their digests.
        await all_left.wait()
        return await put(key, upload_id, part_no, body, on_sent)

    monkeypatch.setattr(world.ledger, "running_sha256", looking)
    monkeypatch.setattr(world.ledger, "note_running_sha256", leaving)
    monkeypatch.setattr(world.objects, "put_part", storing)
    export = await begun(world)
    await all_claimed(world, monkeypatch, export, 1, 2, 3)
    assert await world.rows(STATES) == [(1,), (2,), (3,)]


async def test_a_neighbour_that_ends_without_is_heard_of_too(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """What follows it is read then; nobody waits for what does not come."""
    monkeypatch.setattr(checking, "_WAIT_FOR_OWN_S", 1_000.0)
    monkeypatch.setattr(checking, "_PATIENCE_S", 1_000.0)
    look, looked = world.ledger.running_sha256, asyncio.Event()

    async def looking(claim: Claim) -> tuple[bytes | None, bool]:
        found = await look(claim)
        looked.set()
        return found

    async def lost(claim: Claim, over: str, state: bytes) -> None:
        await looked.wait()

    monkeypatch.setattr(world.ledger, "running_sha256", looking)
    export = await begun(world)
    with monkeypatch.context() as patched:
        patched.setattr(world.ledger, "note_running_sha256", lost)
        await all_claimed(world, monkeypatch, export, 1, 2)
    assert await world.rows(STATES) == []
    await ends_right(world, export)


@pytest.mark.parametrize("proven", [True, False])
@pytest.mark.parametrize("before", [0, 2])
async def test_it_breaks_off_where_a_part_is_late(world: World, before: int, proven: bool) -> None:
    """Nobody is at the part before: nobody waits for it, and what follows is read when the file is there."""
    export = await begun(world)
    found = reads(world)
    if proven:
        vouch(world)
    order = [*range(1, before + 1), *range(before + 2, export.parts_total + 1), before + 1]
    for number in order:
        await world.runner().generate_part(export.id, number)
    assert await world.rows(STATES) == [(number,) for number in range(1, before + 2)]
    ((through,),) = await world.rows(
        "select sum(bytes)::int from generator_export_parts where part_no <= %s", before + 1
    )
    await ends_right(world, export)
    assert found == [through if proven else 0]


async def test_it_is_not_of_a_part_that_was_made_otherwise(world: World) -> None:
    """The part was made again after it went through, and has other bytes, whatever those who promise say."""
    export = await begun(world)
    found = reads(world)
    vouch(world)
    for number in range(1, export.parts_total + 1):
        await world.runner().generate_part(export.id, number)
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
