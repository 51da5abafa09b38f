"""Objects in Supabase Storage: its REST side for bucket, small files, signing and removal; its S3 side for the rest.

Row-level security is asked when a URL is signed, not when it is used. So a URL is signed with the caller's own token,
and the policy on storage.objects (sql/policies/storage_objects.sql) is what lets them. All else is the service's.

Measured against the server: a file goes up from a path over HTTP/1.1, since bytes over HTTP/2 take a time that
grows with the square of the size; `upsert` is the string "true"; removal without permission answers an empty list, as
removal of nothing does.
"""

import threading
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from app.adapters.cookieless import cookieless
from app.adapters.objects.keys import check_key
from app.adapters.objects.s3 import S3ObjectStore, S3Options
from app.adapters.objects.supabase_errors import answer_of, refusal_of, speaking_supabase
from app.adapters.objects.threads import Threads
from app.errors import StorageFailed
from app.exports.models import Caller, OpenUpload, StoredObject
from app.exports.ports import OnSent
from app.logging import get_logger
from app.settings import Settings

if TYPE_CHECKING:
    import httpx
    from storage3 import SyncStorageClient

log = get_logger(__name__)

# The policy on storage.objects names it.
BUCKET = "generator-exports"
# What is stored beside exports: `seedbed doctor` writes plain text.
_OTHER_TYPES = ("text/plain",)
# The server takes somewhat more (50 MB by default) in one request; above this, parts can be sent again one by one.
SMALL_BYTES = 40 * 1024**2
_PART_BYTES = 32 * 1024**2
# Nothing between the store and the reader may keep a file that was deleted.
_NOT_CACHED = "0"
_THREADS = 16


@dataclass(frozen=True, slots=True)
class SupabaseOptions:
    """Where the project is and who we are there.

    With `s3_access_key_id` and its secret the S3 side is spoken to by the project's S3 keys, else by `service_key` as
    a session token, which must be a JWT then and wants `anon_key` beside it. Then `s3_access_key_id` alone is what the
    project is called, where neither its keys nor its address say so: on a server of one's own.
    """

    url: str
    service_key: str = field(repr=False)
    anon_key: str | None = field(default=None, repr=False)
    s3_access_key_id: str | None = None
    s3_secret_access_key: str | None = field(default=None, repr=False)
    s3_endpoint_url: str | None = None
    region: str = "us-east-1"
    bucket: str = BUCKET
    most_file_bytes: int = 50 * 1024**3
    connect_timeout_s: float = 5.0
    read_timeout_s: float = 60.0

    @property
    def storage_url(self) -> str:
        """Where the REST side is, with the slash that `storage3` wants."""
        return f"{self.url.rstrip('/')}/storage/v1/"

    def s3_options(self) -> S3Options:
        """How the S3 side is reached."""
        endpoint = self.s3_endpoint_url or f"{self.storage_url}s3"
        common: dict[str, Any] = {
            "endpoint_url": endpoint,
            "region": self.region,
            "connect_timeout_s": self.connect_timeout_s,
            "read_timeout_s": self.read_timeout_s,
            "cache_control": "no-store",
        }
        if self.s3_access_key_id and self.s3_secret_access_key:
            return S3Options(self.bucket, self.s3_access_key_id, self.s3_secret_access_key, **common)
        project = self.s3_access_key_id or self._project()
        return S3Options(self.bucket, project, self.anon_key or "", session_token=self.service_key, **common)

    def _project(self) -> str:
        """What the project is called: its keys say so, and its address unless it has a domain of its own."""
        import jwt

        try:
            named = jwt.decode(self.anon_key or "", options={"verify_signature": False}).get("ref")
        except jwt.PyJWTError:
            named = None
        return named if isinstance(named, str) else (urlsplit(self.url).hostname or "").split(".")[0]


