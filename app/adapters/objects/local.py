"""Objects in a folder, with signed URLs that the app itself serves.

A file under its final name is whole and on disk: it is written elsewhere in the same file system, synced, and then
renamed. What a crash leaves behind lies in hidden folders, where `list_uploads` finds it. Links within the folder lead
nowhere: whoever can plant one there is not to read, or have overwritten, what lies elsewhere.
"""

import errno
import hashlib
import hmac
import io
import os
import secrets
import shutil
import stat
import time
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO
from urllib.parse import quote, urlencode
from uuid import UUID

from app.adapters.objects.joining import join_some, joining, prepare
from app.adapters.objects.keys import check_key
from app.adapters.objects.local_errors import ignoring, storing
from app.adapters.objects.threads import Threads
from app.errors import NotPermitted, StorageFailed
from app.exports.models import Caller, OpenUpload, StoredObject
from app.exports.ports import OnSent
from app.generator.archive.crc import crc32
from app.settings import Settings

_UPLOADS = ".uploads"
_INCOMING = ".incoming"
_KEY_FILE = "key"
# Whose uploads those are that a crash left without a name.
_NOBODY = UUID(int=0)
_COPY_BYTES = 1 << 18
_THREADS = 8
_MOST_PARTS = 10_000
_LEAST_SECRET_CHARS = 16


