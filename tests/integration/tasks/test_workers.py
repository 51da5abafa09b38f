"""Worker processes: what they complete, what they survive, and what they leave behind."""

import asyncio
import gc
import hashlib
import json
import os
import shutil
import signal
import tempfile
from pathlib import Path
from uuid import uuid4

import pytest
from psycopg.conninfo import conninfo_to_dict

from app.adapters.postgres.migrations import upgrade
from app.embedded import EmbeddedPostgres
from app.exports.models import Caller, Status
from tasks.app import run_worker, sweep
from tests.integration.tasks.workers import Site

# Large enough for a few parts that take a moment each.
LARGE_ROWS = 200_000


def alive(pids: list[int]) -> list[int]:
    """Those that still run; a zombie that nobody has waited for does not."""
    states = {pid: Path(f"/proc/{pid}/stat") for pid in pids}
    return [
        pid for pid, stat in states.items() if stat.exists() and stat.read_text().rpartition(")")[2].split()[0] != "Z"
    ]


async def test_an_export_is_completed_and_logged(site: Site) -> None:
    """From a job in Postgres to a file whose bytes are those of one process; each step is a line of JSON."""
    await site.start_worker()
    export = await site.start(1_000, tables=None)
    done = await site.ended(export)
    assert done.status is Status.COMPLETED, done.error_details
    assert site.stored(export) == await site.reference(export)
    assert done.sha256 == hashlib.sha256(site.stored(export)).hexdigest()
    assert await site.workers[0].end() == 0
    lines = [json.loads(line) for line in site.workers[0].log().splitlines() if line.startswith("{")]
    ours = [line for line in lines if line.get("export_id") == str(export.id)]
    assert [line["event"] for line in ours if line["event"] != "chunk_done"] == [
        "part_started", "export_completed", "part_finished",
    ]  # fmt: skip
    chunks = [line for line in ours if line["event"] == "chunk_done"]
    assert sum(line["rows"] for line in chunks) == 2_000
    assert all(line["request_id"] == "r-7" for line in ours)
    assert {(line["part"], type(line["job_id"])) for line in ours} == {(0, int)}
    assert "not a secret" not in site.workers[0].log()
    password = conninfo_to_dict(site.database_url).get("password")  # none where the server trusts us
    assert password is None or str(password) not in site.workers[0].log()


async def test_a_worker_inside_another_program(site: Site) -> None:
    """As the demonstration runs it: it works until it is told to stop, and then is gone without a trace."""
    stop, frozen = asyncio.Event(), gc.get_freeze_count()
    working = asyncio.create_task(run_worker(site.worker_settings(), stop))
    export = await site.start(1_000)
    assert (await site.ended(export)).status is Status.COMPLETED
    stop.set()
    async with asyncio.timeout(20):
        await working
    assert await site.rows("select * from queue.procrastinate_workers") == []
    assert gc.get_freeze_count() <= frozen  # what others have frozen may be gone by now


@pytest.mark.slow
async def test_three_workers_complete_a_large_export_once(site: Site) -> None:
    """Several processes share the parts; the export is completed once, with the reference's bytes."""
    await asyncio.gather(*(site.start_worker() for _ in range(3)))
    export = await site.start(LARGE_ROWS, tables=None)
    assert export.parts_total > 1
    done = await site.ended(export, 120)
    assert (done.status, done.attempts, done.parts_done) == (Status.COMPLETED, 0, export.parts_total)
    events = await site.rows("select kind from generator_export_events where export_id = %s order by seq", export.id)
    assert [kind for (kind,) in events].count("completed") == 1
    assert hashlib.sha256(await site.reference(export)).hexdigest() == done.sha256