class SupabaseObjectStore:
    """The bucket `generator-exports` of a project as an object store."""

    def __init__(self, options: SupabaseOptions) -> None:
        self._options = options
        self._bucket = options.bucket
        self._threads = Threads("supabase-store", _THREADS)
        self._s3 = S3ObjectStore(options.s3_options())
        self._lock = threading.Lock()
        self._http: httpx.Client | None = None
        self._bucket_seen = False

    def close(self) -> None:
        """Lets its threads and connections go."""
        self._threads.close()
        self._s3.close()
        if self._http is not None:
            self._http.close()

    # -- the bucket ----------------------------------------------------------------------------------------------------

    async def create_bucket(self) -> None:
        """Makes the bucket where it is missing: private, with limits of size and type."""
        await self._threads.run(self._create_bucket)

    def _create_bucket(self) -> None:
        """Raises StorageFailed with the reason `bucket_public` for one whose files anybody could read."""
        storage = self._service()
        with speaking_supabase(f"look at the bucket {self._bucket}"):
            try:
                found = storage.get_bucket(self._bucket)
            except Exception as error:
                # Its word for a bucket that is not there is a 404 or, in other releases, "Bucket not found".
                if answer_of(error).reason not in ("bucket_missing", "object_missing"):
                    raise
                self._make_bucket(storage)
                return
        if found.public:
            message = f"the bucket {self._bucket} is public: make it private, or anybody can read every export"
            raise StorageFailed(message, reason="bucket_public", retryable=False)

    def _make_bucket(self, storage: "SyncStorageClient") -> None:
        limits: Any = {"public": False, "allowed_mime_types": list(allowed_types())}
        sized: Any = limits | {"file_size_limit": self._options.most_file_bytes}
        with speaking_supabase(f"create the bucket {self._bucket}"):
            try:
                storage.create_bucket(self._bucket, options=sized)
            except Exception as error:
                answer = answer_of(error)
                if answer.status == 409:  # another process was faster
                    return
                if answer.reason != "storage_full":
                    raise
                # A bucket may not allow more than the project does: then the project's limit is the bucket's.
                storage.create_bucket(self._bucket, options=limits)
        log.info("bucket_created", bucket=self._bucket)

    def _ensure_bucket(self) -> None:
        # Once a process: whether it is still there is what every later answer says by itself.
        if not self._bucket_seen:
            self._create_bucket()
            self._bucket_seen = True

    # -- whole objects -------------------------------------------------------------------------------------------------

    async def put_file(self, key: str, path: Path, content_type: str, on_sent: OnSent | None = None) -> StoredObject:
        """Stores the file at `path`; any earlier object of that key is replaced at once."""
        check_key(key)
        size = await self._threads.run(lambda: path.stat().st_size)
        if size > SMALL_BYTES:
            return await self._put_large(key, path, content_type, size)
        return await self._threads.run(self._put_small, key, path, content_type, size)

    def _put_small(self, key: str, path: Path, content_type: str, size: int) -> StoredObject:
        self._ensure_bucket()
        options: Any = {"content-type": content_type, "upsert": "true", "cache-control": _NOT_CACHED}
        with speaking_supabase(f"store {key}"):
            self._service().from_(self._bucket).upload(key, path, options)
        return StoredObject(key, size)

    async def _put_large(self, key: str, path: Path, content_type: str, size: int) -> StoredObject:
        upload_id = await self.open_upload(key, content_type)
        try:
            etags: list[tuple[int, str]] = []
            for number, offset in enumerate(range(0, size, _PART_BYTES), 1):
                body = await self._threads.run(_slice, path, offset)
                etags.append((number, await self._s3.put_part(key, upload_id, number, body)))
            return await self._s3.complete_upload(key, upload_id, etags, size)
        except BaseException:
            await self._s3.abort_upload(key, upload_id)
            raise

    async def head(self, key: str) -> int | None:
        """The object's size; None when there is none."""
        return await self._s3.head(key)

    def read(self, key: str, chunk_bytes: int = 1 << 20, *, start: int = 0) -> AsyncIterator[bytes]:
        """The object's bytes in order."""
        return self._s3.read(key, chunk_bytes, start=start)

    async def delete(self, key: str) -> None:
        """Removes the object; one that is not there is no error."""
        await self._threads.run(self._delete, check_key(key))

    def _delete(self, key: str) -> None:
        with speaking_supabase(f"remove {key}"):
            removed = self._service().from_(self._bucket).remove([key])
        # An empty list is the answer to the removal of nothing, and to one that is not permitted.
        if not removed and self._s3._head(key) is not None:
            message = f"could not remove {key}: the store does not let this key remove it"
            raise StorageFailed(message, reason="access_denied", retryable=False)

    def list(self, prefix: str) -> AsyncIterator[StoredObject]:
        """The objects whose keys begin with `prefix`, in the order of their keys."""
        return self._s3.list(prefix)

    async def check(self) -> None:
        """Is the store there, does it know us, is the bucket there (made where it is missing) and private?"""
        await self._threads.run(self._create_bucket)
        await self._s3.check()

    # -- uploads in parts, by S3 ---------------------------------------------------------------------------------------

    async def open_upload(self, key: str, content_type: str) -> str:
        """Starts an upload in parts; its id."""
        check_key(key)
        await self._threads.run(self._ensure_bucket)
        return await self._s3.open_upload(key, content_type)

    async def put_part(
        self, key: str, upload_id: str, part_no: int, body: Path | bytes, on_sent: OnSent | None = None
    ) -> str:
        """Stores a part, replacing an earlier one of that number; its etag."""
        return await self._s3.put_part(key, upload_id, part_no, body, on_sent)

    async def complete_upload(
        self, key: str, upload_id: str, parts: Sequence[tuple[int, str]], size: int
    ) -> StoredObject:
        """Makes the object of its parts, and looks whether it has `size` bytes."""
        return await self._s3.complete_upload(key, upload_id, parts, size)

    async def abort_upload(self, key: str, upload_id: str) -> None:
        """Drops an upload and its parts; one that is not there is no error."""
        await self._s3.abort_upload(key, upload_id)

    def list_uploads(self) -> AsyncIterator[OpenUpload]:
        """The uploads that are neither completed nor dropped."""
        return self._s3.list_uploads()

    # -- signed URLs ---------------------------------------------------------------------------------------------------

    async def sign(self, key: str, ttl_s: int, download_name: str, *, caller: Caller) -> str:
        """A URL that downloads the object as `download_name`, signed on the caller's own authority.

        Raises NotPermitted when the policy on storage.objects does not let them, NotAuthenticated when their token has
        run out meanwhile.
        """
        check_key(key)
        if caller.token is None:
            raise StorageFailed("a URL is signed with the caller's own token", reason="no_token", retryable=False)
        return await self._threads.run(self._sign, key, ttl_s, download_name, caller.token)

    def _sign(self, key: str, ttl_s: int, download_name: str, token: str) -> str:
        storage = self._client(_headers(self._options.anon_key, token))
        with speaking_supabase(f"sign a URL for {key}"):
            try:
                signed = storage.from_(self._bucket).create_signed_url(key, ttl_s, {"download": download_name})
            except Exception as error:
                refusal = refusal_of(answer_of(error))
                if refusal is None:
                    raise
                raise refusal from None
        url = signed["signedURL"]
        if url is None:
            raise StorageFailed(f"could not sign a URL for {key}", reason="server_error", retryable=True)
        return url

    # -- clients -------------------------------------------------------------------------------------------------------

    def _service(self) -> "SyncStorageClient":
        key = self._options.service_key
        # A secret key of the newer kind is no token: as a bearer token it would be refused.
        return self._client(_headers(key, None if key.startswith("sb_") else key))

    def _client(self, headers: dict[str, str]) -> "SyncStorageClient":
        """A client over the shared connections; whose authority it carries is in its headers alone."""
        import httpx
        from storage3 import SyncStorageClient

        with self._lock:
            if self._http is None:
                timeout = httpx.Timeout(self._options.read_timeout_s, connect=self._options.connect_timeout_s)
                limits = httpx.Limits(max_connections=_THREADS, max_keepalive_connections=_THREADS)
                # No redirects: a key or a token is for the project's own address.
                self._http = httpx.Client(
                    http2=False, timeout=timeout, limits=limits, follow_redirects=False, cookies=cookieless()
                )
        return SyncStorageClient(self._options.storage_url, headers, http_client=self._http)


