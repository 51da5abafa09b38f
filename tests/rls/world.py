"""The people and exports that the matrix in `matrix.md` speaks of, and how a statement is run as one of them."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, LiteralString
from uuid import UUID

import psycopg
from psycopg.sql import SQL, Literal

Connection = psycopg.Connection[tuple[Any, ...]]


def _id(number: int) -> UUID:
    return UUID(int=(0x5EED << 112) + number)


# Each column of the matrix: the database role, and the user that the claims name.
PEOPLE: Mapping[str, tuple[str, UUID | None]] = {
    "owner": ("authenticated", _id(1)),
    "editor": ("authenticated", _id(2)),
    "viewer": ("authenticated", _id(3)),
    "stranger": ("authenticated", _id(4)),
    "newcomer": ("authenticated", _id(5)),
    "anon": ("anon", None),
    "service": ("service_role", None),
}

IDS: Mapping[str, UUID] = {
    "alice": _id(1),
    "stranger": _id(4),
    "newcomer": _id(5),
    "queued": _id(11),
    "running": _id(12),
    "completed": _id(13),
    "failed": _id(14),
    "strangers": _id(15),
    "removed": _id(16),
    "schema": _id(21),
    "delivery": _id(22),
    "invitation": _id(23),
    # The stranger's is the one export that nobody else has a share in.
    "queued_unshared": _id(15),
}

_SETUP: LiteralString = """
insert into generator_schemas (id, owner_id, sha256, snapshot) values ({schema}, {alice}, repeat('a', 64), '{{}}');

insert into generator_exports
    (id, owner_id, config, plan, seed, engine_version, extension, status, upload_id, rows_total, notify)
select id, owner, '{{}}', '{{}}', '1', 1, 'csv', status, upload, 100, '{{"email": "alice@example.org"}}'
from (
    values
        ({queued}::uuid, {alice}::uuid, 'queued', null),
        ({running}, {alice}, 'running', 'upload'),
        ({completed}, {alice}, 'completed', null),
        ({failed}, {alice}, 'failed', 'upload'),
        ({strangers}, {stranger}, 'queued', null),
        ({removed}, {alice}, 'completed', null)
) as e (id, owner, status, upload);
delete from generator_exports where id = {removed};

insert into generator_export_shares (export_id, user_id, role, created_by)
select e.id, s.person, s.role, {alice}
from generator_exports as e,
    (values ({editor}::uuid, 'editor'), ({viewer}, 'viewer')) as s (person, role)
where e.owner_id = {alice};

insert into generator_export_parts (export_id, part_no, segments, state, token)
values ({running}, 1, '[]', 'running', gen_random_uuid());
select generator_append_event({completed}, 'queued'), generator_append_event({completed}, 'completed');
insert into generator_export_deliveries (id, export_id, channel, target)
values ({delivery}, {completed}, 'webhook', 'https://example.org/hook');
insert into generator_export_invitations (id, export_id, email, role, created_by)
values ({invitation}, {completed}, 'newcomer@example.org', 'viewer', {alice});
insert into generator_webhook_secrets (user_id, version) values ({alice}, 3);
insert into generator_quotas (user_id, max_active_exports) values ({alice}, 1);
insert into generator_idempotency_keys (owner_id, key, request_sha256, export_id)
values ({alice}, 'key', 'digest', {completed});
insert into generator_event_tickets (token_sha256, user_id, claims, expires_at)
values (repeat('a', 64), {alice}, '{{}}', now() + interval '1 day');
insert into generator_downloads (export_id, user_id, kind)
values ({completed}, {alice}, 'signed'), ({completed}, {editor}, 'download');
"""


def populate(connection: Connection) -> None:
    """Makes the people's exports, as the owner of the tables."""
    names: dict[str, UUID | None] = {name: user for name, (_, user) in PEOPLE.items()}
    names.update(IDS)
    connection.execute(SQL(_SETUP).format(**{name: Literal(value) for name, value in names.items()}))


@dataclass(frozen=True, slots=True)
class Case:
    """One cell of the matrix."""

    subject: str
    action: str
    person: str
    expected: str
    statement: str

    def __str__(self) -> str:
        return f"{self.subject}: {self.action}: {self.person}"


def read_matrix(path: Path) -> Iterator[Case]:
    """The cells of the table in `matrix.md`, row by row."""
    rows = [
        [cell.strip() for cell in line.strip().strip("|").split("|")]
        for line in path.read_text(encoding="utf-8").splitlines()
        if line.startswith("|") and not line.startswith("|---")
    ]
    header, *body = rows
    for row in body:
        cells = dict(zip(header, row, strict=True))
        for person in PEOPLE:
            yield Case(cells["subject"], cells["action"], person, cells[person], cells["statement"])


MATRIX = tuple(read_matrix(Path(__file__).with_name("matrix.md")))


@contextmanager
def acting_as(connection: Connection, person: str) -> Iterator[None]:
    """Runs what is inside as the API does: under the person's role and claims, then takes all of it back."""
    role, user = PEOPLE[person]
    known = {"sub": str(user), "email": f"{person.capitalize()}@example.org", "email_verified": True}
    claims = json.dumps({"role": role} | ({} if user is None else known))
    with connection.transaction(force_rollback=True):
        connection.execute(
            "select set_config('role', %s, true), set_config('request.jwt.claims', %s, true)", [role, claims]
        )
        yield


_REFUSALS = {"42501": "denied", "P0002": "hidden", "55000": "conflict"}


def outcome(connection: Connection, case: Case) -> str:
    """What happens when the statement is run, in the matrix's words."""
    me = PEOPLE[case.person][1]
    statement = case.statement
    for name, value in {**IDS, "me": me or IDS["newcomer"]}.items():
        statement = statement.replace("{" + name + "}", f"'{value}'")
    try:
        with acting_as(connection, case.person):
            cursor = connection.execute(statement.encode())
            if cursor.description is None:
                return str(cursor.rowcount)
            rows = cursor.fetchall()
    except psycopg.Error as error:
        return _REFUSALS.get(error.sqlstate or "", "error")
    return _in_words(case, rows)


def _in_words(case: Case, rows: list[tuple[Any, ...]]) -> str:
    # A function that answers with a word is compared by its answer, anything else by its rows.
    if len(rows) == 1 and not case.expected.isdigit():
        value = rows[0][0]
        return str(value).lower() if isinstance(value, bool) else str(value)
    return str(len(rows))
