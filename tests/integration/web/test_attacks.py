"""An attacker's afternoon: what somebody with an account, or without one, would try over HTTP.

Tokens are attacked in tests/unit/auth, DDL in tests/unit/introspection, webhooks in tests/integration/deliveries, policies
in tests/rls, streams and their tickets in test_events.py.
"""

import io
import json
import subprocess
import time
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, quote, urlencode, urlsplit

import httpx
import psycopg
import pytest

from app.adapters.introspection.ddl import snapshot_from_ddl
from app.generator import GeneratorConfig, make_plan
from app.generator.layout import Output, render_all
from app.logging import configure_logging
from tests.conftest import Server
from tests.fixtures.programs import program
from tests.integration.web.service import BASE, REQUEST, Person, Service

# Within this a request is answered, whatever is in it; without bounds some of these would take years.
PATIENCE_S = 20


@pytest.fixture
def log(service: Service) -> Iterator[io.StringIO]:
    """What the service writes while the test runs, as it writes it in production."""
    stream = io.StringIO()
    configure_logging(log_format="json", secrets=service.settings.secrets(), stream=stream)
    yield stream
    configure_logging(log_format="console")


def finished(person: Person) -> tuple[str, str]:
    """A completed export, and a signed URL of its file."""
    job_id = person.ask()
    person.complete(job_id)
    return job_id, person.http.get(f"{BASE}/export/{job_id}").json()["downloadUrl"]


def test_a_key_of_one_user_is_not_another_users(ann: Person, ben: Person) -> None:
    """The same key and the same body, from two people: two exports, and neither learns of the other's."""
    key = {"idempotency-key": "the-same"}
    ids = [person.http.post(f"{BASE}/export", json=REQUEST, headers=key).json()["jobId"] for person in (ann, ben, ann)]
    assert ids[0] == ids[2] != ids[1]
    assert ben.http.get(f"{BASE}/export/{ids[0]}").status_code == 404
    other = {**REQUEST, "seed": "another"}
    assert ben.http.post(f"{BASE}/export", json=other, headers=key).status_code == 422


@pytest.mark.parametrize(
    "assigned",
    [
        {"owner": "x"}, {"ownerId": "2e9b3c1a-4b1f-4f43-8f6e-8a8b7c6d5e4f"}, {"owner_id": "x"}, {"status": "completed"},
        {"objectPath": "x/y.csv"}, {"object_path": "../../x"}, {"id": "x"}, {"jobId": "x"}, {"planSha256": "x"},
        {"bytes": 1}, {"expiresAt": "2099-01-01"}, {"engineVersion": 1}, {"__proto__": {"admin": True}},
    ],
    ids=lambda fields: next(iter(fields)),
)  # fmt: skip
def test_nothing_but_the_request_is_assigned(ann: Person, assigned: dict[str, Any]) -> None:
    """Fields that are the service's to write are unknown, beside the request and inside of its configuration."""
    for body in ({**REQUEST, **assigned}, {**REQUEST, "config": {**REQUEST["config"], **assigned}}):
        answer = ann.http.post(f"{BASE}/export", json=body)
        assert answer.status_code == 422
        assert {fault["code"] for fault in answer.json()["errors"]} == {"unknown_field"}
    assert ann.http.get(f"{BASE}/export").json()["items"] == []


def test_two_tokens_in_one_request_are_none(service: Service, ann: Person, ben: Person) -> None:
    """A proxy in front may judge by one of them while we would by the other."""
    headers = [("authorization", f"Bearer {person.token}") for person in (ann, ben)]
    for given in (headers, headers[::-1], headers[:1] * 2):
        answer = httpx.get(f"{service.url}{BASE}/export", headers=given)
        assert (answer.status_code, answer.json()["code"]) == (401, "not_authenticated")


