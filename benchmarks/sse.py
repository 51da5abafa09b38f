"""Event streams to ten thousand subscribers of one process, beside sse-starlette doing the same in the same run.

Servers are processes of their own; subscribers are real sockets in this one. A delivery is timed from before its event
is written into Postgres until the bytes have arrived.
"""

import asyncio
import gc
import os
import resource
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import psycopg
import uvloop

from benchmarks.figures import Figure, judge
from benchmarks.streams.events import Way, Writer, commits_per_second, make_exports
from benchmarks.streams.subscribers import Subscriber, Tally, close, subscribe, until

CHECKOUT = Path(__file__).resolve().parents[1]
SUBSCRIBERS = int(os.environ.get("SSE_SUBSCRIBERS", "10000"))
EXPORTS = 200
_FEW = 1_000
_STEADY_EVENTS_S, _STEADY_S = 60, 10.0
_BURSTS = 5
_RUNNING_EVENTS_S, _RUNNING_S = 4 * EXPORTS, 8.0
_KEY = "a key for a benchmark"


@dataclass(frozen=True, slots=True)
class Server:
    """A server's process."""

    process: "subprocess.Popen[str]"
    port: int

    def memory_kb(self) -> int:
        """Resident memory that is this process's own."""
        text = Path(f"/proc/{self.process.pid}/smaps_rollup").read_text()
        return int(text.split("Pss:")[1].split()[0])

    def cpu_s(self) -> float:
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@dataclass(slots=True)
class Measured:
    """What one server did."""

    kb_each: float
    connect_s: float
    steady: list[float]
    burst: list[float]
    missed: int
    steady_cpu_s: float


def measure() -> list[Figure]:
    """Every figure of this benchmark."""
    from app.adapters.postgres.migrations import upgrade
    from app.embedded import EmbeddedPostgres
    from app.embedded.folders import temporary_folder

    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    data = temporary_folder(readable_by_others=True)
    postgres = EmbeddedPostgres.start(data)

    def restart() -> None:
        nonlocal postgres
        postgres.stop()
        postgres = EmbeddedPostgres.start(data, port=postgres.port)

    try:
        upgrade(postgres.url())
        with (
            tempfile.TemporaryDirectory() as folder,
            asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner,
        ):
            return runner.run(_measure(postgres.url(), Path(folder), restart))
    finally:
        postgres.stop()
        shutil.rmtree(data)


async def _measure(url: str, folder: Path, restart: Callable[[], None]) -> list[Figure]:
    gc.disable()  # a pause of the subscribers' process would count as the server's
    from app.adapters.auth import DevelopmentIssuer
    from app.settings import Settings

    settings = Settings(database_url=url, dev_auth=True, dev_auth_key=_KEY, local_store_secret=_KEY * 2)
    issuer = DevelopmentIssuer.of(settings)
    owner = issuer.user_id("ann@example.com")
    token = issuer.issue(owner, "ann@example.com", ttl_s=3_600)
    exports = make_exports(url, owner, EXPORTS)

    def ours(export_id: UUID) -> bytes:
        path = f"/api/data-generator/export/{export_id}/events"
        return f"GET {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\n\r\n".encode()

    def theirs(export_id: UUID) -> bytes:
        return f"GET /events/{export_id} HTTP/1.1\r\nHost: x\r\n\r\n".encode()

    with _seedbed(url, folder) as server:
        mine, subscribers, tally = await _crowd(server, url, exports, ours)
        close(subscribers[_FEW:])
        await until(lambda: tally.ended >= SUBSCRIBERS - _FEW, 20)
        # The server has nine thousand ends to see to first.
        await asyncio.sleep(3)
        with_notify, lag, missed = await _running(server, url, exports, tally, "after")
        without, swept, missed_too = await _running(server, url, exports, tally, "never")
        killed_ms, missed_killed = await _after_fault(url, exports, tally, lambda: _kill_listener(url))
        restarted_ms, missed_restarted = await _after_fault(url, exports, tally, restart)
        ended_s = await _shut_down(server, tally)
    ways: tuple[Way, ...] = ("within", "after", "never")
    rounds = [[await commits_per_second(url, exports, 1.5, way) for way in ways] for _ in range(3)]
    within, after, never = zip(*rounds, strict=True)
    with _rival(url) as other:
        rival, subscribers, _ = await _crowd(other, url, exports, theirs)
        close(subscribers)
    told = f"{SUBSCRIBERS:,} subscribers"
    missed_in_all = mine.missed + missed + missed_too + missed_killed + missed_restarted
    return [
        judge(f"{told}, memory each", [mine.kb_each], "KB", target=20),
        judge(f"{told}, memory each, sse-starlette", [rival.kb_each], "KB"),
        judge(f"{told}, delivery, median", [_at(mine.steady, 50)], "ms"),
        judge(f"{told}, delivery, p99", [_at(mine.steady, 99)], "ms", target=500),
        judge(f"{told}, delivery, p99, sse-starlette", [_at(rival.steady, 99)], "ms"),
        judge(f"{told}, all told at once, p99", [_at(mine.burst, 99)], "ms", target=500),
        judge(f"{told}, all told at once, p99, sse-starlette", [_at(rival.burst, 99)], "ms"),
        judge(f"{told}, CPU for {_deliveries(mine):,} deliveries", [mine.steady_cpu_s], "s"),
        judge(f"{told}, CPU for {_deliveries(rival):,} deliveries, sse-starlette", [rival.steady_cpu_s], "s"),
        judge("events missed, or told twice", [missed_in_all], "", target=0),
        judge("events missed, or told twice, sse-starlette", [rival.missed], ""),
        judge(f"{told}, time to connect", [mine.connect_s], "s"),
        judge(f"{EXPORTS} exports at 4 events/s, {_FEW:,} subscribers, CPU of the API", [with_notify], "cores"),
        judge(f"{EXPORTS} exports at 4 events/s, delivery, p99", [_at(lag, 99)], "ms", target=500),
        judge(f"{EXPORTS} exports at 4 events/s without NOTIFY, CPU of the API", [without], "cores"),
        judge(f"{EXPORTS} exports at 4 events/s without NOTIFY, delivery, p99", [_at(swept, 99)], "ms"),
        judge("listener and reader killed, longest delivery right after", [killed_ms], "ms", target=2_000),
        judge("Postgres restarted, longest delivery once it is back", [restarted_ms], "ms", target=2_000),
        judge("events committed with NOTIFY within, 8 connections", within, "/s"),
        judge("events committed with NOTIFY after, as workers do, 8 connections", after, "/s"),
        judge("events committed without NOTIFY, 8 connections", never, "/s"),
        judge(f"SIGTERM with {_FEW:,} streams open, until the last has ended", [ended_s], "s", target=1),
    ]


