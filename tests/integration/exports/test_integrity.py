"""What the store holds is what was made, or the export is not completed."""

from collections.abc import Callable
from pathlib import Path

import pytest

from app.exports.models import Export, Status
from tests.integration.exports.story import refreshed, start, stored
from tests.integration.exports.world import World


def spoil(world: World, export: Export, method: str, damage: Callable[[Path], None], times: int) -> None:
    """Damages the object, behind the service's back, as soon as `method` has made it; so many times."""
    original = getattr(world.objects, method)
    left = times

    async def spoiling(*arguments: object) -> object:
        nonlocal left
        answer = await original(*arguments)
        if left > 0:
            left -= 1
            damage(world.folder / "objects" / export.object_path)
        return answer

    setattr(world.objects, method, spoiling)


def flip(path: Path) -> None:
    """One bit in the middle: the size stays."""
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


def shorten(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1])


KINDS = [(100, "put_file"), (5_000, "complete_upload")]


@pytest.mark.parametrize("damage", [flip, shorten, Path.unlink])
@pytest.mark.parametrize(("rows", "method"), KINDS, ids=["one part", "parts"])
async def test_a_damaged_object_is_made_again(
    world: World, rows: int, method: str, damage: Callable[[Path], None]
) -> None:
    """A bit, a byte or all of it is not as it was sent: it counts as a failed attempt, and the next one is right."""
    export = await start(world, rows)
    spoil(world, export, method, damage, times=1)
    await world.work_off()
    done = await refreshed(world, export)
    assert (done.status, done.attempts, done.rows_generated) == (Status.COMPLETED, 1, rows)
    assert stored(world, export) == world.reference(rows)


@pytest.mark.parametrize(("rows", "method"), KINDS, ids=["one part", "parts"])
async def test_an_object_that_is_always_damaged_is_never_completed(world: World, rows: int, method: str) -> None:
    """The export fails, says why, and leaves no file that somebody might take for it."""
    export = await start(world, rows)
    spoil(world, export, method, flip, times=9)
    await world.work_off()
    done = await refreshed(world, export)
    assert (done.status, done.sha256) == (Status.FAILED, None)
    assert done.error_details is not None
    assert done.error_details["code"] == "checksum_mismatch"
    assert "completed" not in await world.kinds(export.id)
    assert not (world.folder / "objects" / export.object_path).exists()
