"""A pool of connections that gives back what a busy moment has left it with."""

import time
from collections.abc import Callable

from sqlalchemy.pool import AsyncAdaptedQueuePool, ConnectionPoolEntry

# Others may need what Postgres has, and the next busy moment makes another one in some milliseconds.
IDLE_S = 60.0


class ElasticPool(AsyncAdaptedQueuePool):
    """SQLAlchemy's pool keeps as many connections as were ever needed at one moment, so that a process which runs for
    long ends with all it may have. This one closes one in `idle_s` seconds, if all that while one was to spare.
    """

    idle_s = IDLE_S
    clock: Callable[[], float] = staticmethod(time.monotonic)

    _spare = 0
    _until_s = 0.0

    def _do_get(self) -> ConnectionPoolEntry:
        entry = super()._do_get()
        self._spare = min(self._spare, self.checkedin())
        return entry

    def _do_return_conn(self, record: ConnectionPoolEntry) -> None:
        now = self.clock()
        if now < self._until_s:
            return super()._do_return_conn(record)
        needless = self._spare > 0
        self._spare, self._until_s = self.checkedin(), now + self.idle_s
        if not needless:
            return super()._do_return_conn(record)
        try:
            record.close()
        finally:
            self._dec_overflow()
        return None
