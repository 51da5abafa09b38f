"""Accepting an export: all of it is committed, or nothing."""

import asyncio
from dataclasses import replace
from uuid import uuid4

import pytest

from app.errors import (
    IdempotencyInFlight,
    IdempotencyMismatch,
    QuotaExceeded,
    RequestRefused,
    StateConflict,
)
from app.exports.models import Access, Created, Role, Status
from app.exports.ports import Earlier, Job
from app.exports.requests import Notify, SchemaBySnapshot
from tests.integration.exports.world import World, caller, request


async def test_row_event_and_job_are_there_after_create(world: World) -> None:
    """An accepted export has its row, its first event, its layout and one job that carries nothing but its id."""
    alice = caller()
    created = await world.exports.create(alice, request(), request_id="r-1")
    export, _ = await world.exports.describe(alice, created.export.id)
    assert (export.status, export.access, export.rows_total, export.last_seq) == (Status.QUEUED, Access.OWNER, 100, 1)
    assert export.object_path == f"{alice.user_id}/{export.id}.csv"
    assert export.config is not None
    assert created.export.config is not None
    assert export.config.read() == created.export.config.read()
    # The database spells it otherwise.
    assert replace(export, config=created.export.config) == created.export
    assert await world.kinds(export.id) == ["queued"]
    arguments = {"export_id": str(export.id), "owner_id": str(export.owner_id)}
    assert await world.jobs() == [("run_export", arguments)]


@pytest.mark.parametrize("stage", ["insert_export", "store_layout", "append_event", "defer"])
async def test_a_fault_at_any_stage_leaves_nothing(world: World, monkeypatch: pytest.MonkeyPatch, stage: str) -> None:
    """The row, the event and the job are committed together: a fault after any of them leaves none."""
    from app.adapters.postgres.store import PostgresUserWork

    original = getattr(PostgresUserWork, stage)

    async def fail(self: PostgresUserWork, *arguments: object, **named: object) -> None:
        await original(self, *arguments, **named)
        await self._transaction.flush()
        raise RuntimeError("the fault")

    monkeypatch.setattr(PostgresUserWork, stage, fail)
    with pytest.raises(RuntimeError, match="the fault"):
        await world.exports.create(caller(), request(), idempotency_key="k", body_sha256="b")
    counts = await world.rows(
        "select (select count(*) from generator_exports), (select count(*) from generator_export_events),"
        "(select count(*) from generator_export_parts), (select count(*) from queue.procrastinate_jobs),"
        "(select count(*) from generator_idempotency_keys), (select count(*) from generator_schemas)"
    )
    assert counts == [(0, 0, 0, 0, 0, 0)]


async def test_a_repeated_key_gives_the_first_answer(world: World) -> None:
    """The same key and body make one export, however far that one has come since."""
    alice = caller()
    first = await world.exports.create(alice, request(), idempotency_key="k", body_sha256="b")
    await world.work_off()
    again = await world.exports.create(alice, request(), idempotency_key="k", body_sha256="b")
    assert again.replayed
    assert (again.export.id, again.export.status) == (first.export.id, Status.QUEUED)
    assert await world.rows("select count(*) from generator_exports") == [(1,)]


async def test_a_key_with_another_body_is_refused(world: World) -> None:
    """A key stands for one body."""
    alice = caller()
    await world.exports.create(alice, request(), idempotency_key="k", body_sha256="b")
    with pytest.raises(IdempotencyMismatch):
        await world.exports.create(alice, request(), idempotency_key="k", body_sha256="c")


async def test_keys_are_per_user(world: World) -> None:
    """Two users' equal keys never meet."""
    first = await world.exports.create(caller(), request(), idempotency_key="k", body_sha256="b")
    second = await world.exports.create(caller(), request(), idempotency_key="k", body_sha256="c")
    assert first.export.id != second.export.id
    assert not second.replayed


