"""What every object store does, whichever it is.

A driver that is added gets a line in `stores` and must pass as it stands.
"""

import asyncio
import hashlib
import os
import urllib.error
import urllib.request
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit
from uuid import UUID, uuid4

import pytest

from app.adapters.objects.local import LocalObjectStore
from app.adapters.objects.s3 import S3ObjectStore
from app.adapters.objects.supabase import SupabaseObjectStore
from app.errors import StorageFailed
from app.exports.models import Caller
from app.exports.ports import ObjectStore
from tests.contract.conversation import Place
from tests.contract.places import options_of, storage_place
from tests.fixtures.s3 import SeaweedServer

CSV = "text/csv; charset=utf-8"
MEBIBYTE = 1 << 20
# S3's least size of a part that is not the last.
PART = 5 * MEBIBYTE
Fetch = Callable[[str], bytes]


@pytest.fixture(scope="module")
def place() -> Iterator[Place]:
    """Supabase Storage: its double, or the real server that the environment names."""
    with storage_place() as found:
        yield found


@pytest.fixture(params=["local", "s3", "supabase", "supabase by session token"])
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[ObjectStore]:
    """Each driver in turn."""
    if request.param.startswith("supabase"):
        s3_keys = request.param == "supabase"
        supabase = SupabaseObjectStore(options_of(request.getfixturevalue("place"), s3_keys=s3_keys))
        await supabase.create_bucket()
        yield supabase
        supabase.close()
        return
    if request.param == "local":
        local = LocalObjectStore(tmp_path / "objects", "a secret of the tests")
        yield local
        local.close()
        return
    server: SeaweedServer = request.getfixturevalue("s3_server")
    s3 = S3ObjectStore(server.options())
    await s3.create_bucket()
    yield s3
    s3.close()


@pytest.fixture
def key() -> str:
    """A key of nobody else's."""
    return f"{uuid4()}/{uuid4()}.csv"


@pytest.fixture
def caller(store: ObjectStore, key: str, request: pytest.FixtureRequest) -> Caller:
    """Somebody who may download the object of that key, as far as the store itself decides about it."""
    owner = UUID(key.split("/")[0])
    if not isinstance(store, SupabaseObjectStore):
        return Caller(owner, {})
    place: Place = request.getfixturevalue("place")
    place.allow(owner, key)
    return Caller(owner, {}, token=place.token("owner", owner))


@pytest.fixture
def make_file(tmp_path: Path) -> Callable[[bytes], Path]:
    """Writes a file to be stored."""

    def make(data: bytes) -> Path:
        path = tmp_path / uuid4().hex
        path.write_bytes(data)
        return path

    return make


def fetch(store: ObjectStore, url: str) -> tuple[bytes, str]:
    """What a browser would get: the body, and what it is told to call it."""
    if isinstance(store, LocalObjectStore):
        parts = urlsplit(url)
        query = {name: values[0] for name, values in parse_qs(parts.query, strict_parsing=True).items()}
        path = store.verify(parts.path.removeprefix("/files/"), query["expires"], query["name"], query["sig"])
        return path.read_bytes(), query["name"]
    with urllib.request.urlopen(url, timeout=10) as answer:
        kind, _, told = answer.headers["Content-Disposition"].rpartition("filename*=UTF-8''")
        assert kind.startswith("attachment; ")
        return answer.read(), unquote(told.removesuffix(";"))


async def content(store: ObjectStore, key: str) -> bytes:
    """All of an object."""
    return b"".join([chunk async for chunk in store.read(key)])


async def test_a_file_comes_back_as_it_was(store: ObjectStore, key: str, make_file: Callable[[bytes], Path]) -> None:
    """Bytes, size and listing of a stored file."""
    data = os.urandom(3 * MEBIBYTE + 17)
    stored = await store.put_file(key, make_file(data), CSV)
    assert (stored.key, stored.size) == (key, len(data))
    assert await store.head(key) == len(data)
    assert await content(store, key) == data
    [listed] = [found async for found in store.list(key.split("/")[0] + "/")]
    assert (listed.key, listed.size) == (key, len(data))
    assert listed.modified_at is not None
    assert listed.modified_at.tzinfo is not None


async def test_an_empty_file_is_a_file(store: ObjectStore, key: str, make_file: Callable[[bytes], Path]) -> None:
    """Nothing in it, but it is there."""
    await store.put_file(key, make_file(b""), CSV)
    assert await store.head(key) == 0
    assert await content(store, key) == b""


