"""Exports over HTTP, against a real database: asking, looking, changing, sharing, downloading."""

import secrets
from typing import Any
from uuid import uuid4

import jwt
import pytest

from tests.integration.web.service import BASE, REQUEST, Person, Service

BIG_DDL = "create table t (id int primary key);\n" + "-- filler\n" * 60_000


def test_an_export_is_accepted(ann: Person, service: Service) -> None:
    """It is queued when the answer comes: the row, its event and its job are there."""
    answer = ann.http.post(f"{BASE}/export", json=REQUEST, headers={"x-request-id": "req-1"})
    job_id = answer.json()["jobId"]
    assert answer.status_code == 202
    assert answer.json()["status"] == "queued"
    assert answer.headers["location"] == answer.json()["links"]["self"] == f"{BASE}/export/{job_id}"
    assert answer.headers["retry-after"] == "3"
    ((owner, status, request_id, seed),) = service.sql(
        "select owner_id, status, request_id, seed from generator_exports where id = %s", job_id
    )
    assert (owner, status, request_id, seed) == (ann.id, "queued", "req-1", "web")
    assert service.sql("select kind from generator_export_events where export_id = %s", job_id) == [("queued",)]
    ((jobs,),) = service.sql("select count(*) from queue.procrastinate_jobs where args->>'export_id' = %s", job_id)
    assert jobs == 1


def test_a_large_body_is_read(ann: Person) -> None:
    """Half a megabyte of DDL is fine; it is decoded beside the event loop."""
    ann.ask(schema={"ddl": BIG_DDL}, config={"format": "csv", "rows": 1})


def test_a_key_makes_one_export(ann: Person, ben: Person, service: Service) -> None:
    """The same key and body: the same answer. Another body: refused. Another person's key is another key."""
    key = {"idempotency-key": secrets.token_hex(8)}
    first = ann.http.post(f"{BASE}/export", json=REQUEST, headers=key)
    again = ann.http.post(f"{BASE}/export", json=dict(reversed(REQUEST.items())), headers=key)
    other = ann.http.post(f"{BASE}/export", json={**REQUEST, "seed": "other"}, headers=key)
    bens = ben.http.post(f"{BASE}/export", json=REQUEST, headers=key)
    assert first.json() == again.json()
    assert again.headers["idempotency-replayed"] == "true"
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_mismatch")
    assert bens.status_code == 202
    assert bens.json()["jobId"] != first.json()["jobId"]
    assert service.sql("select count(*) from generator_exports where owner_id = %s", ann.id) == [(1,)]


@pytest.mark.parametrize(
    ("changes", "code", "pointer"),
    [
        ({"schema": {"ddl": "create tabel t (id int)"}}, "ddl_refused", "/schema/ddl"),
        ({"schema": {"ddl": "copy t from program 'id'"}}, "ddl_refused", "/schema/ddl"),
        ({"schema": {"snapshot": {"version": 1, "tables": 5}}}, "snapshot_invalid", "/schema/snapshot/tables"),
        ({"config": {"format": "csv", "rows": {"custmers": 5}}}, "request_refused", "/config/rows/custmers"),
        ({"config": {"format": "csv", "rows": -1}}, "request_refused", "/config/rows"),
        ({"config": {"format": "csv", "rows": 10**11}}, "request_refused", "/config/rows"),
    ],
)
def test_bad_requests_leave_nothing_behind(
    ann: Person, service: Service, changes: dict[str, Any], code: str, pointer: str
) -> None:
    """One clear problem that points at what is wrong; no row, no job, no key taken."""
    key = {"idempotency-key": secrets.token_hex(8)}
    answer = ann.http.post(f"{BASE}/export", json={**REQUEST, **changes}, headers=key)
    assert (answer.status_code, answer.json()["code"]) == (422, code)
    assert pointer in [fault["pointer"] for fault in answer.json()["errors"]]
    assert service.sql("select count(*) from generator_exports where owner_id = %s", ann.id) == [(0,)]
    assert ann.http.post(f"{BASE}/export", json=REQUEST, headers=key).status_code == 202