def test_a_signed_link_opens_one_file_for_its_time(service: Service, ann: Person, ben: Person) -> None:
    """Another file, name, time or signature, a part taken away or said twice: there is nothing there."""
    _, mine = finished(ann)
    _, theirs = finished(ben)
    anybody = httpx.Client(base_url=service.url)
    assert anybody.get(mine).status_code == 200
    path, query = urlsplit(mine).path, {k: v[0] for k, v in parse_qs(urlsplit(mine).query).items()}
    other = {k: v[0] for k, v in parse_qs(urlsplit(theirs).query).items()}
    changed: list[tuple[str, Mapping[str, str]]] = [
        (urlsplit(theirs).path, query),
        (path, {**query, "expires": str(int(query["expires"]) + 1)}),
        (path, {**query, "name": "evil.html"}),
        (path, {**query, "sig": other["sig"]}),
        (path, {**query, "sig": query["sig"][:-1]}),
        (path, {**query, "sig": query["sig"].upper()}),
        (path, {**query, "expires": query["expires"] + "0"}),
        (path, {**query, "expires": f" {query['expires']}"}),
        *((path, {k: v for k, v in query.items() if k != left_out}) for left_out in query),
    ]
    for where, what in changed:
        answer = anybody.get(f"{where}?{urlencode(what)}")
        assert (answer.status_code, answer.json()["code"]) == (404, "file_not_found"), (where, what)
    anybody.close()


@pytest.mark.parametrize(
    "key",
    [
        "../../etc/passwd", "..%2f..%2fetc%2fpasswd", "%2e%2e/%2e%2e/etc/passwd", "....//....//etc/passwd", "/etc/passwd",
        "%00", "x%00.csv", ".uploads/x/key", ".incoming/x", "..\\..\\x", "%5c..%5c..", "a/b/c/d/e", "%f0%9f%9a%b2.csv", "%ff",
        "x" * 4000,
    ],
)  # fmt: skip
def test_no_path_leads_out_of_the_store(service: Service, ann: Person, key: str) -> None:
    """Whatever stands for a file's key, with a signature of another file: nothing, and no error of ours."""
    _, mine = finished(ann)
    with httpx.Client(base_url=service.url) as anybody:
        answer = anybody.get(f"/files/{key}?{urlsplit(mine).query}")
    assert answer.status_code in (400, 404)
    assert "root:" not in answer.text


@pytest.mark.parametrize(
    "name", ["a\r\nSet-Cookie: x=1", "a\nb", "a\x00b", "../../x", "a/b", "a\\b", ".", "..", "\u2028"]
)
def test_a_file_name_is_a_name(ann: Person, name: str) -> None:
    """It ends in a header and on somebody's disk: no line breaks, no paths."""
    answer = ann.http.post(f"{BASE}/export", json={**REQUEST, "config": {**REQUEST["config"], "fileName": name}})
    assert answer.status_code in (202, 422)
    if answer.status_code == 202:
        shown = ann.http.get(f"{BASE}/export/{answer.json()['jobId']}").json()["fileName"]
        assert not any(char in shown for char in "\r\n\x00/\\")
        assert not shown.startswith(".")


def test_names_are_text_on_pages(ann: Person) -> None:
    """A prompt, a file name and a table that are markup are shown, not run."""
    evil = '<img src=x onerror="alert(1)">'
    ddl = 'create table "<script>alert(1)</script>" (id int primary key)'
    config = {"format": "csv", "rows": 1, "fileName": "a&lt;b 'quoted' &amp; more"}
    made = ann.http.post(
        f"{BASE}/export", json={"schema": {"ddl": ddl}, "config": config, "seed": evil, "promptContext": evil}
    )
    assert made.status_code == 202, made.text
    page = ann.http.get(f"/exports/{made.json()['jobId']}", headers={"accept": "text/html"})
    assert page.status_code == 200
    for text in (page.text, ann.http.get("/exports", headers={"accept": "text/html"}).text):
        assert "<img src=x" not in text
        assert "a&lt;b" not in text
        assert "<script>alert" not in text
    assert "script-src 'self'" in page.headers["content-security-policy"]
    assert "unsafe" not in page.headers["content-security-policy"]


