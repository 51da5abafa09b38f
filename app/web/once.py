"""What anybody may ask for, and what asking costs elsewhere: done once for all who ask meanwhile."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class Once(Generic[T]):
    """Work of which there is never more than one under way; who comes while it is has the same result, or error."""

    def __init__(self, work: Callable[[], Awaitable[T]]) -> None:
        self._work = work
        self._task: asyncio.Task[T] | None = None

    async def __call__(self) -> T:
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._run())
            self._task.add_done_callback(_look_at)
        # Shielded: a client that hangs up must not end what others wait for.
        return await asyncio.shield(self._task)

    async def _run(self) -> T:
        return await self._work()


def _look_at(task: "asyncio.Task[T]") -> None:
    """An error is told to whoever waits; when all have gone, to nobody."""
    if not task.cancelled():
        task.exception()
