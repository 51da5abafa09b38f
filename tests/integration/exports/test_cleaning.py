"""What is kept for how long, what is removed when, and what is refused because there is no room for it."""

import os
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest

from app.errors import QuotaExceeded, RequestRefused
from app.exports.models import EventKind, Export, Status
from tasks.maintenance import Sweeper, Swept
from tests.integration.exports.story import refreshed, start
from tests.integration.exports.world import World, caller, request


def sweeper(world: World) -> Sweeper:
    return Sweeper(world.upkeep, world.objects, retention_s=3_600, event_retention_s=86_400, stray_age_s=0.0)


async def completed(world: World, rows: int = 100) -> Export:
    export = await start(world, rows)
    await world.work_off()
    return await refreshed(world, export)


def file_of(world: World, export: Export) -> Path:
    return world.folder / "objects" / export.object_path


async def test_a_file_is_kept_as_long_as_was_asked_for(world: World) -> None:
    """Within what its owner may; without a wish, as long as that."""
    asked = await world.exports.create(caller(), replace(request(), retention_s=120))
    usual = await world.exports.create(caller(), request())
    await world.work_off()
    for created, seconds in ((asked, 120), (usual, 3_600)):
        done = await refreshed(world, created.export)
        assert done.expires_at is not None
        assert done.finished_at is not None
        assert done.expires_at - done.finished_at == timedelta(seconds=seconds)


async def test_nobody_keeps_a_file_for_longer_than_allowed(world: World) -> None:
    """A wish beyond the owner's limit is refused, saying what is allowed; a limit that shrinks later holds too."""
    user = caller()
    await world.change("insert into generator_quotas (user_id, retention_s) values (%s, 600)", user.user_id)
    with pytest.raises(RequestRefused) as refused:
        await world.exports.create(user, replace(request(), retention_s=601))
    (fault,) = refused.value.faults
    assert (fault.pointer, fault.code, fault.facts["allowed"]) == ("/retentionSeconds", "retention_too_long", 600)
    created = await world.exports.create(user, replace(request(), retention_s=600))
    await world.change("update generator_quotas set retention_s = 60 where user_id = %s", user.user_id)
    await world.work_off()
    done = await refreshed(world, created.export)
    assert done.expires_at is not None
    assert done.finished_at is not None
    assert done.expires_at - done.finished_at == timedelta(seconds=60)


async def test_what_would_not_fit_is_refused_before_it_is_begun(world: World) -> None:
    """An owner's bytes are those of finished files and of what is under way; the answer says how many, and how many
    are allowed."""
    user = caller()
    first = (await world.exports.create(user, request(1_000))).export
    ((expected,),) = await world.rows("select bytes_expected from generator_exports where id = %s", first.id)
    assert expected > 0
    await world.change(
        "insert into generator_quotas (user_id, max_stored_bytes) values (%s, %s)", user.user_id, 2 * expected - 1
    )
    with pytest.raises(QuotaExceeded) as full:
        await world.exports.create(user, request(1_000))
    assert full.value.facts == {
        "quota": "stored_bytes", "used": expected, "allowed": 2 * expected - 1, "asked": expected
    }  # fmt: skip
    assert (await world.rows("select count(*) from generator_exports"))[0][0] == 1
    await world.exports.create(caller(), request(1_000))


async def test_the_bucket_has_a_limit_of_its_own(world: World) -> None:
    """It counts the files of everybody, whoever asks, and is said to be what is full."""
    first = (await world.exports.create(caller(), request(1_000))).export
    ((expected,),) = await world.rows("select bytes_expected from generator_exports where id = %s", first.id)
    world.exports._limits = replace(world.exports._limits, bucket_bytes=int(1.5 * expected))
    with pytest.raises(QuotaExceeded) as full:
        await world.exports.create(caller(), request(1_000))
    assert (full.value.facts["quota"], full.value.facts["used"]) == ("bucket_bytes", expected)


async def test_files_of_nobody_are_removed_and_no_live_one_is(world: World) -> None:
    """What a worker that was thought dead stored after the end, and what no row knows of; nothing else in the bucket."""
    live = await completed(world)
    running = await start(world)
    cancelled = await start(world)
    await world.exports.cancel(caller(cancelled.owner_id), cancelled.id)
    body = world.folder / "body"
    body.write_bytes(b"late")
    strays = [cancelled.object_path, f"{uuid4()}/{uuid4()}.csv"]
    for key in (*strays, running.object_path, "notes/readme.txt"):
        await world.objects.put_file(key, body, "text/csv")
    counted = await sweeper(world).sweep(dry_run=True)
    assert counted.objects_removed == 2
    assert (await sweeper(world).sweep()).objects_removed == 2
    left = {stored.key async for stored in world.objects.list("")}
    assert left == {live.object_path, running.object_path, "notes/readme.txt"}
    assert await sweeper(world).sweep() == Swept()


async def test_a_file_that_was_just_written_is_left_alone(world: World) -> None:
    """Its row may not be committed yet."""
    body = world.folder / "body"
    body.write_bytes(b"new")
    await world.objects.put_file(f"{uuid4()}/{uuid4()}.csv", body, "text/csv")
    assert await Sweeper(world.upkeep, world.objects, retention_s=3_600).sweep() == Swept()


