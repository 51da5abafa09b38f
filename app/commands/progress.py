"""Progress for people: a bar on a terminal, a line now and then elsewhere; results go to the other stream."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from app.commands.terminal import bare, moves, waiting

# Below this the work is over before a bar could be read, and drawing one would take longer than the work.
_LEAST_ROWS = 200_000
_LINE_EVERY_S = 10.0

Advance = Callable[[int], None]


@contextmanager
def show_rows(what: str, total: int, *, quiet: bool = False, least: int = _LEAST_ROWS) -> Iterator[Advance]:
    """Gives a function to be told of rows as they are made; shows rows per second and the time that is left."""
    if quiet or total < least:
        # Of many tables a few rows each take their time too, of which a bar of rows would say nothing.
        with waiting(f"{what} {total:,} rows", quiet=quiet):
            yield lambda rows: None
        return
    if not moves(sys.stderr):
        yield _lines(what, total)
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, ProgressColumn, Task, TextColumn, TimeRemainingColumn
    from rich.text import Text

    class RowsColumn(ProgressColumn):
        """`1,200,000 of 5,000,000 rows, 350,000/s`"""

        def render(self, task: Task) -> Text:
            pace = f", {task.speed:,.0f}/s" if task.speed else ""
            return Text(f"{int(task.completed):,} of {int(task.total or 0):,} rows{pace}")

    columns = (TextColumn("{task.description}"), BarColumn(), RowsColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(file=bare(sys.stderr)), transient=True) as progress:
        task = progress.add_task(what, total=total)
        yield lambda rows: progress.advance(task, rows)


def _lines(what: str, total: int) -> Advance:
    """A line every ten seconds, for logs."""
    began = told = time.monotonic()
    done = 0

    def advance(rows: int) -> None:
        nonlocal told, done
        done += rows
        now = time.monotonic()
        if now - told >= _LINE_EVERY_S:
            told, pace = now, done / (now - began)
            left = (total - done) / pace if pace else 0
            line = f"{what}: {done:,} of {total:,} rows, {pace:,.0f}/s, {left:,.0f} s left"
            print(line, file=sys.stderr, flush=True)

    return advance


def in_units(count: float) -> str:
    """Bytes as people read them: `1.5 MB`."""
    for unit in ("bytes", "kB", "MB", "GB"):
        if count < 1000:
            return f"{count:,.0f} {unit}" if unit == "bytes" else f"{count:,.1f} {unit}"
        count /= 1000
    return f"{count:,.1f} TB"
