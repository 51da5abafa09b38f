"""`seedbed migrate`: the service's tables, policies and queue, brought to what this version needs."""

import argparse
import os

from app.errors import DatabaseUnavailable


def configure(parser: argparse.ArgumentParser) -> None:
    """Adds the command's arguments."""
    parser.add_argument("--database-url", metavar="U", help="instead of DATABASE_URL")
    direction = parser.add_mutually_exclusive_group()
    direction.add_argument("--to", metavar="REVISION", help="go up to this revision only")
    direction.add_argument("--down-to", metavar="REVISION", help="go back to this revision; base removes everything")
    parser.epilog = "Any number of processes may migrate at once: one does it, the others wait and find it done."


def run(args: argparse.Namespace) -> int:
    """Migrates, and says from where to where."""
    from app.adapters.postgres.migrations import current, downgrade, upgrade
    from app.settings import Settings

    environ = dict(os.environ)
    if args.database_url:
        environ["DATABASE_URL"] = args.database_url
    url = Settings.from_env(environ, needs=frozenset({"database"})).listen_url
    import psycopg

    try:
        before = current(url)
    except psycopg.OperationalError as error:
        raise DatabaseUnavailable(f"the database cannot be reached: {' '.join(str(error).split())}") from None
    if args.down_to:
        downgrade(url, args.down_to)
    else:
        upgrade(url, args.to or "head")
    after = current(url)
    if before == after:
        print(f"the database is at {after or 'nothing'} already")
    else:
        print(f"migrated from {before or 'nothing'} to {after or 'nothing'}")
    return 0
