"""When work that failed is tried again. One policy for parts, for the finaliser and for deliveries."""

import random
from dataclasses import dataclass

_JITTER = 0.1
# A peer that asks for more patience than this is down rather than busy.
_LONGEST_ASKED_S = 900.0


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """`count` more tries; the first after `base_s` seconds, each further one after twice the wait before.

    Waits are up to a tenth longer, so that what failed together does not come back together.
    """

    count: int = 2
    base_s: float = 30.0

    def wait_s(self, attempt: int, asked_s: float | None = None) -> float | None:
        """How long to wait after failed attempt number `attempt` (from 1); None when it was the last.
        `asked_s`: what the peer asked for (`Retry-After`), a quarter of an hour at most."""
        if attempt > self.count:
            return None
        wait_s = self.base_s * 2.0 ** (attempt - 1) * (1.0 + _JITTER * random.random())
        return wait_s if asked_s is None else max(wait_s, min(asked_s, _LONGEST_ASKED_S))


class RetryLater(Exception):
    """The work is to be tried again after `wait_s`; what went wrong is written down already."""

    def __init__(self, wait_s: float) -> None:
        super().__init__(f"to be tried again in {wait_s:.1f} s")
        self.wait_s = wait_s


class WorkFailed(Exception):
    """The work will not be tried again; what went wrong is written down already."""
