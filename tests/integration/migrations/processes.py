"""Migrations by several processes at once, as when an app starts on several machines."""

import subprocess
import sys
from collections.abc import Iterable

_PROGRAM = "import sys; from app.adapters.postgres.migrations import upgrade; sys.stdin.read(); upgrade(sys.argv[1])"


def upgrade_in_processes(database_urls: Iterable[str]) -> None:
    """Upgrades each URL in a process of its own, all at the same moment; raises what one of them said in failing."""
    processes = [
        subprocess.Popen(
            [sys.executable, "-W", "error", "-c", _PROGRAM, url],
            stdin=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for url in database_urls
    ]
    # Each has loaded its modules, or is about to, when the first is let go.
    for process in processes:
        assert process.stdin is not None
        process.stdin.close()
        process.stdin = None
    said = [process.communicate()[1] for process in processes]
    if any(process.returncode for process in processes):
        raise RuntimeError("\n".join(said))
