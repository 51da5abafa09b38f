"""Progress for people: a bar on a terminal, nothing elsewhere; on standard error, since results go to the other."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

# Below this the work is over before a bar could be read, and drawing one would take longer than the work.
_LEAST_ROWS = 200_000

Advance = Callable[[int], None]


@contextmanager
def show_rows(what: str, total: int, *, quiet: bool = False, least: int = _LEAST_ROWS) -> Iterator[Advance]:
    """Gives a function to be told of rows as they are made; shows rows per second and the time that is left."""
    if quiet or total < least or not sys.stderr.isatty():
        yield lambda rows: None
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
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task(what, total=total)
        yield lambda rows: progress.advance(task, rows)


def in_units(count: float) -> str:
    """Bytes as people read them: `1.5 MB`."""
    for unit in ("bytes", "kB", "MB", "GB"):
        if count < 1000:
            return f"{count:,.0f} {unit}" if unit == "bytes" else f"{count:,.1f} {unit}"
        count /= 1000
    return f"{count:,.1f} TB"
