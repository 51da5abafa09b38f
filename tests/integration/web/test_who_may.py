"""The matrix of who_may.md, sent to the API: every route that names an export, as every kind of person."""

import secrets
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID, uuid4

import httpx
import jwt
import pytest

from app.adapters.auth import DevelopmentIssuer
from tests.integration.web.service import BASE, Service

LINES = [line for line in Path(__file__).with_name("who_may.md").read_text().splitlines() if line.startswith("|")]
PEOPLE = [cell.strip() for cell in LINES[0].strip("|").split("|")][2:]
OWNERS = ("owner", "editor", "viewer", "stranger", "newcomer")


@dataclass(frozen=True, slots=True)
class Row:
    """One request, and what it is answered by whom."""

    method: str
    path: str
    state: str
    expected: Mapping[str, int]

    def __str__(self) -> str:
        return f"{self.method} {self.path} {self.state}"


def rows() -> list[Row]:
    """The file's rows."""
    found = []
    for line in LINES[2:]:
        request, state, *cells = (cell.strip() for cell in line.strip("|").split("|"))
        method, path = request.split(" ")
        found.append(Row(method, path, state, dict(zip(PEOPLE, map(int, cells), strict=True))))
    return found


ROWS = rows()


@dataclass(frozen=True, slots=True)
class Crowd:
    """Everybody, and exports of the owner's in any state."""

    service: Service
    ids: Mapping[str, UUID]
    clients: Mapping[str, httpx.Client]
    schema: str
    template: str

    def export(self, state: str) -> str:
        """A new export of the owner's, shared, in that state."""
        made = str(uuid4())
        self.service.sql(
            """
            insert into generator_exports (id, owner_id, config, plan, plan_sha256, seed, engine_version, extension, format,
                file_name, content_type, rows_total, parts_total, status, started_at)
            select %s, owner_id, config, plan, plan_sha256, seed, engine_version, extension, format, file_name, content_type,
                rows_total, parts_total, %s, now()
            from generator_exports where id = %s
            """,
            made,
            state,
            self.template,
        )
        for role in ("editor", "viewer"):
            self.service.sql(
                "insert into generator_export_shares (export_id, user_id, role) values (%s, %s, %s)",
                made,
                self.ids[role],
                role,
            )
        if state == "completed":
            self.service.sql("select generator_append_event(%s, 'completed')", made)
        return made


@pytest.fixture(scope="module")
def crowd(service: Service) -> Iterator[Crowd]:
    """One of each kind of person."""
    tag = secrets.token_hex(4)
    people = {name: service.person(f"{name}-{tag}") for name in OWNERS}
    key = DevelopmentIssuer.of(service.settings).key
    base = {"iss": DevelopmentIssuer.ISSUER, "aud": "authenticated", "exp": int(time.time()) + 600, "sub": str(uuid4())}

    def token(**claims: object) -> str:
        return jwt.encode({**base, **claims}, key, algorithm="HS256")

    strange = {
        "anonymous": token(role="authenticated", is_anonymous=True),
        "anon key": token(role="anon"),
        "service key": token(role="service_role"),
    }
    clients = {name: person.http for name, person in people.items()} | {"nobody": service.client()}
    clients |= {name: service.client(authorization=f"Bearer {text}") for name, text in strange.items()}
    people["stranger"].ask()
    template = people["owner"].ask()
    schema = people["owner"].http.get(f"{BASE}/export/{template}").json()["schemaId"]
    ids = {name: person.id for name, person in people.items()}
    yield Crowd(service, ids, clients, schema, template)
    for client in clients.values():
        client.close()


def sender(crowd: Crowd, row: Row) -> Callable[[str], int]:
    """What a person is answered."""
    # What earlier rows have left running would use up the owner's allowance.
    crowd.service.sql("update generator_exports set status = 'completed' where status in ('queued', 'running')")
    changes = row.method != "GET" and "{export}" in row.path
    shared = "" if changes else crowd.export(row.state)

    def send(name: str) -> int:
        places = {
            "export": f"{BASE}/export/{crowd.export(row.state) if changes else shared}",
            "schema": f"{BASE}/schema/{crowd.schema}",
            "friend": uuid4(),
            "me": crowd.ids.get(name, uuid4()),
            **{other: crowd.ids[other] for other in OWNERS},
        }
        body = {"role": "viewer"} if row.method == "PUT" else None
        if row.path.endswith("/shares"):
            body = {"role": "viewer", "email": "friend@example.com"}
        sent = body if row.method != "GET" else None
        answer = crowd.clients[name].request(row.method, row.path.format_map(places), json=sent)
        return answer.status_code

    return send


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_the_api_answers_as_the_matrix_says(crowd: Crowd, row: Row) -> None:
    """Each person in turn; whoever may not know of the export is told that there is none."""
    send = sender(crowd, row)
    assert {name: send(name) for name in PEOPLE} == dict(row.expected)


def test_every_route_of_an_export_is_in_the_matrix() -> None:
    """A route that is added must say who may use it."""
    from app.web.openapi.document import build_document

    asked = {(row.method, row.path) for row in ROWS}
    shares = {"PUT {export}/shares/{userId}", "DELETE {export}/shares/{userId}"}
    for path, methods in build_document()["paths"].items():
        if "{exportId}" not in path:
            continue
        for method in methods:
            named = path.replace(f"{BASE}/export/{{exportId}}", "{export}")
            if f"{method.upper()} {named}" in shares or "deliveryId" in named:
                continue  # by the people it names; by a delivery, which tests/integration/deliveries makes
            assert (method.upper(), named) in asked
    assert any("shares/{me}" in row.path for row in ROWS)


def test_lists_hold_what_one_may_see(crowd: Crowd) -> None:
    """The same request, and to each their own: exports that are owned or shared, schemas that are owned."""
    crowd.export("running")
    seen = {name: crowd.clients[name].get(f"{BASE}/export?limit=200").json()["items"] for name in OWNERS}
    assert {item["access"] for item in seen["owner"]} == {"owner"}
    assert {item["access"] for item in seen["editor"]} == {"editor"}
    assert {item["access"] for item in seen["viewer"]} == {"viewer"}
    assert [item["access"] for item in seen["stranger"]] == ["owner"]
    assert seen["newcomer"] == []
    counts = {name: len(crowd.clients[name].get(f"{BASE}/schema").json()["items"]) for name in OWNERS}
    assert counts == {"owner": 1, "editor": 0, "viewer": 0, "stranger": 1, "newcomer": 0}
