"""A place that is some way from Postgres: a network namespace with one cable out, to a relay that takes its time."""

import contextlib
import itertools
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg

from benchmarks.scaling.relay import COUNTER_BYTES

_CHECKOUT = Path(__file__).resolve().parents[2]
# A cable goes a moment after its namespace: the next one has another name.
_NAMES = (f"sb{os.getpid() % 100_000}n{number}" for number in itertools.count())
# Networks for documentation (RFC 5737) are nobody's, and all the same in use on some machines.
_NETWORKS = ("198.51.100", "203.0.113", "192.0.2")
_READY_S = 20.0


@dataclass(frozen=True, slots=True)
class Distance:
    """`within` is put before a command that is to run there; `relay_pid` is who holds bytes up."""

    within: tuple[str, ...]
    host: str
    port: int
    relay_pid: int
    counter: Path

    def round_trips(self) -> int:
        """How many there were so far, of all connections."""
        return int.from_bytes(self.counter.read_bytes(), sys.byteorder)

    def url(self, database_url: str) -> str:
        """The database's URL, as it is reached from there."""
        parts = urlsplit(database_url)
        login = parts.netloc.rpartition("@")[0]
        return urlunsplit(parts._replace(netloc=f"{login}@{self.host}:{self.port}"))

    @property
    def how(self) -> str:
        return "network namespace" if self.within else "loopback"


@contextlib.contextmanager
def distance(database_url: str, round_trip_ms: float) -> Iterator[Distance]:
    """A place from where each round trip to the database takes so much longer.

    Its processes have a network of their own where we may make one (as root, with `ip` there), and can reach the
    database by way of the relay alone; otherwise they are told the relay's address on loopback.
    """
    with contextlib.ExitStack() as stack:
        network = _free_network() if _may_make_namespaces() else None
        namespace = stack.enter_context(_namespace(network)) if network else ()
        host = f"{network}.1" if network else "127.0.0.1"
        port = _free_port(host)
        target = urlsplit(database_url).port or 5432
        counter = Path(stack.enter_context(tempfile.TemporaryDirectory()), "round-trips")
        counter.write_bytes(bytes(COUNTER_BYTES))
        words = (host, str(port), str(target), str(round_trip_ms / 2), str(counter))
        process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.scaling.relay", *words], cwd=_CHECKOUT, stdin=subprocess.DEVNULL
        )
        stack.callback(process.wait)
        stack.callback(process.terminate)
        place = Distance(namespace, host, port, process.pid, counter)
        _wait(place.url(database_url))
        yield place


def measured_round_trip_ms(database_url: str, times: int = 50) -> float:
    """The median time of `select 1`."""
    with psycopg.connect(database_url, autocommit=True) as connection:
        taken = []
        for _ in range(times):
            began = time.perf_counter()
            connection.execute("select 1")
            taken.append(time.perf_counter() - began)
    return sorted(taken)[times // 2] * 1e3


def _may_make_namespaces() -> bool:
    return sys.platform == "linux" and os.geteuid() == 0 and shutil.which("ip") is not None


def _free_network() -> str | None:
    known = subprocess.run(("ip", "route", "show", "table", "all"), check=True, capture_output=True, text=True).stdout
    return next((network for network in _NETWORKS if network not in known), None)


@contextlib.contextmanager
def _namespace(network: str) -> Iterator[tuple[str, ...]]:
    """A namespace with a cable to ours, whose ends are `network`.1, here, and `network`.2."""
    name = next(_NAMES)
    cable = f"{name}c"
    _run("ip", "netns", "add", name)
    try:
        _run("ip", "link", "add", cable, "type", "veth", "peer", "name", "eth0", "netns", name)
        _run("ip", "address", "add", f"{network}.1/30", "dev", cable)
        _run("ip", "link", "set", cable, "up")
        inside = ("ip", "netns", "exec", name)
        _run(*inside, "ip", "address", "add", f"{network}.2/30", "dev", "eth0")
        _run(*inside, "ip", "link", "set", "eth0", "up")
        _run(*inside, "ip", "link", "set", "lo", "up")
        yield inside
    finally:
        _run("ip", "netns", "delete", name)


def _run(*command: str) -> None:
    subprocess.run(command, check=True, capture_output=True)


def _free_port(host: str) -> int:
    with socket.socket() as probe:
        probe.bind((host, 0))
        return int(probe.getsockname()[1])


def _wait(url: str) -> None:
    deadline = time.monotonic() + _READY_S
    while True:
        try:
            psycopg.connect(url, connect_timeout=5).close()
            return
        except psycopg.OperationalError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)  # a server that opens tells nobody; bounded above
