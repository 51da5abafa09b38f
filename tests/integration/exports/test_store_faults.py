"""An S3 server on bad days, by way of a proxy that spoils chosen requests: each export ends in the right object, or
fails and says why; and the sweep leaves no upload that nobody will finish."""

import hashlib
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from app.adapters.objects.s3 import S3ObjectStore, S3Options
from app.exports.models import Export, Status
from app.exports.planning import Outline
from app.exports.retrying import RetryLater
from app.exports.service import Exports
from app.generator.layout import Layout, Output, render_part, render_tail
from app.generator.plan import ColumnPlan, Plan, TablePlan
from app.generator.snapshot.model import QName, Snapshot, TypeRef
from tasks.maintenance import Sweeper
from tests.fixtures.fault_proxy import Answer, Corrupt, Fault, FaultProxy, LoseAnswer, Reset, Slow, WrongEtag
from tests.fixtures.s3 import SeaweedServer, s3_server
from tests.integration.exports.story import refreshed, start
from tests.integration.exports.world import CountingPlanning, ThreadRenderer, World, caller, cut_small, several

__all__ = ["s3_server"]

TEXT = TypeRef("pg_catalog", "text")
ROW_CHARS, PIECE_ROWS = 512, 5_000
# S3 takes no part but the last below 5 MiB.
PART_BYTES = 6 * 1024 * 1024
SMALL, LARGE = 100, 26_000


def padded(plan: Plan, table: QName, start: int, stop: int, chunk_rows: int) -> Iterator[pa.RecordBatch]:
    """Rows of their own number, padded to a width that fills parts soon."""
    for first in range(start, stop, chunk_rows):
        numbers = pa.array(range(first, min(first + chunk_rows, stop)), pa.int64()).cast(pa.string())
        column = pc.utf8_lpad(numbers, ROW_CHARS - 1, "-")
        yield pa.RecordBatch.from_arrays([column], schema=plan.table(table).schema)


def cut_as_s3_takes_it(plan: Plan, output: Output, part_bytes: int) -> Layout:
    """Parts of such rows, none but the last below 5 MiB."""
    return cut_small(plan, output, part_bytes, least=5 * 1024 * 1024, piece_rows=PIECE_ROWS, row_bytes=float(ROW_CHARS))


class PaddedPlanning(CountingPlanning):
    """Plans of such rows."""

    def plan(self, snapshot: Snapshot, config: Mapping[str, Any], seed: str) -> Plan:
        plan = super().plan(snapshot, config, seed)
        columns = (ColumnPlan("n", TEXT, TEXT, "count"),)
        tables = tuple(TablePlan(table.name, table.rows, columns) for table in plan.tables)
        return replace(plan, tables=tables)

    def outline(self, plan: Plan, output_format: str, compression: str | None, part_bytes: int) -> Outline:
        output = Output(output_format, compression)
        shape = cut_as_s3_takes_it(plan, output, part_bytes)
        return Outline(shape.extension, shape.content_type, len(shape.parts), {**shape.to_json(), "late": []})


class Site(World):
    """A service whose files are in an S3 server behind the proxy; `direct` goes around it."""

    def connect(self, direct: S3Options, proxy: FaultProxy) -> None:
        self.objects.close()
        self.proxy = proxy
        self.direct = S3ObjectStore(direct)
        options = S3Options(
            direct.bucket,
            direct.access_key_id,
            direct.secret_access_key,
            proxy.endpoint_url,
            connect_timeout_s=2.0,
            read_timeout_s=4.0,
        )
        self.objects = S3ObjectStore(options)  # type: ignore[assignment]  # another store of the same port
        self.renderer = ThreadRenderer(padded)
        self.exports = Exports(
            self.store, self.objects, self.schemas, limits=self.limits, part_bytes=PART_BYTES, planning=PaddedPlanning()
        )

    async def close(self) -> None:
        self.direct.close()
        await super().close()

    async def completes(self, export: Export, attempts: int = 0) -> None:
        """The export ends with the right object, after so many failed attempts."""
        await self.work_off(self.runner(chunk_rows=PIECE_ROWS))
        done = await refreshed(self, export)
        assert (done.status, done.attempts) == (Status.COMPLETED, attempts), done.error_details
        # It is the store's failure, not the worker's.
        codes = "select details ->> 'code' from generator_export_events where kind = 'retry'"
        assert {code for (code,) in await self.rows(codes)} <= {"storage_failed", "checksum_mismatch", None}
        assert b"".join([block async for block in self.direct.read(export.object_path)]) == expected(done.rows_total)
        await self.leaves_no_upload()

    async def fails(self, export: Export, code: str) -> None:
        """The export ends as failed, with this code and without an object."""
        await self.work_off(self.runner(chunk_rows=PIECE_ROWS))
        done = await refreshed(self, export)
        assert done.status is Status.FAILED
        assert done.error_details is not None
        assert done.error_details["code"] == code
        assert await self.direct.head(export.object_path) is None
        # A failed export keeps its stored parts for a retry; deleted, it keeps nothing.
        await self.change("delete from generator_exports where id = %s", export.id)
        await self.leaves_no_upload()

    async def leaves_no_upload(self) -> None:
        """After a sweep the store has no open upload."""
        self.proxy.faults.clear()
        sweeper = Sweeper(self.upkeep, self.objects, retention_s=3_600)
        counted = await sweeper.sweep(dry_run=True)
        swept = await sweeper.sweep()
        assert swept.uploads_aborted == counted.uploads_aborted
        assert [upload async for upload in self.direct.list_uploads()] == []


