"""The hub: each follower sees each event once, in order, without a gap, whatever happens to its connections."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest

from app.adapters.postgres import hub as hubs
from app.adapters.postgres.hub import EventHub
from app.adapters.postgres.listener import Listener
from app.adapters.postgres.subscriptions import Subscription
from app.errors import ConfigurationInvalid, DatabaseUnavailable
from tests.integration.events.exports import append_event, append_silently, insert_export, kill_connections

ANN, BEN = uuid4(), uuid4()
PATIENCE_S = 30.0


async def until(holds: Callable[[], bool]) -> None:
    """Waits for what nobody announces."""
    async with asyncio.timeout(PATIENCE_S):
        while not holds():  # noqa: ASYNC110  # the hub's inside has no event for it
            await asyncio.sleep(0.01)


class Follower:
    """Takes what arrives, and can be waited for."""

    def __init__(self) -> None:
        self.events: list[tuple[UUID, int]] = []
        self.subscription: Subscription | None = None
        self._changed = asyncio.Event()

    def wake(self) -> None:
        if self.subscription is not None:
            self.events += [(event.export_id, event.seq) for event in self.subscription.take()]
            self._changed.set()

    def on(self, subscription: Subscription) -> "Follower":
        self.subscription = subscription
        self.wake()
        return self

    @property
    def closed(self) -> str | None:
        return None if self.subscription is None else self.subscription.closed

    def seqs(self, export_id: UUID) -> list[int]:
        return [seq for found, seq in self.events if found == export_id]

    async def until(self, holds: Callable[["Follower"], bool]) -> None:
        async with asyncio.timeout(PATIENCE_S):
            while not holds(self):
                self._changed.clear()
                await self._changed.wait()

    async def has(self, export_id: UUID, count: int) -> None:
        await self.until(lambda follower: len(follower.seqs(export_id)) >= count)


@pytest.fixture
async def connection(database_url: str) -> AsyncIterator[psycopg.AsyncConnection[Any]]:
    async with await psycopg.AsyncConnection.connect(database_url, autocommit=True) as opened:
        yield opened


@asynccontextmanager
async def opened(database_url: str, *, sweep_s: float = 60, canary_s: float = 60) -> AsyncIterator[EventHub]:
    """A hub that sweeps so rarely that only notifications explain what arrives, unless told otherwise."""
    made = EventHub(database_url, database_url, sweep_s=sweep_s, canary_s=canary_s)
    await made.start()
    try:
        yield made
    finally:
        await made.close()


@pytest.fixture
async def hub(database_url: str) -> AsyncIterator[EventHub]:
    """One that hears by notifications."""
    async with opened(database_url) as made:
        yield made


@pytest.fixture
async def sweeper(database_url: str) -> AsyncIterator[EventHub]:
    """One that looks often by itself."""
    async with opened(database_url, sweep_s=0.05) as made:
        yield made


def follow(hub: EventHub, export_id: UUID, user_id: UUID | None = None, *, seq: int = 0) -> Follower:
    follower = Follower()
    subscription = hub.follow(export_id, follower.wake, user_id)
    subscription.resume(seq)
    return follower.on(subscription)


async def follow_user(hub: EventHub, user_id: UUID, since: datetime | None = None) -> Follower:
    follower = Follower()
    return follower.on(await hub.follow_user(user_id, since, follower.wake))


async def test_events_arrive_in_order(hub: EventHub, connection: Any) -> None:
    """What is written after following arrives, once, by its number."""
    export_id = await insert_export(connection, ANN)
    follower = follow(hub, export_id)
    for _ in range(20):
        await append_event(connection, export_id)
    await follower.has(export_id, 20)
    assert follower.seqs(export_id) == list(range(1, 21))


async def test_how_late_events_are_is_told_once_of_each(hub: EventHub, connection: Any) -> None:
    """Of those that were made while somebody followed: neither of older ones nor again for whoever comes later."""
    lags: list[float] = []
    hub._on_lag = lags.append
    export_id = await insert_export(connection, ANN)
    await append_silently(connection, export_id, at=datetime.now(UTC) - timedelta(minutes=5))
    first = follow(hub, export_id)
    await first.has(export_id, 1)
    for _ in range(3):
        await append_event(connection, export_id)
    await until(lambda: len(lags) == 3)
    second = follow(hub, export_id)
    await second.has(export_id, 4)
    await append_event(connection, export_id)
    await until(lambda: len(lags) == 4)
    assert all(0 < lag < PATIENCE_S for lag in lags)


async def test_following_begins_where_it_was_left(hub: EventHub, connection: Any) -> None:
    """Only what comes after the number that the follower named."""
    export_id = await insert_export(connection, ANN)
    for _ in range(5):
        await append_event(connection, export_id)
    follower = follow(hub, export_id, seq=3)
    await append_event(connection, export_id)
    await follower.has(export_id, 3)
    assert follower.seqs(export_id) == [4, 5, 6]


async def test_a_backlog_longer_than_one_reading_arrives(hub: EventHub, connection: Any) -> None:
    """The hub reads some hundred events at a time, and goes on until there are none."""
    export_id = await insert_export(connection, ANN)
    for _ in range(450):
        await append_silently(connection, export_id)
    hub._queue_events = 1_000
    follower = follow(hub, export_id)
    await follower.has(export_id, 450)
    assert follower.seqs(export_id) == list(range(1, 451))


async def test_what_is_written_between_reading_and_following_is_not_lost(hub: EventHub, connection: Any) -> None:
    """Subscribe, replay, then resume: events of any moment in between arrive once."""
    export_id = await insert_export(connection, ANN)
    other = follow(hub, export_id)
    await append_event(connection, export_id)
    late = Follower()
    subscription = hub.follow(export_id, late.wake)
    await append_event(connection, export_id)  # already replayed by the follower below
    await append_event(connection, export_id)  # arrives while it is replaying
    await other.has(export_id, 3)
    subscription.resume(2)
    late.on(subscription)
    await append_event(connection, export_id)
    await late.has(export_id, 2)
    await other.has(export_id, 4)
    assert late.seqs(export_id) == [3, 4]
    assert other.seqs(export_id) == [1, 2, 3, 4]


async def test_a_reading_that_is_partly_known_is_told_in_part(hub: EventHub, connection: Any) -> None:
    """One who comes later has it read again from where they were: the others hear what is new to them alone."""
    export_id = await insert_export(connection, ANN)
    early, user = follow(hub, export_id), await follow_user(hub, ANN)
    for _ in range(3):
        await append_event(connection, export_id)
    await early.has(export_id, 3)
    await user.has(export_id, 3)
    await append_silently(connection, export_id)
    late = follow(hub, export_id, seq=1)
    await late.has(export_id, 3)
    await early.has(export_id, 4)
    await user.has(export_id, 4)
    assert late.seqs(export_id) == [2, 3, 4]
    assert early.seqs(export_id) == user.seqs(export_id) == [1, 2, 3, 4]


async def test_silent_events_are_found_by_sweeping(sweeper: EventHub, connection: Any) -> None:
    """A notification is a hint: without any, events arrive all the same."""
    export_id = await insert_export(connection, ANN)
    follower, user = follow(sweeper, export_id), await follow_user(sweeper, ANN)
    for _ in range(3):
        await append_silently(connection, export_id)
    await follower.has(export_id, 3)
    await user.has(export_id, 3)
    assert follower.seqs(export_id) == user.seqs(export_id) == [1, 2, 3]


@pytest.mark.parametrize("application", ["seedbed-listener", "seedbed-hub", "seedbed-canary"])
async def test_a_killed_backend_leaves_no_gap(database_url: str, connection: Any, application: str) -> None:
    """Whichever connection the server ends, everybody catches up, each event once."""
    async with opened(database_url, sweep_s=1.0, canary_s=0.2) as hub:
        export_id = await insert_export(connection, ANN)
        follower, user = follow(hub, export_id), await follow_user(hub, ANN)
        await append_event(connection, export_id)
        await follower.has(export_id, 1)
        assert await kill_connections(connection, application) >= 1
        for _ in range(10):
            await append_event(connection, export_id)
        await follower.has(export_id, 11)
        await user.has(export_id, 11)
        assert follower.seqs(export_id) == user.seqs(export_id) == list(range(1, 12))
        await append_event(connection, export_id)
        await follower.has(export_id, 12)


async def test_a_deaf_listener_is_replaced(database_url: str, connection: Any) -> None:
    """A connection that is open and hears nothing is noticed by its canary, and everything is read again."""
    async with opened(database_url, canary_s=0.1) as hub:
        hub._listener.hearing_timeout_s = 1.0
        export_id = await insert_export(connection, ANN)
        follower = follow(hub, export_id)
        deafened = hub._listener.connection
        # What a pooler or a failover does to it: the session goes on, its LISTEN is gone.
        hub._listener._canary_channel = "somewhere-else"
        await append_silently(connection, export_id)
        await until(lambda: hub._listener.connection not in (deafened, None))
        await follower.has(export_id, 1)
        await until(lambda: hub._listener.reconnections >= 1)


class Pooled(Listener):
    """What a transaction pooler makes of LISTEN: accepted, and forgotten."""

    async def _listen(self, connection: Any) -> None:
        await connection.execute("listen something; unlisten *")


async def test_a_listener_that_hears_nothing_refuses_to_start(database_url: str) -> None:
    """Behind a transaction pooler LISTEN is accepted and hears nothing: the error says what to change."""
    listener = Pooled(database_url, database_url, heard=lambda _: None, resumed=lambda: None)
    listener.hearing_timeout_s = 0.2
    with pytest.raises(ConfigurationInvalid, match="DATABASE_DIRECT_URL"):
        await listener.start()


async def test_a_database_that_is_away_is_told(database_url: str) -> None:
    """No server at that port: one clear error, and nothing left behind."""
    nowhere = "postgresql://nobody@127.0.0.1:1/nothing"
    with pytest.raises(DatabaseUnavailable):
        await EventHub(nowhere, nowhere).start()


@pytest.mark.parametrize("end", ["connection lost", "client gone"])
async def test_who_could_not_be_let_in_is_told_and_not_kept(
    hub: EventHub, database_url: str, connection: Any, end: str
) -> None:
    """While a user's exports are looked for, the connection goes, or the client does: nobody else knows of the
    subscription by then."""
    async with await psycopg.AsyncConnection.connect(database_url) as other:
        await other.execute("lock table generator_exports in access exclusive mode")
        coming = asyncio.create_task(hub.follow_user(ANN, None, lambda: None))
        waiting = (
            "select pid from pg_stat_activity where datname = current_database() and application_name = 'seedbed-hub'"
            " and wait_event_type = 'Lock'"
        )
        async with asyncio.timeout(PATIENCE_S):
            while not await (await connection.execute(waiting)).fetchall():  # noqa: ASYNC110  # it happens in the database
                await asyncio.sleep(0.01)
        assert hub.followers == 1
        if end == "client gone":
            coming.cancel()
            with pytest.raises(asyncio.CancelledError):
                await coming
        else:
            assert await kill_connections(connection, "seedbed-hub") == 1
            with pytest.raises(DatabaseUnavailable):
                await coming
    assert hub.followers == 0
    assert not hub._users


async def test_a_slow_follower_is_closed_and_harms_nobody(hub: EventHub, connection: Any) -> None:
    """Its queue is bounded: past that it is ended, and the others have everything."""
    hub._queue_events = 5
    export_id = await insert_export(connection, ANN)
    woken: list[int] = []
    slow = hub.follow(export_id, lambda: woken.append(1))
    slow.resume(0)
    hub._queue_events = 256
    quick = follow(hub, export_id)
    for _ in range(10):
        await append_event(connection, export_id)
    await quick.has(export_id, 10)
    await until(lambda: slow.closed is not None)
    assert slow.closed == "overflow"
    assert not slow.pending
    assert quick.seqs(export_id) == list(range(1, 11))


async def test_a_user_follows_what_they_may_see(hub: EventHub, connection: Any) -> None:
    """Their own exports and those shared with them; not a stranger's."""
    shared, hidden, own = [await insert_export(connection, owner) for owner in (ANN, ANN, BEN)]
    await connection.execute(
        "insert into generator_export_shares (export_id, user_id, role, created_by) values (%s, %s, 'viewer', %s)",
        [shared, BEN, ANN],
    )
    ann, ben = await follow_user(hub, ANN), await follow_user(hub, BEN)
    for export_id in (shared, hidden, own):
        await append_event(connection, export_id)
    await ann.has(hidden, 1)
    await ben.has(own, 1)
    await ben.has(shared, 1)
    assert {export_id for export_id, _ in ann.events} == {shared, hidden}
    assert {export_id for export_id, _ in ben.events} == {shared, own}


