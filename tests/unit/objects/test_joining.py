"""Parts are joined while others are to come, and what comes of it is what the upload is completed with."""

import asyncio
import fcntl
import random
from pathlib import Path

import pytest

from app.adapters.objects import joining
from app.adapters.objects.local import LocalObjectStore
from app.errors import StorageFailed

KEY = "owner/job.csv"
DATA = {number: f"part {number};".encode() * 1_000 for number in range(1, 7)}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "objects"


@pytest.fixture
def store(folder: Path) -> LocalObjectStore:
    return LocalObjectStore(folder, "a secret of the tests")


def files_in(folder: Path) -> list[str]:
    return [path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()]


def upload_folder(folder: Path) -> Path:
    (found,) = (folder / ".uploads").iterdir()
    return found


def joined(folder: Path) -> bytes:
    return (upload_folder(folder) / "joined").read_bytes()


async def completed(store: LocalObjectStore, folder: Path, upload_id: str, etags: dict[int, str], size: int) -> bytes:
    """The object, when nothing else is left."""
    await store.complete_upload(KEY, upload_id, sorted(etags.items()), size)
    assert files_in(folder) == [KEY]
    return (folder / KEY).read_bytes()


WHOLE = b"".join(DATA[number] for number in sorted(DATA))


@pytest.mark.parametrize("seed", range(8))
async def test_in_whatever_order_they_come(store: LocalObjectStore, folder: Path, seed: int) -> None:
    """Those that are there from the first on are joined; all of them, in order, are the object."""
    upload_id = await store.open_upload(KEY, "text/csv")
    numbers, etags = list(DATA), dict[int, str]()
    random.Random(seed).shuffle(numbers)
    for number in numbers:
        etags[number] = await store.put_part(KEY, upload_id, number, DATA[number])
        there = next(first for first in range(1, 8) if first not in etags)
        assert joined(folder) == b"".join(DATA[before] for before in range(1, there))
    assert await completed(store, folder, upload_id, etags, len(WHOLE)) == WHOLE


async def test_many_at_once(store: LocalObjectStore, folder: Path) -> None:
    """Whoever finds somebody at it leaves it to them, and to the end."""
    upload_id = await store.open_upload(KEY, "text/csv")
    stored = await asyncio.gather(*(store.put_part(KEY, upload_id, number, data) for number, data in DATA.items()))
    etags = dict(zip(DATA, stored, strict=True))
    assert WHOLE.startswith(joined(folder))
    assert await completed(store, folder, upload_id, etags, len(WHOLE)) == WHOLE


async def test_nobody_waits_to_join(store: LocalObjectStore, folder: Path) -> None:
    """A part is stored while another process joins for as long as it likes."""
    upload_id = await store.open_upload(KEY, "text/csv")
    with (upload_folder(folder) / "joined.parts").open() as notes:
        fcntl.flock(notes, fcntl.LOCK_EX)
        etags = {1: await store.put_part(KEY, upload_id, 1, DATA[1])}
        assert joined(folder) == b""
    etags[2] = await store.put_part(KEY, upload_id, 2, DATA[2])
    assert joined(folder) == DATA[1] + DATA[2]
    assert await completed(store, folder, upload_id, etags, len(DATA[1] + DATA[2])) == DATA[1] + DATA[2]


@pytest.mark.parametrize("which", [0, 1])
@pytest.mark.parametrize("early", [True, False])
async def test_a_part_that_was_stored_twice(store: LocalObjectStore, folder: Path, which: int, early: bool) -> None:
    """It is the one that the upload is completed with, whichever was joined."""
    upload_id = await store.open_upload(KEY, "text/csv")
    etags = {} if early else {1: await store.put_part(KEY, upload_id, 1, DATA[1])}
    twice = [await store.put_part(KEY, upload_id, 2, data) for data in (b"first", b"other")]
    if early:
        etags[1] = await store.put_part(KEY, upload_id, 1, DATA[1])
    etags |= {2: twice[which], 3: await store.put_part(KEY, upload_id, 3, DATA[3])}
    expected = DATA[1] + (b"first", b"other")[which] + DATA[3]
    assert await completed(store, folder, upload_id, etags, len(expected)) == expected