async def _crowd(
    server: Server, url: str, exports: Sequence[UUID], request: Callable[[UUID], bytes]
) -> tuple[Measured, list[Subscriber], Tally]:
    """All subscribers at once: their memory, a steady flow, and everybody told at the same moment."""
    requests = [(number % EXPORTS, request(exports[number % EXPORTS])) for number in range(SUBSCRIBERS)]
    # What the first streams load and cache is the process's, not theirs.
    warm = await subscribe(server.port, requests[:EXPORTS], Tally())
    close(warm)
    await asyncio.sleep(1)
    before_kb = server.memory_kb()
    tally = Tally()
    began = time.monotonic()
    subscribers = await subscribe(server.port, requests, tally)
    connect_s = time.monotonic() - began
    await asyncio.sleep(2)
    kb_each = (server.memory_kb() - before_kb) / SUBSCRIBERS
    writer = Writer(url)
    cpu_before = server.cpu_s()
    await writer.write(exports, _STEADY_EVENTS_S, _STEADY_S)
    await _all_arrived(tally, writer)
    cpu_s = server.cpu_s() - cpu_before
    steady, missed = _latencies(tally, writer)
    bursts: list[float] = []
    for _ in range(_BURSTS):
        tally.arrived.clear()
        writer = Writer(url)
        await asyncio.to_thread(_tell_all, url, exports, writer)
        await _all_arrived(tally, writer)
        found, lost = _latencies(tally, writer)
        bursts += found
        missed += lost
    return Measured(kb_each, connect_s, steady, bursts, missed + tally.out_of_order, cpu_s), subscribers, tally


def _tell_all(url: str, exports: Sequence[UUID], writer: Writer) -> None:
    """An event of each export, in one transaction: all of them are there at the same moment."""
    with psycopg.connect(url) as connection, connection.cursor() as cursor:
        numbers = []
        for export_id in exports:
            cursor.execute("select generator_append_event(%s, 'progress')", [export_id])
            row = cursor.fetchone()
            assert row is not None
            numbers.append(row[0])
        moment = time.time()
        connection.commit()
    writer.begun.update(dict.fromkeys(enumerate(numbers), moment))


