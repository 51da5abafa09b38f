"""What the demonstration asks for, and how it tells of it."""

import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Protocol

from app.demo import shop_ddl
from app.demo.client import Client, DemoFailed, Downloaded, Event
from app.demo.place import DemoPlace

# Small enough to be over in seconds on any machine, and large enough that one sees it move.
_ROWS: Mapping[str, Any] = {
    "*": 1_000,
    "employees": 40,
    "brands": 25,
    "categories": 60,
    "products": 1_200,
    "customers": 5_000,
    "addresses": 6_000,
    "orders": 12_000,
    "order_lines": 30_000,
    "payments": 12_000,
}
_SEED = "bike shop"
_ENDED_WELL = "completed"


class Teller(Protocol):
    """Shows how far the export is."""

    def tell(self, event: Event) -> None: ...


async def make_export(
    client: Client, place: DemoPlace, say: Callable[[str], None]
) -> tuple[str, Mapping[str, Any], Downloaded]:
    """One export from the request to the file: the job's id, its metadata, the file. Raises DemoFailed."""
    job_id = await client.create_export(
        {
            "schema": {"ddl": shop_ddl()},
            "config": {"format": "csv", "rows": dict(_ROWS), "chunkRows": 1_000, "fileName": "bike-shop"},
            "seed": _SEED,
        }
    )
    with _telling(say) as teller:
        async for event in client.follow(job_id):
            teller.tell(event)
    metadata = await client.export(job_id)
    if metadata["status"] != _ENDED_WELL:
        details = metadata.get("errorDetails") or {}
        raise DemoFailed(f"the export ended as {metadata['status']}: {details.get('message')} ({details.get('code')})")
    file = await client.download(metadata["downloadUrl"], place.results() / "bike-shop.zip")
    return job_id, metadata, file


@contextmanager
def _telling(say: Callable[[str], None]) -> Iterator[Teller]:
    """A bar on a terminal, lines elsewhere."""
    if not sys.stderr.isatty():
        yield _Lines(say)
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("  {task.description}"), BarColumn(), TextColumn("{task.fields[rows]}"), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True)) as progress:
        task = progress.add_task("queued", total=100, rows="")

        class Bar:
            def tell(self, event: Event) -> None:
                rows = f"{int(event.data.get('rowsGenerated') or 0):,} rows"
                percent = float(event.data.get("progressPercent") or 0)
                progress.update(task, completed=percent, description=event.data.get("status", ""), rows=rows)

        yield Bar()


class _Lines:
    """A line for each tenth of the way, and for each change of the status."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say
        self._told: tuple[str, int] | None = None

    def tell(self, event: Event) -> None:
        status, percent = str(event.data.get("status", "")), float(event.data.get("progressPercent") or 0)
        step = (status, int(percent // 10))
        if step != self._told:
            self._told = step
            self._say(f"  {percent:5.1f} %  {int(event.data.get('rowsGenerated') or 0):>9,} rows  {status}")
