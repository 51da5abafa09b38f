"""What is special about Supabase Storage: whose authority a call carries, what refusals mean, what the bucket is."""

import traceback
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from app.adapters.objects import supabase as driver
from app.adapters.objects.supabase import SMALL_BYTES, SupabaseObjectStore, allowed_types
from app.errors import NotAuthenticated, NotPermitted, StorageFailed
from app.exports.models import Caller
from app.generator.formats.registry import FORMATS
from app.generator.layout import output
from tests.contract.conversation import Place, recorded
from tests.contract.places import double_place, options_of
from tests.fixtures.supabase import SupabaseStorage
from tests.fixtures.supabase_files import Bucket

OWNER = UUID("2e9b3c1a-4b1f-4f43-8f6e-8a8b7c6d5e4f")
KEY = f"{OWNER}/{uuid4()}.csv"
CSV = "text/csv; charset=utf-8"


@pytest.fixture(scope="module")
def _storage() -> Iterator[SupabaseStorage]:
    with SupabaseStorage.start() as storage:
        yield storage


@pytest.fixture
def storage(_storage: SupabaseStorage) -> SupabaseStorage:
    """The double, as new."""
    _storage.buckets.clear()
    _storage.readers.clear()
    _storage.authorities.clear()
    return _storage


@pytest.fixture
def place(storage: SupabaseStorage) -> Place:
    return double_place(storage)


@pytest.fixture
def store(place: Place) -> Iterator[SupabaseObjectStore]:
    made = SupabaseObjectStore(options_of(place))
    yield made
    made.close()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "file"
    path.write_bytes(b"id\n1\n")
    return path


async def test_a_url_is_signed_by_the_caller_alone(
    store: SupabaseObjectStore, storage: SupabaseStorage, place: Place, file: Path
) -> None:
    """The token of the person goes along, and neither the service's key nor a token of somebody before them."""
    await store.put_file(KEY, file, CSV)
    storage.allow(OWNER, KEY)
    storage.authorities.clear()
    token = place.token("owner", OWNER)
    url = await store.sign(KEY, 60, "x.csv", caller=Caller(OWNER, {}, token=token))
    assert storage.authorities == [f"Bearer {token}"]
    assert token not in url
    assert url.startswith(f"{place.url}/storage/v1/object/sign/generator-exports/{KEY}?token=")


async def test_the_policy_decides_about_a_url(store: SupabaseObjectStore, place: Place, file: Path) -> None:
    """Whoever the policy does not let is refused, and so is one without a token; the service key does not help out."""
    await store.put_file(KEY, file, CSV)
    stranger = uuid4()
    with pytest.raises(NotPermitted):
        await store.sign(KEY, 60, "x.csv", caller=Caller(stranger, {}, token=place.token("stranger", stranger)))
    with pytest.raises(NotAuthenticated) as expired:
        await store.sign(KEY, 60, "x.csv", caller=Caller(OWNER, {}, token=place.token("expired", OWNER)))
    assert expired.value.facts["reason"] == "expired"
    with pytest.raises(StorageFailed) as failure:
        await store.sign(KEY, 60, "x.csv", caller=Caller(OWNER, {}))
    assert failure.value.facts["reason"] == "no_token"


async def test_errors_hold_no_secret(store: SupabaseObjectStore, place: Place, file: Path) -> None:
    """A failure with all that led to it, as a log would write it, names neither the key nor a person's token."""
    token = place.token("garbage", OWNER)
    await store.put_file(KEY, file, CSV)
    with pytest.raises(NotPermitted) as refused:
        await store.sign(KEY, 60, "x.csv", caller=Caller(OWNER, {}, token=token))
    with pytest.raises(StorageFailed) as failure:
        await store.put_file(KEY, file, "text/html")
    assert failure.value.facts["reason"] == "type_refused"
    for error in (refused.value, failure.value):
        told = "".join(traceback.format_exception(error)) + repr(error.facts)
        assert token not in told
        assert "eyJ" not in told
    options = options_of(place)
    assert options.service_key not in repr(options)
    assert "secret" not in repr(options).replace("s3_secret_access_key", "")


