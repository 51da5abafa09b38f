"""What the tests of exports have in common: an export begun, looked at, and what is left of it."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

from app.exports.models import Caller, Export
from tests.integration.exports.world import World, caller, request


async def eventually(holds: Callable[[], Awaitable[bool]], within_s: float = 10.0) -> None:
    """Waits until something holds."""
    async with asyncio.timeout(within_s):
        while not await holds():  # noqa: ASYNC110  # what is waited for happens in a database
            await asyncio.sleep(0.01)


async def start(world: World, rows: int = 100, alice: Caller | None = None) -> Export:
    return (await world.exports.create(alice or caller(), request(rows))).export


def stored(world: World, export: Export) -> bytes:
    return (world.folder / "objects" / export.object_path).read_bytes()


def left_over(world: World) -> list[Path]:
    """Files that no finished export accounts for: parts in the making, open uploads, half-written objects."""
    work = list((world.folder / "work").rglob("*"))
    return work + [path for path in (world.folder / "objects").rglob(".*/*") if path.exists()]


async def refreshed(world: World, export: Export) -> Export:
    return await world.exports.get(caller(export.owner_id), export.id)


class Failing:
    """Makes a method of the object store fail so many times."""

    def __init__(self, world: World, method: str, error: Exception, times: int) -> None:
        self.left = times
        original = getattr(world.objects, method)

        async def fail(*arguments: object, **named: object) -> object:
            if self.left > 0:
                self.left -= 1
                raise error
            return await original(*arguments, **named)

        setattr(world.objects, method, fail)
