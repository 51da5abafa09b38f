"""What one follower of the hub has not taken yet."""

from collections import deque
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Protocol
from uuid import UUID

from app.exports.models import ExportEvent

_MOST_SEEN = 5_000


class Hub(Protocol):
    """What a subscription tells of itself."""

    def _left(self, subscription: "Subscription") -> None: ...

    def _read_from(self, export_id: UUID, seq: int) -> None: ...


class Subscription:
    """What one follower has not taken yet; at most `limit` events, past which it is closed.

    `wake` is called, on the event loop, when there is something to take or the subscription was closed. `user_id`: who
    follows a single export.
    """

    __slots__ = ("_hub", "_seen", "_since", "_wake", "closed", "followed", "limit", "pending", "user_id")

    def __init__(
        self, hub: Hub, followed: UUID, wake: Callable[[], None], limit: int, user_id: UUID | None = None
    ) -> None:
        self.pending: deque[ExportEvent] = deque()
        self.followed = followed
        self.user_id = user_id
        self.limit = limit
        self.closed: str | None = None
        self._hub = hub
        self._wake = wake
        self._seen: dict[UUID, int] = {}
        self._since: datetime | None = None

    def take(self) -> Sequence[ExportEvent]:
        """Everything that has arrived, in the order of each export's `seq`."""
        taken, self.pending = self.pending, deque()
        return taken

    def resume(self, seq: int) -> None:
        """Hands out what comes after `seq`: all of it, also what was written between the reading of it and this."""
        self.pending.clear()
        self._seen[self.followed] = seq
        self._hub._read_from(self.followed, seq)

    def close(self, reason: str = "left") -> None:
        """Ends it; nothing arrives any more. Safe to call twice."""
        if self.closed is None:
            self.closed = reason
            self.pending.clear()
            self._hub._left(self)
            self._wake()

    def _offer(self, export_id: UUID, events: Sequence[ExportEvent]) -> None:
        """Events of one export, in order: those that are new to this follower are kept, and it is woken once."""
        seen = self._seen.get(export_id, 0)
        if self.closed is not None or events[-1].seq <= seen:
            return
        new = events if events[0].seq > seen else [event for event in events if event.seq > seen]
        if self._since is not None:
            new = [event for event in new if event.created_at >= self._since]
            if not new:
                return
        if len(self.pending) + len(new) > self.limit:
            # One who reads too slowly comes back and resumes; the others do not wait for them.
            self.close("overflow")
            return
        if len(self._seen) >= _MOST_SEEN:
            self._seen.pop(next(iter(self._seen)))
        self._seen[export_id] = new[-1].seq
        self.pending.extend(new)
        self._wake()
