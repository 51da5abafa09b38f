"""Who sees what, in pages; who may do what; what is kept of it."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from app.errors import (
    ExportNotFound,
    ExportNotReady,
    NotAuthenticated,
    NotPermitted,
    RequestRefused,
    SchemaNotFound,
    StateConflict,
)
from app.exports.models import Access, Caller, EventKind, Export, Role, Status
from tests.integration.exports.world import World, caller, request


async def start(world: World, alice: Caller) -> Export:
    return (await world.exports.create(alice, request())).export


async def test_pages_show_every_export_once_newest_first(world: World) -> None:
    """Turning pages neither skips nor repeats, even when new exports come in between."""
    alice = caller()
    ids = [(await start(world, alice)).id for _ in range(5)]
    seen, cursor = [], None
    while True:
        page = await world.exports.list(alice, cursor=cursor, limit=2)
        seen += [export.id for export in page.items]
        cursor = page.next_cursor
        if cursor is None:
            break
        await start(world, alice)
    assert seen == ids[::-1]


async def test_a_list_is_filtered_by_status(world: World) -> None:
    """Only what is in that state is shown."""
    alice = caller()
    first, second = await start(world, alice), await start(world, alice)
    await world.exports.cancel(alice, first.id)
    page = await world.exports.list(alice, status=Status.CANCELLED)
    assert [export.id for export in page.items] == [first.id]
    page = await world.exports.list(alice, status=Status.QUEUED)
    assert [export.id for export in page.items] == [second.id]


@pytest.mark.parametrize(
    "cursor",
    # the last one is a time without a zone, and an id
    [
        "",
        "x",
        "AAAA",
        "zzzz====",
        "MjAyNi0wMS0wMSAwMDAw",
        "MjAyNi0wMS0wMVQwMDowMDowMCAwMTIzNDU2Ny04OWFiLWNkZWYtMDEyMy00NTY3ODlhYmNkZWY",
    ],
)
async def test_a_foreign_cursor_is_refused(world: World, cursor: str) -> None:
    """A cursor is what a list gave out, and nothing else."""
    with pytest.raises(RequestRefused) as refused:
        await world.exports.list(caller(), cursor=cursor)
    assert refused.value.faults[0].code == "invalid_cursor"


async def test_others_exports_are_not_there(world: World) -> None:
    """To a stranger an export that exists and one that does not are the same, whatever is asked."""
    alice, bob = caller(), caller()
    export = await start(world, alice)
    for ask in (
        lambda export_id: world.exports.get(bob, export_id),
        lambda export_id: world.exports.cancel(bob, export_id),
        lambda export_id: world.exports.retry(bob, export_id),
        lambda export_id: world.exports.delete(bob, export_id),
        lambda export_id: world.exports.download(bob, export_id),
        lambda export_id: world.exports.list_shares(bob, export_id),
        lambda export_id: world.exports.put_share(bob, export_id, uuid4(), Role.EDITOR),
        lambda export_id: world.exports.delete_share(bob, export_id, uuid4()),
        lambda export_id: world.exports.events_after(bob, export_id),
        lambda export_id: world.exports.issue_ticket(bob, export_id),
    ):
        answers = []
        for export_id in (export.id, uuid4()):
            with pytest.raises(ExportNotFound) as refused:
                await ask(export_id)
            answers.append((refused.value.message, refused.value.facts))
        assert answers[0] == answers[1]
    assert (await world.exports.list(bob)).items == ()


async def test_shares_let_in_as_far_as_they_go(world: World) -> None:
    """An editor cancels, re-runs and downloads; a viewer looks; neither deletes or passes it on."""
    alice, editor, viewer = caller(), caller(), caller()
    export = await start(world, alice)
    await world.exports.put_share(alice, export.id, editor.user_id, Role.EDITOR)
    await world.exports.put_share(alice, export.id, viewer.user_id, Role.EDITOR)
    await world.exports.put_share(alice, export.id, viewer.user_id, Role.VIEWER)
    assert (await world.exports.get(editor, export.id)).access is Access.EDITOR
    assert (await world.exports.get(viewer, export.id)).access is Access.VIEWER
    assert [item.id for item in (await world.exports.list(viewer)).items] == [export.id]
    assert {share.role for share in await world.exports.list_shares(alice, export.id)} == {Role.EDITOR, Role.VIEWER}
    for ask in (world.exports.cancel, world.exports.retry, world.exports.download, world.exports.delete):
        with pytest.raises(NotPermitted):
            await ask(viewer, export.id)
    for shared in (editor, viewer):
        with pytest.raises(NotPermitted):
            await world.exports.put_share(shared, export.id, uuid4(), Role.VIEWER)
        with pytest.raises(NotPermitted):
            await world.exports.delete(shared, export.id)
    assert (await world.exports.cancel(editor, export.id)).status is Status.CANCELLED
    assert (await world.exports.retry(editor, export.id)).status is Status.QUEUED
    await world.work_off()
    assert (await world.exports.download(editor, export.id)).url
    await world.exports.delete_share(alice, export.id, editor.user_id)
    with pytest.raises(ExportNotFound):
        await world.exports.get(editor, export.id)
    await world.exports.delete_share(viewer, export.id, viewer.user_id)  # handing it back
    with pytest.raises(ExportNotFound):
        await world.exports.delete_share(alice, export.id, viewer.user_id)


async def test_downloads_are_recorded(world: World) -> None:
    """No file, no URL; and no URL without a line that says who got it until when."""
    alice = caller()
    export = await start(world, alice)
    with pytest.raises(ExportNotReady) as refused:
        await world.exports.download(alice, export.id)
    assert refused.value.facts["status"] == "queued"
    await world.work_off()
    signed = await world.exports.download(alice, export.id, ttl_s=60, kind="download", request_id="r-1")
    assert timedelta(seconds=50) < signed.expires_at - datetime.now(UTC) <= timedelta(seconds=60)
    recorded = await world.rows("select export_id, user_id, kind, expires_at, request_id from generator_downloads")
    assert recorded == [(export.id, alice.user_id, "download", signed.expires_at, "r-1")]


async def test_states_refuse_what_does_not_fit(world: World) -> None:
    """The refusal says which state the export is in."""
    alice = caller()
    export = await start(world, alice)
    with pytest.raises(StateConflict) as refused:
        await world.exports.retry(alice, export.id)
    assert refused.value.facts["status"] == "queued"
    await world.work_off()
    with pytest.raises(StateConflict) as refused:
        await world.exports.cancel(alice, export.id)
    assert refused.value.facts["status"] == "completed"


async def test_events_are_read_from_where_one_was(world: World) -> None:
    """In order, without a gap, and only those that follow."""
    alice = caller()
    export = await start(world, alice)
    await world.work_off()
    events = await world.exports.events_after(alice, export.id)
    assert [event.kind for event in events] == [
        EventKind.QUEUED, EventKind.STARTED, EventKind.PROGRESS, EventKind.COMPLETED,
    ]  # fmt: skip
    assert events[-1].progress_percent == 100.0
    assert [event.seq for event in await world.exports.events_after(alice, export.id, 2)] == [3, 4]
    assert await world.exports.events_after(alice, export.id, 4) == []


async def test_a_ticket_admits_once_and_to_one_stream(world: World) -> None:
    """It stands for the caller who got it, for one export, a single time."""
    alice = caller()
    export = await start(world, alice)
    ticket = await world.exports.issue_ticket(alice, export.id)
    assert ticket.token not in repr(ticket)
    admitted = await world.exports.redeem_ticket(ticket.token, export.id)
    assert (admitted.user_id, admitted.claims["sub"]) == (alice.user_id, str(alice.user_id))
    for token, export_id in ((ticket.token, export.id), ("made up", export.id)):
        with pytest.raises(NotAuthenticated):
            await world.exports.redeem_ticket(token, export_id)
    ticket = await world.exports.issue_ticket(alice)
    with pytest.raises(NotAuthenticated):
        await world.exports.redeem_ticket(ticket.token, export.id)


async def test_a_caller_never_acts_as_another_role(world: World) -> None:
    """A role in a token's claims does not become a role in the database."""
    alice = caller()
    for role in ("service_role", "postgres"):
        with pytest.raises(NotPermitted):
            await world.exports.list(Caller(alice.user_id, {"role": role}, role=role))
    mallory = Caller(uuid4(), {"sub": str(alice.user_id), "role": "service_role"})
    export = await start(world, alice)
    with pytest.raises(ExportNotFound):
        await world.exports.get(mallory, export.id)


async def test_schemas_are_their_owners(world: World) -> None:
    """Nobody else finds them."""
    alice, bob = caller(), caller()
    schema_id = (await start(world, alice)).schema_id
    assert schema_id is not None
    assert (await world.exports.get_schema(alice, schema_id)).id == schema_id
    with pytest.raises(SchemaNotFound):
        await world.exports.get_schema(bob, schema_id)
