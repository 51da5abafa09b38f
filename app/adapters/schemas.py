"""Finds the snapshot that a request speaks of: a stored one, the one it brings, its DDL's, or the live database's."""

import asyncio
import hashlib
import json
from collections import OrderedDict
from contextlib import ExitStack
from threading import Lock
from typing import TYPE_CHECKING
from uuid import UUID

import psycopg

from app.adapters.introspection.loading_process import DdlProcesses
from app.errors import DatabaseUnavailable, Fault, SchemaNotFound, SchemaNotPermitted
from app.exports.documents import Document
from app.exports.models import Caller
from app.exports.ports import ResolvedSchema, Store
from app.exports.requests import SchemaByDatabase, SchemaByDdl, SchemaById, SchemaBySnapshot, SchemaSource
from app.generator.snapshot.model import Snapshot

if TYPE_CHECKING:
    from app.adapters.introspection.catalog import Dangling, Reading

# tests/integration/web holds this list against the tables that the migrations make.
OWN_TABLES = tuple(
    f"public.generator_{name}"
    for name in (
        "downloads",
        "event_tickets",
        "export_deliveries",
        "export_events",
        "export_invitations",
        "export_parts",
        "export_shares",
        "exports",
        "idempotency_keys",
        "quotas",
        "schemas",
        "webhook_secrets",
    )
)
_MOST_LET_READ = 10_000
_MOST_KEPT = 64
_MOST_KEPT_BYTES = 64 * 1024 * 1024
_STATEMENT_TIMEOUT = "10s"


class ScratchServer:
    """The server for hostile DDL: the one that is named, or an embedded one that is started when first needed.

    Never the service's own database: what strangers send does not run beside the exports.
    """

    def __init__(self, url: str | None) -> None:
        self._url = url
        self._lock = Lock()
        self._stack = ExitStack()

    def url(self) -> str:
        """The server's URL; blocks while it starts. Raises EmbeddedPostgresFailed."""
        with self._lock:
            if self._url is None:
                from app.embedded import EmbeddedPostgres

                self._url = self._stack.enter_context(EmbeddedPostgres.start(durable=False)).url()
            return self._url

    def close(self) -> None:
        """Ends the embedded server, if there is one."""
        with self._lock:
            self._stack.close()


