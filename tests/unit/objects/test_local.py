"""The local store: links that cannot be made up, and no half files whatever the disk does."""

import asyncio
import errno
import io
import os
import resource
import signal
import subprocess
import sys
from pathlib import Path
from urllib.parse import parse_qs, urlsplit
from uuid import UUID, uuid4

import pytest

from app.adapters.objects.local import LocalObjectStore
from app.errors import NotPermitted, StorageFailed
from app.exports.models import Caller

KEY = "owner/job.csv"
CALLER = Caller(UUID(int=1), {})
SECRET = "a secret of the tests"


class Clock:
    """A clock that the test sets."""

    now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "objects"


@pytest.fixture
def store(folder: Path, clock: Clock) -> LocalObjectStore:
    return LocalObjectStore(folder, SECRET, "https://seedbed.example/", clock=clock)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "file"
    path.write_bytes(b"content")
    return path


def files_in(folder: Path) -> list[str]:
    """Every file below, hidden ones too."""
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def query_of(url: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}


async def test_a_link_leads_to_the_file(store: LocalObjectStore, file: Path) -> None:
    """The URL stands below the site's own, and verifies to the file on disk."""
    await store.put_file(KEY, file, "text/csv")
    url = await store.sign(KEY, 60, "my file.csv", caller=CALLER)
    assert url.startswith("https://seedbed.example/files/owner/job.csv?expires=1000060&name=my%20file.csv&sig=")
    query = query_of(url)
    assert store.verify(KEY, query["expires"], query["name"], query["sig"]).read_bytes() == b"content"


async def test_without_a_public_url_a_link_is_relative(folder: Path) -> None:
    """The app knows its own address from the request."""
    assert (await LocalObjectStore(folder, SECRET).sign(KEY, 60, "x", caller=CALLER)).startswith("/files/owner/")


@pytest.mark.parametrize(
    ("part", "value"),
    [
        ("key", "owner/other.csv"),
        ("expires", "1000061"),
        ("expires", "01000060"),
        ("expires", "never"),
        ("name", "other.exe"),
        ("sig", "0" * 64),
        ("sig", ""),
        ("sig", "é\ud800"),
    ],
)
async def test_a_link_that_was_changed_is_refused(store: LocalObjectStore, file: Path, part: str, value: str) -> None:
    """Each part of a link is signed; none can be swapped for another."""
    await store.put_file(KEY, file, "text/csv")
    await store.put_file("owner/other.csv", file, "text/csv")
    query = query_of(await store.sign(KEY, 60, "x.csv", caller=CALLER))
    link = {"key": KEY, **query, part: value}
    with pytest.raises(NotPermitted) as refusal:
        store.verify(link["key"], link["expires"], link["name"], link["sig"])
    assert refusal.value.facts == {"reason": "signature"}


async def test_what_belongs_to_a_name_cannot_move_to_another_part(store: LocalObjectStore) -> None:
    """`a` + `bc` and `ab` + `c` are different links."""
    one = query_of(await store.sign("owner/a", 60, "1x", caller=CALLER))["sig"]
    other = query_of(await store.sign("owner/a", 601, "x", caller=CALLER))["sig"]
    assert one != other


async def test_a_link_ends_when_it_says(store: LocalObjectStore, file: Path, clock: Clock) -> None:
    """Good through its last second, and not after."""
    await store.put_file(KEY, file, "text/csv")
    query = query_of(await store.sign(KEY, 60, "x", caller=CALLER))
    clock.now += 60
    store.verify(KEY, query["expires"], query["name"], query["sig"])
    clock.now += 0.5
    with pytest.raises(NotPermitted) as refusal:
        store.verify(KEY, query["expires"], query["name"], query["sig"])
    assert refusal.value.facts == {"reason": "expired"}


async def test_another_secret_opens_nothing(store: LocalObjectStore, folder: Path, file: Path, clock: Clock) -> None:
    """Links die with the secret they were signed by."""
    await store.put_file(KEY, file, "text/csv")
    query = query_of(await store.sign(KEY, 60, "x", caller=CALLER))
    other = LocalObjectStore(folder, "another secret of the tests", clock=clock)
    with pytest.raises(NotPermitted):
        other.verify(KEY, query["expires"], query["name"], query["sig"])


async def test_a_link_to_a_removed_file_says_so(store: LocalObjectStore) -> None:
    """The link is genuine, the file is gone: not the same as a forged link."""
    query = query_of(await store.sign(KEY, 60, "x", caller=CALLER))
    with pytest.raises(StorageFailed) as failure:
        store.verify(KEY, query["expires"], query["name"], query["sig"])
    assert failure.value.facts["reason"] == "object_missing"


