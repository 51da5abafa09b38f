"""An object store whose calls are counted, timed and traced, whatever its driver."""

import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from prometheus_client import CollectorRegistry, Counter, Histogram

from app.errors import StorageFailed
from app.exports.models import Caller, OpenUpload, StoredObject
from app.exports.ports import ObjectStore, OnSent
from app.tracing import leaf

_BUCKETS = (0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 120.0)


class StorageMetrics:
    """Calls of object stores by operation and outcome: "ok", a reason that a StorageFailed gives, or "error"."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._calls = Counter(
            "seedbed_storage_calls", "Calls of the object store", ["operation", "outcome"], registry=registry
        )
        self._seconds = Histogram(
            "seedbed_storage_call_duration_seconds",
            "Time of a call of the object store, its own retries included",
            ["operation"],
            buckets=_BUCKETS,
            registry=registry,
        )

    @contextmanager
    def call(self, operation: str) -> Iterator[None]:
        """Counts and times what happens inside."""
        began = time.perf_counter()
        outcome = "error"
        try:
            with leaf(f"storage {operation}", operation=operation) as traced:
                try:
                    yield
                    outcome = "ok"
                except StorageFailed as error:
                    outcome = str(error.facts.get("reason", "error"))
                    raise
                finally:
                    traced.note(outcome=outcome)
        finally:
            self._calls.labels(operation, outcome).inc()
            self._seconds.labels(operation).observe(time.perf_counter() - began)


class ClosingObjectStore(ObjectStore, Protocol):
    """A driver: an object store that holds threads or connections."""

    def close(self) -> None: ...


class ObservedStore:
    """A driver and its figures. The `ObjectStore` of `app.exports.ports`."""

    def __init__(self, driver: ClosingObjectStore, metrics: StorageMetrics) -> None:
        self.driver = driver
        self._call = metrics.call

    async def put_file(self, key: str, path: Path, content_type: str, on_sent: OnSent | None = None) -> StoredObject:
        """Counted as put_file."""
        with self._call("put_file"):
            return await self.driver.put_file(key, path, content_type, on_sent)

    async def open_upload(self, key: str, content_type: str) -> str:
        """Counted as open_upload."""
        with self._call("open_upload"):
            return await self.driver.open_upload(key, content_type)

    async def put_part(
        self, key: str, upload_id: str, part_no: int, body: Path | bytes, on_sent: OnSent | None = None
    ) -> str:
        """Counted as put_part."""
        with self._call("put_part"):
            return await self.driver.put_part(key, upload_id, part_no, body, on_sent)

    async def complete_upload(
        self, key: str, upload_id: str, parts: Sequence[tuple[int, str]], size: int
    ) -> StoredObject:
        """Counted as complete_upload."""
        with self._call("complete_upload"):
            return await self.driver.complete_upload(key, upload_id, parts, size)

    async def abort_upload(self, key: str, upload_id: str) -> None:
        """Counted as abort_upload."""
        with self._call("abort_upload"):
            await self.driver.abort_upload(key, upload_id)

    async def head(self, key: str) -> int | None:
        """Counted as head."""
        with self._call("head"):
            return await self.driver.head(key)

    async def read(self, key: str, chunk_bytes: int = 1 << 20, *, start: int = 0) -> AsyncIterator[bytes]:
        """Counted as read, until the last byte was taken."""
        with self._call("read"):
            async for chunk in self.driver.read(key, chunk_bytes, start=start):
                yield chunk

    async def delete(self, key: str) -> None:
        """Counted as delete."""
        with self._call("delete"):
            await self.driver.delete(key)

    async def list(self, prefix: str) -> AsyncIterator[StoredObject]:
        """Counted as list."""
        with self._call("list"):
            async for found in self.driver.list(prefix):
                yield found

    async def list_uploads(self) -> AsyncIterator[OpenUpload]:
        """Counted as list_uploads."""
        with self._call("list_uploads"):
            async for found in self.driver.list_uploads():
                yield found

    async def sign(self, key: str, ttl_s: int, download_name: str, *, caller: Caller) -> str:
        """Counted as sign."""
        with self._call("sign"):
            return await self.driver.sign(key, ttl_s, download_name, caller=caller)

    async def check(self) -> None:
        """Counted as check."""
        with self._call("check"):
            await self.driver.check()

    def close(self) -> None:
        """Closes the driver."""
        self.driver.close()
