"""Which trace a job belongs to: that of the request that asked for its export, which is written in the export's row.

A job's arguments are ids alone, and a rescued job is made anew from rows: so the rows are where it stands.
"""

from contextlib import suppress
from uuid import UUID

from app.adapters.postgres.connections import Database
from app.errors import DatabaseUnavailable
from app.tracing import Link


class TraceLinks:
    """Looks up where in their traces requests were."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def of_export(self, export_id: UUID) -> Link | None:
        """None for an export that was asked for without a trace, or while the database is away."""
        return await self._find("trace_of_export", export_id)

    async def of_delivery(self, delivery_id: UUID) -> Link | None:
        """That of the export that the delivery tells of."""
        return await self._find("trace_of_delivery", delivery_id)

    async def _find(self, query: str, row_id: UUID) -> Link | None:
        with suppress(DatabaseUnavailable):
            async with self._database.transaction() as transaction:
                row = await transaction.one(query, id=row_id)
            if row is not None and row["traceparent"] is not None:
                return Link(row["traceparent"], row["tracestate"])
        return None
