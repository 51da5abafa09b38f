"""The S3 store: what its errors mean, and the header that Supabase's server needs."""

import hashlib
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from app.adapters.objects import s3
from app.adapters.objects.keys import content_disposition
from app.adapters.objects.s3 import S3ObjectStore, S3Options
from app.errors import StorageFailed

KEY = "owner/job.csv"
COMPLETED = b'<?xml version="1.0"?><CompleteMultipartUploadResult><ETag>"e-1"</ETag></CompleteMultipartUploadResult>'


ONE, TWO = (hashlib.md5(body, usedforsecurity=False).hexdigest() for body in (b"one", b"two"))
BOTH = f"{hashlib.md5(bytes.fromhex(ONE + TWO), usedforsecurity=False).hexdigest()}-2"


@dataclass
class Script:
    """Answers to give, one after the other, the last for ever; requests that came."""

    answers: list[tuple[int, dict[str, str], bytes]]
    requests: list[tuple[str, str, dict[str, str], bytes]] = field(default_factory=list)


@contextmanager
def answering(script: Script) -> Iterator[S3ObjectStore]:
    """A store whose server says what the script says."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            headers = {name.lower(): value for name, value in self.headers.items()}
            script.requests.append((self.command, self.path, headers, body))
            status, more, content = script.answers.pop(0) if len(script.answers) > 1 else script.answers[0]
            self.send_response(status)
            for name, value in more.items():
                self.send_header(name, value)
            if "Content-Length" not in more:
                self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(content)

        do_GET = do_PUT = do_POST = do_HEAD = do_DELETE = answer  # noqa: N815 - names of http.server

        def log_message(self, *_: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    store = S3ObjectStore(S3Options("bucket", "key", "secret", f"http://127.0.0.1:{server.server_port}", tries=1))
    try:
        yield store
    finally:
        store.close()
        server.shutdown()
        server.server_close()
        thread.join()


def error(code: str, namespace: str = "") -> bytes:
    return f'<?xml version="1.0"?><Error{namespace}><Code>{code}</Code><Message>no</Message></Error>'.encode()


@pytest.mark.parametrize(
    ("status", "body", "reason", "retryable"),
    [
        (503, error("SlowDown"), "overloaded", True),
        (429, b"", "overloaded", True),
        (500, error("InternalError"), "server_error", True),
        (502, b"<html>bad gateway</html>", "server_error", True),
        (403, error("AccessDenied"), "access_denied", False),
        (403, error("SignatureDoesNotMatch"), "access_denied", False),
        (413, b"", "storage_full", False),
        (400, error("EntityTooLarge"), "storage_full", False),
        (507, b"", "storage_full", False),
        (400, error("InvalidRequest"), "refused", False),
        (404, error("NoSuchBucket"), "bucket_missing", False),
        (404, error("NoSuchUpload"), "upload_missing", False),
        (404, b"", "upload_missing", False),
        (404, error("NoSuchUpload", ' xmlns="http://s3.amazonaws.com/doc/2006-03-01/"'), "upload_missing", False),
        (400, error("BadDigest"), "damaged_in_transit", True),
        (400, error("XAmzContentSHA256Mismatch"), "damaged_in_transit", True),
        (400, error("ExpiredToken"), "access_denied", False),
        (400, error("RequestTimeout"), "timeout", True),
        (400, error("ServiceUnavailable"), "overloaded", True),
        (409, error("OperationAborted"), "conflict", True),
        (302, b"<html>sign in</html>", "redirected", False),
        (307, error("TemporaryRedirect"), "redirected", False),
        (501, error("NotImplemented"), "refused", False),
    ],
)
async def test_errors_say_what_to_do(status: int, body: bytes, reason: str, retryable: bool) -> None:
    """The store's code decides, and the status where there is none that boto3 can see."""
    script = Script([(status, {"Retry-After": "7"}, body)])
    with answering(script) as store, pytest.raises(StorageFailed) as failure:
        await store.put_part(KEY, "upload", 1, b"x")
    facts = failure.value.facts
    assert (facts["reason"], facts["retryable"], facts["status"]) == (reason, retryable, status)
    assert facts["retry_after_s"] == 7


@pytest.mark.parametrize(
    ("after", "given"),
    [("Wed, 21 Oct 2099 07:28:00 GMT", True), ("Wed, 21 Oct 2015 07:28:00 GMT", False), ("soon", False)],
)
async def test_a_store_may_ask_for_time_by_a_date(after: str, given: bool) -> None:
    """How long that is; one in the past is now."""
    script = Script([(503, {"Retry-After": after}, b"")])
    with answering(script) as store, pytest.raises(StorageFailed) as failure:
        await store.put_part(KEY, "upload", 1, b"x")
    assert ((failure.value.facts.get("retry_after_s") or 0) > 1_000_000_000) == given