async def test_reading_comes_in_chunks(store: ObjectStore, key: str, make_file: Callable[[bytes], Path]) -> None:
    """A reader holds a chunk at a time, however large the object is; it may stop early."""
    data = os.urandom(MEBIBYTE)
    await store.put_file(key, make_file(data), CSV)
    chunks = [chunk async for chunk in store.read(key, 100_000)]
    assert max(map(len, chunks)) <= 100_000
    assert b"".join(chunks) == data
    async for chunk in store.read(key, 1000):
        assert chunk == data[:1000]
        break


async def test_reading_may_begin_in_the_middle(
    store: ObjectStore, key: str, make_file: Callable[[bytes], Path]
) -> None:
    """What is behind a byte, the last one included."""
    data = os.urandom(10_000)
    await store.put_file(key, make_file(data), CSV)
    for start in (0, 1, 7_000, 9_999):
        assert b"".join([chunk async for chunk in store.read(key, 1000, start=start)]) == data[start:]


async def test_storing_again_replaces(store: ObjectStore, key: str, make_file: Callable[[bytes], Path]) -> None:
    """A retried job writes the same key again."""
    await store.put_file(key, make_file(b"first, and longer"), CSV)
    await store.put_file(key, make_file(b"second"), CSV)
    assert await content(store, key) == b"second"


async def test_what_is_not_there_is_told(store: ObjectStore, key: str) -> None:
    """`head` says None, `delete` does nothing, `read` names the reason."""
    assert await store.head(key) is None
    await store.delete(key)
    with pytest.raises(StorageFailed) as failure:
        await content(store, key)
    assert (failure.value.facts["reason"], failure.value.facts["retryable"]) == ("object_missing", False)
    assert [found async for found in store.list(key)] == []


async def test_a_deleted_object_is_gone(store: ObjectStore, key: str, make_file: Callable[[bytes], Path]) -> None:
    """Not read, not listed, not counted; the owner's next object can be stored."""
    await store.put_file(key, make_file(b"x"), CSV)
    await store.delete(key)
    assert await store.head(key) is None
    assert [found async for found in store.list(key.split("/")[0])] == []
    await store.put_file(key, make_file(b"y"), CSV)
    assert await content(store, key) == b"y"


async def test_parts_make_one_object(store: ObjectStore, key: str, make_file: Callable[[bytes], Path]) -> None:
    """Stored out of order, from files and from memory: put together by number, and nothing to see before."""
    parts = [os.urandom(PART), os.urandom(PART + 1), b"the end"]
    upload = await store.open_upload(key, CSV)
    etags: dict[int, str] = {}
    for number in (3, 1, 2):
        body = parts[number - 1]
        etags[number] = await store.put_part(key, upload, number, make_file(body) if number == 2 else body)
    assert await store.head(key) is None
    size = sum(map(len, parts))
    stored = await store.complete_upload(key, upload, sorted(etags.items()), size)
    assert (stored.key, stored.size) == (key, size)
    assert hashlib.sha256(await content(store, key)).digest() == hashlib.sha256(b"".join(parts)).digest()


async def test_parts_may_arrive_at_once(store: ObjectStore, key: str) -> None:
    """Several workers store parts of one object."""
    parts = {number: os.urandom(PART) for number in range(1, 5)}
    upload = await store.open_upload(key, CSV)
    etags = await asyncio.gather(*(store.put_part(key, upload, number, body) for number, body in parts.items()))
    await store.complete_upload(key, upload, list(zip(parts, etags, strict=True)), 4 * PART)
    assert await content(store, key) == b"".join(parts.values())


async def test_a_part_sent_twice_counts_once(store: ObjectStore, key: str) -> None:
    """A worker that was thought dead may have stored its part: the object has it once."""
    first, second = os.urandom(PART), b"tail"
    upload = await store.open_upload(key, CSV)
    await store.put_part(key, upload, 1, os.urandom(PART))
    etags = [await store.put_part(key, upload, 1, first), await store.put_part(key, upload, 2, second)]
    await store.complete_upload(key, upload, list(enumerate(etags, 1)), PART + 4)
    assert await content(store, key) == first + second


async def test_completing_twice_is_completing_once(store: ObjectStore, key: str) -> None:
    """The answer to the first may have been lost."""
    upload = await store.open_upload(key, CSV)
    etag = await store.put_part(key, upload, 1, b"all of it")
    for _ in range(2):
        stored = await store.complete_upload(key, upload, [(1, etag)], 9)
        assert stored.size == 9
    assert await content(store, key) == b"all of it"


async def test_an_object_of_another_size_is_never_taken_for_complete(store: ObjectStore, key: str) -> None:
    """If what was stored is not what was made, somebody must look."""
    upload = await store.open_upload(key, CSV)
    etag = await store.put_part(key, upload, 1, b"12345678")
    with pytest.raises(StorageFailed) as failure:
        await store.complete_upload(key, upload, [(1, etag)], 9)
    assert (failure.value.facts["reason"], failure.value.facts["retryable"]) == ("size_mismatch", False)