def _headers(key: str | None, token: str | None) -> dict[str, str]:
    found = {"apikey": key} if key else {}
    return found | ({"authorization": f"Bearer {token}"} if token else {})


def _slice(path: Path, offset: int) -> bytes:
    with open(path, "rb") as file:
        file.seek(offset)
        return file.read(_PART_BYTES)


def allowed_types() -> tuple[str, ...]:
    """What the bucket takes. The server compares the whole text: with parameters for what comes by S3, without for a
    form."""
    # Imported here: a worker leaves the engine to its generator processes, and a bucket is made once.
    from app.generator.layout.output import content_types

    names = (*content_types(), *_OTHER_TYPES)
    return tuple(dict.fromkeys(form for name in names for form in (name, name.split(";")[0])))


def open_store(settings: Settings) -> SupabaseObjectStore:
    """The store of `OBJECT_STORE=supabase`."""
    assert settings.supabase_url is not None
    assert settings.supabase_service_key is not None
    return SupabaseObjectStore(
        SupabaseOptions(
            url=settings.supabase_url,
            service_key=settings.supabase_service_key,
            anon_key=settings.supabase_anon_key,
            s3_access_key_id=settings.s3_access_key_id,
            s3_secret_access_key=settings.s3_secret_access_key,
            s3_endpoint_url=settings.s3_endpoint_url,
            region=settings.s3_region,
            bucket=settings.s3_bucket,
            most_file_bytes=settings.max_file_bytes,
        )
    )
