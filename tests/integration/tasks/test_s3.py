"""Exports into a real S3 server, by worker processes."""

import asyncio
import hashlib
from collections.abc import AsyncIterator

import pytest

from app.adapters.objects.s3 import S3ObjectStore
from app.exports.models import OpenUpload, Status
from tests.integration.tasks.workers import Site


async def _all(found: AsyncIterator[OpenUpload]) -> list[OpenUpload]:
    return [upload async for upload in found]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("tables", "rows", "extension"), [(("customers",), 300_000, "csv"), (None, 200_000, "zip")], ids=["csv", "zip"]
)
async def test_parts_of_several_workers_become_one_object(
    s3_site: Site, tables: tuple[str, ...] | None, rows: int, extension: str
) -> None:
    """A multipart upload by two processes: the object's bytes are the reference's, and no upload stays open."""
    await asyncio.gather(s3_site.start_worker(), s3_site.start_worker())
    export = await s3_site.start(rows, tables=tables)
    assert export.extension == extension
    assert extension == "zip" or export.parts_total > 1
    done = await s3_site.ended(export, 180)
    assert (done.status, done.attempts) == (Status.COMPLETED, 0), done.error_details
    fetched = await s3_site.fetched(export)
    assert hashlib.sha256(fetched).hexdigest() == done.sha256
    assert fetched == await s3_site.reference(export)
    assert isinstance(s3_site.objects, S3ObjectStore)
    assert [upload for upload in await _all(s3_site.objects.list_uploads()) if upload.key == export.object_path] == []


async def test_a_small_export_on_s3(s3_site: Site) -> None:
    """One job, one object."""
    await s3_site.start_worker()
    export = await s3_site.start(1_000, compression="gzip")
    done = await s3_site.ended(export)
    assert done.status is Status.COMPLETED, done.error_details
    assert await s3_site.fetched(export) == await s3_site.reference(export)
