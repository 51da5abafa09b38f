"""Every format and compression, made in parts by two worker processes in a real S3 server: the bytes of one process."""

import asyncio
import hashlib
from collections.abc import Sequence

import pytest

from app.exports.models import Status
from app.exports.planning import EnginePlanning
from app.exports.requests import ExportConfig, ExportRequest, SchemaBySnapshot
from app.generator.formats.registry import FORMATS
from app.generator.layout import COMPRESSIONS, Output
from app.generator.snapshot.model import Column, KeyElement, QName, Snapshot, Table, TypeRef, UniqueKey
from tests.integration.tasks.workers import Site

# S3 takes no part below 5 MiB but the last, and what is expected may be off. Tokens compress badly, so that there are
# few rows to a part.
LEAST_PART_BYTES = 6_000_000
_AT_ONCE = 4


def _table(name: str) -> Table:
    uuids = [Column(f"token_{letter}", TypeRef("pg_catalog", "uuid"), nullable=False) for letter in "abcd"]
    number = Column("id", TypeRef("pg_catalog", "int8"), nullable=False)
    key = UniqueKey(f"{name}_pkey", (KeyElement("id"),), primary=True)
    return Table(QName("public", name), (number, *uuids), keys=(key,))


SNAPSHOT = Snapshot(tables=(_table("first"), _table("second")))
TABLES = {1: ("first",), 2: ("first", "second")}


def _outputs(tables: int) -> list[Output]:
    return [
        output
        for form in FORMATS
        for compression in (None, *COMPRESSIONS)
        if not (output := Output(form, compression)).faults(tables)
    ]


def _rows_for(output: Output, tables: Sequence[str]) -> int:
    """The fewest rows of each table, in steps, that are cut into parts."""
    planning, rows = EnginePlanning(LEAST_PART_BYTES), 0
    while True:
        rows += 25_000
        plan = planning.plan(SNAPSHOT, {"format": output.format, "rows": rows, "tables": list(tables)}, "7")
        if planning.outline(plan, output.format, output.compression, LEAST_PART_BYTES).parts_total > 1:
            return rows


async def _made_right(site: Site, output: Output, tables: Sequence[str]) -> None:
    rows = await asyncio.to_thread(_rows_for, output, tables)
    config = ExportConfig(output.format, rows, compression=output.compression, tables=tuple(tables))
    request = ExportRequest(SchemaBySnapshot({}), config, "7")
    export = (await site.exports.create(site.caller, request)).export
    assert export.parts_total > 1, output
    done = await site.ended(export, 240)
    assert (done.status, done.attempts) == (Status.COMPLETED, 0), (output, done.error_details)
    fetched = await site.fetched(export)
    assert hashlib.sha256(fetched).hexdigest() == done.sha256
    assert fetched == await site.reference(export), output
    await site.exports.delete(site.caller, export.id)


@pytest.mark.slow
@pytest.mark.parametrize("tables", TABLES, ids=["one table", "two tables"])
async def test_every_format_by_two_workers(s3_site: Site, tables: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """A few at a time, by the same two processes: while one is planned or compared, the others are made."""
    monkeypatch.setattr("tests.integration.tasks.workers.SHOP", SNAPSHOT)
    await asyncio.gather(s3_site.start_worker(), s3_site.start_worker())
    waiting = _outputs(tables)

    async def work_off() -> None:
        while waiting:
            await _made_right(s3_site, waiting.pop(0), TABLES[tables])

    async with asyncio.TaskGroup() as group:
        for _ in range(_AT_ONCE):
            group.create_task(work_off())