CATASTROPHES = [
    "^(a+)+$", "(a|aa)+$", "(x+x+)+y", "^(([a-z])+.)+[A-Z]([a-z])+$", "(.*)*b", "a{1000}{1000}", "((a{100}){100}){100}",
    "[a-z]{0,65535}", "(a?){500}a{500}", "^(a|b|ab)*c$", "(" * 200 + "a" + ")" * 200, "\\1(a)", "(?<=a+)b", "[", "(?i)" * 50,
]  # fmt: skip


@pytest.mark.parametrize("expression", CATASTROPHES)
def test_expressions_that_explode_do_not(ann: Person, expression: str) -> None:
    """In a CHECK and in an override: values that match, or a refusal, within the time of any other request."""
    literal = expression.replace("'", "''")
    checked = {"ddl": f"create table t (id int primary key, a text not null check (a ~ '{literal}'))"}
    plain = {"ddl": "create table t (id int primary key, a text not null)"}
    for schema, overrides in ((checked, {}), (plain, {"t": {"a": {"regex": expression}}})):
        config = {"format": "csv", "rows": 50, **({"overrides": overrides} if overrides else {})}
        began = time.monotonic()
        answer = ann.http.post(f"{BASE}/preview?rows=50", json={"schema": schema, "config": config, "seed": 1})
        assert answer.status_code in (200, 422), answer.text[:300]
        assert time.monotonic() - began < PATIENCE_S


@pytest.mark.parametrize(
    "override",
    [
        {"template": "{{7*7}} {% import os %}"}, {"template": "{id.__class__.__mro__}"}, {"template": "{0}"},
        {"template": "{id!r:>99999999}"}, {"template": "%(id)s %s ${id} #{7*7}"}, {"template": "{" * 5000},
        {"expression": "pg_sleep(10)"}, {"expression": "(select passwd from pg_shadow)"},
        {"expression": "__import__('os').system('id')"}, {"expression": "repeat('x', 2000000000)"},
        {"expression": "1/0"}, {"value": {"a": [[[[[[]]]]]]}}, {"one_of": []}, {"sequence": "{{x}}"},
    ],
    ids=str,
)  # fmt: skip
def test_templates_and_expressions_run_nothing(ann: Person, override: dict[str, Any]) -> None:
    """They are read by parsers of their own: text comes out as text, or they are refused with the reason."""
    ddl = "create table t (id int primary key, a text not null)"
    config = {"format": "csv", "rows": 3, "overrides": {"t": {"a": override}}}
    began = time.monotonic()
    answer = ann.http.post(f"{BASE}/preview", json={"schema": {"ddl": ddl}, "config": config, "seed": 1})
    assert answer.status_code in (200, 422), answer.text[:300]
    assert time.monotonic() - began < PATIENCE_S
    for sign in ("49", "<class", "uid=", "postgres"):
        assert sign not in json.dumps(answer.json().get("tables", [])), answer.text


def test_lines_of_the_log_cannot_be_forged(ann: Person, log: io.StringIO) -> None:
    """Line breaks and control characters, wherever they can be sent: every line is one event of ours."""
    forged = '"}\n{"event": "export_deleted", "level": "info"}\r\n\x1b[31m'
    ann.http.get(f"{BASE}/{quote(forged)}")
    ann.http.get(f"{BASE}/export?status={quote(forged)}")
    ann.http.get(f"{BASE}/export/{quote(forged)}", headers={"x-request-id": "a\tb"})
    ann.http.post(f"{BASE}/export", json={**REQUEST, "seed": forged, "promptContext": forged})
    ann.http.post(f"{BASE}/plan", json={"schema": {"ddl": forged}, "config": {"format": "csv", "rows": 1}, "seed": 1})
    lines = log.getvalue().splitlines()
    assert len(lines) >= 5
    events = [json.loads(line)["event"] for line in lines]
    assert "export_deleted" not in events
    assert "\x1b" not in log.getvalue()