async def test_a_share_that_is_taken_back_ends_the_view(
    sweeper: EventHub, connection: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The audience is looked at again: after that nothing of it arrives."""
    monkeypatch.setattr(hubs, "_AUDIENCE_AGE_S", 0.1)
    export_id, own = await insert_export(connection, ANN), await insert_export(connection, BEN)
    insert = "insert into generator_export_shares (export_id, user_id, role, created_by) values (%s, %s, 'viewer', %s)"
    await connection.execute(insert, [export_id, BEN, ANN])
    ann, ben = await follow_user(sweeper, ANN), await follow_user(sweeper, BEN)
    await append_event(connection, export_id)
    await ben.has(export_id, 1)
    await connection.execute("delete from generator_export_shares")
    await until(lambda: BEN not in sweeper._topics[export_id].users)
    await append_event(connection, export_id)
    await append_event(connection, own)
    await ann.has(export_id, 2)
    await ben.has(own, 1)
    assert ben.seqs(export_id) == [1]


@pytest.mark.parametrize(
    "taken", ["delete from generator_export_shares", "delete from generator_exports where id = %(export_id)s"]
)
async def test_who_may_not_see_an_export_any_more_is_let_go(
    sweeper: EventHub, connection: Any, monkeypatch: pytest.MonkeyPatch, taken: str
) -> None:
    """Who follows one export by a share that is taken back, or one that is deleted, is ended soon; others are not."""
    monkeypatch.setattr(hubs, "_AUDIENCE_AGE_S", 0.1)
    monkeypatch.setattr(hubs, "_MOST_ASKED", 2)
    export_id, kept = await insert_export(connection, ANN), await insert_export(connection, BEN)
    insert = "insert into generator_export_shares (export_id, user_id, role, created_by) values (%s, %s, 'viewer', %s)"
    await connection.execute(insert, [export_id, BEN, ANN])
    ann, ben, bens_own = follow(sweeper, export_id, ANN), follow(sweeper, export_id, BEN), follow(sweeper, kept, BEN)
    await append_event(connection, export_id)
    for follower in (ann, ben):
        await follower.has(export_id, 1)
    await connection.execute(taken, {"export_id": export_id})
    await until(lambda: ben.closed == "not theirs")
    await append_event(connection, kept)
    await bens_own.has(kept, 1)
    assert (ann.closed, bens_own.closed) == (None if "shares" in taken else "not theirs", None)
    assert ben.seqs(export_id) == [1]


async def test_a_user_resumes_from_a_moment(hub: EventHub, connection: Any) -> None:
    """What came after that moment arrives, of exports that nobody followed meanwhile too."""
    export_id = await insert_export(connection, ANN)
    await append_silently(connection, export_id, at=datetime.now(UTC) - timedelta(minutes=5))
    await append_silently(connection, export_id, at=datetime.now(UTC) - timedelta(minutes=1))
    follower = await follow_user(hub, ANN, since=datetime.now(UTC) - timedelta(minutes=2))
    await append_event(connection, export_id)
    await follower.has(export_id, 2)
    assert follower.seqs(export_id) == [2, 3]


async def test_a_moment_that_is_yet_to_be_is_now(hub: EventHub, connection: Any) -> None:
    """Made up, or by a clock that was set back since: what happens meanwhile is told."""
    export_id = await insert_export(connection, ANN)
    follower = await follow_user(hub, ANN, since=datetime(2286, 1, 1, tzinfo=UTC))
    await append_event(connection, export_id)
    await follower.has(export_id, 1)


async def test_what_took_long_is_told_to_those_who_came_meanwhile(
    hub: EventHub, database_url: str, connection: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A transaction that waited for its turn, as many do on a busy database, writes what is new when it writes it."""
    monkeypatch.setattr(hubs, "_OVERLAP", timedelta())
    export_id = await insert_export(connection, ANN)
    async with await psycopg.AsyncConnection.connect(database_url, autocommit=True) as late, late.transaction():
        await late.execute("select 1")
        follower = await follow_user(hub, ANN)
        await append_event(late, export_id)
    await follower.has(export_id, 1)


async def test_a_user_may_follow_twice(hub: EventHub, connection: Any) -> None:
    """A second stream of the same user begins where it asks to, whatever the first has seen."""
    export_id = await insert_export(connection, ANN)
    first = await follow_user(hub, ANN)
    await append_event(connection, export_id)
    await append_event(connection, export_id)
    await first.has(export_id, 2)
    second = await follow_user(hub, ANN, since=datetime.now(UTC) - timedelta(minutes=1))
    await second.has(export_id, 2)
    await append_event(connection, export_id)
    await first.has(export_id, 3)
    await second.has(export_id, 3)
    assert first.seqs(export_id) == second.seqs(export_id) == [1, 2, 3]


async def test_nothing_is_kept_when_everybody_has_left(hub: EventHub, connection: Any) -> None:
    """No topic, no user and no cursor outlives the last follower."""
    export_id = await insert_export(connection, ANN)
    one, all_of_them = follow(hub, export_id), await follow_user(hub, ANN)
    await append_event(connection, export_id)
    await one.has(export_id, 1)
    await all_of_them.has(export_id, 1)
    assert hub.followers == 2
    for follower in (one, all_of_them):
        assert follower.subscription is not None
        follower.subscription.close()
    assert hub.followers == 0
    assert not hub._topics
    assert not hub._users


async def test_closing_ends_every_subscription(database_url: str, connection: Any) -> None:
    """At shutdown each follower is told."""
    export_id = await insert_export(connection, ANN)
    async with opened(database_url) as hub:
        followers = [follow(hub, export_id) for _ in range(3)]
    assert {follower.subscription.closed for follower in followers if follower.subscription} == {"closing"}


async def test_anybody_may_notify_anything(hub: EventHub, connection: Any) -> None:
    """A payload that is no export's id is ignored."""
    export_id = await insert_export(connection, ANN)
    follower = follow(hub, export_id)
    for payload in ("", "not a uuid", "x" * 5_000, str(uuid4())):
        await connection.execute("select pg_notify('test-data-exports-progress', %s)", [payload])
    await append_event(connection, export_id)
    await follower.has(export_id, 1)
    assert hub.healthy
