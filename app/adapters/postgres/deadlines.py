"""How long a silent connection is waited for.

A peer that vanished is found by TCP. One that is still there and says nothing (a proxy that lost its other side, a
server that is stopped) is not: every wait for an answer would be for ever. So the wait has an end of its own.
"""

import asyncio
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import psycopg
import structlog

log = structlog.get_logger(__name__)


@contextmanager
def answering(connection: "psycopg.AsyncConnection[Any]", timeout_s: float) -> Iterator[None]:
    """Whoever waits for the connection inside gets OperationalError when no answer came in `timeout_s` seconds.

    The socket is shut rather than the wait cancelled: a cancelled wait asks the silent server to stop, and waits again.
    """
    timer = asyncio.get_running_loop().call_later(timeout_s, _sever, connection)
    try:
        yield
    finally:
        timer.cancel()


def _sever(connection: "psycopg.AsyncConnection[Any]") -> None:
    if connection.closed:
        return
    log.warning("connection_severed", why="no answer")
    with suppress(OSError, psycopg.Error), socket.socket(fileno=os.dup(connection.fileno())) as line:
        line.shutdown(socket.SHUT_RDWR)
