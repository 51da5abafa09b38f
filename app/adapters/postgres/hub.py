"""The hub of event streams: one listener and one reader per process, however many follow.

A notification is a hint and the table is the truth: on each hint, and every second or two regardless, the hub reads
the events past its cursors and hands them to whoever follows. What a follower misses while the database is away is
read when it is back, since the cursors stayed.
"""

import asyncio
import contextlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import groupby
from operator import itemgetter
from typing import Any
from uuid import UUID

import psycopg
from psycopg.rows import dict_row

from app.adapters.postgres.listener import Connection, Listener, connect
from app.adapters.postgres.queries import load_queries
from app.adapters.postgres.rows import event_of
from app.adapters.postgres.subscriptions import Subscription
from app.errors import DatabaseUnavailable
from app.exports.models import ExportEvent
from app.logging import get_logger

log = get_logger(__name__)

SWEEP_S = 1.5
QUEUE_EVENTS = 256
_READ_EVENTS = 200
_AUDIENCE_AGE_S = 15.0
# How far back news are looked for that no notification told of: more than a sweep and a slow commit.
_RECENT_S = 10.0
# The database's clock is looked at once for each connection, and an event may be written long before it is seen: reads
# are bounded so widely that neither matters, and narrowly enough to keep to the partitions of a few days.
_WIDE = timedelta(days=1)
# An event's time is when it was written: one that was not committed yet when a follower came belongs to what follows.
_OVERLAP = timedelta(seconds=2)
# Of whom it is asked at a time whether they may still follow.
_MOST_ASKED = 2_000
_PAUSE_S = 0.5
# How long the event loop is held by handing out, at most.
_TURN_S = 0.005


@dataclass(slots=True)
class _Topic:
    """An export that somebody follows. Without a cursor nobody has said yet where to begin.

    `since`: what nobody has seen yet is not older. `users` are those of the users following all of theirs that may see
    it, as of when there were `known_users`.
    """

    since: datetime
    cursor: int | None = None
    followers: set[Subscription] = field(default_factory=set)
    users: frozenset[UUID] = frozenset()
    known_users: int = 0
    # The last event that was handed out, and since when, by the event loop's clock, any would have been.
    told: int = 0
    followed_at: float = field(default_factory=lambda: asyncio.get_running_loop().time())


