"""`seedbed migrate`: the service's tables, policies and queue, brought to what this version needs."""

import argparse
import os
import sys
import time
from collections.abc import Callable

from app.errors import ConfigurationInvalid, DatabaseUnavailable


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
    settings = Settings.from_env(environ, needs=frozenset({"database"}))
    url = settings.listen_url
    before = _patiently(lambda: current(url), settings.database_timeout_s)
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


def _patiently(look: Callable[[], str | None], most_s: float) -> str | None:
    """What a look at the database finds; it may be starting at this moment, as everything else that is deployed.

    Raises ConfigurationInvalid when no waiting would help, and DatabaseUnavailable after `most_s` seconds.
    """
    import psycopg

    from app.adapters.postgres.readiness import WAITS_S, is_final

    deadline, tries = time.monotonic() + most_s, 0
    while True:
        try:
            return look()
        except psycopg.OperationalError as error:
            told = " ".join(str(error).split())
            if is_final(told):
                raise ConfigurationInvalid(f"DATABASE_URL does not lead to a database we may use: {told}") from None
            wait_s = WAITS_S[min(tries, len(WAITS_S) - 1)]
            if time.monotonic() + wait_s > deadline:
                raise DatabaseUnavailable(f"the database cannot be reached: {told}") from None
            if not tries:
                print(f"waiting for the database, for up to {most_s:g} s: {told}", file=sys.stderr)
            tries += 1
            time.sleep(wait_s)  # a database that comes tells nobody; bounded by the deadline above