def expected(rows: int) -> bytes:
    """The file as one process makes it."""
    plan = PaddedPlanning().plan(several(1), {"rows": rows}, "7")
    shape = cut_as_s3_takes_it(plan, Output("csv"), PART_BYTES)
    made, facts = b"", []
    for part in shape.parts:
        rendered = render_part(plan, shape, part, source=padded)
        made += b"".join(rendered)
        facts.append(rendered.facts)
    return made + render_tail(plan, shape, facts)


@asynccontextmanager
async def site_of(database_url: str, folder: Path, server: SeaweedServer) -> AsyncIterator[Site]:
    site = Site(database_url, folder)
    direct = server.options()
    async with FaultProxy.start(server.endpoint_url) as proxy:
        site.connect(direct, proxy)
        await site.direct.create_bucket()
        yield site
        await site.close()


@pytest.fixture(autouse=True)
def _silent_logs(_quiet_logs: None) -> None:
    """Failures are what these tests are about, and a traceback takes longer to print than they do."""
    import structlog

    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))


@pytest.fixture
async def site(database_url: str, tmp_path: Path, s3_server: SeaweedServer) -> AsyncIterator[Site]:
    async with site_of(database_url, tmp_path, s3_server) as made:
        yield made


# The client itself tries a request twice: a single fault costs no attempt, two in a row cost one.
SURVIVED = [
    pytest.param(Answer("UploadPart", status=503), 0, id="busy"),
    pytest.param(Answer("UploadPart", 2, status=429, code="TooManyRequests", retry_after_s=0), 1, id="too many"),
    pytest.param(Answer("CreateMultipartUpload", 2, status=500, code="InternalError"), 1, id="no beginning"),
    pytest.param(Reset("UploadPart", 2), 1, id="reset in a part"),
    pytest.param(LoseAnswer("UploadPart"), 0, id="part stored and not answered"),
    pytest.param(LoseAnswer("CreateMultipartUpload", cut=True), 0, id="upload begun and not answered"),
    pytest.param(LoseAnswer("CompleteMultipartUpload", cut=True), 0, id="completed and not answered"),
    pytest.param(LoseAnswer("CompleteMultipartUpload", 2, cut=True), 0, id="completed and not answered twice"),
    pytest.param(Answer("CompleteMultipartUpload", 2, status=200, code="InternalError"), 1, id="an error as an answer"),
    pytest.param(Answer("UploadPart", status=404, code="NoSuchUpload"), 1, id="upload dropped by the store"),
    pytest.param(WrongEtag("UploadPart"), 1, id="wrong etag"),
    pytest.param(Corrupt("UploadPart"), 1, id="a bit of a part turned"),
]


@pytest.mark.parametrize(("fault", "attempts"), SURVIVED)
async def test_a_large_export_survives(site: Site, fault: Fault, attempts: int) -> None:
    """A fault of the store or of the way to it costs at most an attempt, never a byte."""
    export = await start(site, LARGE)
    assert export.parts_total > 1
    site.proxy.faults.append(fault)
    await site.completes(export, attempts)
    assert fault.times == 0