async def test_concurrent_requests_with_one_key_make_one_export(world: World) -> None:
    """However many come at once, one is served; the others hear of it or that it is in flight."""
    alice = caller()
    answers = await asyncio.gather(
        *(world.exports.create(alice, request(), idempotency_key="k", body_sha256="b") for _ in range(8)),
        return_exceptions=True,
    )
    assert all(isinstance(answer, Created | IdempotencyInFlight) for answer in answers), answers
    assert len({answer.export.id for answer in answers if isinstance(answer, Created)}) == 1
    assert await world.rows("select count(*) from generator_exports") == [(1,)]
    assert len(await world.jobs()) == 1


async def test_a_key_that_is_being_served_is_in_flight(world: World) -> None:
    """While another transaction holds the key, the second request is told so instead of waiting."""
    alice = caller()
    async with world.store.as_user(alice) as work:
        assert await work.claim_key("k", "b") is None
        with pytest.raises(IdempotencyInFlight):
            await world.exports.create(alice, request(), idempotency_key="k", body_sha256="b")


async def test_too_many_active_exports_are_refused(world: World) -> None:
    """The refusal says what is used and what is allowed."""
    alice = caller()
    await world.change("insert into generator_quotas (user_id, max_active_exports) values (%s, 1)", alice.user_id)
    await world.exports.create(alice, request())
    with pytest.raises(QuotaExceeded) as refused:
        await world.exports.create(alice, request())
    assert refused.value.facts == {"quota": "active_exports", "used": 1, "allowed": 1}
    await world.exports.create(caller(), request())  # nobody else is affected


async def test_concurrent_requests_do_not_pass_the_limit(world: World) -> None:
    """Requests at the same moment are counted one after the other."""
    alice = caller()
    await world.change("insert into generator_quotas (user_id, max_active_exports) values (%s, 3)", alice.user_id)
    answers = await asyncio.gather(*(world.exports.create(alice, request()) for _ in range(8)), return_exceptions=True)
    assert sum(isinstance(answer, Created) for answer in answers) == 3
    assert sum(isinstance(answer, QuotaExceeded) for answer in answers) == 5


async def test_concurrent_requests_of_many_do_not_overfill_the_bucket(world: World) -> None:
    """The last place in the bucket is one user's, however many find it free at the same moment."""
    first = (await world.exports.create(caller(), request())).export
    ((expected,),) = await world.rows("select bytes_expected from generator_exports where id = %s", first.id)
    world.exports._limits = replace(world.exports._limits, bucket_bytes=3 * expected)
    wanted = (world.exports.create(caller(), request()) for _ in range(9))
    answers = await asyncio.gather(*wanted, return_exceptions=True)
    assert sum(isinstance(answer, Created) for answer in answers) == 2
    refused = [answer.facts["quota"] for answer in answers if isinstance(answer, QuotaExceeded)]
    assert refused == ["bucket_bytes"] * 7


async def test_what_cannot_be_run_again_is_no_question_of_limits(world: World) -> None:
    """An export that is under way is no candidate for a retry, also where its owner has no place free; one that is a
    candidate waits for a place, and is as it was."""
    alice = caller()
    failed = (await world.exports.create(alice, request())).export
    await world.change("update generator_exports set status = 'failed' where id = %s", failed.id)
    await world.change("insert into generator_quotas (user_id, max_active_exports) values (%s, 1)", alice.user_id)
    queued = (await world.exports.create(alice, request())).export
    with pytest.raises(StateConflict):
        await world.exports.retry(alice, queued.id)
    with pytest.raises(QuotaExceeded):
        await world.exports.retry(alice, failed.id)
    assert (await world.exports.get(alice, failed.id)).status is Status.FAILED