def test_a_dangling_foreign_key_is_told(ann: Person) -> None:
    """A snapshot whose foreign key leads nowhere names the table and the key."""
    stored = ann.http.post(f"{BASE}/schema", json={"ddl": REQUEST["schema"]["ddl"]}).json()
    snapshot = ann.http.get(f"{BASE}/schema/{stored['id']}").json()["snapshot"]
    snapshot["tables"] = [table for table in snapshot["tables"] if "customers" not in str(table["name"])]
    answer = ann.http.post(f"{BASE}/export", json={**REQUEST, "schema": {"snapshot": snapshot}})
    assert (answer.status_code, answer.json()["code"]) == (422, "snapshot_invalid")
    assert "customers" in answer.json()["errors"][0]["message"]


def test_a_syntax_error_is_told_by_line(ann: Person) -> None:
    """Line and token of the DDL, as facts too."""
    answer = ann.http.post(f"{BASE}/plan", json={**REQUEST, "schema": {"ddl": "create table t (\n  id itn,,\n);"}})
    (fault, *_) = answer.json()["errors"]
    assert answer.status_code == 422
    assert fault["line"] == 2
    assert "line 2" in fault["message"]


def test_exports_are_listed_page_by_page(ann: Person) -> None:
    """Newest first, each once, by state when asked."""
    made = [ann.ask() for _ in range(3)]
    ann.http.post(f"{BASE}/export/{made[1]}/cancel")
    seen: list[str] = []
    cursor: dict[str, str] = {}
    while True:
        page = ann.http.get(f"{BASE}/export", params={"limit": "2", **cursor}).json()
        seen += [item["jobId"] for item in page["items"]]
        if page["nextCursor"] is None:
            break
        cursor = {"cursor": page["nextCursor"]}
    assert seen == made[::-1]
    cancelled = ann.http.get(f"{BASE}/export", params={"status": "cancelled"}).json()
    assert [item["jobId"] for item in cancelled["items"]] == [made[1]]
    assert ann.http.get(f"{BASE}/export", params={"cursor": "bm9uc2Vuc2U"}).status_code in (400, 422)


def test_a_finished_export_can_be_downloaded(ann: Person, service: Service) -> None:
    """By the URL in its metadata, and by the lasting link; each leaves a line in the audit."""
    job_id = ann.ask(config={**REQUEST["config"], "rows": 1, "fileName": "kundenübersicht"})
    early = ann.http.get(f"{BASE}/export/{job_id}/download")
    assert (early.status_code, early.json()["code"]) == (409, "export_not_ready")
    assert ann.http.get(f"{BASE}/export/{job_id}").json()["downloadUrl"] is None

    ann.complete(job_id, b"x" * 5_000_000)
    export = ann.http.get(f"{BASE}/export/{job_id}").json()
    link = ann.http.get(f"{BASE}/export/{job_id}/download")
    assert link.status_code == 302
    for url in (export["downloadUrl"], link.headers["location"]):
        with service.client() as anybody:
            answer = anybody.get(url)
        assert (answer.status_code, len(answer.content)) == (200, 5_000_000)
        assert "filename*=UTF-8''kunden%C3%BCbersicht" in answer.headers["content-disposition"]
    audit = service.sql("select kind from generator_downloads where export_id = %s order by created_at", job_id)
    assert audit == [("signed",), ("download",)]


def test_signed_links_cannot_be_changed(ann: Person, service: Service) -> None:
    """Another key, name, time or signature: there is no such file, whatever was changed."""
    job_id = ann.ask()
    ann.complete(job_id)
    url = ann.http.get(f"{BASE}/export/{job_id}").json()["downloadUrl"]
    with service.client() as anybody:
        assert anybody.get(url).status_code == 200
        parsed = anybody.build_request("GET", url).url
        for changed in (
            parsed.copy_set_param("expires", "9999999999"),
            parsed.copy_set_param("name", "evil.html"),
            parsed.copy_set_param("sig", "0" * 64),
            parsed.copy_set_param("sig", "é"),
            parsed.copy_remove_param("sig"),
            parsed.copy_remove_param("expires"),
            parsed.copy_with(path=parsed.path.replace(str(ann.id), str(uuid4()))),
            parsed.copy_with(path="/files/../../etc/passwd"),
        ):
            answer = anybody.get(changed)
            assert (answer.status_code, answer.json()["code"]) in ((404, "file_not_found"), (404, "not_found"))