@pytest.mark.parametrize(
    ("status", "body", "reason", "said"),
    [
        (200, b"[]", "server_error", "could not"),
        (200, b"null", "server_error", "could not"),
        (200, b"<html>sign in</html>", "server_error", "could not"),
        (302, b"", "redirected", "SUPABASE_URL has to lead to it"),
        (401, b'{"message": "no"}', "access_denied", "renew its keys"),
        (507, b"", "storage_full", "make room"),
    ],
)
async def test_what_is_no_answer_of_storage_is_said(
    place: Place, file: Path, status: int, body: bytes, reason: str, said: str
) -> None:
    """Something else at its address, which a client would fail over; and what somebody has to do."""
    answer = httpx.Response(status, content=body, headers={"Location": "https://elsewhere.example/"})
    client = httpx.Client(transport=httpx.MockTransport(lambda _: answer))
    store = SupabaseObjectStore(options_of(place))
    store._http = client
    for use in (store.check(), store.put_file(KEY, file, CSV)):
        with pytest.raises(StorageFailed, match=said) as failure:
            await use
        assert failure.value.facts["reason"] == reason
    store.close()


def test_a_secret_key_is_no_bearer_token(place: Place) -> None:
    """Keys of the newer kind go in `apikey` alone; older ones are tokens and go in both."""
    legacy = options_of(place)
    old, new = SupabaseObjectStore(legacy), SupabaseObjectStore(replace(legacy, service_key="sb_secret_abc"))
    assert old._service()._headers["authorization"] == f"Bearer {legacy.service_key}"
    assert old._service()._headers["apikey"] == legacy.service_key
    assert new._service()._headers["apikey"] == "sb_secret_abc"
    assert "authorization" not in new._service()._headers
    old.close()
    new.close()


async def test_removal_that_does_nothing_is_noticed(place: Place, store: SupabaseObjectStore, file: Path) -> None:
    """Without permission the server answers as if there had been nothing to remove."""
    await store.put_file(KEY, file, CSV)
    powerless = SupabaseObjectStore(replace(options_of(place), service_key=place.token("stranger", OWNER)))
    with pytest.raises(StorageFailed) as failure:
        await powerless.delete(KEY)
    powerless.close()
    assert failure.value.facts["reason"] == "access_denied"
    await store.delete(KEY)
    assert await store.head(KEY) is None


async def test_the_bucket_is_private_and_bounded(store: SupabaseObjectStore, storage: SupabaseStorage) -> None:
    """Made by whoever comes first, with limits of size and type; a second time nothing changes."""
    await store.check()
    made = storage.buckets["generator-exports"]
    assert not made.public
    assert made.types == list(allowed_types())
    await store.create_bucket()
    assert storage.buckets["generator-exports"] is made


async def test_the_projects_limit_is_the_buckets(place: Place, storage: SupabaseStorage) -> None:
    """A size that the project allows is the bucket's; one that it does not allow leaves the project's own."""
    for size, limit in ((10 * 1024**2, 10 * 1024**2), (50 * 1024**3, None)):
        storage.buckets.clear()
        made = SupabaseObjectStore(replace(options_of(place), most_file_bytes=size))
        await made.check()
        made.close()
        assert storage.buckets["generator-exports"].file_size_limit == limit


async def test_a_public_bucket_gets_no_file(store: SupabaseObjectStore, storage: SupabaseStorage, file: Path) -> None:
    """Anybody could read what is in it, whatever the policies say."""
    storage.buckets["generator-exports"] = Bucket("generator-exports", public=True, file_size_limit=None, types=None)
    for attempt in (store.check(), store.put_file(KEY, file, CSV), store.open_upload(KEY, CSV)):
        with pytest.raises(StorageFailed) as failure:
            await attempt
        assert failure.value.facts["reason"] == "bucket_public"
    assert storage.buckets["generator-exports"].objects == {}


def test_the_bucket_takes_every_format() -> None:
    """What the engine makes is on the list, in the form in which it is sent."""
    made = {form.content_type for form in FORMATS.values()} | {"application/zip", *output._CONTENT_TYPES.values()}
    assert made <= set(allowed_types())
    # A form's part is known to the server by its type without parameters.
    assert {name.split(";")[0] for name in made} <= set(allowed_types())


