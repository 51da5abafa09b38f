"""`seedbed demo`: embedded Postgres, API, worker and pages on this machine, and one finished export."""

import argparse
import asyncio
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

from app.errors import DatabaseUnavailable

if TYPE_CHECKING:
    from app.demo.place import DemoPlace


def configure(parser: argparse.ArgumentParser) -> None:
    """Adds the command's arguments."""
    parser.add_argument("--once", action="store_true", help="end after the export")
    parser.add_argument("--port", metavar="N", type=int, help="the API's port (default: the first free from 8000)")
    parser.add_argument(
        "--folder", metavar="PATH", type=Path, help="where its data are kept (default: one for each checkout)"
    )
    parser.add_argument("--verbose", action="store_true", help="print the service's logs")
    parser.epilog = (
        "With DATABASE_URL it uses that Postgres (15 or newer) instead of an embedded one. Front ends on ports 3000, "
        "5173 and 8080 of this machine may call it, or those that CORS_ORIGINS names."
    )


def run(args: argparse.Namespace) -> int:
    """Runs until Ctrl-C or SIGTERM. Leaves no process and no lock behind."""
    signal.signal(signal.SIGTERM, _interrupt)
    from app.demo.place import FIRST_PORT, DemoPlace, listen
    from app.demo.running import run_service

    with DemoPlace(args.folder) as place, _database(place) as database_url, listen(args.port or FIRST_PORT) as listener:
        settings = place.settings(database_url, listener.getsockname()[1], own_server=not _named_server())
        _configure_logs(settings.log_format, verbose=args.verbose, secrets=settings.secrets())
        asyncio.run(run_service(place, settings, listener, once=args.once, say=_say))
    return 0


@contextmanager
def _database(place: "DemoPlace") -> Iterator[str]:
    """The URL of a migrated database: of DATABASE_URL, or of the demonstration's own server."""
    named = _named_server()
    if named:
        from app.connection_urls import without_password

        _say(f"start   the API and a worker, on {without_password(named)}")
        _migrate(named)
        yield named
        return
    from app.embedded import EmbeddedPostgres

    _say("start   an embedded PostgreSQL, the API, a worker")
    with EmbeddedPostgres.start(place.database) as server:
        _migrate(server.url())
        yield server.url()


def _named_server() -> str:
    return os.environ.get("DATABASE_URL", "").strip()


def _migrate(url: str) -> None:
    import psycopg

    from app.adapters.postgres.migrations import upgrade

    try:
        upgrade(url)
    except psycopg.OperationalError as error:
        raise DatabaseUnavailable(f"the database cannot be reached: {' '.join(str(error).split())}") from None


def _configure_logs(log_format: str, *, verbose: bool, secrets: tuple[str, ...]) -> None:
    from app.logging import configure_logging

    configure_logging(log_format=log_format, level="INFO" if verbose else "WARNING", secrets=secrets)


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    """SIGTERM before the service runs ends it as Ctrl-C does, by way of every `finally`."""
    raise KeyboardInterrupt


def _say(line: str) -> None:
    print(line, flush=True)