def test_a_short_secret_is_refused(folder: Path) -> None:
    """It could be guessed from one link."""
    with pytest.raises(ValueError, match="at least 16"):
        LocalObjectStore(folder, "short")


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
async def test_a_full_disk_leaves_no_half_file(
    store: LocalObjectStore, folder: Path, file: Path, number: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The old object stays, nothing else is left, and trying again is said to be useless."""
    await store.put_file(KEY, file, "text/csv")
    newer = file.with_name("newer")
    await asyncio.to_thread(newer.write_bytes, b"newer content")

    def full(_descriptor: int) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(StorageFailed) as failure:
        await store.put_file(KEY, newer, "text/csv")
    assert (failure.value.facts["reason"], failure.value.facts["retryable"]) == ("storage_full", False)
    assert files_in(folder) == [KEY]
    assert (folder / KEY).read_bytes() == b"content"


@pytest.mark.parametrize(
    ("number", "said", "retryable"),
    [
        (errno.EROFS, "LOCAL_STORE_DIR", False),
        (errno.EACCES, "LOCAL_STORE_DIR", False),
        (errno.EISDIR, "stands in the folder", False),
        (errno.ENOSPC, "make room", False),
        (errno.EIO, "does not work", True),
        (errno.EMFILE, "Too many open files", True),
        (errno.ESTALE, "tale file handle", True),
    ],
)
async def test_what_the_system_refuses_is_said_with_what_to_do(
    store: LocalObjectStore, file: Path, number: int, said: str, retryable: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the middle of writing as of reading, and what may pass is tried again."""
    await store.put_file(KEY, file, "text/csv")

    def refuse(*_: object) -> None:
        raise OSError(number, os.strerror(number))

    class Broken(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            refuse()
            return b""

    monkeypatch.setattr(os, "replace", refuse)
    monkeypatch.setattr(store, "_open", lambda key: Broken())
    for use in (store.put_file(KEY, file, "text/csv"), anext(store.read(KEY))):
        with pytest.raises(StorageFailed, match=said) as failure:
            await use
        assert failure.value.facts["retryable"] == retryable


async def test_what_a_crash_left_is_found_and_removed(store: LocalObjectStore, folder: Path) -> None:
    """A file that was being written, and an upload that had no name yet; nothing of anybody else's."""
    named = await store.open_upload(KEY, "text/csv")
    written, begun = uuid4().hex, uuid4().hex
    (folder / ".incoming").mkdir()
    (folder / ".incoming" / written).write_bytes(b"half")
    (folder / ".incoming" / "lost+found").write_bytes(b"")
    (folder / ".uploads" / begun).mkdir()
    found = {upload.upload_id: upload.key async for upload in store.list_uploads()}
    assert set(found) == {named, written, begun}
    await store.abort_upload(found[written].replace(str(UUID(written)), str(UUID(named))), named)
    for upload_id in (written, begun):
        await store.abort_upload(found[upload_id], upload_id)
    assert [upload.key async for upload in store.list_uploads()] == [KEY]
    assert files_in(folder / ".incoming") == ["lost+found"]
    assert not (folder / ".uploads" / begun).exists()


_STORE_TWO_MEBIBYTES = """
import asyncio, sys
from pathlib import Path
from app.adapters.objects.local import LocalObjectStore
from app.errors import StorageFailed

async def main(folder, source):
    store = LocalObjectStore(folder, "a secret of the tests")
    try:
        await store.put_file("owner/job.csv", source, "text/csv")
    except StorageFailed as error:
        print(error.facts["reason"])

asyncio.run(main(Path(sys.argv[1]), Path(sys.argv[2])))
"""


def test_a_file_the_system_will_not_write_leaves_no_half_file(folder: Path, tmp_path: Path) -> None:
    """A real refusal in the middle of a file, by the limit on a file's size."""
    source = tmp_path / "source"
    source.write_bytes(bytes(2 << 20))

    def limit() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, 1 << 20))

    command = [sys.executable, "-c", _STORE_TWO_MEBIBYTES, str(folder), str(source)]
    run = subprocess.run(command, preexec_fn=limit, capture_output=True, text=True, check=True, timeout=60)
    assert run.stdout.strip() == "storage_full"
    assert files_in(folder) == []


