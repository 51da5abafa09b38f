"""The long run, `make soak`: fifty users for five minutes, or for as long as SOAK_S says; an hour is the full form.

It keeps to half of the machine (SOAK_CORES), judged by processor time, so that it can run beside other work. A run of
an hour writes benchmarks/results/soak.json.
"""

import asyncio
import json
import os
import random
import secrets
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import httpx
import psycopg
import pytest
from psycopg import sql

from app.adapters.auth import DevelopmentIssuer
from app.adapters.objects.s3 import S3ObjectStore
from app.commands.sources import read_source
from app.generator.snapshot.form import snapshot_to_json
from app.settings import Settings
from benchmarks.exporting.service import BASE, CHECKOUT, Service
from benchmarks.figures import write
from tests.fixtures.s3 import SeaweedServer, s3_server
from tests.soak.book import Book
from tests.soak.pace import Pace
from tests.soak.person import Person
from tests.soak.readings import Readings
from tests.soak.shapes import SHAPES, reference
from tests.soak.verdict import Outcome, figures

__all__ = ["s3_server"]

_SCHEMAS = {
    "customers": CHECKOUT / "benchmarks/schemas/customers.sql",
    "lineitem": CHECKOUT / "benchmarks/schemas/lineitem.sql",
    "shop": CHECKOUT / "app/demo/shop.sql",
}
_FULL_S = 3_600.0
_WARM_UP_S = 600.0
_SAY_S = 60.0
_LISTENERS = 15
_TOKEN_S = 86_400


@dataclass(frozen=True, slots=True)
class Terms:
    """How long, how many, how much, and with which choices."""

    seconds: float
    users: int
    cores: float
    seed: int

    @classmethod
    def of_environment(cls) -> "Terms":
        return cls(
            float(os.environ.get("SOAK_S") or 300),
            int(os.environ.get("SOAK_USERS") or 50),
            float(os.environ.get("SOAK_CORES") or len(os.sched_getaffinity(0)) / 2),
            int(os.environ.get("SOAK_SEED") or secrets.randbelow(10**6)),
        )

    @property
    def settled_s(self) -> float:
        """When caches are full and pools are open."""
        return min(_WARM_UP_S, self.seconds / 3)


@pytest.mark.soak
async def test_a_long_day_leaves_nothing_behind(tmp_path: Path, s3_server: SeaweedServer) -> None:
    """Memory is flat, connections and files do not grow, tables are kept clean, and every export ends with its file."""
    terms = Terms.of_environment()
    print(f"\n{terms}")
    # Files go while others are made, so that what removes them is part of the run.
    file_s, event_s = int(max(60, terms.seconds / 6)), int(max(60, terms.seconds / 3))
    more = {
        "RETENTION_S": str(file_s),
        "EVENT_RETENTION_S": str(event_s),
        # Parts of the least size there is, so that an export of some megabytes has several.
        "PART_BYTES": str(8 * 1024**2),
        "WORKER_PROCESSES": "1",
    }
    async with Service.start(tmp_path / "service", workers=2, s3=s3_server, more=more) as service:
        names = ("api", "worker 1", "worker 2")
        pids = {name: process.pid for name, process in zip(names, service.processes, strict=True)}
        pace = Pace(terms.cores)
        async with _crowd(service, terms, pace, tmp_path) as (book, people):
            readings = Readings(service, pids)
            keeping = (readings.keep(), pace.keep(), _scrape(service, book), _say(book, pace))
            beside = [asyncio.create_task(one) for one in keeping]
            try:
                await _live(people, pace, terms.seconds)
            finally:
                for task in beside:
                    task.cancel()
                ends = await asyncio.gather(*beside, return_exceptions=True)
            for name, end in zip(("readings", "pace", "metrics", "words"), ends, strict=True):
                assert isinstance(end, asyncio.CancelledError), f"{name} ended: {end!r}"
            await _all_heard(book, people[:_LISTENERS])
        outcome = await _look_back(service, book, s3_server, pace.mean_cores())
    found = figures(book, readings.taken, terms.settled_s, outcome)
    print(book.summary(), *book.faults, sep="\n")
    for one in found:
        print(f"{one.name}: {one.value:,g} {one.unit}", "" if one.holds else f"SHORT of {one.target}")
    if terms.seconds >= _FULL_S:
        write("soak", found)
    assert book.faults == []
    assert [(one.name, one.value, one.target) for one in found if not one.holds] == []


@asynccontextmanager
async def _crowd(service: Service, terms: Terms, pace: Pace, folder: Path) -> AsyncIterator[tuple[Book, list[Person]]]:
    """The users, each with a token, a client and schemas of their own; some listen to their own streams."""
    snapshots = {
        name: snapshot_to_json(await asyncio.to_thread(read_source, str(path))) for name, path in _SCHEMAS.items()
    }
    references = {shape: await reference(shape, snapshots[shape.schema], folder) for shape in SHAPES}
    issuer = DevelopmentIssuer.of(Settings.from_env(service.environment))
    choices = random.Random(terms.seed)
    async with AsyncExitStack() as stack:
        stranger = await stack.enter_async_context(httpx.AsyncClient(timeout=120, trust_env=False))
        book, people = Book(references, stranger), list[Person]()
        for number in range(terms.users):
            email = f"user{number}@example.com"
            user_id = issuer.user_id(email)
            http = await stack.enter_async_context(_client(service, issuer, user_id, email))
            schemas = {}
            for name, snapshot in snapshots.items():
                answer = await http.post(f"{BASE}/schema", json={"name": name, "snapshot": snapshot})
                assert answer.status_code in (200, 201), answer.text
                schemas[name] = answer.json()["id"]
            people.append(Person(user_id, http, book, pace, random.Random(choices.random()), schemas))
        for person, friend in zip(people, [*people[1:], people[0]], strict=True):
            person.friend = friend
        for person in people[:_LISTENERS]:
            await stack.enter_async_context(person.hearing())
        yield book, people