async def _running(
    server: Server, url: str, exports: Sequence[UUID], tally: Tally, way: Way
) -> tuple[float, list[float], int]:
    """200 exports in progress: cores that the API used, delivery times, and what was missed."""
    tally.arrived.clear()
    out_of_order = tally.out_of_order
    writer = Writer(url, connections=8)
    began, cpu_before = time.monotonic(), server.cpu_s()
    await writer.write(exports, _RUNNING_EVENTS_S, _RUNNING_S, way)
    cores = (server.cpu_s() - cpu_before) / (time.monotonic() - began)
    await _all_arrived(tally, writer, _FEW)
    found, missed = _latencies(tally, writer, _FEW)
    return cores, found, missed + tally.out_of_order - out_of_order


async def _after_fault(url: str, exports: Sequence[UUID], tally: Tally, fault: Callable[[], None]) -> tuple[float, int]:
    """The longest delivery of events that are written as soon as it is possible again, and what was missed."""
    tally.arrived.clear()
    out_of_order = tally.out_of_order
    await asyncio.to_thread(fault)
    writer = Writer(url)
    await asyncio.to_thread(_tell_all, url, exports, writer)
    await _all_arrived(tally, writer, _FEW)
    found, missed = _latencies(tally, writer, _FEW)
    return max(found, default=float("inf")), missed + tally.out_of_order - out_of_order


def _kill_listener(url: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity"
            " where application_name in ('seedbed-listener', 'seedbed-hub')"
        )


async def _all_arrived(tally: Tally, writer: Writer, subscribers: int = SUBSCRIBERS) -> None:
    each = subscribers // EXPORTS

    # Some may arrive two at once, hence the time limit.
    await until(lambda: len(tally.unread) >= each * len(writer.begun), 5)

    def complete() -> bool:
        tally.read()
        return all(len(tally.arrived.get(key, ())) >= each for key in writer.begun)

    await until(complete, 15)


def _latencies(tally: Tally, writer: Writer, subscribers: int = SUBSCRIBERS) -> tuple[list[float], int]:
    """Milliseconds of every delivery, and how many there are too few or too many."""
    each = subscribers // EXPORTS
    found: list[float] = []
    missed = 0
    for key, begun in writer.begun.items():
        moments = tally.arrived.get(key, [])
        missed += abs(each - len(moments))
        found += [(moment - begun) * 1000 for moment in moments]
    return found, missed


async def _shut_down(server: Server, tally: Tally) -> float:
    """Seconds from SIGTERM until the last stream has ended."""
    began = time.monotonic()
    server.process.send_signal(signal.SIGTERM)
    await until(lambda: tally.ended >= SUBSCRIBERS, 30)
    took_s = time.monotonic() - began
    await asyncio.to_thread(server.process.wait, 30)
    return took_s


def _at(values: Sequence[float], percent: int) -> float:
    return statistics.quantiles(values, n=100)[percent - 1] if len(values) > 1 else float("nan")


def _deliveries(measured: Measured) -> int:
    return len(measured.steady)


@contextmanager
def _seedbed(url: str, folder: Path) -> Iterator[Server]:
    environment = {
        "DATABASE_URL": url,
        "SCRATCH_DATABASE_URL": url,
        "DEV_AUTH": "1",
        "DEV_AUTH_KEY": _KEY,
        "MAX_STREAMS_PER_USER": "0",
        "LOCAL_STORE_DIR": str(folder),
        "LOCAL_STORE_SECRET": _KEY * 2,
        "LOG_LEVEL": "WARNING",
        "PORT": str(_free_port()),
        "PYTHONPATH": str(CHECKOUT),
    }
    command = [sys.executable, "-m", "app.cli", "serve"]
    process = subprocess.Popen(command, env={**os.environ, **environment}, stderr=subprocess.DEVNULL, text=True)
    with _ending(process):
        _wait_for(int(environment["PORT"]))
        yield Server(process, int(environment["PORT"]))


@contextmanager
def _rival(url: str) -> Iterator[Server]:
    command = [sys.executable, "-m", "benchmarks.streams.rival", url]
    process = subprocess.Popen(command, cwd=CHECKOUT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    with _ending(process):
        assert process.stdout is not None
        yield Server(process, int(process.stdout.readline()))


@contextmanager
def _ending(process: "subprocess.Popen[str]") -> Iterator[None]:
    try:
        yield
    finally:
        process.kill()
        process.wait()


def _free_port() -> int:
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _wait_for(port: int) -> None:
    import httpx

    deadline = time.monotonic() + 60
    while True:
        try:
            if httpx.get(f"http://127.0.0.1:{port}/readyz", trust_env=False).status_code == 200:
                return
        except httpx.HTTPError:
            pass
        if time.monotonic() > deadline:
            raise TimeoutError("the API did not start")
        time.sleep(0.1)  # a process that starts tells nobody; bounded above
