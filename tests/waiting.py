"""Waiting for what another thread or process does."""

import time
from collections.abc import Callable


def eventually(holds: Callable[[], bool], within_s: float = 20.0) -> None:
    """Returns once it holds; fails when it does not in time."""
    deadline = time.monotonic() + within_s
    while not holds():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.01)  # the condition is another's; bounded above