async def test_a_large_file_goes_in_parts(
    store: SupabaseObjectStore, storage: SupabaseStorage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One request takes so much and no more; above that it is an upload in parts, of which nothing is left if it fails."""
    monkeypatch.setattr(driver, "SMALL_BYTES", 10)
    monkeypatch.setattr(driver, "_PART_BYTES", 4)
    path = tmp_path / "large"
    path.write_bytes(b"0123456789ab-")
    stored = await store.put_file(KEY, path, CSV)
    kept = storage.buckets["generator-exports"].objects[KEY]
    assert (stored.size, kept.data, kept.content_type) == (13, b"0123456789ab-", CSV)
    # A file that was deleted must not live on in a cache.
    assert kept.cache_control == "no-store"

    async def full(*_: Any) -> str:
        raise StorageFailed("full", reason="storage_full", retryable=False)

    monkeypatch.setattr(store._s3, "put_part", full)
    with pytest.raises(StorageFailed):
        await store.put_file(KEY, path, CSV)
    assert storage.buckets["generator-exports"].uploads == {}
    assert SMALL_BYTES < 50_000_000


async def test_a_server_that_is_not_there_may_come_back(place: Place, file: Path) -> None:
    """Nobody listens: to be tried again."""
    store = SupabaseObjectStore(replace(options_of(place), url="http://127.0.0.1:1"))
    for attempt in (store.check(), store.put_file(KEY, file, CSV), store.delete(KEY)):
        with pytest.raises(StorageFailed) as failure:
            await attempt
        assert (failure.value.facts["reason"], failure.value.facts["retryable"]) == ("unreachable", True)
    store.close()


@pytest.mark.parametrize(
    "said", ["connect ECONNREFUSED 10.0.0.7:9000", "getaddrinfo ENOTFOUND minio.internal", "<html>", "a b", "x" * 500]
)
def test_what_a_server_says_of_its_inside_is_not_handed_on(said: str) -> None:
    """The real one tells where the disk is that it cannot reach; that is no business of whoever asked for a file."""
    from botocore.exceptions import ClientError
    from storage3.exceptions import StorageApiError

    from app.adapters.objects.s3_errors import speaking_s3
    from app.adapters.objects.supabase_errors import speaking_supabase

    metadata = {"HTTPStatusCode": 500}
    by_s3 = ClientError({"Error": {"Code": said, "Message": said}, "ResponseMetadata": metadata}, "UploadPart")  # type: ignore[typeddict-item]  # the rest is not looked at
    for speaking, error in ((speaking_supabase, StorageApiError(said, said, 500)), (speaking_s3, by_s3)):
        with pytest.raises(StorageFailed) as failed, speaking("store a file"):
            raise error
        assert said not in f"{failed.value.message} {failed.value.facts}"
        assert (failed.value.facts["reason"], failed.value.facts["retryable"]) == ("server_error", True)


def test_every_recorded_refusal_has_a_meaning() -> None:
    """Of all that the real server said, nothing is an error that we have no word for."""
    import httpx
    from storage3.exceptions import StorageApiError

    from app.adapters.objects.supabase_errors import answer_of

    reasons = {}
    for name, answer in recorded().items():
        if answer["status"] == 400 and answer["headers"].get("content-type", "").startswith("application/json"):
            said = httpx.Response(400, text=answer["body"]).json()
            reasons[name] = answer_of(StorageApiError(said["message"], said["error"], said["statusCode"])).reason
    assert reasons["the bucket is missing"] == "bucket_missing"
    assert reasons["a bucket for larger files than the project takes"] == "storage_full"
    assert reasons["a file of a type that the bucket does not take"] == "type_refused"
    assert reasons["a URL for a stranger"] == reasons["a URL of a file that is not there"] == "object_missing"
    assert reasons["a URL by an expired token"] == "access_denied"
    unnamed = {name for name, reason in reasons.items() if reason == "refused"}
    # Refusals of requests that the driver never makes: without credentials, by a link that was changed, twice.
    assert unnamed == {
        "the bucket again",
        "the bucket without credentials",
        "a file that is there, without leave to replace it",
        "a URL for nobody",
        "another file by that URL",
        "the file by a changed URL",
        "the file by a URL that has ended",
        "the file by its owner's token in a URL",
        "the file by no token",
    }


def test_a_session_token_is_signed_for_the_project_by_its_name(place: Place) -> None:
    """The project's keys say what it is called; where they do not, whoever set it up does, or else the address."""
    by_token = options_of(place, s3_keys=False)
    assert by_token.s3_options().access_key_id == place.project
    unnamed = replace(by_token, anon_key="no token", url="https://abcdefgh.supabase.co")
    assert unnamed.s3_options().access_key_id == "abcdefgh"
    assert replace(unnamed, s3_access_key_id="stub").s3_options().access_key_id == "stub"
    assert by_token.s3_options().session_token == by_token.service_key