async def test_an_etag_stands_for_the_bytes_that_were_counted(store: ObjectStore, key: str) -> None:
    """A part was stored again after the ledger noted its etag: the object has the bytes noted, or there is none."""
    upload = await store.open_upload(key, CSV)
    etag = await store.put_part(key, upload, 1, b"11111111")
    await store.put_part(key, upload, 1, b"22222222")
    refusal: StorageFailed | None = None
    try:
        await store.complete_upload(key, upload, [(1, etag)], 8)
    except StorageFailed as failure:
        refusal = failure
    if refusal is None:
        assert await content(store, key) == b"11111111"
    else:
        assert (refusal.facts["reason"], refusal.facts["retryable"]) == ("invalid_part", False)
        assert await store.head(key) is None


async def test_a_dropped_upload_leaves_nothing(store: ObjectStore, key: str) -> None:
    """No object, no open upload, no part that could still be stored; dropping it again is fine."""
    upload = await store.open_upload(key, CSV)
    await store.put_part(key, upload, 1, b"x")
    assert upload in [found.upload_id async for found in store.list_uploads()]
    await store.abort_upload(key, upload)
    await store.abort_upload(key, upload)
    assert upload not in [found.upload_id async for found in store.list_uploads()]
    assert await store.head(key) is None
    with pytest.raises(StorageFailed) as failure:
        await store.complete_upload(key, upload, [(1, "0" * 32)], 1)
    assert (failure.value.facts["reason"], failure.value.facts["retryable"]) == ("upload_missing", False)


async def test_a_part_of_no_upload_is_refused(store: ObjectStore, key: str) -> None:
    """It was dropped meanwhile, or never there."""
    upload = await store.open_upload(key, CSV)
    await store.abort_upload(key, upload)
    with pytest.raises(StorageFailed) as failure:
        await store.put_part(key, upload, 1, b"x")
    assert failure.value.facts["reason"] == "upload_missing"


async def test_open_uploads_are_listed(store: ObjectStore, key: str) -> None:
    """With key, id and the time they were begun, for those who tidy up."""
    upload = await store.open_upload(key, CSV)
    [found] = [open_upload async for open_upload in store.list_uploads() if open_upload.key == key]
    assert found.upload_id == upload
    assert found.started_at.tzinfo is not None


@pytest.mark.parametrize(
    "name", ["plain.csv", 'quo"te; and\nmore.csv', "Übersicht 日本.csv.gz", "..", "a/b\\c%2Fd.csv"]
)
async def test_a_signed_url_downloads_under_a_name(
    store: ObjectStore, key: str, make_file: Callable[[bytes], Path], name: str, caller: Caller
) -> None:
    """No credentials but the URL; any name is told to the browser without harm."""
    await store.put_file(key, make_file(b"content"), CSV)
    assert fetch(store, await store.sign(key, 60, name, caller=caller)) == (b"content", name)


@pytest.mark.parametrize(
    "key", ["../escape", "/etc/passwd", "a//b", "a/../b", ".uploads/x", "a\x00b", "", "a/", "ä/b", "a\\b"]
)
async def test_keys_that_lead_elsewhere_are_refused(store: ObjectStore, key: str, tmp_path: Path) -> None:
    """By every operation, before anything is done."""
    file = tmp_path / "file"
    file.write_bytes(b"x")
    attempts = [
        store.put_file(key, file, CSV),
        store.head(key),
        store.delete(key),
        store.open_upload(key, CSV),
        store.put_part(key, "0", 1, b""),
        store.complete_upload(key, "0", [(1, "0")], 1),
        store.abort_upload(key, "0"),
        store.sign(key, 60, "x", caller=Caller(UUID(int=1), {})),
        content(store, key),
    ]
    for attempt in attempts:
        with pytest.raises(StorageFailed) as failure:
            await attempt
        assert failure.value.facts["reason"] == "invalid_key"


async def test_a_store_that_works_says_so(store: ObjectStore) -> None:
    """`check` passes, and leaves nothing behind."""
    before = [found.key async for found in store.list("")]
    await store.check()
    assert [found.key async for found in store.list("")] == before


async def test_the_event_loop_goes_on_while_a_file_is_stored(
    store: ObjectStore, key: str, make_file: Callable[[bytes], Path]
) -> None:
    """Stores block in threads of their own."""
    path = make_file(os.urandom(8 * MEBIBYTE))
    turns = 0
    storing = asyncio.ensure_future(store.put_file(key, path, CSV))
    while not storing.done():
        await asyncio.sleep(0)
        turns += 1
    await storing
    # A call that blocked would end within the first turns; how many there are otherwise is up to the machine.
    assert turns > 2