async def test_what_is_run_again_has_to_fit(world: World) -> None:
    """The file of an export that is run again takes as much room as that of a new one: in its owner's allowance, also
    where an editor asks, and in the bucket."""
    alice, editor = caller(), caller()
    failed = (await world.exports.create(alice, request())).export
    await world.change("update generator_exports set status = 'failed' where id = %s", failed.id)
    await world.exports.put_share(alice, failed.id, editor.user_id, Role.EDITOR)
    ((expected,),) = await world.rows("select bytes_expected from generator_exports where id = %s", failed.id)
    await world.change(
        "insert into generator_quotas (user_id, max_stored_bytes) values (%s, %s)", alice.user_id, 2 * expected - 1
    )
    beside = (await world.exports.create(alice, request())).export
    for somebody in (alice, editor):
        with pytest.raises(QuotaExceeded) as refused:
            await world.exports.retry(somebody, failed.id)
        assert refused.value.facts == {
            "quota": "stored_bytes", "used": expected, "allowed": 2 * expected - 1, "asked": expected
        }  # fmt: skip
    await world.change("update generator_quotas set max_stored_bytes = null")
    limits = world.exports._limits
    world.exports._limits = replace(limits, bucket_bytes=2 * expected - 1)
    with pytest.raises(QuotaExceeded) as refused:
        await world.exports.retry(alice, failed.id)
    assert (refused.value.facts["quota"], refused.value.facts["used"]) == ("bucket_bytes", expected)
    world.exports._limits = replace(limits, bucket_bytes=2 * expected, active_exports=2)
    await world.exports.retry(editor, failed.id)
    assert (await world.exports.get(alice, beside.id)).status is Status.QUEUED


async def test_a_replayed_answer_has_its_warnings(world: World) -> None:
    """What the first answer warned of, the second does too, whichever way it is found to be the second."""
    alice = caller()
    world.schemas.warnings = ("a foreign key was left out",)
    first = await world.exports.create(alice, request(), idempotency_key="k", body_sha256="b")
    assert first.warnings == ("a foreign key was left out",)
    world.schemas.warnings = ()
    again = await world.exports.create(alice, request(), idempotency_key="k", body_sha256="b")
    assert (again.replayed, again.warnings) == (True, first.warnings)
    async with world.store.as_user(alice) as work:
        assert await work.claim_key("k", "b") == Earlier(first.export.id, first.warnings)


@pytest.mark.parametrize(
    ("column", "quota"),
    [("max_rows_per_export", "rows_per_export"), ("max_exports_per_day", "exports_per_day"),
     ("max_stored_bytes", "stored_bytes")],
)  # fmt: skip
async def test_each_quota_is_kept(world: World, column: str, quota: str) -> None:
    """A user's own row in the quotas decides, for every kind of limit."""
    alice = caller()
    await world.change(f"insert into generator_quotas (user_id, {column}) values (%s, 0)", alice.user_id)
    with pytest.raises(QuotaExceeded) as refused:
        await world.exports.create(alice, request())
    assert refused.value.facts["quota"] == quota
    assert refused.value.facts["allowed"] == 0


async def test_every_fault_is_told_at_once(world: World) -> None:
    """What cannot be notified and what cannot be found are one refusal."""
    wanted = request(tables=("nothing",), notify=Notify(webhook="https://example.org/hook", email="a@example.org"))
    with pytest.raises(RequestRefused) as refused:
        await world.exports.create(caller(), wanted)
    found = [(fault.pointer, fault.code) for fault in refused.value.faults]
    assert found == [
        ("/notify/webhook", "notify_not_configured"),
        ("/notify/email", "notify_not_configured"),
        ("/config/tables/0", "unknown_table"),
    ]


async def test_snapshots_are_stored_once(world: World) -> None:
    """Two exports of one schema refer to one stored snapshot; another user has their own."""
    alice, bob = caller(), caller()
    ids = {(await world.exports.create(alice, request())).export.schema_id for _ in range(2)}
    assert len(ids) == 1
    assert None not in ids
    assert (await world.exports.create(bob, request())).export.schema_id not in ids
    stored = await world.exports.store_schema(alice, "numbers", SchemaBySnapshot({}))
    assert stored.id in ids
    (listed,) = (await world.exports.list_schemas(alice)).items
    assert (listed.name, listed.snapshot) == ("numbers", None)
    assert (await world.exports.get_schema(alice, stored.id)).snapshot is not None


async def test_jobs_may_be_delayed(world: World) -> None:
    """A job's delay becomes its time in the queue."""
    async with world.store.as_user(caller()) as work:
        await work.defer([Job("run_export", {"export_id": str(uuid4())}, delay_s=60.0)])
    ((seconds,),) = await world.rows(
        "select extract(epoch from scheduled_at - now())::float8 from queue.procrastinate_jobs"
    )
    assert 50 < seconds <= 60