def _client(service: Service, issuer: DevelopmentIssuer, user_id: UUID, email: str) -> httpx.AsyncClient:
    token = issuer.issue(user_id, email, ttl_s=_TOKEN_S)
    return httpx.AsyncClient(
        base_url=str(service.http.base_url), headers={"Authorization": f"Bearer {token}"}, timeout=120, trust_env=False
    )


async def _live(people: list[Person], pace: Pace, seconds: float) -> None:
    """Everybody does one thing after the other until the time is over; what was begun is seen to its end."""
    over = time.monotonic() + seconds

    async def live(person: Person) -> None:
        while True:
            await pace.turn()
            if time.monotonic() > over:
                return
            await person.act()

    async with asyncio.TaskGroup() as group:
        for person in people:
            group.create_task(live(person))


async def _all_heard(book: Book, listeners: list[Person]) -> None:
    """Every completed export of those who listen was told on their streams, or is within a moment."""
    theirs = book.completed & {job for person in listeners for job in person.own}
    with suppress(TimeoutError):
        async with asyncio.timeout(30):
            while theirs - book.heard:  # noqa: ASYNC110  # the streams are read meanwhile
                await asyncio.sleep(0.1)
    if unheard := theirs - book.heard:
        book.fault(f"{len(unheard)} completed exports were not told on their users' streams")


async def _scrape(service: Service, book: Book) -> None:
    """As Prometheus does."""
    while True:
        async with book.noting("metrics"):
            (await service.http.get("/metrics")).raise_for_status()
        await asyncio.sleep(15)


async def _say(book: Book, pace: Pace) -> None:
    began = time.monotonic()
    while True:
        await asyncio.sleep(_SAY_S)
        minutes = (time.monotonic() - began) / 60
        print(f"{minutes:.0f} min: {book.summary()}; {pace.mean_cores():.2f} cores", flush=True)


async def _look_back(service: Service, book: Book, s3: SeaweedServer, mean_cores: float) -> Outcome:
    """Stops the processes, once nothing is left to do, and looks at what they leave."""
    active = (
        "select 1 where exists (select from generator_exports where status in ('queued', 'running', 'cancelling'))"
        " or exists (select from queue.procrastinate_jobs where status in ('todo', 'doing'))"
    )
    with suppress(TimeoutError):
        async with asyncio.timeout(120):
            while await asyncio.to_thread(service.sql, active):  # noqa: ASYNC110  # it happens in the database
                await asyncio.sleep(0.5)
    processes = list(service.processes)
    await asyncio.to_thread(service.end, processes)
    # uvicorn ends in good order and then by the signal that it was told to end by.
    bad_exits = sum(process.returncode not in (0, -15) for process in processes)
    statuses = {str(status): int(count) for status, count in service.sql("select status, count(*) from generator_exports group by 1")}  # fmt: skip
    ((open_jobs,),) = service.sql(
        "select count(*) from queue.procrastinate_jobs where status in ('todo', 'doing', 'failed')"
    )
    ((left,),) = service.sql(
        "select count(*) from generator_exports where id = any(%s)", [UUID(job) for job in book.deleted]
    )
    return Outcome(
        statuses, open_jobs, left, await _strays(service, s3), await asyncio.to_thread(_rewrite, service),
        _errors_logged(service.folder), bad_exits, mean_cores,
    )  # fmt: skip


async def _strays(service: Service, s3: SeaweedServer) -> int:
    """Files and open uploads in the store that no export names and nobody is going to remove."""
    store = S3ObjectStore(s3.options())
    try:
        keys = {stored.key async for stored in store.list("")}
        uploads = {upload.upload_id async for upload in store.list_uploads()}
    finally:
        store.close()
    known = service.sql(
        "select object_path, upload_id from generator_exports"
        " union all select object_path, upload_id from seedbed.orphaned_objects"
    )
    return len(keys - {path for path, _ in known}) + len(uploads - {upload for _, upload in known})


def _rewrite(service: Service) -> dict[str, tuple[int, int]]:
    """The size of each table, with its indexes, and what it is when its rows are written anew."""
    found = {}
    query = (
        "select relid, schemaname, relname from pg_stat_user_tables where schemaname in ('public', 'queue', 'seedbed')"
    )
    size = "select pg_total_relation_size(%s::oid)"
    with psycopg.connect(service.database_url, autocommit=True) as connection:
        for table, schema, name in connection.execute(query).fetchall():
            sizes = connection.execute(size, [table]).fetchall()
            connection.execute(sql.SQL("vacuum full {}").format(sql.Identifier(schema, name)))
            sizes += connection.execute(size, [table]).fetchall()
            found[f"{schema}.{name}"] = (sizes[0][0], max(1, sizes[1][0]))
    return found


def _errors_logged(folder: Path) -> int:
    errors = 0
    for path in sorted(folder.glob("*.log")):
        for line in path.read_text(errors="replace").splitlines():
            with suppress(ValueError):
                if isinstance(entry := json.loads(line), dict) and entry.get("level") in ("error", "critical"):
                    errors += 1
                    print(path.name, line[:2_000])
    return errors