def test_a_download_can_be_resumed(ann: Person, service: Service) -> None:
    """A range is answered with its part, as long as it is the same file."""
    job_id = ann.ask()
    ann.complete(job_id, bytes(range(256)))
    url = ann.http.get(f"{BASE}/export/{job_id}").json()["downloadUrl"]
    with service.client() as anybody:
        whole = anybody.get(url)
        part = anybody.get(url, headers={"range": "bytes=100-"})
        same = anybody.get(url, headers={"range": "bytes=100-", "if-range": whole.headers["etag"]})
        other = anybody.get(url, headers={"range": "bytes=100-", "if-range": '"other"'})
        past = anybody.get(url, headers={"range": "bytes=256-"})
        head = anybody.head(url)
    assert (part.status_code, part.content) == (206, bytes(range(100, 256)))
    assert part.headers["content-range"] == "bytes 100-255/256"
    assert same.status_code == 206
    assert (other.status_code, len(other.content)) == (200, 256)
    assert (past.status_code, past.headers["content-range"]) == (416, "bytes */256")
    assert (head.status_code, head.headers["content-length"], head.content) == (200, "256", b"")


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", ""),
        ("DELETE", ""),
        ("GET", "/status"),
        ("GET", "/events"),
        ("GET", "/download"),
        ("POST", "/cancel"),
        ("POST", "/retry"),
        ("POST", "/events-ticket"),
        ("GET", "/shares"),
        ("PUT", "/shares/7b0f7d0e-6f0b-4a39-9d43-52a1f1c4a001"),
        ("DELETE", "/shares/7b0f7d0e-6f0b-4a39-9d43-52a1f1c4a001"),
    ],
)
def test_anothers_export_is_not_there(ann: Person, ben: Person, method: str, path: str) -> None:
    """404 as for an id that nobody has: the two are not told apart."""
    body = {"role": "viewer"} if method == "PUT" else None
    answers = [
        ben.http.request(method, f"{BASE}/export/{job_id}{path}", json=body) for job_id in (ann.ask(), str(uuid4()))
    ]
    for answer in answers:
        assert (answer.status_code, answer.json()["code"]) == (404, "export_not_found")
    one, two = ({k: v for k, v in a.json().items() if k not in ("instance", "requestId", "id")} for a in answers)
    assert one == two


def test_shares_open_and_close(ann: Person, ben: Person) -> None:
    """A viewer looks, an editor acts, and nobody does any more when the share is taken back."""
    job_id = ann.ask()
    ann.complete(job_id)
    here, share = f"{BASE}/export/{job_id}", f"{BASE}/export/{job_id}/shares/{ben.id}"
    assert ann.http.put(share, json={"role": "viewer"}).json()["role"] == "viewer"
    seen = ben.http.get(here).json()
    assert (seen["access"], seen["downloadUrl"]) == ("viewer", None)
    assert ben.http.get(f"{here}/download").status_code == 403
    assert ben.http.post(f"{here}/cancel").status_code == 403
    assert ben.http.put(share, json={"role": "editor"}).status_code == 403
    assert ann.http.put(share, json={"role": "editor"}).json()["role"] == "editor"
    assert ben.http.get(here).json()["downloadUrl"]
    assert ben.http.get(f"{here}/download").status_code == 302
    assert ben.http.delete(here).status_code == 403
    assert [item["userId"] for item in ann.http.get(f"{here}/shares").json()["items"]] == [str(ben.id)]
    assert [item["jobId"] for item in ben.http.get(f"{BASE}/export").json()["items"]] == [job_id]
    assert ann.http.delete(share).status_code == 204
    assert ben.http.get(here).status_code == 404
    assert ann.http.delete(share).status_code == 404