def test_secrets_stay_out_of_logs_answers_and_jobs(service: Service, ann: Person, log: io.StringIO) -> None:
    """A token, a ticket, a signature and the keys of the service: after a whole story, and after failures."""
    job_id, url = finished(ann)
    ticket = ann.http.post(f"{BASE}/export/{job_id}/events-ticket").json()["ticket"]
    with httpx.Client(base_url=service.url) as anybody:
        anybody.get(f"{BASE}/export/{job_id}/events?ticket={ticket}")
        anybody.get(f"{BASE}/export/{job_id}/events?ticket={ticket}")
        anybody.get(url)
        anybody.get(url + "x")
        broken = ann.token[:-4] + "AAAA"
        refused = anybody.get(f"{BASE}/export", headers={"authorization": f"Bearer {broken}"})
    ann.http.get(f"{BASE}/export/{job_id}/download")
    signature = parse_qs(urlsplit(url).query)["sig"][0]
    secrets = {ann.token, ann.token.split(".")[2], broken, ticket, signature, *service.settings.secrets()} - {"local"}
    written = log.getvalue() + refused.text
    rows = service.sql("select coalesce(json_agg(t)::text, '') from queue.procrastinate_jobs t")
    rows += service.sql("select coalesce(json_agg(t)::text, '') from generator_event_tickets t")
    for secret in secrets:
        assert secret not in written
        assert all(secret not in row for (row,) in rows)
    assert "request_answered" in written


HOSTILE_NAMES = [
    'x"; drop table victim; --', "x'; drop table victim; --", "x\n\\! touch hacked\n", "$$; drop table victim; $$", "a;b", "%s",
    "\\.", "x\\', 'y", "﷽", "\u202eabc", "--", "/* */", "{}", "null", "\t", "copy t from stdin;",
]  # fmt: skip


@pytest.mark.parametrize("form", ["sql", "copy", "csv", "tsv"])
def test_names_are_never_statements(empty_database_url: str, postgres: Server, tmp_path: Path, form: str) -> None:
    """Tables, columns, labels, defaults and constraints with such names, loaded by psql as the files say."""
    psql = program("psql", "postgresql-client")

    def name(text: str) -> str:
        return '"' + text.replace('"', '""') + '"'

    labels = ", ".join("'" + text.replace("'", "''") + "'" for text in HOSTILE_NAMES)
    columns = ", ".join(f"{name(text)} text default '{text.replace(chr(39), chr(39) * 2)}'" for text in HOSTILE_NAMES)
    kind = name("kind " + HOSTILE_NAMES[0])
    ddl = f"create type {kind} as enum ({labels});\n"
    for number, text in enumerate(HOSTILE_NAMES[:6]):
        ddl += (
            f"create table {name(text)} (id int primary key, kind {kind} not null, {columns}, "
            f"constraint {name(text + str(number))} check (id > 0));\n"
        )
    snapshot, _ = snapshot_from_ddl(ddl, server_url=postgres.url(), hostile=True)
    plan = make_plan(snapshot, GeneratorConfig(rows=4), seed="'; drop table victim; --\n\\! touch hacked")
    data = b"".join(render_all(plan, Output(form)))
    with psycopg.connect(empty_database_url, autocommit=True) as connection:
        connection.execute(f"create table victim (id int); {ddl}".encode())
    script = tmp_path / "load.sql"
    if form in ("sql", "copy"):
        script.write_bytes(data)
    else:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = archive.namelist()
            assert not any("/" in member or "\\" in member or member.startswith(".") for member in names), names
            archive.extractall(tmp_path)
    loaded = subprocess.run(
        [psql, "--no-psqlrc", "-q", "-v", "ON_ERROR_STOP=1", "-d", empty_database_url, "-f", script.name],
        cwd=tmp_path,
        capture_output=True,
    )
    assert loaded.returncode == 0, loaded.stderr.decode()[:2000]
    assert not (tmp_path / "hacked").exists()
    with psycopg.connect(empty_database_url) as connection:
        assert connection.execute("select count(*) from victim").fetchone() == (0,)
        for text in HOSTILE_NAMES[:6]:
            count = connection.execute(f"select count(*) from {name(text)}".encode()).fetchone()
            assert count == (4,), text