class LocalObjectStore:
    """A folder as an object store.

    `secret` signs download URLs, which begin with `public_url` (empty: they are relative to the site).
    """

    def __init__(
        self,
        folder: Path,
        secret: str,
        public_url: str = "",
        *,
        clock: Callable[[], float] = time.time,
    ) -> None:
        if len(secret) < _LEAST_SECRET_CHARS:
            raise ValueError(f"the secret of a local store has at least {_LEAST_SECRET_CHARS} characters")
        self._folder = folder
        self._secret = secret.encode()
        self._public_url = public_url.rstrip("/")
        self._clock = clock
        self._threads = Threads("local-store", _THREADS)

    def close(self) -> None:
        """Lets its threads go."""
        self._threads.close()

    # -- whole objects -------------------------------------------------------------------------------------------------

    async def put_file(self, key: str, path: Path, content_type: str, on_sent: OnSent | None = None) -> StoredObject:
        """Stores a copy of the file at `path`; any earlier object of that key is replaced at once."""
        return await self._threads.run(self._put_file, check_key(key), path)

    def _put_file(self, key: str, path: Path) -> StoredObject:
        with storing(), open(path, "rb") as source, self._incoming() as file:
            etag, size = _copy_marking(source, file)
            self._publish(file, self._place(key))
        return StoredObject(key, size, etag)

    async def head(self, key: str) -> int | None:
        """The object's size; None when there is none."""
        return await self._threads.run(self._head, check_key(key))

    def _head(self, key: str) -> int | None:
        with storing():
            try:
                return _plain(self._place(key)).st_size
            except FileNotFoundError:
                return None

    async def read(self, key: str, chunk_bytes: int = 1 << 20, *, start: int = 0) -> AsyncIterator[bytes]:
        """The object's bytes in order, from byte `start` on."""
        file = await self._threads.run(self._open, check_key(key))
        try:
            with storing():
                file.seek(start)
                while chunk := await self._threads.run(file.read, chunk_bytes):
                    yield chunk
        finally:
            file.close()

    def _open(self, key: str) -> BinaryIO:
        with storing():
            try:
                return open_plain(self._place(key))
            except FileNotFoundError:
                raise _missing(key) from None

    async def delete(self, key: str) -> None:
        """Removes the object, and its folder when that is empty then."""
        await self._threads.run(self._delete, check_key(key))

    def _delete(self, key: str) -> None:
        path = self._place(key)
        with storing():
            path.unlink(missing_ok=True)
            if path.parent != self._folder:
                # Others may write there at this moment; then it stays.
                with ignoring(errno.ENOTEMPTY, errno.EEXIST, errno.ENOENT):
                    path.parent.rmdir()

    async def list(self, prefix: str) -> AsyncIterator[StoredObject]:
        """The objects whose keys begin with `prefix`, in the order of their keys."""
        for found in await self._threads.run(self._list, prefix):
            yield found

    def _list(self, prefix: str) -> Sequence[StoredObject]:
        found = []
        with storing():
            for folder, folders, files in os.walk(self._folder):
                folders[:] = [name for name in folders if not name.startswith(".")]
                for name in files:
                    path = Path(folder) / name
                    key = path.relative_to(self._folder).as_posix()
                    if key.startswith(prefix):
                        # It may be removed while the list is made.
                        with ignoring(errno.ENOENT):
                            about = _plain(path)
                            found.append(StoredObject(key, about.st_size, None, _time(about.st_mtime)))
        return sorted(found, key=lambda item: item.key)

    async def check(self) -> None:
        """Writes a byte and removes it again."""
        await self._threads.run(self._check)

    def _check(self) -> None:
        probe = self._folder / _INCOMING / secrets.token_hex(16)
        with storing():
            probe.parent.mkdir(parents=True, exist_ok=True)
            try:
                probe.write_bytes(b"\n")
            finally:
                probe.unlink(missing_ok=True)

    # -- uploads in parts ----------------------------------------------------------------------------------------------

    async def open_upload(self, key: str, content_type: str) -> str:
        """Starts an upload in parts; its id."""
        return await self._threads.run(self._open_upload, check_key(key))

    def _open_upload(self, key: str) -> str:
        upload_id = secrets.token_hex(16)
        with storing():
            folder = self._upload(upload_id)
            folder.mkdir(parents=True)
            prepare(folder)
            (folder / _KEY_FILE).write_text(key)
            _sync_folder(folder.parent)
        return upload_id

    async def put_part(
        self, key: str, upload_id: str, part_no: int, body: Path | bytes, on_sent: OnSent | None = None
    ) -> str:
        """Stores a part, replacing an earlier one of that number; its etag."""
        return await self._threads.run(self._put_part, check_key(key), upload_id, part_no, body)

    def _put_part(self, key: str, upload_id: str, part_no: int, body: Path | bytes) -> str:
        if not 1 <= part_no <= _MOST_PARTS:
            raise StorageFailed(f"there is no part {part_no}", reason="invalid_part", retryable=False)
        with storing():
            self._find_upload(key, upload_id)
            with io.BytesIO(body) if isinstance(body, bytes) else open(body, "rb") as source, self._incoming() as file:
                etag, _ = _copy_marking(source, file)
                # Not put on disk: it ends in a file that is. A power cut before costs the parts, and the reading back
                # of the file tells if they are not what they were; the death of a process costs nothing.
                self._publish(file, self._part(upload_id, part_no, etag), sync=False)
            join_some(self._upload(upload_id))
        return etag

    async def complete_upload(
        self, key: str, upload_id: str, parts: Sequence[tuple[int, str]], size: int
    ) -> StoredObject:
        """Makes the object of its parts. It must have `size` bytes, or there is none and StorageFailed is raised."""
        return await self._threads.run(self._complete, check_key(key), upload_id, parts, size)

    def _complete(self, key: str, upload_id: str, parts: Sequence[tuple[int, str]], size: int) -> StoredObject:
        with storing():
            try:
                self._find_upload(key, upload_id)
                # It may be one of an earlier release; or its file is in its place, and the process ended there.
                prepare(self._upload(upload_id))
                with joining(self._upload(upload_id)) as joined:
                    # Whoever it was waited for may have completed it.
                    self._find_upload(key, upload_id)
                    assert joined is not None
                    joined.become(self._stored_parts(key, upload_id, parts, size))
                    self._publish(joined.file, self._place(key))
                    shutil.rmtree(self._upload(upload_id), ignore_errors=True)
            except (StorageFailed, FileNotFoundError):
                # Completed before, and the answer was lost.
                gone = not (self._upload(upload_id) / _KEY_FILE).exists()
                if not gone or self._head(key) != size:
                    raise
        return StoredObject(key, size, f"{crc32(''.join(etag for _, etag in parts).encode()):08x}-{len(parts)}")

    def _stored_parts(self, key: str, upload_id: str, parts: Sequence[tuple[int, str]], size: int) -> Sequence[Path]:
        """The files of these parts, which must have `size` bytes together."""
        paths = [self._part(upload_id, number, etag) for number, etag in parts]
        for path, (number, _) in zip(paths, parts, strict=True):
            if not path.exists():
                message = f"part {number} of {key} is not there as it was stored"
                raise StorageFailed(message, reason="invalid_part", retryable=False)
        stored = sum(path.stat().st_size for path in paths)
        if stored != size or not paths or list(parts) != sorted(set(parts)):
            message = f"the parts of {key} have {stored:,} bytes where {size:,} were written"
            raise StorageFailed(message, reason="size_mismatch", retryable=False)
        return paths

    async def abort_upload(self, key: str, upload_id: str) -> None:
        """Drops an upload and its parts; one that is not there is no error."""
        await self._threads.run(self._abort, check_key(key), upload_id)

    def _abort(self, key: str, upload_id: str) -> None:
        with storing():
            if key == _key_of_nobody(upload_id):
                (self._folder / _INCOMING / upload_id).unlink(missing_ok=True)
                if (self._upload(upload_id) / _KEY_FILE).exists():
                    return
            else:
                try:
                    self._find_upload(key, upload_id)
                except StorageFailed:
                    return
            shutil.rmtree(self._upload(upload_id), ignore_errors=True)

    async def list_uploads(self) -> AsyncIterator[OpenUpload]:
        """The uploads that are neither completed nor dropped, and what crashes have left of others."""
        for found in await self._threads.run(self._list_uploads):
            yield found

    def _list_uploads(self) -> Sequence[OpenUpload]:
        found = []
        with storing():
            for path in sorted((*(self._folder / _UPLOADS).glob("*"), *(self._folder / _INCOMING).glob("*"))):
                with ignoring(errno.ENOENT):
                    try:
                        named = path / _KEY_FILE
                        found.append(OpenUpload(named.read_text(), path.name, _time(named.stat().st_mtime)))
                    except (FileNotFoundError, NotADirectoryError):
                        # Whoever made it had not come further, or is at it.
                        if key := _key_of_nobody(path.name):
                            found.append(OpenUpload(key, path.name, _time(path.stat().st_mtime)))
        return found

    def _place(self, key: str) -> Path:
        """Where the object of that key is, or is to be. Raises StorageFailed where a link is in place of a folder."""
        path = self._folder / key
        for folder in path.parents:
            if folder == self._folder:
                break
            if folder.is_symlink():
                message = f"a link stands in the way of {key}: there may be none in the folder of files"
                raise StorageFailed(message, reason="object_missing", retryable=False)
        return path

    def _upload(self, upload_id: str) -> Path:
        return self._folder / _UPLOADS / upload_id

    def _find_upload(self, key: str, upload_id: str) -> None:
        known = upload_id.isalnum() and upload_id.isascii()
        try:
            if known and (self._upload(upload_id) / _KEY_FILE).read_text() == key:
                return
        except FileNotFoundError:
            pass
        raise StorageFailed(f"there is no upload of {key} with this id", reason="upload_missing", retryable=False)

    # -- writing -------------------------------------------------------------------------------------------------------

    def _part(self, upload_id: str, part_no: int, etag: str) -> Path:
        """Its etag is part of its name: one that is stored again takes nothing from whoever was told of the first, and
        completing need not read the parts to know that they are the ones that were stored."""
        return self._upload(upload_id) / f"{part_no:05d}-{etag}"

    @contextmanager
    def _incoming(self) -> Iterator[BinaryIO]:
        """A new file in the same file system, removed unless it was published."""
        path = self._folder / _INCOMING / secrets.token_hex(16)
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            with open(path, "xb") as file:
                yield file
        finally:
            path.unlink(missing_ok=True)

    def _publish(self, file: BinaryIO, target: Path, *, sync: bool = True) -> None:
        """Puts the file, with `sync` once it is on disk, in the place of `target`: all or nothing."""
        file.flush()
        if sync:
            os.fsync(file.fileno())
        _make_folder(target.parent)
        # A delete may remove the folder when it is empty, right now.
        try:
            os.replace(file.name, target)
        except FileNotFoundError:
            _make_folder(target.parent)
            os.replace(file.name, target)
        if sync:
            _sync_folder(target.parent)

    # -- signed URLs ---------------------------------------------------------------------------------------------------

    async def sign(self, key: str, ttl_s: int, download_name: str, *, caller: Caller) -> str:
        """A URL under which the app serves the object as `download_name` for `ttl_s` seconds."""
        expires = str(int(self._clock()) + ttl_s)
        query = {"expires": expires, "name": download_name}
        query["sig"] = self._signature(check_key(key), expires, download_name)
        return f"{self._public_url}/files/{quote(key)}?{urlencode(query, quote_via=quote)}"

    def verify(self, key: str, expires: str, name: str, signature: str) -> Path:
        """The file that a signed URL stands for. Raises NotPermitted, and StorageFailed when there is no such file."""
        expected = self._signature(key, expires, name)
        if not hmac.compare_digest(expected.encode(), signature.encode("utf-8", "replace")):
            raise NotPermitted("the link is not one that was given out", reason="signature")
        # Only now: what is not signed by us is not even a number.
        if int(expires) < self._clock():
            raise NotPermitted("the link has expired", reason="expired")
        path = self._place(check_key(key))
        try:
            _plain(path)
        except OSError:
            raise _missing(key) from None
        return path

    def _signature(self, key: str, expires: str, name: str) -> str:
        # Lengths first, so that no two links have the same text.
        text = "".join(f"{len(part)}:{part}" for part in ("GET", key, expires, name))
        return hmac.new(self._secret, text.encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()


def open_plain(path: Path) -> BinaryIO:
    """Opens a file for reading. Raises FileNotFoundError for a link and whatever else is no plain file."""
    _plain(path)
    # It may have been replaced in between; and a pipe would be waited for.
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    return os.fdopen(descriptor, "rb")


def _plain(path: Path) -> os.stat_result:
    """What the system says of a file. Raises FileNotFoundError for what is no plain file."""
    found = path.lstat()
    if not stat.S_ISREG(found.st_mode):
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(path))
    return found