def test_an_address_lets_in_whoever_proves_to_have_it(ann: Person, ben: Person) -> None:
    """The answer is the same for an address with an account and for one without; the way in opens when they come by,
    by the link, by the list or by the download."""
    job_id = ann.ask()
    ann.complete(job_id)
    here = f"{BASE}/export/{job_id}"
    email = jwt.decode(ben.token, options={"verify_signature": False})["email"]
    given = [
        ann.http.post(f"{here}/shares", json={"email": address, "role": "editor"}).json()
        for address in (email.upper(), "no-account@example.com")
    ]
    for share, address in zip(given, (email, "no-account@example.com"), strict=True):
        assert {**share, "id": "", "createdAt": ""} == {
            "id": "", "userId": None, "email": address, "role": "editor", "createdAt": "", "createdBy": str(ann.id),
        }  # fmt: skip
    assert ben.http.get(f"{here}/download").status_code == 302
    assert ben.http.get(here).json()["access"] == "editor"
    assert ben.http.post(f"{here}/shares", json={"email": "on@example.com", "role": "viewer"}).status_code == 403
    listed = ann.http.get(f"{here}/shares").json()["items"]
    assert {item["email"]: item["userId"] for item in listed} == {email: str(ben.id), "no-account@example.com": None}
    # The invitation's id ends what came of it as well.
    assert ann.http.delete(f"{here}/shares/{given[0]['id']}").status_code == 204
    assert ben.http.get(here).status_code == 404
    assert ann.http.get(f"{BASE}/export/{job_id}/shares").json()["items"] == [given[1]]

    assert ann.http.post(f"{here}/shares", json={"email": email, "role": "viewer"}).json()["role"] == "viewer"
    assert [item["jobId"] for item in ben.http.get(f"{BASE}/export").json()["items"]] == [job_id]


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"email": "ben", "role": "viewer"}, "/email"),
        ({"email": "ben@example.com", "role": "owner"}, "/role"),
        ({"email": "ben@example.com"}, "/role"),
        ({"role": "viewer"}, "/email"),
        ({"email": "OWN", "role": "viewer"}, "/email"),
        # Letters whose small form is longer.
        ({"email": "\u0130" * 64 + "@example.com", "role": "viewer"}, "/email"),
    ],
)
def test_an_invitation_needs_an_address_and_a_role(ann: Person, body: Any, pointer: str) -> None:
    """Another's, and one that is one."""
    if body.get("email") == "OWN":
        body["email"] = jwt.decode(ann.token, options={"verify_signature": False})["email"].upper()
    answer = ann.http.post(f"{BASE}/export/{ann.ask()}/shares", json=body)
    assert answer.status_code == 422
    assert [fault["pointer"] for fault in answer.json()["errors"]] == [pointer]


def test_an_address_in_letters_that_only_some_know(ann: Person) -> None:
    """Where the database knows a small form of a letter that Python does not, the address is refused; where neither
    does, it is one like any other."""
    body = {"email": "\u1c89\ua7cb@example.com", "role": "viewer"}
    answer = ann.http.post(f"{BASE}/export/{ann.ask()}/shares", json=body)
    assert answer.status_code in (200, 422), answer.text


@pytest.mark.parametrize(
    "body", [{}, {"role": "owner"}, {"role": None}, {"role": 5}, [], {"role": "viewer", "userId": "x"}]
)
def test_a_share_has_a_role(ann: Person, ben: Person, body: Any) -> None:
    """And nothing else can be assigned with it."""
    answer = ann.http.put(f"{BASE}/export/{ann.ask()}/shares/{ben.id}", json=body)
    assert (answer.status_code, answer.json()["code"]) == (422, "request_refused")


def test_a_summary_of_what_is_in_it(ann: Person) -> None:
    """Of the export's own rows, as its plan makes them: counts, values, how orders spread over customers, first rows."""
    job_id = ann.ask()
    tables = {t["name"]: t for t in ann.http.get(f"{BASE}/export/{job_id}/summary?rows=2").json()["tables"]}
    customers, orders = tables["public.customers"], tables["public.orders"]
    assert [(t["rows"], t["looked"], t["exact"]) for t in (customers, orders)] == [(20, 20, True), (40, 40, True)]
    assert {c["name"]: c["distinct"] for c in customers["columns"]}["email"] == 20
    preview = ann.http.post(f"{BASE}/preview?rows=2", json=REQUEST).json()["tables"]
    assert {t["name"]: t["rows"] for t in preview} == {n: t["sample"]["rows"] for n, t in tables.items()}
    (relation,) = orders["relations"]
    assert (relation["parent"], relation["parents"], relation["counted"]) == ("public.customers", 20, True)
    assert sum(bar["parents"] for bar in relation["bars"]) == 20
    assert ann.http.get(f"{BASE}/export/{job_id}/summary?rows=0").status_code == 400


def test_states_decide_what_can_be_done(ann: Person) -> None:
    """Cancel, run again, delete: each in its time, else a conflict."""
    job_id = ann.ask()
    here = f"{BASE}/export/{job_id}"
    assert ann.http.post(f"{here}/retry").json()["code"] == "state_conflict"
    assert ann.http.post(f"{here}/cancel").json()["status"] == "cancelled"
    assert ann.http.post(f"{here}/cancel").status_code == 202
    assert ann.http.post(f"{here}/retry").json()["status"] == "queued"
    ann.complete(job_id)
    assert ann.http.post(f"{here}/cancel").json()["code"] == "state_conflict"
    assert ann.http.delete(here).status_code == 204
    assert ann.http.get(here).status_code == 404


