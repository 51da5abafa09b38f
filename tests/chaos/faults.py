"""What is done to a running service. Each fault is over when its function returns."""

import asyncio
import contextlib
import signal
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import psycopg

from app.errors import DatabaseUnavailable, IdempotencyInFlight, SeedbedError
from app.exports.models import Created, Export
from app.exports.requests import ExportConfig, ExportRequest, SchemaBySnapshot
from tests.chaos import front
from tests.chaos.arena import BEYOND_LEASE_S, SHAPES, Arena, Worker
from tests.fixtures.programs import library

Inject = Callable[[Arena], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Fault:
    """`attempts`: whether it makes work fail, so that attempts are spent; else none may be."""

    name: str
    inject: Inject
    attempts: bool = False


async def kill(arena: Arena) -> None:
    """SIGKILL to some of the workers; each has a successor at once."""
    killed = arena.some_workers(2)
    await asyncio.gather(*(worker.kill() for worker in killed))
    await asyncio.gather(*(arena.replace(worker) for worker in killed))


async def kill_two(arena: Arena) -> None:
    """SIGKILL to two workers, who may have only just begun; each has a successor at once."""
    killed = arena.random.sample(arena.workers, 2)
    await asyncio.gather(*(worker.kill() for worker in killed))
    await asyncio.gather(*(arena.replace(worker) for worker in killed))


async def skew(arena: Arena) -> None:
    """A worker whose clock is hours off takes the place of one whose clock is right, for a while."""
    (usual,) = arena.some_workers()
    hours = arena.random.choice([-3, -1, 1, 5])
    faked = {
        "LD_PRELOAD": library("libfaketime.so.1", "libfaketime"),
        "FAKETIME": f"{hours:+d}h",
        # Only what the calendar says is wrong: a monotonic clock has no opinion of the date.
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
    }
    usual.send(signal.SIGTERM)
    arena.workers.remove(usual)
    skewed = await arena.start_worker(**faked)
    await usual.process.wait()
    await arena.at_work(skewed)
    # It takes what it can get: new exports, and leases that its clock would call long over.
    for _ in range(6):
        await arena.submit("small")
    await asyncio.sleep(2 + 2 * arena.random.random())
    skewed.send(signal.SIGTERM)
    arena.workers.remove(skewed)
    await arena.start_worker()
    await skewed.process.wait()


async def freeze(arena: Arena) -> None:
    """SIGSTOP for longer than a lease, then SIGCONT: it comes back to work that others have done."""
    frozen = arena.some_workers(2)
    for worker in frozen:
        worker.send(signal.SIGSTOP)
    await asyncio.sleep(BEYOND_LEASE_S + arena.random.random())
    for worker in frozen:
        worker.send(signal.SIGCONT)


async def block(arena: Arena) -> None:
    """The event loop of a worker stands still for longer than a lease, while its generator processes go on."""
    blocked = arena.some_workers()
    await asyncio.gather(*(arena.at_work(worker) for worker in blocked))
    for worker in blocked:
        worker.send(signal.SIGUSR1)
    await asyncio.sleep(BEYOND_LEASE_S)


def restart(away_s: float) -> Inject:
    """Postgres is shut down without a goodbye, and comes back after so many seconds."""

    async def inject(arena: Arena) -> None:
        await arena.restart_database(away_s)

    return inject


def terminate(condition: str = "true") -> Inject:
    """`pg_terminate_backend` on the workers' connections for which the condition on pg_stat_activity holds."""

    async def inject(arena: Arena) -> None:
        await arena.rows(
            "select pg_terminate_backend(pid) from pg_stat_activity"
            f" where application_name like 'seedbed worker%%' and ({condition})"
        )

    return inject


async def exhaust(arena: Arena) -> None:
    """Strangers take every connection that Postgres has, and the workers lose theirs: none can be had for a while."""
    taken: list[psycopg.AsyncConnection[Any]] = []
    try:
        with contextlib.suppress(psycopg.OperationalError):
            while True:
                taken.append(await psycopg.AsyncConnection.connect(arena.url, autocommit=True))
        await taken[0].execute(
            "select pg_terminate_backend(pid) from pg_stat_activity where application_name like 'seedbed worker%'"
        )
        with contextlib.suppress(psycopg.OperationalError):
            while True:
                taken.append(await psycopg.AsyncConnection.connect(arena.url, autocommit=True))
        await asyncio.sleep(1.0 + arena.random.random())
    finally:
        await asyncio.gather(*(connection.close() for connection in taken))


async def half_open(arena: Arena) -> None:
    """A firewall has forgotten every connection to Postgres: they are open, and dead. New ones work."""
    arena.database_proxy.set("half_open")
    arena.database_proxy.set("pass")


async def silence(arena: Arena) -> None:
    """Whatever is between us and Postgres takes everything and carries nothing for a while, then goes on."""
    arena.database_proxy.set("silent")
    await asyncio.sleep(3 + 5 * arena.random.random())
    arena.database_proxy.set("pass")


async def lose_store(arena: Arena) -> None:
    """The object store cuts its connections and refuses new ones for a moment."""
    arena.store_proxy.set("refuse")
    await asyncio.sleep(0.3 + arena.random.random())
    arena.store_proxy.set("pass")


async def deploy(arena: Arena) -> None:
    """SIGTERM to one worker after the other, each replaced before the next is told."""
    for worker in list(arena.workers):
        await _redeploy(arena, worker)


async def _redeploy(arena: Arena, worker: Worker) -> None:
    await arena.replace(worker)
    await arena.at_work(worker)
    worker.send(signal.SIGTERM)
    async with asyncio.timeout(60):
        assert await worker.process.wait() == 0, worker.log.read_text(errors="replace")[-2000:]


async def post_twice(arena: Arena) -> None:
    """The same request many times at once, while connections of the API are cut: one export, whoever asks."""
    key = str(uuid4())
    body = ExportRequest(SchemaBySnapshot({}), ExportConfig("csv", SHAPES["small"].rows, tables=("customers",)), "7")

    async def post() -> Created:
        while True:
            try:
                return await arena.exports.create(arena.caller, body, idempotency_key=key, body_sha256="a" * 64)
            except (IdempotencyInFlight, DatabaseUnavailable):
                await asyncio.sleep(0.01)

    async def cut() -> None:
        for _ in range(3):
            await arena.rows("select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'test'")
            await asyncio.sleep(0.02)

    *created, _ = await asyncio.gather(*(post() for _ in range(8)), cut())
    assert len({one.export.id for one in created if one is not None}) == 1, "one key made several exports"


async def post_to_killed(arena: Arena) -> None:
    """The same request many times over HTTP to two API processes, one of which is killed amid it and started again,
    while their connections to Postgres are cut: one export, whichever of them answers."""
    key = str(uuid4())

    async def kill() -> None:
        await asyncio.sleep(0.2 * arena.random.random())
        await apis[0].kill()
        await arena.rows(
            "select pg_terminate_backend(pid) from pg_stat_activity where application_name like 'seedbed-api%%'"
        )
        await apis[0].start()

    async with front.two_apis(arena) as (apis, client):
        *ids, _ = await asyncio.gather(*(front.post(client, apis[n % 2], key) for n in range(12)), kill())
    made = await arena.rows("select export_id::text from generator_idempotency_keys where key = %s", key)
    assert {*ids, *(row[0] for row in made)} == {ids[0]}, f"one key made several exports: {ids}, {made}"


async def storm(arena: Arena) -> None:
    """Exports are cancelled at any moment of their lives, several times at once; some are run again."""
    shapes = ["large", "zip", "small", "small"]
    exports = [await arena.submit(name) for name in shapes]

    async def change(what: Callable[..., Awaitable[Export]], export: Export) -> None:
        # That it has ended by now is one of the answers.
        with contextlib.suppress(SeedbedError):
            await what(arena.caller, export.id)

    for export in exports:
        await asyncio.sleep(0.4 * arena.random.random())
        await asyncio.gather(*(change(arena.exports.cancel, export) for _ in range(3)))
    for export in arena.random.sample(exports, 2):
        await change(arena.exports.retry, export)
