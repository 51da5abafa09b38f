"""Objects in anything that speaks S3: AWS, SeaweedFS, MinIO, Supabase's S3 endpoint.

boto3 blocks, so it runs in threads of its own. It retries next to nothing by itself: the worker retries, and knows
when to stop.
"""

import hashlib
import io
import threading
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from app.adapters.objects.keys import check_key, content_disposition
from app.adapters.objects.s3_errors import reason_of, speaking_s3
from app.adapters.objects.s3_sending import (
    hold_little_unsent,
    lead_no_further,
    open_telling,
    send_small_at_once,
    tell_from_here,
)
from app.adapters.objects.threads import Threads
from app.errors import StorageFailed
from app.exports.models import Caller, OpenUpload, StoredObject
from app.exports.ports import OnSent
from app.settings import Settings

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client

# Stands before the etag of a part that is not the MD5 of its bytes, however that came.
_UNPROVEN = "~"
_BLOCK_BYTES = 1 << 20
# Between looks for an object that the store has said it made: some show it later.
_SETTLING_S = (0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 4.0, 8.0)
# A URL signed with AWS's fourth version is good for a week at most.
_LONGEST_TTL_S = 7 * 86_400


@dataclass(frozen=True, slots=True)
class S3Options:
    """Where the store is and who we are there; without an endpoint it is AWS."""

    bucket: str
    access_key_id: str
    secret_access_key: str = field(repr=False)
    endpoint_url: str | None = None
    region: str = "us-east-1"
    # Supabase takes a token of its own in place of keys.
    session_token: str | None = field(default=None, repr=False)
    # How long others than us may keep an object that they were sent.
    cache_control: str | None = None
    connect_timeout_s: float = 5.0
    read_timeout_s: float = 60.0
    # Tries of one request, by the client itself: the second covers a connection that was closed while it idled.
    tries: int = 2
    threads: int = 16