def test_allowances_are_kept(ann: Person, service: Service) -> None:
    """One more than allowed is refused with what is allowed."""
    service.sql("insert into generator_quotas (user_id, max_active_exports) values (%s, 1)", ann.id)
    ann.ask()
    answer = ann.http.post(f"{BASE}/export", json=REQUEST)
    assert (answer.status_code, answer.json()["code"]) == (429, "quota_exceeded")
    assert answer.json()["allowed"] == 1
    assert int(answer.headers["retry-after"]) > 0


def test_a_schema_without_exports_can_be_deleted(ann: Person, ben: Person) -> None:
    """By its owner. One that exports were made of stays until they are gone."""
    stored = ann.http.post(f"{BASE}/schema", json=REQUEST["schema"])
    place = stored.headers["location"]
    assert ben.http.delete(place).json()["code"] == "schema_not_found"
    job_id = ann.ask(schema={"id": stored.json()["id"]})
    held = ann.http.delete(place)
    assert (held.status_code, held.json()["code"]) == (409, "schema_in_use")
    assert ann.http.post(f"{BASE}/export/{job_id}/cancel").json()["status"] == "cancelled"
    assert ann.http.delete(f"{BASE}/export/{job_id}").status_code == 204
    assert ann.http.delete(place).status_code == 204
    assert ann.http.get(place).status_code == ann.http.delete(place).status_code == 404


def test_schemas_are_stored_once(ann: Person, ben: Person) -> None:
    """By content; they can be exported by their id, by their owner."""
    first = ann.http.post(f"{BASE}/schema", json={"name": "shop", **REQUEST["schema"]})
    second = ann.http.post(f"{BASE}/schema", json=REQUEST["schema"])
    assert first.status_code == second.status_code == 201
    assert first.json()["id"] == second.json()["id"]
    assert first.headers["location"] == f"{BASE}/schema/{first.json()['id']}"
    assert [item["name"] for item in ann.http.get(f"{BASE}/schema").json()["items"]] == ["shop"]
    assert ann.http.get(first.headers["location"]).json()["snapshot"]["tables"]
    assert ben.http.get(first.headers["location"]).json()["code"] == "schema_not_found"
    stolen = ben.http.post(f"{BASE}/export", json={**REQUEST, "schema": {"id": first.json()["id"]}})
    assert (stolen.status_code, stolen.json()["code"]) == (404, "schema_not_found")
    ann.ask(schema={"id": first.json()["id"]})


def test_a_plan_is_shown(ann: Person, service: Service) -> None:
    """Tables in load order, rows and columns; nothing is started."""
    plan = ann.http.post(f"{BASE}/plan", json=REQUEST).json()
    assert [(table["name"], table["rows"]) for table in plan["tables"]] == [
        ("public.customers", 20),
        ("public.orders", 40),
    ]
    assert plan["rowsTotal"] == 60
    assert service.sql("select count(*) from generator_exports where owner_id = %s", ann.id) == [(0,)]


def test_the_first_rows_are_shown(ann: Person) -> None:
    """So many of each table, the same each time."""
    shown = ann.http.post(f"{BASE}/preview?rows=3", json=REQUEST).json()
    again = ann.http.post(f"{BASE}/preview?rows=3", json=REQUEST).json()
    assert shown == again
    assert [(table["name"], table["columns"], len(table["rows"])) for table in shown["tables"]] == [
        ("public.customers", ["id", "email", "joined"], 3),
        ("public.orders", ["id", "customer_id", "total"], 3),
    ]
    assert ann.http.post(f"{BASE}/preview?rows=0", json=REQUEST).status_code == 400


def test_the_live_database_is_read_as_the_caller(ann: Person, service: Service) -> None:
    """A table on which people have no privilege is not in what they get."""
    service.sql("create schema shop; grant usage on schema shop to authenticated")
    service.sql("create table shop.open (id int primary key); grant select on shop.open to authenticated")
    service.sql("create table shop.closed (id int primary key)")
    answer = ann.http.post(f"{BASE}/schema/introspect", json={"name": "live", "schemas": ["shop"]})
    assert answer.status_code == 201, answer.text
    text = answer.text
    assert "open" in text
    assert "closed" not in text
