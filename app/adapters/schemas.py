"""Finds the snapshot that a request speaks of: a stored one, the one it brings, its DDL's, or the live database's."""

import asyncio
import hashlib
import json
from collections import OrderedDict
from collections.abc import Callable
from contextlib import ExitStack
from threading import Lock
from uuid import UUID

import psycopg

from app.errors import DatabaseUnavailable, SchemaNotFound
from app.exports.models import Caller
from app.exports.ports import Store
from app.exports.requests import SchemaByDatabase, SchemaByDdl, SchemaById, SchemaBySnapshot, SchemaSource
from app.generator.snapshot.model import Snapshot

_KEPT = 64
_STATEMENT_TIMEOUT = "10s"
_AT_ONCE = 2


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

    def __init__(self, store: Store, *, database_url: str, scratch: ScratchServer) -> None:
        self._store = store
        self._database_url = database_url
        self._scratch = scratch
        self._kept: OrderedDict[str, Snapshot] = OrderedDict()
        # Loading DDL takes a core of this process or of the scratch server's for a while.
        self._loading = asyncio.Semaphore(_AT_ONCE)

    async def resolve(self, caller: Caller, schema: SchemaSource) -> tuple[Snapshot, UUID | None]:
        """Raises SchemaNotFound, SnapshotInvalid, DdlRefused, DatabaseUnavailable."""
        match schema:
            case SchemaById(id=schema_id):
                return await self._stored(caller, schema_id), schema_id
            case SchemaBySnapshot(snapshot=document):
                return await asyncio.to_thread(_read_document, document), None
            case SchemaByDdl(ddl=ddl):
                return await self._loaded(ddl), None
            case SchemaByDatabase():
                return await asyncio.to_thread(self._introspect, caller, schema), None

    async def _stored(self, caller: Caller, schema_id: UUID) -> Snapshot:
        async with self._store.as_user(caller) as work:
            entry = await work.find_schema(schema_id)
        if entry is None or entry.snapshot is None:
            raise SchemaNotFound("there is no such schema", id=str(schema_id))
        document = entry.snapshot
        return await self._remembered(f"id {entry.sha256}", lambda: _read_document(document))

    async def _loaded(self, ddl: str) -> Snapshot:
        def load() -> Snapshot:
            from app.adapters.introspection.ddl import snapshot_from_ddl

            return snapshot_from_ddl(ddl, server_url=self._scratch.url(), hostile=True)[0]

        key = "ddl " + hashlib.sha256(ddl.encode("utf-8", "surrogatepass")).hexdigest()
        if key in self._kept:
            return await self._remembered(key, load)
        async with self._loading:
            return await self._remembered(key, load)

    async def _remembered(self, key: str, make: Callable[[], Snapshot]) -> Snapshot:
        """The same content gives the same snapshot, so it is kept; who may read it was decided before."""
        snapshot = self._kept.get(key)
        if snapshot is None:
            snapshot = self._kept[key] = await asyncio.to_thread(make)
            if len(self._kept) > _KEPT:
                self._kept.popitem(last=False)
        self._kept.move_to_end(key)
        return snapshot

    def _introspect(self, caller: Caller, schema: SchemaByDatabase) -> Snapshot:
        """What the caller's role has privileges on; read in a transaction as that role, with the caller's claims."""
        from app.adapters.introspection.catalog import introspect

        claims = json.dumps({**caller.claims, "sub": str(caller.user_id), "role": caller.role})
        try:
            with psycopg.connect(self._database_url, connect_timeout=10) as connection, connection.transaction():
                for name, value in (("request.jwt.claims", claims), ("statement_timeout", _STATEMENT_TIMEOUT)):
                    connection.execute("select set_config(%s, %s, true)", (name, value))
                return introspect(connection, schemas=schema.schemas, tables=schema.tables, as_role=caller.role)
        except psycopg.OperationalError as error:
            raise DatabaseUnavailable("the database cannot be reached", reason=type(error).__name__) from error


def _read_document(document: object) -> Snapshot:
    from app.generator.snapshot.form import snapshot_from_json

    data = json.loads(document) if isinstance(document, str | bytes) else document
    return snapshot_from_json(data)
