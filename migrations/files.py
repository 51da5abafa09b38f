"""Runs the SQL files of `sql/` inside a revision's transaction."""

from pathlib import Path

import psycopg
from alembic import op
from sqlalchemy import Connection

SQL_FOLDER = Path(__file__).resolve().parent.parent / "sql"

# Long enough for DDL on an idle table, short enough that requests queueing behind our lock do not notice.
LOCK_TIMEOUT = "5s"
STATEMENT_TIMEOUT = "60s"


def run_file(name: str, connection: Connection | None = None, *, search_path: str = "") -> None:
    """Executes `sql/<name>`, a script of any number of statements, under lock and statement timeouts.

    Names in our files are qualified, so the search path is empty unless a foreign script needs one.
    """
    try:
        run_script((SQL_FOLDER / name).read_text(encoding="utf-8"), connection, search_path=search_path)
    except psycopg.Error as error:
        error.add_note(f"in sql/{name}")
        raise


def run_script(script: str, connection: Connection | None = None, *, search_path: str = "") -> None:
    """Executes a script as `run_file` does; `connection` is the current revision's unless given."""
    driver = (connection or op.get_bind()).connection.driver_connection
    assert isinstance(driver, psycopg.Connection)
    settings = {"lock_timeout": LOCK_TIMEOUT, "statement_timeout": STATEMENT_TIMEOUT, "search_path": search_path}
    for setting, value in settings.items():
        driver.execute("select set_config(%s, %s, true)", [setting, value])
    # Without parameters psycopg sends the text as it is: several statements, and a % is a %.
    driver.execute(script.encode())