@pytest.mark.parametrize(
    ("status", "code", "to_do"),
    [(403, "ExpiredToken", "keys"), (404, "NoSuchBucket", "make it"), (301, "PermanentRedirect", "S3_REGION")],
)
async def test_a_refusal_says_what_somebody_has_to_do(status: int, code: str, to_do: str) -> None:
    """Trying again would change nothing. Nor would making the parts anew, when it comes at the end."""
    with answering(Script([(status, {}, error(code))])) as store:
        for what in (store.put_part(KEY, "upload", 1, b"x"), store.complete_upload(KEY, "upload", [(1, "e1")], 5)):
            with pytest.raises(StorageFailed, match=to_do) as failure:
                await what
            assert failure.value.facts["reason"] not in ("invalid_part", "upload_missing")


async def test_a_server_that_is_not_there_may_come_back() -> None:
    """Nobody listens: to be tried again."""
    store = S3ObjectStore(S3Options("bucket", "key", "secret", "http://127.0.0.1:1", tries=1))
    with pytest.raises(StorageFailed) as failure:
        await store.head(KEY)
    store.close()
    assert (failure.value.facts["reason"], failure.value.facts["retryable"]) == ("unreachable", True)


async def test_an_answer_that_breaks_off_may_be_whole_next_time() -> None:
    """The connection ends before the object does: an error, not a short file."""
    answer = (200, {"Content-Length": "10", "Connection": "close"}, b"half")
    with answering(Script([answer])) as store, pytest.raises(StorageFailed) as failure:
        async for _ in store.read(KEY):
            pass
    assert (failure.value.facts["reason"], failure.value.facts["retryable"]) == ("unreachable", True)


async def test_the_list_of_parts_is_sent_as_xml() -> None:
    """Supabase's server ignores the list of parts without this header, and takes every part it was ever sent."""
    script = Script([(200, {}, COMPLETED), (200, {"Content-Length": "5"}, b"")])
    with answering(script) as store:
        await store.complete_upload(KEY, "upload", [(1, "e1"), (2, "e2")], 5)
    method, path, headers, body = script.requests[0]
    assert (method, path) == ("POST", "/bucket/owner/job.csv?uploadId=upload")
    assert headers["content-type"] == "application/xml"
    assert body.count(b"<PartNumber>") == 2
    assert b"<ETag>e1</ETag>" in body
    assert script.requests[1][0] == "HEAD"


@pytest.mark.parametrize(("size", "asks"), [(0, False), (100_000, False), (1_000_000, True)])
async def test_only_large_bodies_wait_to_be_asked_for(tmp_path: Path, size: int, asks: bool) -> None:
    """A small one is there before the store has said that it wants it."""
    script = Script([(200, {"ETag": '"e"'}, b"")])
    path = tmp_path / "file"
    path.write_bytes(b"x" * size)
    with answering(script) as store:
        await store.put_file(KEY, path, "text/csv", lambda sent: None)
        await store.put_part(KEY, "upload", 1, path)
    assert [("expect" in headers, len(body)) for _, _, headers, body in script.requests] == [(asks, size)] * 2


async def test_a_lost_answer_to_complete_is_made_good() -> None:
    """The second try finds no upload, but the object of the right size."""
    script = Script([(404, {}, error("NoSuchUpload")), (200, {"Content-Length": "5"}, b"")])
    with answering(script) as store:
        assert (await store.complete_upload(KEY, "upload", [(1, "e1")], 5)).size == 5


@pytest.mark.parametrize(
    "answer", [(502, {}, b""), (200, {}, b"  \n" + COMPLETED), (200, {"Content-Length": "99"}, b"<?xml")]
)
async def test_what_the_answer_does_not_say_the_object_does(answer: tuple[int, dict[str, str], bytes]) -> None:
    """Its digest is that of the parts: it was completed, whatever came back. One of another digest is of before."""
    for digest in (BOTH, TWO):
        if answer[1]:
            answer[1]["Connection"] = "close"
        script = Script([answer, (200, {"Content-Length": "6", "ETag": f'"{digest}"'}, b"")])
        with answering(script) as store:
            completing = store.complete_upload(KEY, "upload", [(1, ONE), (2, TWO)], 6)
            if digest == BOTH:
                assert (await completing).proven
            else:
                with pytest.raises(StorageFailed) as failure:
                    await completing
                assert failure.value.facts["retryable"]


