"""The whole story under a role that is nobody special: owner of its database, no superuser, row security forced."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import psycopg
import pytest

from app.adapters.postgres.migrations import upgrade
from app.adapters.postgres.upkeep import Rescued
from app.embedded import EmbeddedPostgres
from app.errors import ExportNotFound
from app.exports.models import Role, Status
from tests.integration.exports.world import World, caller, request


@pytest.fixture(scope="module")
def plain_url() -> Iterator[str]:
    """A migrated database whose owner may create roles and nothing more."""
    with EmbeddedPostgres.start(durable=False) as server:
        with psycopg.connect(server.url(), autocommit=True) as connection:
            connection.execute("create role plain login password 'x' nosuperuser createrole")
            connection.execute("create database plain owner plain")
        url = server.url("plain", user="plain", password="x")
        upgrade(url)
        yield url


@pytest.fixture
async def plain(plain_url: str, tmp_path: Path) -> AsyncIterator[World]:
    """A service that logs in as that owner."""
    made = World(plain_url, tmp_path)
    yield made
    await made.close()


async def test_exports_run_as_a_plain_owner(plain: World) -> None:
    """Creating, running, sharing, cancelling, running again, deleting, sweeping: no superuser is needed."""
    alice, bob = caller(), caller()
    small = (await plain.exports.create(alice, request(), idempotency_key="k", body_sha256="b")).export
    large = (await plain.exports.create(alice, request(5_000))).export
    await plain.work_off()
    assert (await plain.exports.get(alice, small.id)).status is Status.COMPLETED
    assert (await plain.exports.get(alice, large.id)).status is Status.COMPLETED
    with pytest.raises(ExportNotFound):
        await plain.exports.get(bob, small.id)
    await plain.exports.put_share(alice, small.id, bob.user_id, Role.EDITOR)
    assert (await plain.exports.download(bob, small.id)).url
    again = (await plain.exports.create(alice, request())).export
    await plain.exports.cancel(alice, again.id)
    await plain.exports.retry(alice, again.id)
    await plain.work_off()
    await plain.exports.delete(alice, again.id)
    ticket = await plain.exports.issue_ticket(alice, small.id)
    assert (await plain.exports.redeem_ticket(ticket.token, small.id)).user_id == alice.user_id
    assert await plain.upkeep.requeue_stranded() == Rescued()
    assert await plain.upkeep.find_expired() == []
    assert await plain.upkeep.find_orphans() == []
    for what in ("old_keys", "old_tickets", "old_jobs"):
        assert await plain.upkeep.delete_old(what) == 0
    assert await plain.upkeep.delete_old("old_events", age_s=60) == 0
    assert len(await plain.upkeep.make_event_partitions(9)) == 2
    await plain.exports.create(alice, request())
    # Its owner may not read a partition by its name; that an event in it is wanted shows all the same.
    today, *_, last = await plain.upkeep.find_old_days(-30 * 86_400)
    assert (today.wanted, last.wanted) == (True, False)
    assert not await plain.upkeep.drop_old_day(today, -30 * 86_400)
    assert await plain.upkeep.drop_old_day(last, -30 * 86_400)