@pytest.mark.slow
async def test_a_worker_leaves_to_others_what_it_cannot_make_now(site: Site) -> None:
    """One whose only generator is held up has the part in hand that it waits for, and no more: another worker makes all
    the rest. (Of parts that are made in less time than it takes to fetch one it would have several: test_room.py.)"""
    held_up = await site.start_worker()
    (generator,) = held_up.children()
    # The processor is its parent's first, which has to be in time.
    assert os.getpriority(os.PRIO_PROCESS, generator) > os.getpriority(os.PRIO_PROCESS, held_up.process.pid)
    os.kill(generator, signal.SIGSTOP)
    try:
        export = await site.start(LARGE_ROWS)
        await site.reached(export, "p.part_no > 0 and p.state = 'running'")
        await site.start_worker()
        async with asyncio.timeout(60):
            while (await site.get(export)).parts_done < export.parts_total - 1:  # noqa: ASYNC110  # in the database
                await asyncio.sleep(0.02)
        assert (await site.get(export)).status is Status.RUNNING
    finally:
        os.kill(generator, signal.SIGCONT)
    done = await site.ended(export)
    assert (done.status, done.attempts) == (Status.COMPLETED, 0)


@pytest.mark.slow
async def test_a_killed_workers_part_is_taken_up(site: Site) -> None:
    """SIGKILL in the middle of a part: when its lease is over, another worker makes it, and nobody counts it twice."""
    killed = await site.start_worker()
    export = await site.start(LARGE_ROWS)
    await site.reached(export, "p.part_no > 0 and p.state = 'running' and p.rows_done > 0")
    children = killed.children()
    await killed.end(signal.SIGKILL)
    await site.start_worker()
    done = await site.ended(export, 120)
    # A kill is nobody's failure: it costs a run of the part, not an attempt.
    assert (done.status, done.attempts, done.rows_generated) == (Status.COMPLETED, 0, LARGE_ROWS)
    assert done.sha256 == hashlib.sha256(await site.reference(export)).hexdigest()
    assert not alive(children)


@pytest.mark.slow
async def test_a_stopping_worker_puts_its_parts_back(site: Site) -> None:
    """SIGTERM in the middle of a part: it goes back at once, without an attempt, without a run."""
    stopped = await site.start_worker()
    export = await site.start(LARGE_ROWS)
    await site.reached(export, "p.part_no > 0 and p.state = 'running' and p.rows_done > 0")
    assert await stopped.end() == 0
    parts = await site.rows(
        "select state, runs, attempts from generator_export_parts where export_id = %s and state <> 'done'", export.id
    )
    assert set(parts) == {("pending", 0, 0)}
    await site.start_worker()
    done = await site.ended(export, 120)
    assert (done.status, done.attempts) == (Status.COMPLETED, 0)
    runs = await site.rows("select max(runs) from generator_export_parts where export_id = %s", export.id)
    assert runs == [(1,)]
    assert done.sha256 == hashlib.sha256(await site.reference(export)).hexdigest()


@pytest.mark.slow
async def test_a_killed_generator_costs_one_attempt(site: Site) -> None:
    """As when memory runs out: the worker lives, says what happened, and makes the part again."""
    worker = await site.start_worker()
    (generator,) = worker.children()
    # It has a part in hand and does not get to its end before it is killed.
    os.kill(generator, signal.SIGSTOP)
    export = await site.start(LARGE_ROWS)
    await site.reached(export, "p.part_no > 0 and p.state = 'running'")
    os.kill(generator, signal.SIGKILL)
    done = await site.ended(export, 120)
    asked = "select details ->> 'code' from generator_export_events where export_id = %s and kind = 'retry'"
    assert await site.rows(asked, export.id) == [("generator_died",)]
    assert (done.status, done.attempts) == (Status.COMPLETED, 1)


@pytest.mark.slow
async def test_terminated_connections_are_survived(site: Site) -> None:
    """Every connection of the worker is cut, the listener's too, in the middle of a part: nothing is lost."""
    worker = await site.start_worker()
    export = await site.start(LARGE_ROWS)
    await site.reached(export, "p.part_no > 0 and p.state = 'running' and p.rows_done > 0")
    for _ in range(3):
        await site.rows(
            "select pg_terminate_backend(pid) from pg_stat_activity"
            " where application_name like 'seedbed%%' and datname = current_database()"
        )
        await asyncio.sleep(0.3)
    done = await site.ended(export, 120)
    assert (done.status, done.attempts) == (Status.COMPLETED, 0)
    again = await site.start(1_000)
    assert (await site.ended(again)).status is Status.COMPLETED
    assert worker.process.returncode is None