class EventHub:
    """Hands events to followers, each one once and in order. Ask before following; who may not any more is let go."""

    def __init__(
        self,
        listen_url: str,
        database_url: str,
        *,
        sweep_s: float = SWEEP_S,
        canary_s: float = 5.0,
        queue_events: int = QUEUE_EVENTS,
        on_lag: Callable[[float], None] | None = None,
    ) -> None:
        """`listen_url` is to be a direct or session-mode connection; `database_url` may lead to a pooler. `on_lag` is
        told of each event how many seconds after it was made its followers had it."""
        self._database_url = database_url
        self._listener = Listener(
            listen_url, database_url, heard=self._heard, resumed=self._everything, canary_s=canary_s
        )
        self._sweep_s = sweep_s
        self._queue_events = queue_events
        self._on_lag = on_lag
        self._queries = load_queries()
        self._reader: Connection | None = None
        # What the database's clock showed, and the event loop's at that moment.
        self._clock = datetime.now(UTC), 0.0
        self._topics: dict[UUID, _Topic] = {}
        self._users: dict[UUID, set[Subscription]] = {}
        # How many users have ever come: another number means that somebody is here who was not asked about.
        self._user_count = 0
        self._dirty: set[UUID] = set()
        self._unknown: set[UUID] = set()
        self._woken = asyncio.Event()
        self._sweep_due = True
        self._read_fine = True
        self._audiences_at = 0.0
        self._dismissed_at = 0.0
        self._connecting = asyncio.Lock()
        self._yielded_at = 0.0
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        """Raises DatabaseUnavailable, ConfigurationInvalid (LISTEN hears nothing)."""
        await self._listener.start()
        try:
            await self._connected()
        except (psycopg.Error, OSError) as error:
            await self._listener.close()
            raise DatabaseUnavailable("the database cannot be reached", reason=type(error).__name__) from error
        self._tasks = [asyncio.create_task(self._pump()), asyncio.create_task(self._tick())]

    async def close(self) -> None:
        """Ends every subscription, then the connections."""
        for subscription in [*self._all()]:
            subscription.close("closing")
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._listener.close()
        await self._drop_reader()

    @property
    def healthy(self) -> bool:
        """Whether news arrive, and arrive at once."""
        return self._listener.listening and self._read_fine

    @property
    def followers(self) -> int:
        """How many subscriptions there are."""
        return sum(1 for _ in self._all())

    def follow(self, export_id: UUID, wake: Callable[[], None], user_id: UUID | None = None) -> Subscription:
        """Follows one export, as `user_id` for as long as that user may see it. Read what there is already, then say
        how far with the subscription's `resume`: what is older than a day by then is not looked for here."""
        subscription = Subscription(self, export_id, wake, self._queue_events, user_id)
        self._topics.setdefault(export_id, _Topic(self._now())).followers.add(subscription)
        return subscription

    async def follow_user(self, user_id: UUID, since: datetime | None, wake: Callable[[], None]) -> Subscription:
        """Follows every export that a user may see, from `since` on, or from now. Raises DatabaseUnavailable."""
        subscription = Subscription(self, user_id, wake, self._queue_events)
        try:
            now: datetime = (await self._query("hub_now", {}))[0]["moment"]
            # Whoever comes from a moment that is yet to be would hear nothing until then.
            since = now if since is None else min(since, now)
            subscription._since = max(since, now - timedelta(hours=1)) - _OVERLAP
            self._user_count += 1
            self._users.setdefault(user_id, set()).add(subscription)
            within_s = (now - subscription._since).total_seconds() + _RECENT_S
            if recent := await self._recent([user_id], within_s):
                await self._learn_audiences(recent, subscription._since, newcomer=user_id)
        except BaseException as error:
            # Nobody else has it, to close it.
            subscription.close()
            if isinstance(error, psycopg.Error | OSError | TimeoutError):
                raise DatabaseUnavailable("the database cannot be reached", reason=type(error).__name__) from error
            raise
        return subscription

    # What wakes it

    def _heard(self, payload: str) -> None:
        with contextlib.suppress(ValueError):  # anybody may NOTIFY anything
            self._mark(UUID(payload))

    def _mark(self, export_id: UUID) -> None:
        topic = self._topics.get(export_id)
        if topic is None and not self._users:
            return
        if self._users and (topic is None or topic.known_users != self._user_count):
            self._unknown.add(export_id)
        self._dirty.add(export_id)
        self._woken.set()

    def _everything(self) -> None:
        self._sweep_due = True
        self._woken.set()

    async def _tick(self) -> None:
        while True:
            await asyncio.sleep(self._sweep_s)
            self._everything()

    # Reading and handing out

    async def _pump(self) -> None:
        while True:
            await self._woken.wait()
            self._woken.clear()
            sweep, self._sweep_due = self._sweep_due, False
            dirty, self._dirty = self._dirty, set()
            unknown, self._unknown = self._unknown, set()
            try:
                if self._users:
                    await self._find_audiences(unknown, sweep=sweep)
                await self._dismiss()
                await self._read(self._topics.keys() if sweep else dirty)
                self._read_fine = True
            except (psycopg.Error, OSError, TimeoutError) as error:
                log.warning("hub_read_failed", reason=type(error).__name__)
                self._read_fine = False
                self._dirty |= dirty
                self._unknown |= unknown
                await self._drop_reader()
                await asyncio.sleep(_PAUSE_S)
                self._everything()
            except Exception as error:  # one odd row must not silence everybody for good
                log.error("hub_crashed", error=f"{type(error).__name__}: {error}", exc_info=error)
                await asyncio.sleep(_PAUSE_S)

    async def _read(self, export_ids: Iterable[UUID]) -> None:
        """Reads on from the cursors of these exports, until there is nothing more."""
        pending = list(export_ids)
        while cursors := self._cursors(pending):
            since = min(self._topics[export_id].since for export_id in cursors)
            parameters = {"export_ids": [*cursors], "cursors": [*cursors.values()], "limit": _READ_EVENTS}
            parameters |= self._days(since)
            pending = []
            rows = await self._query("hub_events", parameters)
            read_at = asyncio.get_running_loop().time()
            for export_id, found in groupby(rows, key=itemgetter("export_id")):
                told = list(found)
                topic = self._topics.get(export_id)
                # A cursor that was set back meanwhile: from there on it is read again, in order.
                if topic is not None and topic.cursor == cursors[export_id]:
                    topic.cursor = told[-1]["seq"]
                    await self._hand_out(export_id, topic, told)
                    self._measure(topic, told, read_at)
                if len(told) == _READ_EVENTS:
                    pending.append(export_id)

    def _cursors(self, export_ids: Iterable[UUID]) -> dict[UUID, int]:
        topics = ((export_id, self._topics.get(export_id)) for export_id in export_ids)
        return {export_id: topic.cursor for export_id, topic in topics if topic and topic.cursor is not None}

    async def _hand_out(self, export_id: UUID, topic: _Topic, rows: Sequence[Mapping[str, Any]]) -> None:
        events = [event for event in map(_known_event, rows) if event is not None]
        if not events:
            return
        audience = [*topic.followers]
        for user_id in topic.users:
            audience += self._users.get(user_id, ())
        loop = asyncio.get_running_loop()
        for subscription in audience:
            subscription._offer(export_id, events)
            # Each offer writes to a socket. Whatever else this process serves gets its turn among thousands of them.
            if loop.time() - self._yielded_at >= _TURN_S:
                await asyncio.sleep(0)
                self._yielded_at = loop.time()

    def _measure(self, topic: _Topic, rows: Sequence[Mapping[str, Any]], read_at: float) -> None:
        """How late these events were, by the database's clock until they were read. Those that are told again, or were
        there before anybody followed, were late by nobody's doing."""
        handing_s = asyncio.get_running_loop().time() - read_at
        for row in rows:
            if self._on_lag is not None and row["seq"] > topic.told and row["age_s"] <= read_at - topic.followed_at:
                self._on_lag(row["age_s"] + handing_s)
        topic.told = max(topic.told, rows[-1]["seq"])

    async def _find_audiences(self, unknown: set[UUID], *, sweep: bool) -> None:
        """Whose streams the exports that were just heard of belong to; and, at times, all of them again."""
        if sweep:
            unknown |= await self._recent([*self._users], _RECENT_S)
        now = asyncio.get_running_loop().time()
        if now - self._audiences_at >= _AUDIENCE_AGE_S:
            # Shares come and go.
            self._audiences_at = now
            unknown |= {export_id for export_id, topic in self._topics.items() if topic.users}
        since = min((s._since for found in self._users.values() for s in found if s._since), default=None)
        if unknown and since is not None:
            await self._learn_audiences(unknown, since)

    async def _dismiss(self) -> None:
        """Now and then: lets go of users who may not see what they follow any more: a share was taken back, an export
        deleted."""
        now = asyncio.get_running_loop().time()
        if now - self._dismissed_at < _AUDIENCE_AGE_S:
            return
        self._dismissed_at = now
        following = [one for topic in self._topics.values() for one in topic.followers if one.user_id is not None]
        pairs = [*{(one.followed, one.user_id) for one in following}]
        gone: set[tuple[UUID, UUID]] = set()
        for at in range(0, len(pairs), _MOST_ASKED):
            export_ids, user_ids = map(list, zip(*pairs[at : at + _MOST_ASKED], strict=True))
            rows = await self._query("hub_strangers", {"export_ids": export_ids, "user_ids": user_ids})
            gone |= {(row["export_id"], row["user_id"]) for row in rows}
        for one in following:
            if (one.followed, one.user_id) in gone:
                one.close("not theirs")

    async def _recent(self, user_ids: Sequence[UUID], within_s: float) -> set[UUID]:
        days = self._days(self._now() - timedelta(seconds=within_s))
        rows = await self._query("hub_recent_exports", {"user_ids": user_ids, "within_s": within_s, **days})
        return {row["export_id"] for row in rows}

    async def _learn_audiences(self, export_ids: set[UUID], since: datetime, newcomer: UUID | None = None) -> None:
        """Asks who may see these exports, and reads them for those who come to them from `since` on."""
        user_count = self._user_count
        parameters = {"export_ids": [*export_ids], "user_ids": [*self._users], **self._days(since), "since": since}
        for row in await self._query("hub_audience", parameters):
            export_id, users = row["export_id"], frozenset(row["user_ids"])
            topic = self._topics.get(export_id)
            if topic is None:
                if not users:
                    continue
                topic = self._topics[export_id] = _Topic(since, row["seq"])
            topic.since = min(topic.since, since)
            comes = newcomer in users or bool(users - topic.users)
            topic.users, topic.known_users = users, user_count
            if not users:
                self._forget(export_id, topic)
            if comes and (topic.cursor is None or topic.cursor > row["seq"]):
                # Read again from where the newcomers begin; the others have seen it and are not told twice.
                topic.cursor = row["seq"]
            self._dirty.add(export_id)
            self._woken.set()

    async def _query(self, name: str, parameters: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
        connection = await self._connected()
        async with asyncio.timeout(10), connection.cursor(row_factory=dict_row) as cursor:
            await cursor.execute(self._queries[name], parameters)
            return await cursor.fetchall()

    async def _connected(self) -> Connection:
        async with self._connecting:
            if self._reader is None or self._reader.closed:
                self._reader = await connect(self._database_url, "seedbed-hub")
                async with asyncio.timeout(10):
                    row = await (await self._reader.execute(self._queries["hub_now"])).fetchone()
                assert row is not None
                self._clock = row[0], asyncio.get_running_loop().time()
            return self._reader

    def _now(self) -> datetime:
        """What the database's clock shows, about."""
        moment, at = self._clock
        return moment + timedelta(seconds=asyncio.get_running_loop().time() - at)

    def _days(self, since: datetime) -> Mapping[str, datetime]:
        """Whole days, which say nothing of the rows within: the planner is to choose the other index."""
        first, last = (
            moment.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
            for moment in (since - _WIDE, self._now() + _WIDE)
        )
        return {"from_day": first, "to_day": last + _WIDE}

    async def _drop_reader(self) -> None:
        reader, self._reader = self._reader, None
        if reader is not None:
            with contextlib.suppress(psycopg.Error, OSError):
                await reader.close()

    # Coming and going

    def _all(self) -> "set[Subscription]":
        found: set[Subscription] = set()
        for topic in self._topics.values():
            found |= topic.followers
        for subscriptions in self._users.values():
            found |= subscriptions
        return found

    def _read_from(self, export_id: UUID, seq: int) -> None:
        topic = self._topics.get(export_id)
        if topic is not None and topic.cursor != seq:
            # What lies between is read again for this one; the others have seen it and are not told twice.
            topic.cursor = seq if topic.cursor is None else min(seq, topic.cursor)
            self._mark(export_id)

    def _left(self, subscription: Subscription) -> None:
        topic = self._topics.get(subscription.followed)
        if topic is not None and subscription in topic.followers:
            topic.followers.discard(subscription)
            self._forget(subscription.followed, topic)
        subscriptions = self._users.get(subscription.followed)
        if subscriptions is not None and subscription in subscriptions:
            subscriptions.discard(subscription)
            if not subscriptions:
                self._user_left(subscription.followed)

    def _user_left(self, user_id: UUID) -> None:
        self._users.pop(user_id, None)
        for export_id, topic in [*self._topics.items()]:
            if user_id in topic.users:
                topic.users -= {user_id}
                self._forget(export_id, topic)

    def _forget(self, export_id: UUID, topic: _Topic) -> None:
        if not topic.followers and not topic.users:
            self._topics.pop(export_id, None)
            self._dirty.discard(export_id)


def _known_event(row: Mapping[str, Any]) -> ExportEvent | None:
    try:
        return event_of({name: value for name, value in row.items() if name != "age_s"})
    except ValueError:  # a kind of event that a newer version writes: not ours to tell, and no reason to stop
        log.warning("hub_event_unknown", export_id=str(row["export_id"]), seq=row["seq"])
        return None
