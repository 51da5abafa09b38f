"""How fast one user may ask: a bucket of requests for each, that fills again as time goes by.

Kept in the process, not in Postgres: what is to be kept off is a flood, and a write for each request would carry it on
to the one thing that everybody shares. Several processes allow as many times as much. What a user may use in all
(exports, rows, bytes) is counted in Postgres, exactly; see `generator_quotas`.
"""

import math
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable

from app.web.errors import TooManyRequests

# A user who is forgotten starts with a full bucket. One who asks is not forgotten before so many others have asked.
_MOST_USERS = 20_000
# Whoever waits as told must not fail for the last bit of a sum.
_ROUNDING = 1e-6


class RateLimits:
    """Allows each user `per_minute` requests at once, and that many again in each minute; 0 allows any number."""

    def __init__(self, per_minute: int, *, now: Callable[[], float] = time.monotonic) -> None:
        self._most = float(per_minute)
        self._per_s = per_minute / 60
        self._now = now
        self._left: OrderedDict[Hashable, tuple[float, float]] = OrderedDict()

    def take(self, user_id: Hashable) -> None:
        """Counts a request. Raises TooManyRequests with `facts["retry_after_s"]`, whole seconds."""
        if not self._most:
            return
        now = self._now()
        left, at = self._left.pop(user_id, (self._most, now))
        left = min(self._most, left + (now - at) * self._per_s)
        allowed = left >= 1 - _ROUNDING
        # A refused request costs nothing: whoever waits as told gets through.
        self._left[user_id] = left - 1 if allowed else left, now
        if len(self._left) > _MOST_USERS:
            self._left.popitem(last=False)
        if not allowed:
            wait_s = math.ceil((1 - left) / self._per_s)
            raise TooManyRequests(
                f"more than {self._most:,.0f} requests in a minute; try again in {wait_s} s", retry_after_s=wait_s
            )