async def test_what_a_killed_worker_was_writing_is_removed_a_day_later(world: World) -> None:
    """Nobody knows whose it was, and whoever is at it may take a while."""
    folder = world.folder / "objects" / ".incoming"
    folder.mkdir(parents=True)
    old, young = folder / uuid4().hex, folder / uuid4().hex
    for path in (old, young):
        path.write_bytes(b"half")
    os.utime(old, (0, 0))
    assert (await sweeper(world).sweep(dry_run=True)).uploads_aborted == 1
    assert (await sweeper(world).sweep()).uploads_aborted == 1
    assert [path.name for path in folder.iterdir()] == [young.name]


async def test_old_rows_go_and_the_record_stays(world: World) -> None:
    """Events of an export that ended long ago go; keys, tickets and finished jobs go; a dry run says the same numbers and
    removes nothing. How the export ended is still told."""
    old, young = await completed(world), await completed(world)
    await world.change("update generator_exports set finished_at = now() - interval '2 days' where id = %s", old.id)
    await world.change("update generator_export_events set created_at = now() - interval '2 days'")
    await world.change(
        "insert into generator_idempotency_keys (owner_id, key, request_sha256, created_at)"
        " select gen_random_uuid(), 'k', 'x', now() - make_interval(hours => n) from generate_series(1, 40) as n"
    )
    await world.change(
        "insert into generator_event_tickets (token_sha256, user_id, claims, expires_at) select"
        " encode(sha256(n::text::bytea), 'hex'), gen_random_uuid(), '{}', now() - make_interval(mins => n)"
        " from generate_series(1, 100) as n"
    )
    await world.change("update queue.procrastinate_events set at = now() - interval '2 days'")
    counted = await sweeper(world).sweep(dry_run=True)
    kinds = await world.kinds(old.id)
    swept = await sweeper(world).sweep()
    assert swept == counted
    assert (swept.events_deleted, swept.keys_deleted, swept.tickets_deleted) == (len(kinds), 17, 41)
    assert swept.jobs_deleted == 2
    assert await world.kinds(old.id) == []
    (last,) = await world.exports.events_after(caller(old.owner_id), old.id)
    assert (last.seq, last.kind, last.status) == (len(kinds), EventKind.COMPLETED, Status.COMPLETED)
    assert (await refreshed(world, old)).status is Status.COMPLETED
    assert len(await world.kinds(young.id)) == len(kinds)
    assert file_of(world, old).exists()


async def test_a_day_of_events_goes_as_a_whole(world: World) -> None:
    """When nothing in it is wanted any more: an export that goes on keeps its first day, where the others' events go
    row by row. A dry run says the same, and what an export's end was is told word for word."""
    old, live = await completed(world), await start(world)
    day = (datetime.now(UTC) - timedelta(days=40)).replace(hour=0, minute=0, second=0, microsecond=0)
    for n in (0, 1):
        begins, ends = day + timedelta(days=n), day + timedelta(days=n + 1)
        await world.change(
            f"create table seedbed.events_{begins:%Y%m%d} partition of generator_export_events"
            f" for values from ('{begins.isoformat()}') to ('{ends.isoformat()}')"
        )
    told = await world.exports.events_after(caller(old.owner_id), old.id)
    await world.change("update generator_exports set requested_at = %s", day)
    await world.change("update generator_exports set finished_at = %s where id = %s", day, old.id)
    await world.change(
        "update generator_export_events set created_at = %s + (seq %% 2) * interval '1 day' where export_id = %s",
        day, old.id,
    )  # fmt: skip
    await world.change("update generator_export_events set created_at = %s where export_id = %s", day, live.id)
    gone = f"seedbed.events_{day + timedelta(days=1):%Y%m%d}"
    odd = sum(event.seq % 2 for event in told)
    for counted in (await sweeper(world).sweep(dry_run=True), await sweeper(world).sweep()):
        assert (counted.event_days, counted.events_deleted) == ((gone,), len(told) - odd)
    assert await world.kinds(old.id) == []
    assert len(await world.kinds(live.id)) == 1
    assert await sweeper(world).sweep() == Swept()
    (last,) = await world.exports.events_after(caller(old.owner_id), old.id, 1)
    assert replace(last, created_at=told[-1].created_at) == told[-1]
    assert await world.exports.events_after(caller(old.owner_id), old.id, last.seq) == []


async def test_an_expired_export_can_be_run_again(world: World) -> None:
    """Its file goes and its record stays; the same bytes can be had once more."""
    export = await completed(world)
    before = file_of(world, export).read_bytes()
    await world.change("update generator_exports set expires_at = now() - interval '1 second'")
    assert (await sweeper(world).sweep()).exports_expired == 1
    gone = await refreshed(world, export)
    assert (gone.status, gone.sha256, file_of(world, export).exists()) == (Status.EXPIRED, export.sha256, False)
    await world.exports.retry(caller(export.owner_id), export.id)
    await world.work_off()
    assert (await refreshed(world, export)).status is Status.COMPLETED
    assert file_of(world, export).read_bytes() == before


async def test_one_worker_of_many_sweeps(world: World) -> None:
    """Whoever takes the turn does it; the next one comes after the interval."""
    assert await world.upkeep.take_turn("sweep", 60)
    assert not await world.upkeep.take_turn("sweep", 60)
    assert await world.upkeep.take_turn("listing", 60)
    await world.change("update seedbed.upkeep_turns set taken_at = now() - interval '61 seconds'")
    assert await world.upkeep.take_turn("sweep", 60)