class S3ObjectStore:
    """A bucket as an object store."""

    def __init__(self, options: S3Options) -> None:
        self._options = options
        self._bucket = options.bucket
        self._threads = Threads("s3-store", options.threads)
        self._lock = threading.Lock()
        self._made: S3Client | None = None

    def close(self) -> None:
        """Lets its threads and connections go."""
        self._threads.close()
        if self._made is not None:
            self._made.close()

    def _client(self) -> "S3Client":
        """The client, made at its first use: that takes a tenth of a second and reads files."""
        with self._lock:
            if self._made is None:
                self._made = _make_client(self._options)
            return self._made

    async def create_bucket(self) -> None:
        """Makes the bucket where it is missing."""
        await self._threads.run(self._create_bucket)

    def _create_bucket(self) -> None:
        with speaking_s3("create the bucket"):
            try:
                self._client().head_bucket(Bucket=self._bucket)
            except Exception as error:
                if reason_of(error).status != 404:
                    raise
                self._client().create_bucket(Bucket=self._bucket)

    # -- whole objects -------------------------------------------------------------------------------------------------

    async def put_file(self, key: str, path: Path, content_type: str, on_sent: OnSent | None = None) -> StoredObject:
        """Stores the file at `path`; any earlier object of that key is replaced at once."""
        return await self._threads.run(self._put_file, check_key(key), path, content_type, on_sent)

    def _put_file(self, key: str, path: Path, content_type: str, on_sent: OnSent | None = None) -> StoredObject:
        with open_telling(path, on_sent) as body, speaking_s3(f"store {key}"):
            digest = _md5(body)
            answer = self._client().put_object(Bucket=self._bucket, Key=key, Body=body, ContentType=content_type)
            etag = _bare(answer.get("ETag", ""))
            return StoredObject(key, body.tell(), etag, proven=etag.lower() == digest)

    async def head(self, key: str) -> int | None:
        """The object's size; None when there is none."""
        return await self._threads.run(self._head, check_key(key))

    def _head(self, key: str) -> int | None:
        found = self._look(key)
        return found.size if found is not None else None

    def _look(self, key: str) -> StoredObject | None:
        with speaking_s3(f"look at {key}"):
            try:
                found: Any = self._client().head_object(Bucket=self._bucket, Key=key)
            except Exception as error:
                if reason_of(error).status == 404:
                    return None
                raise
            size = found["ContentLength"] if "ContentLength" in found else self._listed_size(key)
        return StoredObject(key, size, _bare(found.get("ETag", "")))

    def _listed_size(self, key: str) -> int:
        """What the list says, where HEAD does not: Supabase's of an empty object, and what proxies pack on the way."""
        page = self._client().list_objects_v2(Bucket=self._bucket, Prefix=key, MaxKeys=1)
        return next((item.get("Size", 0) for item in page.get("Contents", []) if item.get("Key") == key), 0)

    async def read(self, key: str, chunk_bytes: int = 1 << 20, *, start: int = 0) -> AsyncIterator[bytes]:
        """The object's bytes in order, from byte `start` on."""
        body = await self._threads.run(self._open, check_key(key), start)
        try:
            while chunk := await self._threads.run(_read, body, key, chunk_bytes):
                yield chunk
        finally:
            body.close()

    def _open(self, key: str, start: int = 0) -> Any:
        more: Any = {"Range": f"bytes={start}-"} if start else {}
        with speaking_s3(f"read {key}"):
            answer: Any = self._client().get_object(Bucket=self._bucket, Key=key, **more)
            body = answer["Body"]
            if start and "ContentRange" not in answer:
                # A server may answer with all of it.
                while start:
                    start -= len(body.read(min(start, _BLOCK_BYTES)))
            return body

    async def delete(self, key: str) -> None:
        """Removes the object; one that is not there is no error."""
        await self._threads.run(self._delete, check_key(key))

    def _delete(self, key: str) -> None:
        with speaking_s3(f"remove {key}"):
            self._client().delete_object(Bucket=self._bucket, Key=key)

    async def list(self, prefix: str) -> AsyncIterator[StoredObject]:
        """The objects whose keys begin with `prefix`, in the order of their keys."""
        token: str | None = None
        while True:
            page = await self._threads.run(self._list_page, prefix, token)
            for item in page.get("Contents", []):
                yield StoredObject(item["Key"], item["Size"], _bare(item.get("ETag", "")), item.get("LastModified"))
            before, token = token, page.get("NextContinuationToken")
            if not token:
                return
            if token == before:
                raise _senseless("list the bucket")

    def _list_page(self, prefix: str, token: str | None) -> Any:
        more: Any = {"ContinuationToken": token} if token else {}
        with speaking_s3("list the bucket"):
            return self._client().list_objects_v2(Bucket=self._bucket, Prefix=prefix, **more)

    async def check(self) -> None:
        """Asks for the bucket: is the store there, and does it know us?"""
        await self._threads.run(self._check)

    def _check(self) -> None:
        with speaking_s3(f"reach the bucket {self._bucket}"):
            try:
                self._client().head_bucket(Bucket=self._bucket)
            except Exception as error:
                if reason_of(error).status != 404:
                    raise
                message = f"there is no bucket {self._bucket}: make it, private, with the store's own tools"
                raise StorageFailed(message, reason="bucket_missing", retryable=False) from None

    # -- uploads in parts ----------------------------------------------------------------------------------------------

    async def open_upload(self, key: str, content_type: str) -> str:
        """Starts an upload in parts; its id."""
        return await self._threads.run(self._open_upload, check_key(key), content_type)

    def _open_upload(self, key: str, content_type: str) -> str:
        more: Any = {"CacheControl": self._options.cache_control} if self._options.cache_control else {}
        with speaking_s3(f"begin an upload of {key}"):
            answer = self._client().create_multipart_upload(
                Bucket=self._bucket, Key=key, ContentType=content_type, **more
            )
            if "UploadId" not in answer:
                raise _senseless(f"begin an upload of {key}")
            return answer["UploadId"]

    async def put_part(
        self, key: str, upload_id: str, part_no: int, body: Path | bytes, on_sent: OnSent | None = None
    ) -> str:
        """Stores a part, replacing an earlier one of that number; its etag."""
        return await self._threads.run(self._put_part, check_key(key), upload_id, part_no, body, on_sent)

    def _put_part(
        self, key: str, upload_id: str, part_no: int, body: Path | bytes, on_sent: OnSent | None = None
    ) -> str:
        with io.BytesIO(body) if isinstance(body, bytes) else open_telling(body, on_sent) as file:
            digest = _md5(file)
            with speaking_s3(f"store part {part_no} of {key}"):
                answer = self._client().upload_part(
                    Bucket=self._bucket, Key=key, UploadId=upload_id, PartNumber=part_no, Body=file
                )
        etag = _bare(answer.get("ETag", ""))
        if not etag:
            # Without it there is nothing to name the part by when the upload is completed.
            raise _senseless(f"store part {part_no} of {key}")
        return etag if etag.lower() == digest else f"{_UNPROVEN}{etag}"

    async def complete_upload(
        self, key: str, upload_id: str, parts: Sequence[tuple[int, str]], size: int
    ) -> StoredObject:
        """Makes the object of its parts, and looks whether it has `size` bytes."""
        return await self._threads.run(self._complete, check_key(key), upload_id, parts, size)

    def _complete(self, key: str, upload_id: str, parts: Sequence[tuple[int, str]], size: int) -> StoredObject:
        etag = _etag_of_parts([etag for _, etag in parts])
        try:
            with speaking_s3(f"complete the upload of {key}"):
                self._client().complete_multipart_upload(
                    Bucket=self._bucket,
                    Key=key,
                    UploadId=upload_id,
                    # Bare: Supabase's file backend compares the text, and answers etags of parts without quotes.
                    MultipartUpload={"Parts": [{"PartNumber": n, "ETag": e.lstrip(_UNPROVEN)} for n, e in parts]},
                )
        except StorageFailed as error:
            if not self._is_completed(key, size, etag, error):
                raise
        stored = self._look_patiently(key)
        if stored is None or stored.size != size:
            message = f"the store made {key} of {stored.size if stored else 0:,} bytes where {size:,} were sent"
            raise StorageFailed(message, reason="size_mismatch", retryable=False)
        return replace(stored, proven=etag is not None and (stored.etag or "").lower() == etag)

    def _is_completed(self, key: str, size: int, etag: str | None, error: StorageFailed) -> bool:
        """Whether the object is there all the same: completed before, or now, and the answer was lost."""
        if error.facts["reason"] == "upload_missing":
            return self._head(key) == size
        # An object of that key may be one of before; one of that digest is not.
        if etag is not None and error.facts["retryable"]:
            with suppress(StorageFailed):
                found = self._look(key)
                return found is not None and (found.size, (found.etag or "").lower()) == (size, etag)
        return False

    def _look_patiently(self, key: str) -> StoredObject | None:
        for wait_s in _SETTLING_S:
            if (found := self._look(key)) is not None:
                return found
            time.sleep(wait_s)  # a store that shows an object late tells nobody; bounded by the waits, in a thread
        return self._look(key)

    async def abort_upload(self, key: str, upload_id: str) -> None:
        """Drops an upload and its parts; one that is not there is no error."""
        await self._threads.run(self._abort, check_key(key), upload_id)

    def _abort(self, key: str, upload_id: str) -> None:
        try:
            with speaking_s3(f"drop an upload of {key}"):
                self._client().abort_multipart_upload(Bucket=self._bucket, Key=key, UploadId=upload_id)
        except StorageFailed as error:
            if error.facts["reason"] != "upload_missing":
                raise

    async def list_uploads(self) -> AsyncIterator[OpenUpload]:
        """The uploads that are neither completed nor dropped."""
        markers: Any = {}
        while True:
            page = await self._threads.run(self._list_uploads_page, markers)
            uploads = page.get("Uploads", [])
            for item in uploads:
                # One that does not say when it began is as young as can be: somebody may be at it.
                yield OpenUpload(item["Key"], item["UploadId"], item.get("Initiated") or datetime.now(UTC))
            if not page.get("IsTruncated"):
                return
            before, last = markers, uploads[-1] if uploads else {}
            # The next page begins behind the last of this one, where the store does not say it.
            key = page.get("NextKeyMarker") or last.get("Key")
            upload_id = page.get("NextUploadIdMarker") or last.get("UploadId")
            markers = {"KeyMarker": key, "UploadIdMarker": upload_id}
            if None in (key, upload_id) or markers == before:
                raise _senseless("list the uploads")

    def _list_uploads_page(self, markers: Any) -> Any:
        with speaking_s3("list the uploads"):
            return self._client().list_multipart_uploads(Bucket=self._bucket, **markers)

    # -- signed URLs ---------------------------------------------------------------------------------------------------

    async def sign(self, key: str, ttl_s: int, download_name: str, *, caller: Caller) -> str:
        """A presigned URL that downloads the object as `download_name`, for a week at most."""
        return await self._threads.run(self._sign, check_key(key), ttl_s, download_name)

    def _sign(self, key: str, ttl_s: int, download_name: str) -> str:
        disposition = content_disposition(download_name)
        with speaking_s3(f"sign a URL for {key}"):
            return self._client().generate_presigned_url(
                "get_object",
                Params={"Bucket": self._bucket, "Key": key, "ResponseContentDisposition": disposition},
                ExpiresIn=min(ttl_s, _LONGEST_TTL_S),
            )