@pytest.mark.parametrize(
    "fault", [LoseAnswer("PutObject", 2), Corrupt("PutObject")], ids=["stored and not answered", "a bit turned"]
)
async def test_a_small_export_survives(site: Site, fault: Fault) -> None:
    """The same for a file of one part."""
    export = await start(site, SMALL)
    site.proxy.faults.append(fault)
    await site.completes(export, attempts=1)
    assert fault.times == 0


@pytest.mark.parametrize(("rows", "asked"), [(SMALL, "PutObject"), (LARGE, "HeadObject")], ids=["small", "large"])
async def test_a_store_that_proves_nothing_is_read_back(site: Site, rows: int, asked: str) -> None:
    """Its etag is not the digest of what it was sent; then the object tells, and being refused that costs an attempt."""
    export = await start(site, rows)
    site.proxy.faults += [refused := Answer("GetObject", 2), unlike := WrongEtag(asked)]
    await site.completes(export, attempts=1)
    assert refused.times == unlike.times == 0


@pytest.mark.parametrize("rows", [SMALL, LARGE], ids=["small", "large"])
async def test_what_a_store_proves_is_not_read_back(site: Site, rows: int) -> None:
    """It named the digests of what it was sent: reading that again would take as long as sending it."""
    export = await start(site, rows)
    await site.work_off(site.runner(chunk_rows=PIECE_ROWS))
    assert "GetObject" not in site.proxy.seen
    await site.completes(export)
    assert (await refreshed(site, export)).sha256 == hashlib.sha256(expected(rows)).hexdigest()


async def test_a_slow_link_is_waited_for(site: Site) -> None:
    """A part takes longer than any timeout and longer than the lease, which is renewed meanwhile: it is made once."""
    export = await start(site, LARGE)
    site.proxy.faults.append(Slow("UploadPart", bytes_per_s=3_000_000))
    await site.work_off(site.runner(chunk_rows=PIECE_ROWS, lease_s=1.0))
    await site.completes(export)
    runs = await site.rows("select max(runs) from generator_export_parts where part_no > 0")
    assert runs == [(1,)]


@pytest.mark.parametrize(("rows", "operation"), [(SMALL, "PutObject"), (LARGE, "UploadPart")])
async def test_a_full_bucket_is_said_to_be_full(site: Site, rows: int, operation: str) -> None:
    """413 is not tried again: somebody has to make room first."""
    export = await start(site, rows)
    site.proxy.faults.append(Answer(operation, 99, status=413, code="EntityTooLarge"))
    await site.fails(export, "storage_full")


@pytest.mark.parametrize("operation", ["CreateMultipartUpload", "CompleteMultipartUpload"])
async def test_keys_that_have_run_out_are_said(site: Site, operation: str) -> None:
    """At once, whenever that is: parts that were stored are not made again for it."""
    export = await start(site, LARGE)
    site.proxy.faults.append(Answer(operation, 99, status=400, code="ExpiredToken"))
    await site.fails(export, "storage_failed")
    assert site.proxy.seen.count("UploadPart") <= export.parts_total


async def test_a_store_that_stays_away_fails_the_export(site: Site) -> None:
    """After all attempts; the parts that were stored are kept for a retry, which makes the others alone."""
    export = await start(site, LARGE)
    await site.runner().run_export(export.id)
    await site.runner(chunk_rows=PIECE_ROWS).generate_part(export.id, 1)
    site.proxy.faults.append(Answer("UploadPart", 99))
    await site.work_off(site.runner(chunk_rows=PIECE_ROWS))
    assert (await refreshed(site, export)).status is Status.FAILED
    site.proxy.faults.clear()
    site.renderer.orders.clear()
    await site.exports.retry(caller(export.owner_id), export.id)
    await site.completes(export)
    assert sum(order.kind == "part" for order in site.renderer.orders) == export.parts_total - 1


async def test_a_store_that_asks_for_time_is_given_it(site: Site) -> None:
    """The next attempt is not before the store's own Retry-After."""
    export = await start(site, SMALL)
    site.proxy.faults.append(Answer("PutObject", 2, status=429, code="SlowDown", retry_after_s=7))
    with pytest.raises(RetryLater) as later:
        await site.runner().run_export(export.id)
    assert later.value.wait_s == 7
    await site.completes(export, attempts=1)