async def test_an_object_that_shows_later_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """Some stores answer before they have put it together."""
    monkeypatch.setattr(s3, "_SETTLING_S", (0.0,) * 3)
    found = (200, {"Content-Length": "5"}, b"")
    with answering(Script([(200, {}, COMPLETED), *[(404, {}, b"")] * 3, found])) as store:
        assert (await store.complete_upload(KEY, "upload", [(1, "e1")], 5)).size == 5
    with answering(Script([(200, {}, COMPLETED), (404, {}, b"")])) as store, pytest.raises(StorageFailed) as failure:
        await store.complete_upload(KEY, "upload", [(1, "e1")], 5)
    assert failure.value.facts["reason"] == "size_mismatch"


def listing(*lines: str) -> tuple[int, dict[str, str], bytes]:
    return 200, {}, f'<?xml version="1.0"?><Answer>{"".join(lines)}</Answer>'.encode()


async def test_a_size_that_is_not_said_is_looked_up() -> None:
    """What packs answers on their way leaves out how long they are."""
    bare = (200, {"Content-Length": "0", "Transfer-Encoding": "identity"}, b"")
    entries = f"<Contents><Key>{KEY}</Key><Size>7</Size></Contents>"
    with answering(Script([bare, listing(entries)])) as store:
        store._client().meta.events.register(
            "after-call.s3.HeadObject", lambda parsed, **_: parsed.pop("ContentLength", None)
        )
        assert await store.head(KEY) == 7


@pytest.mark.parametrize("weak", ["W/", ""])
async def test_etags_are_known_in_every_shape(weak: str) -> None:
    """Weak, as what packs answers marks them, in capital letters, with and without quotes."""
    one, two = ({"ETag": f'{weak}"{ONE.upper()}"'}, {"ETag": f"{weak}{TWO}"})
    whole = {"Content-Length": "6", "ETag": f'{weak}"{BOTH.upper()}"'}
    with answering(Script([(200, one, b""), (200, two, b""), (200, {}, COMPLETED), (200, whole, b"")])) as store:
        parts = [(n, await store.put_part(KEY, "upload", n, body)) for n, body in ((1, b"one"), (2, b"two"))]
        assert (await store.complete_upload(KEY, "upload", parts, 6)).proven


async def test_good_answers_that_say_nothing_are_no_answers() -> None:
    """A part without an etag, an upload without an id: something else answers here."""
    with answering(Script([(200, {}, b"")])) as store:
        for what in (store.put_part(KEY, "upload", 1, b"x"), store.open_upload(KEY, "text/csv")):
            with pytest.raises(StorageFailed, match="not what an S3 store says"):
                await what


async def test_lists_come_in_pages() -> None:
    """Also where a store does not say where the next one begins; one that leads to itself has no end."""
    uploads = [f"<Upload><Key>k{n}</Key><UploadId>u{n}</UploadId></Upload>" for n in range(3)]
    more, marker = "<IsTruncated>true</IsTruncated>", "<NextKeyMarker>k1</NextKeyMarker>"
    pages = [listing(more, uploads[0]), listing(more, marker, uploads[1]), listing(uploads[2])]
    script = Script(pages)
    with answering(script) as store:
        assert [upload.upload_id async for upload in store.list_uploads()] == ["u0", "u1", "u2"]
    assert ["key-marker=k0" in path for _, path, _, _ in script.requests] == [False, True, False]
    assert "upload-id-marker=u1" in script.requests[2][1]
    with answering(Script([listing(more, uploads[0])])) as store, pytest.raises(StorageFailed):
        assert [upload async for upload in store.list_uploads()]
    again = "<IsTruncated>true</IsTruncated><NextContinuationToken>t</NextContinuationToken>"
    with answering(Script([listing(again)])) as store, pytest.raises(StorageFailed):
        assert [found async for found in store.list("")]


async def test_an_error_in_a_good_answer_is_an_error() -> None:
    """S3 may say 200 and then change its mind in the body."""
    with answering(Script([(200, {}, error("InternalError"))])) as store, pytest.raises(StorageFailed) as failure:
        await store.complete_upload(KEY, "upload", [(1, "e1")], 5)
    assert failure.value.facts["retryable"]


async def test_an_object_of_another_size_is_an_error() -> None:
    """A part that was taken twice shows here."""
    script = Script([(200, {}, COMPLETED), (200, {"Content-Length": "9"}, b"")])
    with answering(script) as store, pytest.raises(StorageFailed) as failure:
        await store.complete_upload(KEY, "upload", [(1, "e1")], 5)
    assert failure.value.facts["reason"] == "size_mismatch"