def _make_client(options: S3Options) -> "S3Client":
    import boto3
    from botocore.config import Config

    config = Config(
        signature_version="s3v4",
        connect_timeout=options.connect_timeout_s,
        read_timeout=options.read_timeout_s,
        retries={"mode": "standard", "total_max_attempts": options.tries},
        max_pool_connections=options.threads,
        tcp_keepalive=True,
        s3={"addressing_style": "path" if options.endpoint_url else "auto"},
        # Others than AWS do not understand the checksums that newer clients add on their own.
        request_checksum_calculation="when_required",
        response_checksum_validation="when_required",
    )
    # A session of our own: the default one is shared and not made for threads.
    client: S3Client = boto3.session.Session().client(
        "s3",
        endpoint_url=options.endpoint_url,
        region_name=options.region,
        aws_access_key_id=options.access_key_id,
        aws_secret_access_key=options.secret_access_key,
        aws_session_token=options.session_token,
        config=config,
    )
    hold_little_unsent(client)
    client.meta.events.register("before-call.s3.CompleteMultipartUpload", _send_as_xml)
    client.meta.events.register_last("before-call.s3", send_small_at_once)
    client.meta.events.register_first("needs-retry.s3.HeadBucket", lead_no_further)
    for operation in ("PutObject", "UploadPart"):
        client.meta.events.register(f"before-send.s3.{operation}", tell_from_here)
    return client


