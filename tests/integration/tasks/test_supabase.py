"""Exports into Supabase Storage, by a worker process: its double, which tests/contract holds to the real server."""

import hashlib
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.request import urlopen
from uuid import uuid4

import pytest

from app.errors import NotPermitted
from app.exports.models import Caller, Role, Status
from tests.contract.conversation import Place
from tests.contract.places import double_place, options_of
from tests.fixtures.supabase import SupabaseStorage
from tests.integration.tasks.workers import Site


@pytest.fixture
async def kept(database_url: str, tmp_path: Path) -> AsyncIterator[tuple[Site, SupabaseStorage, Place]]:
    """A site whose files are in Supabase Storage."""
    with SupabaseStorage.start() as storage:
        place = double_place(storage)
        user_id = uuid4()
        caller = Caller(user_id, {"sub": str(user_id)}, token=place.token("owner", user_id))
        site = Site(database_url, tmp_path, caller, supabase=options_of(place))
        yield site, storage, place
        await site.close()


@pytest.mark.parametrize("rows", [1_000, 90_000], ids=["in one request", "in parts"])
async def test_an_export_is_uploaded_signed_shared_and_removed(
    kept: tuple[Site, SupabaseStorage, Place], rows: int
) -> None:
    """The worker makes the bucket and the object; whoever the policies let has a URL signed by their own token."""
    site, storage, place = kept
    await site.start_worker()
    export = await site.start(rows)
    assert (export.parts_total > 1) == (rows > 1_000)
    done = await site.ended(export)
    assert (done.status, done.attempts) == (Status.COMPLETED, 0), done.error_details
    bucket = storage.buckets["generator-exports"]
    kept_object = bucket.objects[export.object_path]
    assert hashlib.sha256(kept_object.data).hexdigest() == done.sha256
    assert kept_object.data == await site.reference(export)
    assert bucket.uploads == {}
    assert not bucket.public

    storage.allow(site.caller.user_id, export.object_path)
    storage.authorities.clear()
    signed = await site.exports.download(site.caller, export.id, ttl_s=60)
    assert storage.authorities == [f"Bearer {site.caller.token}"]
    with urlopen(signed.url) as answer:  # noqa: ASYNC210  # the double is a thread
        assert answer.read() == kept_object.data
        assert answer.headers["content-disposition"].startswith("attachment; ")

    # The row-level security of our tables lets an editor; that of storage has the last word.
    editor_id = uuid4()
    editor = Caller(editor_id, {"sub": str(editor_id)}, token=place.token("owner", editor_id))
    await site.exports.put_share(site.caller, export.id, editor_id, Role.EDITOR)
    with pytest.raises(NotPermitted):
        await site.exports.download(editor, export.id)

    await site.exports.delete(site.caller, export.id)
    assert export.object_path not in bucket.objects
    written = "".join(worker.log() for worker in site.workers)
    assert place.token("service", uuid4())[:20] not in written
    assert str(site.caller.token) not in written