async def test_a_part_that_breaks_off_leaves_the_upload_as_it_was(
    store: LocalObjectStore, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The earlier part of that number is still there, and completes."""
    upload = await store.open_upload(KEY, "text/csv")
    etag = await store.put_part(KEY, upload, 1, b"whole")

    def broken(*_: object) -> None:
        raise OSError(errno.EIO, "I/O error")

    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", broken)
        with pytest.raises(StorageFailed) as failure:
            await store.put_part(KEY, upload, 1, b"other")
    assert (failure.value.facts["reason"], failure.value.facts["retryable"]) == ("io_error", True)
    await store.complete_upload(KEY, upload, [(1, etag)], 5)
    assert files_in(folder) == [KEY]


@pytest.mark.parametrize("number", [None, errno.EXDEV, errno.EOPNOTSUPP])
async def test_parts_are_put_together_where_the_kernel_copies_nothing(
    store: LocalObjectStore, folder: Path, number: int | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """There is no such call, or it does not work between these files."""

    def refusing(*_: object) -> int:
        assert number is not None
        raise OSError(number, os.strerror(number))

    if number is None:
        monkeypatch.delattr(os, "copy_file_range", raising=False)
    else:
        monkeypatch.setattr(os, "copy_file_range", refusing)
    upload = await store.open_upload(KEY, "text/csv")
    etags = [await store.put_part(KEY, upload, number, body) for number, body in ((1, b"one "), (2, b"two"))]
    await store.complete_upload(KEY, upload, list(enumerate(etags, 1)), 7)
    assert (folder / KEY).read_bytes() == b"one two"
    assert files_in(folder) == [KEY]


async def test_parts_out_of_order_are_refused(store: LocalObjectStore) -> None:
    """S3 refuses them, so a mistake must show with the local store too."""
    upload = await store.open_upload(KEY, "text/csv")
    etags = [await store.put_part(KEY, upload, number, b"x") for number in (1, 2)]
    for parts in ([(2, etags[1]), (1, etags[0])], [(1, etags[0]), (1, etags[0])], []):
        with pytest.raises(StorageFailed):
            await store.complete_upload(KEY, upload, parts, len(parts))


async def test_an_upload_belongs_to_its_key(store: LocalObjectStore) -> None:
    """An id alone opens nobody else's upload, and is no path."""
    upload = await store.open_upload(KEY, "text/csv")
    for key, upload_id in (("owner/other.csv", upload), (KEY, f"../.uploads/{upload}"), (KEY, "")):
        with pytest.raises(StorageFailed) as failure:
            await store.put_part(key, upload_id, 1, b"x")
        assert failure.value.facts["reason"] == "upload_missing"


async def test_an_owners_empty_folder_goes_with_the_last_file(
    store: LocalObjectStore, folder: Path, file: Path
) -> None:
    """Deleted users leave no folders."""
    await store.put_file(KEY, file, "text/csv")
    await store.delete(KEY)
    assert not (folder / "owner").exists()


async def test_links_in_the_folder_lead_nowhere(
    store: LocalObjectStore, folder: Path, file: Path, tmp_path: Path
) -> None:
    """A link in the place of a file, of an owner's folder, or of neither: nothing outside is read, told of, put into a
    list, overwritten or removed; and a pipe is waited for by nobody."""
    outside = tmp_path / "outside"
    outside.mkdir()
    secret = outside / "job.csv"
    secret.write_bytes(b"root:x:0:0")
    (folder / "owner").mkdir(parents=True)
    (folder / "owner" / "linked.csv").symlink_to(secret)
    os.mkfifo(folder / "owner" / "pipe.csv")
    (folder / "away").symlink_to(outside)
    for key in ("owner/linked.csv", "away/job.csv", "owner/pipe.csv"):
        with pytest.raises(StorageFailed) as failure:
            [chunk async for chunk in store.read(key)]
        assert failure.value.facts["reason"] == "object_missing"
        query = query_of(await store.sign(key, 60, "x", caller=CALLER))
        with pytest.raises(StorageFailed):
            store.verify(key, query["expires"], query["name"], query["sig"])
    assert await store.head("owner/linked.csv") is None
    for use in (store.put_file("away/job.csv", file, "text/csv"), store.delete("away/job.csv")):
        with pytest.raises(StorageFailed):
            await use
    assert [found.key async for found in store.list("")] == []
    # A file that is replaced takes the link's place, not that of what it leads to.
    await store.put_file("owner/linked.csv", file, "text/csv")
    assert [found.key async for found in store.list("")] == ["owner/linked.csv"]
    await store.delete("owner/linked.csv")
    assert secret.read_bytes() == b"root:x:0:0"