@pytest.mark.parametrize(
    ("etags", "whole", "proven"),
    [
        ([ONE, TWO], BOTH, True),
        ([ONE, TWO], BOTH.replace("-2", "-1"), False),
        ([ONE, TWO], ONE, False),
        ([ONE, "0" * 32], BOTH, False),
        # Encrypted with a key of the bucket's: etags are no digests, even if they look like some.
        (["a" * 32, "b" * 32], "c" * 32, False),
        (["1-ab", "2-cd"], "3-ef", False),
    ],
)
async def test_digests_prove_what_is_stored(etags: list[str], whole: str, proven: bool) -> None:
    """The store has what it was sent if it says the digest of that, of each part and of the object."""
    parts: list[tuple[int, dict[str, str], bytes]] = [(200, {"ETag": f'"{etag}"'}, b"") for etag in etags]
    head = (200, {"Content-Length": "6", "ETag": f'"{whole}"'}, b"")
    script = Script([*parts, (200, {}, COMPLETED), head])
    with answering(script) as store:
        stored = [(n, await store.put_part(KEY, "upload", n, body)) for n, body in ((1, b"one"), (2, b"two"))]
        assert (await store.complete_upload(KEY, "upload", stored, 6)).proven is proven
    # Whatever we think of it, a part is called what the store called it.
    for etag in etags:
        assert f"<ETag>{etag}</ETag>".encode() in script.requests[2][3]


@pytest.mark.parametrize(("etag", "proven"), [(ONE, True), (TWO, False), ("", False)])
async def test_a_digest_proves_a_file(tmp_path: Path, etag: str, proven: bool) -> None:
    """The same for a file that is sent in one go."""
    (tmp_path / "file").write_bytes(b"one")
    with answering(Script([(200, {"ETag": f'"{etag}"'}, b"")])) as store:
        assert (await store.put_file(KEY, tmp_path / "file", "text/csv")).proven is proven


async def test_what_is_sent_is_told_and_not_what_is_read_before(tmp_path: Path) -> None:
    """A file is read for its digest and its signature too; what is told only grows, and ends with all of it."""
    content = b"x" * 3_000_000
    (tmp_path / "file").write_bytes(content)
    told: list[int] = []
    with answering(Script([(200, {"ETag": f'"{ONE}"'}, b"")])) as store:
        await store.put_file(KEY, tmp_path / "file", "text/csv", told.append)
        assert told == sorted(told)
        assert told[-1] == len(content)
        assert told[0] < len(content) / 10
        told.clear()
        await store.put_part(KEY, "upload", 1, tmp_path / "file", told.append)
        assert told == sorted(told)
        assert told[-1] == len(content)


@pytest.mark.skipif(not hasattr(socket, "TCP_NOTSENT_LOWAT"), reason="this system has no such option")
async def test_connections_take_little_more_than_they_send(monkeypatch: pytest.MonkeyPatch) -> None:
    """Else a part looks sent as soon as it is in the system's buffers, seconds before over a slow link."""
    connections: list[socket.socket] = []
    connect = socket.socket.connect

    def connect_noted(connection: socket.socket, address: tuple[str, int]) -> None:
        connections.append(connection)
        connect(connection, address)

    monkeypatch.setattr(socket.socket, "connect", connect_noted)
    with answering(Script([(200, {"ETag": '"e-1"'}, b"")])) as store:
        await store.put_part(KEY, "upload", 1, b"1")
        (connection,) = connections
        assert connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_NOTSENT_LOWAT) == 128 * 1024


async def test_a_server_that_knows_no_ranges_is_read_from_the_middle() -> None:
    """It answers with all of it; what is before the middle is passed over."""
    script = Script([(200, {}, b"0123456789")])
    with answering(script) as store:
        assert b"".join([chunk async for chunk in store.read(KEY, 2, start=7)]) == b"789"
    assert script.requests[0][2]["range"] == "bytes=7-"


async def test_no_checksum_is_added_that_others_do_not_know() -> None:
    """Supabase and others refuse bodies in AWS's chunks with a checksum behind them."""
    script = Script([(200, {"ETag": '"e"'}, b"")])
    with answering(script) as store:
        await store.put_part(KEY, "upload", 1, b"body")
    _, _, headers, body = script.requests[0]
    assert body == b"body"
    assert not [name for name in headers if name.startswith("x-amz-checksum") or name == "x-amz-trailer"]


def test_secrets_are_not_printed() -> None:
    """Options end up in logs."""
    assert "hunter2" not in repr(S3Options("bucket", "key", "hunter2"))


@pytest.mark.parametrize(
    ("name", "plain"),
    [
        ("a.csv", "a.csv"),
        ("Übersicht.csv", "Ubersicht.csv"),
        ('x"\r\nSet-Cookie: y', "x___Set-Cookie_ y"),
        ("日", "download"),
    ],
)
def test_a_name_in_a_header_cannot_leave_it(name: str, plain: str) -> None:
    """No quote and no line break gets through; old clients get the nearest ASCII."""
    assert content_disposition(name).startswith(f"attachment; filename=\"{plain}\"; filename*=UTF-8''")