def _send_as_xml(params: dict[str, Any], **_: Any) -> None:
    # Without it Supabase's server ignores the list of parts: a part that was sent twice is then in the object twice.
    params["headers"]["Content-Type"] = "application/xml"


def _md5(body: BinaryIO) -> str:
    """The digest of a file, which is at its beginning again."""
    digest = hashlib.md5(usedforsecurity=False)
    while data := body.read(_BLOCK_BYTES):
        digest.update(data)
    body.seek(0)
    return digest.hexdigest()


def _etag_of_parts(etags: Sequence[str]) -> str | None:
    """What S3 calls an object of parts: the digest of their digests. None when those are not all known for digests of
    the bytes that were sent, as in buckets that are encrypted with keys of their own."""
    if any(etag.startswith(_UNPROVEN) for etag in etags):
        return None
    try:
        digests = b"".join(bytes.fromhex(etag) for etag in etags)
    except ValueError:
        return None
    return f"{hashlib.md5(digests, usedforsecurity=False).hexdigest()}-{len(etags)}"


def _read(body: Any, key: str, chunk_bytes: int) -> bytes:
    with speaking_s3(f"read {key}"):
        chunk: bytes = body.read(chunk_bytes)
        return chunk


def _bare(etag: str) -> str:
    # What packs answers on their way marks their etags as weak.
    return etag.removeprefix("W/").strip('"')


def _senseless(what: str) -> StorageFailed:
    """A good answer without what was asked for."""
    message = f"could not {what}: the answer is not what an S3 store says"
    return StorageFailed(message, reason="server_error", retryable=True)


def open_store(settings: Settings) -> S3ObjectStore:
    """The store of `OBJECT_STORE=s3`."""
    assert settings.s3_access_key_id is not None
    assert settings.s3_secret_access_key is not None
    return S3ObjectStore(
        S3Options(
            bucket=settings.s3_bucket,
            access_key_id=settings.s3_access_key_id,
            secret_access_key=settings.s3_secret_access_key,
            endpoint_url=settings.s3_endpoint_url,
            region=settings.s3_region,
        )
    )