def _key_of_nobody(name: str) -> str:
    """Under which key a file or folder that a crash left is listed; empty for a name that is none of ours."""
    try:
        return f"{_NOBODY}/{UUID(hex=name)}.part"
    except ValueError:
        return ""


def _missing(key: str) -> StorageFailed:
    return StorageFailed(f"there is no object {key}", reason="object_missing", retryable=False)


def _copy_marking(source: BinaryIO, target: BinaryIO) -> tuple[str, int]:
    """Copies all of the source; an etag of the bytes that were written, and how many they were.

    The etag tells parts apart that one upload was sent under one number, where nobody means harm: CRC-32 costs next to
    nothing, and the file is read back anyway before anybody is told of it.
    """
    crc, size = 0, 0
    while chunk := source.read(_COPY_BYTES):
        target.write(chunk)
        crc = crc32(chunk, crc)
        size += len(chunk)
    return f"{crc:08x}{size:x}", size


def _make_folder(folder: Path) -> None:
    if not folder.is_dir():
        folder.mkdir(parents=True, exist_ok=True)
        _sync_folder(folder.parent)


def _sync_folder(folder: Path) -> None:
    """Makes a rename in `folder` last through a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _time(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def open_store(settings: Settings) -> LocalObjectStore:
    """The store of `OBJECT_STORE=local`."""
    assert settings.local_store_secret is not None
    return LocalObjectStore(settings.local_store_dir, settings.local_store_secret, settings.public_url or "")
