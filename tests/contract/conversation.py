"""A conversation with Supabase Storage: every call that the driver makes, and every way in which it can be refused.

The answers of the real server stand in `supabase_answers.json`, which says of which release, with what differs between
two runs replaced by names: those with files in a folder, and where they differ those with files in an S3 store (which
refuses parts as small as these). `test_conversation.py` holds the double of tests/fixtures/supabase.py to the first;
with a real server named in the environment, it holds that server to them.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal
from uuid import UUID, uuid4

import httpx

ANSWERS = Path(__file__).with_name("supabase_answers.json")
Who = Literal[
    "service",
    "owner",
    "stranger",
    "anonymous",
    "expired",
    "garbage",
    "nobody",
    "s3",
    "wrong s3 key",
    "wrong s3 secret",
    "wrong anon key",
]
CSV = "text/csv; charset=utf-8"
_KEPT_HEADERS = ("content-type", "cache-control", "content-disposition", "content-length", "etag", "accept-ranges")
# A length of an answer whose text holds values of its own run says nothing.
_SPOKEN = ("application/json", "application/xml")


@dataclass(frozen=True, slots=True)
class Step:
    """A request. Braces in `path`, `query` and `body` are filled with what was kept; `keeps` finds it in an answer.

    On the S3 side `s3` signs with the project's keys, and a person with their token as the session token.
    """

    name: str
    method: str
    path: str
    who: Who = "service"
    query: str = ""
    body: Any = None
    form: tuple[str, bytes, str] | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    keeps: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Place:
    """A server to speak to. `url` is the project's; `token(who)` signs one in; `allow(owner, key)` makes an export;
    `url_token(path, expires)` is what a signed URL carries."""

    url: str
    s3_access_key_id: str
    s3_secret_access_key: str
    project: str
    anon_key: str
    token: Callable[[Who, UUID], str]
    url_token: Callable[[str, int], str]
    allow: Callable[[UUID, str], None]


def _upload(
    name: str,
    who: Who = "service",
    *,
    key: str = "{key}",
    type_: str = CSV,
    upsert: str = "true",
    data: bytes = b"id\n1\n",
) -> Step:
    headers = {"x-upsert": upsert, "cache-control": "no-cache"}
    return Step(name, "POST", f"/object/{{bucket}}/{key}", who, form=("x.csv", data, type_), headers=headers)


def _sign(name: str, who: Who, key: str = "{key}", **keeps: str) -> Step:
    body = {"expiresIn": "60", "download": "a b.csv"}
    return Step(name, "POST", f"/object/sign/{{bucket}}/{key}", who, body=body, keeps=keeps)


_XML = {"content-type": "application/xml"}
_NAMESPACE = "http://s3.amazonaws.com/doc/2006-03-01/"


def _complete(
    name: str, parts: str, *, etags: Mapping[int, str] | None = None, headers: Mapping[str, str] = _XML
) -> Step:
    known = etags or {int(part): f"{{etag{part}}}" for part in parts}
    listed = "".join(f"<Part><ETag>{etag}</ETag><PartNumber>{part}</PartNumber></Part>" for part, etag in known.items())
    body = f'<CompleteMultipartUpload xmlns="{_NAMESPACE}">{listed}</CompleteMultipartUpload>'
    return Step(name, "POST", "/s3/{bucket}/{big}", "s3", "uploadId={upload}", body.encode(), headers=headers)


def _part(name: str, number: int, body: bytes, *, upload: str = "{upload}", **keeps: str) -> Step:
    query = f"partNumber={number}&uploadId={upload}"
    return Step(name, "PUT", "/s3/{bucket}/{big}", "s3", query, body, keeps=keeps)


_TYPES = ["text/csv", CSV]
STEPS: tuple[Step, ...] = (
    # The bucket
    Step("the bucket is missing", "GET", "/bucket/{bucket}"),
    _upload("a file for a missing bucket"),
    Step("the bucket is missing by S3", "HEAD", "/s3/{bucket}", "s3"),
    Step("an upload for a missing bucket", "POST", "/s3/{bucket}/{big}", "s3", "uploads="),
    Step(
        "a bucket for larger files than the project takes",
        "POST",
        "/bucket",
        body={"id": "{bucket}", "name": "{bucket}", "public": False, "file_size_limit": 50 * 1024**3},
    ),
    Step("a bucket by a person", "POST", "/bucket", "owner", body={"id": "{bucket}", "name": "{bucket}"}),
    Step(
        "a private bucket",
        "POST",
        "/bucket",
        body={"id": "{bucket}", "name": "{bucket}", "public": False, "allowed_mime_types": _TYPES},
    ),
    Step("the bucket again", "POST", "/bucket", body={"id": "{bucket}", "name": "{bucket}", "public": False}),
    Step("the bucket is there", "GET", "/bucket/{bucket}"),
    Step("the bucket is nobody else's to see", "GET", "/bucket/{bucket}", "owner"),
    Step("the bucket without credentials", "GET", "/bucket/{bucket}", "nobody"),
    Step("the bucket is there by S3", "HEAD", "/s3/{bucket}", "s3"),
    # Small files
    _upload("a file"),
    _upload("a file with nothing in it", data=b""),
    Step("the size of nothing", "HEAD", "/s3/{bucket}/{key}", "s3"),
    _upload("a file that is there, without leave to replace it", upsert="false"),
    _upload("a file in place of another"),
    _upload("a file of a type that the bucket does not take", type_="text/html"),
    _upload("a file from a person", "owner", key="{other}"),
    _upload("a file by an expired token", "expired"),
    _upload("a file by a token that is none", "garbage"),
    # Signing
    _sign("a URL for the owner", "owner", token=r"\?token=([^&\"]+)"),
    _sign("a URL for a stranger", "stranger"),
    _sign("a URL for nobody", "nobody"),
    _sign("a URL by an expired token", "expired"),
    _sign("a URL by a token that is none", "garbage"),
    _sign("a URL of a file that is not there", "owner", "{other}"),
    Step("the file by its URL", "GET", "/object/sign/{bucket}/{key}", "nobody", "token={token}&download=a%20b.csv"),
    Step("another file by that URL", "GET", "/object/sign/{bucket}/{other}", "nobody", "token={token}"),
    Step("the file by a changed URL", "GET", "/object/sign/{bucket}/{key}", "nobody", "token={token}x"),
    Step("the file by no token", "GET", "/object/sign/{bucket}/{key}", "nobody"),
    Step("the file by a URL that has ended", "GET", "/object/sign/{bucket}/{key}", "nobody", "token={ended}"),
    Step("the file by its owner's token in a URL", "GET", "/object/sign/{bucket}/{key}", "nobody", "token={login}"),
    _sign("a URL for an anonymous user", "anonymous"),
    Step("the file by its owner's token", "GET", "/object/authenticated/{bucket}/{key}", "owner"),
    Step("the file by a stranger's token", "GET", "/object/authenticated/{bucket}/{key}", "stranger"),
    Step("the file as if it were public", "GET", "/object/public/{bucket}/{key}", "nobody"),
    # The S3 side
    Step("the size of a file", "HEAD", "/s3/{bucket}/{key}", "s3"),
    Step("the bytes of a file", "GET", "/s3/{bucket}/{key}", "s3"),
    Step("the files", "GET", "/s3/{bucket}", "s3", "list-type=2&prefix={owner}%2F"),
    Step("the size of a file that is not there", "HEAD", "/s3/{bucket}/{other}", "s3"),
    Step("the bytes of a file that is not there", "GET", "/s3/{bucket}/{other}", "s3"),
    Step("the files by the service's token", "GET", "/s3/{bucket}", "service", "list-type=2&prefix={owner}%2F"),
    Step("the size of a file by the service's token", "HEAD", "/s3/{bucket}/{key}", "service"),
    Step("the bytes of a file by its owner's token", "GET", "/s3/{bucket}/{key}", "owner"),
    Step("the bytes of a file by a stranger's token", "GET", "/s3/{bucket}/{key}", "stranger"),
    Step("the files by an expired token", "GET", "/s3/{bucket}", "expired", "list-type=2"),
    Step("the files by a token that is none", "GET", "/s3/{bucket}", "garbage", "list-type=2"),
    Step("the files by a token and another anon key", "GET", "/s3/{bucket}", "wrong anon key", "list-type=2"),
    Step("an upload by a person", "POST", "/s3/{bucket}/{big}", "owner", "uploads="),
    Step("the files by an unknown key", "GET", "/s3/{bucket}", "wrong s3 key", "list-type=2"),
    Step("the files by a wrong secret", "GET", "/s3/{bucket}", "wrong s3 secret", "list-type=2"),
    Step(
        "an upload of a type that the bucket does not take",
        "POST",
        "/s3/{bucket}/{big}",
        "s3",
        "uploads=",
        headers={"content-type": "text/html"},
    ),
    Step(
        "an upload",
        "POST",
        "/s3/{bucket}/{big}",
        "s3",
        "uploads=",
        headers={"content-type": CSV, "cache-control": "no-store"},
        keeps={"upload": "<UploadId>([^<]+)"},
    ),
    _part("a part", 1, b"old-", etag1="etag"),
    _part("the part again", 1, b"new-", etag1="etag"),
    _part("the last part", 2, b"end", etag2="etag"),
    _part("a part of no upload", 1, b"x", upload="{missing}"),
    Step("the uploads", "GET", "/s3/{bucket}", "s3", "uploads="),
    _complete("completing it", "12"),
    _complete("completing it again", "12"),
    Step("its size", "HEAD", "/s3/{bucket}/{big}", "s3"),
    Step("its bytes", "GET", "/s3/{bucket}/{big}", "s3"),
    Step(
        "a second upload",
        "POST",
        "/s3/{bucket}/{big}",
        "s3",
        "uploads=",
        headers={"content-type": CSV},
        keeps={"upload": "<UploadId>([^<]+)"},
    ),
    _part("its part", 1, b"aaaa", etag1="etag"),
    _part("its part again", 1, b"bbbb", etag1="etag"),
    _complete("completing with an etag of another part", "1", etags={1: "0" * 32}),
    _complete("completing without saying that the list is XML", "1", headers={}),
    Step("the bytes are as they were", "GET", "/s3/{bucket}/{big}", "s3"),
    Step("dropping the second", "DELETE", "/s3/{bucket}/{big}", "s3", "uploadId={upload}"),
    Step(
        "a third upload",
        "POST",
        "/s3/{bucket}/{big}",
        "s3",
        "uploads=",
        headers={"content-type": CSV},
        keeps={"upload": "<UploadId>([^<]+)"},
    ),
    Step("dropping it", "DELETE", "/s3/{bucket}/{big}", "s3", "uploadId={upload}"),
    Step("dropping it again", "DELETE", "/s3/{bucket}/{big}", "s3", "uploadId={upload}"),
    Step("no uploads", "GET", "/s3/{bucket}", "s3", "uploads="),
    # Removal
    Step("removal by a stranger", "DELETE", "/object/{bucket}", "stranger", body={"prefixes": ["{key}"]}),
    Step("removal", "DELETE", "/object/{bucket}", body={"prefixes": ["{key}"]}),
    Step("removal again", "DELETE", "/object/{bucket}", body={"prefixes": ["{key}"]}),
    Step("the removed file by its URL", "GET", "/object/sign/{bucket}/{key}", "nobody", "token={token}"),
    Step("removal of the other", "DELETE", "/object/{bucket}", body={"prefixes": ["{big}"]}),
)


def converse(place: Place, bucket: str) -> Iterator[tuple[Step, dict[str, Any]]]:
    """Takes each step and gives the answer, with what belongs to this run alone replaced by names in angles."""
    owner = uuid4()
    known = {"bucket": bucket, "owner": str(owner), "missing": str(uuid4())}
    known |= {name: f"{owner}/{uuid4()}.csv" for name in ("key", "other", "big")}
    known["ended"] = place.url_token(f"{bucket}/{known['key']}", 1_700_000_000)
    known["login"] = place.token("owner", owner)
    place.allow(owner, known["key"])
    with httpx.Client(timeout=30) as client:
        for step in STEPS:
            if step.name == "a URL of a file that is not there":
                place.allow(owner, known["other"])
            answer = client.send(_request(place, step, known, owner))
            for name, pattern in step.keeps.items():
                if pattern == "etag":
                    known[name] = answer.headers["etag"].strip('"')
                elif match := re.search(pattern, answer.text):
                    known[name] = match[1]
            yield step, _plain(answer, known)


def _request(place: Place, step: Step, known: Mapping[str, str], owner: UUID) -> httpx.Request:
    path = f"/storage/v1{_filled(step.path, known)}"
    query = _filled(step.query, known)
    url = place.url + path + (f"?{query}" if query else "")
    headers = dict(step.headers)
    if step.path.startswith("/s3/"):
        content = _filled((step.body or b"").decode(), known).encode()
        signed = _s3_headers(place, step, url, headers, content, owner)
        return httpx.Request(step.method, url, content=content, headers=signed)
    if step.who != "nobody":
        token = place.token(step.who, owner)
        headers |= {"authorization": f"Bearer {token}", "apikey": token}
    if step.form is not None:
        files = {"file": step.form}
        return httpx.Request(step.method, url, headers=headers, files=files, data={"cacheControl": "0"})
    body = json.loads(_filled(json.dumps(step.body), known)) if step.body is not None else None
    return httpx.Request(step.method, url, headers=headers, json=body)


def _s3_headers(
    place: Place, step: Step, url: str, headers: dict[str, str], body: bytes, owner: UUID
) -> dict[str, str]:
    from botocore.auth import S3SigV4Auth
    from botocore.awsrequest import AWSRequest
    from botocore.credentials import Credentials

    credentials = {
        "s3": Credentials(place.s3_access_key_id, place.s3_secret_access_key),
        "wrong s3 key": Credentials("unknown", place.s3_secret_access_key),
        "wrong s3 secret": Credentials(place.s3_access_key_id, "wrong"),
        "wrong anon key": Credentials(place.project, "wrong", place.token("service", owner)),
    }.get(step.who) or Credentials(place.project, place.anon_key, place.token(step.who, owner))
    request = AWSRequest(step.method, url, headers=headers, data=body)
    S3SigV4Auth(credentials, "s3", "us-east-1").add_auth(request)
    return dict(request.headers.items())


def _filled(text: str, known: Mapping[str, str]) -> str:
    return re.sub(r"\{(\w+)\}", lambda match: known.get(match[1], match[0]), text)


_VOLATILE = (
    (re.compile(r"<UploadId>[^<]+</UploadId>"), "<UploadId><upload></UploadId>"),
    (re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|\+00:00)"), "<time>"),
    (re.compile(r"eyJ[\w-]+\.[\w-]+\.[\w-]+x?"), "<token>"),
    (re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"), "<uuid>"),
    (re.compile(r'((?:&quot;|\\"|")?)[0-9a-f]{32}(-\d+)?((?:&quot;|\\"|")?)'), r"\1<etag>\3"),
)


def _plain(answer: httpx.Response, known: Mapping[str, str]) -> dict[str, Any]:
    body = answer.text
    for name in ("upload", "token"):
        if name in known:
            body = body.replace(known[name], f"<{name}>")
    for name in ("key", "other", "big", "owner", "bucket"):
        body = body.replace(known[name], f"<{name}>")
    for pattern, name in _VOLATILE:
        body = pattern.sub(name, body)
    headers = {name: answer.headers[name] for name in _KEPT_HEADERS if name in answer.headers}
    # What carries a text of ours has no length worth comparing, nor does an answer without anything to say.
    if "etag" not in headers or headers.get("content-type", "").startswith(_SPOKEN):
        headers.pop("content-length", None)
    if "etag" in headers:
        headers["etag"] = re.sub(r"[0-9a-f]{32}(-\d+)?", "<etag>", headers["etag"])
    return {"status": answer.status_code, "headers": headers, "body": body}


def recorded(backend: str = "file") -> dict[str, dict[str, Any]]:
    """The real server's answers, by the step's name; `backend` is "file" or "s3"."""
    document = json.loads(ANSWERS.read_text())
    answers: dict[str, dict[str, Any]] = document["answers"]
    return answers if backend == "file" else answers | document["answers_with_s3"]