async def test_fewer_parts_than_were_joined(store: LocalObjectStore, folder: Path) -> None:
    """What is more is left out."""
    upload_id = await store.open_upload(KEY, "text/csv")
    etags = {number: await store.put_part(KEY, upload_id, number, DATA[number]) for number in (1, 2, 3)}
    del etags[3]
    assert await completed(store, folder, upload_id, etags, len(DATA[1] + DATA[2])) == DATA[1] + DATA[2]


@pytest.mark.parametrize(
    ("file", "content"),
    [
        ("joined.parts", b""),  # the note was lost
        ("joined.parts", b"00001-"),  # … or half of it was written
        ("joined", b""),  # the disk lost what had been noted
        ("joined", DATA[1] + DATA[2] + b"half of a part"),
        ("joined", None),  # it is in its place, and the process ended before the rest was removed
        ("joined.parts", None),  # an upload of an earlier release
    ],
)
async def test_whatever_a_crash_leaves(store: LocalObjectStore, folder: Path, file: str, content: bytes | None) -> None:
    """It is found out, and joined anew."""
    upload_id = await store.open_upload(KEY, "text/csv")
    etags = {number: await store.put_part(KEY, upload_id, number, DATA[number]) for number in (1, 2)}
    left = upload_folder(folder) / file
    if content is None:
        left.unlink()
    else:
        left.write_bytes(content)
    etags[3] = await store.put_part(KEY, upload_id, 3, DATA[3])
    expected = DATA[1] + DATA[2] + DATA[3]
    assert await completed(store, folder, upload_id, etags, len(expected)) == expected


async def test_two_that_complete_it(store: LocalObjectStore, folder: Path) -> None:
    """One does, and both are told that it is there; a third with another size is not."""
    upload_id = await store.open_upload(KEY, "text/csv")
    etags = {number: await store.put_part(KEY, upload_id, number, data) for number, data in DATA.items()}
    parts = sorted(etags.items())
    done = await asyncio.gather(*(store.complete_upload(KEY, upload_id, parts, len(WHOLE)) for _ in range(4)))
    assert {one.size for one in done} == {len(WHOLE)}
    assert (folder / KEY).read_bytes() == WHOLE
    with pytest.raises(StorageFailed):
        await store.complete_upload(KEY, upload_id, parts, len(WHOLE) - 1)


async def test_an_upload_that_is_gone_is_joined_by_nobody(tmp_path: Path) -> None:
    """Who stored a part of it a moment too late leaves nothing behind."""
    joining.join_some(tmp_path / "gone")
    (tmp_path / "gone").mkdir()
    joining.join_some(tmp_path / "gone")
    assert list((tmp_path / "gone").iterdir()) == []


async def test_what_is_joined_is_on_its_way_to_the_disk(
    store: LocalObjectStore, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While other parts are still made, and each byte once; also where the system cannot be told to."""
    told: list[tuple[int, int]] = []
    monkeypatch.setattr(joining, "begin_writing", lambda file, start, size: told.append((start, size)))
    upload_id = await store.open_upload(KEY, "text/csv")
    etags = {number: await store.put_part(KEY, upload_id, number, DATA[number]) for number in (1, 3, 2)}
    first, second, third = (len(DATA[number]) for number in (1, 2, 3))
    assert told == [(0, first), (first, second), (first + second, third)]
    monkeypatch.undo()
    monkeypatch.setattr(joining, "_sync_file_range", None)
    etags[4] = await store.put_part(KEY, upload_id, 4, DATA[4])
    whole = b"".join(DATA[number] for number in range(1, 5))
    assert await completed(store, folder, upload_id, etags, len(whole)) == whole