@pytest.mark.slow
async def test_a_running_export_is_cancelled(site: Site) -> None:
    """Cancel reaches the generator process: it ends within moments, and nothing is left in the store."""
    await site.start_worker()
    export = await site.start(LARGE_ROWS)
    await site.reached(export, "p.part_no > 0 and p.state = 'running' and p.rows_done > 0")
    await site.exports.cancel(site.caller, export.id)
    done = await site.ended(export, 20)
    assert done.status is Status.CANCELLED
    left = [path for path in (site.folder / "objects").rglob("*") if path.is_file()]
    assert left == []


async def test_the_sweep_removes_what_is_over(site: Site) -> None:
    """Past its time a file goes and its record stays; a dry run only counts, and a live file is never touched."""
    stop = asyncio.Event()
    working = asyncio.create_task(run_worker(site.worker_settings(), stop))
    old, fresh = await site.start(100), await site.start(100)
    await asyncio.gather(site.ended(old), site.ended(fresh))
    stop.set()
    await working
    await site.rows(
        "update generator_exports set expires_at = now() - interval '1 minute' where id = %s returning 1", old.id
    )
    counted = await sweep(site.worker_settings(), dry_run=True)
    assert (counted.exports_expired, counted.objects_removed) == (1, 1)
    assert (await site.get(old)).status is Status.COMPLETED
    swept = await sweep(site.worker_settings(), dry_run=False)
    assert (swept.exports_expired, swept.objects_removed) == (1, 1)
    assert (await site.get(old)).status is Status.EXPIRED
    assert not (site.folder / "objects" / old.object_path).exists()
    assert site.stored(fresh) == await site.reference(fresh)


@pytest.mark.slow
async def test_a_restart_of_postgres_is_survived(tmp_path: Path) -> None:
    """The database is away for a while in the middle of a part: the worker sits it out, and nobody has to start it
    again."""
    user_id = uuid4()
    # Not below pytest's folder, which the account that the server runs as cannot enter.
    folder = Path(tempfile.mkdtemp(prefix="seedbed-restart-"))
    server = await asyncio.to_thread(EmbeddedPostgres.start, folder, durable=False)
    site = Site(server.url(), tmp_path, Caller(user_id, {"sub": str(user_id)}))
    try:
        await asyncio.to_thread(upgrade, server.url())
        worker = await site.start_worker()
        export = await site.start(LARGE_ROWS)
        await site.reached(export, "p.part_no > 0 and p.state = 'running' and p.rows_done > 0")
        await asyncio.to_thread(server.stop)
        await asyncio.sleep(3)
        server = await asyncio.to_thread(EmbeddedPostgres.start, folder, durable=False, port=server.port)
        done = await site.ended(export, 120)
        assert (done.status, done.attempts) == (Status.COMPLETED, 0)
        assert done.sha256 == hashlib.sha256(await site.reference(export)).hexdigest()
        again = await site.start(1_000)
        assert (await site.ended(again)).status is Status.COMPLETED
        assert worker.process.returncode is None
    finally:
        await site.close()
        await asyncio.to_thread(server.stop)
        await asyncio.to_thread(shutil.rmtree, folder)


@pytest.mark.slow
async def test_a_worker_that_was_frozen_does_no_harm(site: Site) -> None:
    """Stopped beyond its lease and struck off, it comes back, finds its part taken, and goes on with other work."""
    frozen = await site.start_worker()
    export = await site.start(LARGE_ROWS)
    await site.reached(export, "p.part_no > 0 and p.state = 'running' and p.rows_done > 0")
    frozen.process.send_signal(signal.SIGSTOP)
    await site.rows("delete from queue.procrastinate_workers returning id")
    heir = await site.start_worker()
    await site.reached(export, "p.runs = 2")
    frozen.process.send_signal(signal.SIGCONT)
    done = await site.ended(export, 120)
    assert (done.status, done.attempts, done.rows_generated) == (Status.COMPLETED, 0, LARGE_ROWS)
    assert done.sha256 == hashlib.sha256(await site.reference(export)).hexdigest()
    await heir.end()
    again = await site.start(1_000)
    assert (await site.ended(again)).status is Status.COMPLETED
    assert frozen.process.returncode is None