class SchemaFinder:
    """The `SchemaResolver` of `app.exports.ports`."""

    def __init__(self, store: Store, *, database_url: str, ddl: DdlProcesses) -> None:
        self._store = store
        self._database_url = database_url
        self._ddl = ddl
        self._kept: OrderedDict[str, ResolvedSchema] = OrderedDict()
        self._kept_bytes = 0
        self._let_read: OrderedDict[tuple[UUID, UUID], str] = OrderedDict()

    def recall(self, caller: Caller, schema: SchemaSource) -> ResolvedSchema | None:
        """A stored snapshot that the caller was let read before."""
        if not isinstance(schema, SchemaById):
            return None
        key = self._let_read.get((caller.user_id, schema.id))
        kept = self._kept.get(key) if key is not None else None
        return None if kept is None else ResolvedSchema(kept.snapshot, schema.id)

    async def resolve(self, caller: Caller, schema: SchemaSource) -> ResolvedSchema:
        """Raises SchemaNotFound, SchemaNotPermitted, DdlRefused, DatabaseUnavailable. A snapshot that was sent is not
        looked into."""
        match schema:
            case SchemaById(id=schema_id):
                return ResolvedSchema(await self._stored(caller, schema_id), schema_id)
            case SchemaBySnapshot(snapshot=document):
                text = document if isinstance(document, Document) else Document(json.dumps(document).encode())
                return ResolvedSchema(text)
            case SchemaByDdl(ddl=ddl):
                return await self._loaded(ddl)
            case SchemaByDatabase():
                reading = await asyncio.to_thread(self._introspect, caller, schema)
                if reading.dangling:
                    # No row of such a table could be loaded: that is said before one is made.
                    raise SchemaNotPermitted([_dangling_fault(left_out) for left_out in reading.dangling])
                return ResolvedSchema(reading.snapshot, warnings=reading.warnings)

    async def read_database(self, caller: Caller, schema: SchemaByDatabase) -> ResolvedSchema:
        """What there is for the caller, and what had to be left out. Raises SchemaNotPermitted."""
        reading = await asyncio.to_thread(self._introspect, caller, schema)
        return ResolvedSchema(reading.snapshot, warnings=reading.warnings)

    async def _stored(self, caller: Caller, schema_id: UUID) -> Snapshot | Document:
        # A snapshot of megabytes is not sent again while it is remembered. Whether the caller may read it is asked each
        # time.
        digest = await self._store.schema_digest(caller, schema_id)
        self._note_let_read(caller, schema_id, digest)
        if digest is not None and (kept := self._remembered(f"id {digest}")) is not None:
            return kept.snapshot
        async with self._store.as_user(caller) as work:
            entry = await work.find_schema(schema_id)
        if entry is None or entry.snapshot is None:
            raise SchemaNotFound("there is no such schema", id=str(schema_id))
        return self._remember(f"id {entry.sha256}", entry.snapshot).snapshot

    def _note_let_read(self, caller: Caller, schema_id: UUID, digest: str | None) -> None:
        who = (caller.user_id, schema_id)
        self._let_read.pop(who, None)
        if digest is not None:
            self._let_read[who] = f"id {digest}"
        if len(self._let_read) > _MOST_LET_READ:
            self._let_read.popitem(last=False)

    async def _loaded(self, ddl: str) -> ResolvedSchema:
        key = "ddl " + hashlib.sha256(ddl.encode("utf-8", "surrogatepass")).hexdigest()
        return self._remembered(key) or self._remember(key, *await self._ddl.load(ddl))

    def _remembered(self, key: str) -> ResolvedSchema | None:
        """The same content gives the same snapshot, so it is kept; who may read it was decided before."""
        found = self._kept.get(key)
        if found is not None:
            self._kept.move_to_end(key)
        return found

    def _remember(self, key: str, text: Document, warnings: tuple[str, ...] = ()) -> ResolvedSchema:
        found = ResolvedSchema(text, warnings=warnings)
        if key not in self._kept:
            self._kept[key] = found
            self._kept_bytes += len(text.text)
        while len(self._kept) > _MOST_KEPT or self._kept_bytes > _MOST_KEPT_BYTES:
            _, dropped = self._kept.popitem(last=False)
            self._kept_bytes -= len(dropped.snapshot.text) if isinstance(dropped.snapshot, Document) else 0
        return found

    def _introspect(self, caller: Caller, schema: SchemaByDatabase) -> "Reading":
        """What the caller's role has privileges on; read in a transaction with the caller's claims."""
        from app.adapters.introspection.catalog import read

        claims = json.dumps({**caller.claims, "sub": str(caller.user_id), "role": caller.role})
        tables, own = schema.tables, tuple[str, ...]()
        if tables is None:
            # The service's own tables stand in `public` beside the project's, and are nobody's to fill.
            own = OWN_TABLES
        elif schema.schemas is None:
            tables = tuple(name if "." in name else f"public.{name}" for name in tables)
        schemas = ("public",) if schema.schemas is None and tables is None else schema.schemas
        try:
            with psycopg.connect(self._database_url, connect_timeout=10) as connection, connection.transaction():
                for name, value in (("request.jwt.claims", claims), ("statement_timeout", _STATEMENT_TIMEOUT)):
                    connection.execute("select set_config(%s, %s, true)", (name, value))
                reading = read(connection, schemas=schemas, tables=tables, as_role=caller.role, without=own)
        except psycopg.OperationalError as error:
            raise DatabaseUnavailable("the database cannot be reached", reason=type(error).__name__) from error
        _check_named(schema, reading.snapshot)
        return reading


def _check_named(schema: SchemaByDatabase, snapshot: Snapshot) -> None:
    """Whatever a request names must be there for the caller. What is not there and what is not theirs look alike."""
    seen = {str(table.name) for table in snapshot.tables} | {table.name.name for table in snapshot.tables}
    schemas = {table.name.schema for table in snapshot.tables}
    missing = [("tables", n, "table", name) for n, name in enumerate(schema.tables or ()) if name not in seen]
    if schema.tables is None:
        missing += [
            ("schemas", n, "table in schema", name)
            for n, name in enumerate(schema.schemas or ())
            if name not in schemas
        ]
    if missing:
        raise SchemaNotPermitted(
            [
                Fault(
                    f"/{field}/{position}",
                    "not_readable",
                    f"there is no {what} {name} on which you hold a privilege",
                    {field.removesuffix("s"): name},
                )
                for field, position, what, name in missing
            ]
        )


def _dangling_fault(left_out: "Dangling") -> Fault:
    return Fault(
        "",
        "parent_not_readable",
        f"{left_out}: no row of {left_out.table} could refer to one. Grant a privilege on {left_out.parent}, leave "
        f"{left_out.table} out, or store the schema by introspection, which leaves the foreign key out",
        {"table": str(left_out.table), "constraint": left_out.constraint, "parent": str(left_out.parent)},
    )
