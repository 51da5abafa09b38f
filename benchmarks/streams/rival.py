"""The same service as one would write it with sse-starlette: LISTEN, a queue for each subscriber, a generator.

`python -m benchmarks.streams.rival DATABASE_URL`: prints its port and serves until it is ended.
"""

import asyncio
import contextlib
import json
import sys
from collections.abc import AsyncIterator
from typing import Any

import psycopg
import uvicorn
import uvloop
from psycopg.rows import dict_row
from sse_starlette import EventSourceResponse, ServerSentEvent
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.routing import Route

# Where its subscribers begin, as a service that has been up for long knows it.
_NEWEST = "select export_id::text, max(seq) as seq from generator_export_events group by export_id"
_READ = (
    "select seq, kind, status, progress_percent, rows_generated, details, created_at"
    " from generator_export_events where export_id = %s and seq > %s order by seq"
)


class Broker:
    """Reads an export's new events when it is told of, and puts them into its subscribers' queues."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._queues: dict[str, set[asyncio.Queue[dict[str, Any]]]] = {}
        self._cursors: dict[str, int] = {}

    def subscribe(self, export_id: str) -> "asyncio.Queue[dict[str, Any]]":
        queue: asyncio.Queue[dict[str, Any]] = asyncio.Queue(256)
        self._queues.setdefault(export_id, set()).add(queue)
        return queue

    def leave(self, export_id: str, queue: "asyncio.Queue[dict[str, Any]]") -> None:
        self._queues[export_id].discard(queue)

    async def run(self) -> None:
        async with (
            await psycopg.AsyncConnection.connect(self._url, autocommit=True) as listening,
            await psycopg.AsyncConnection.connect(self._url, autocommit=True, row_factory=dict_row) as reading,
        ):
            await listening.execute('listen "test-data-exports-progress"')
            newest = await (await reading.execute(_NEWEST)).fetchall()
            self._cursors = {row["export_id"]: row["seq"] for row in newest}
            async for notification in listening.notifies():
                queues = self._queues.get(notification.payload)
                if not queues:
                    continue
                cursor = self._cursors.get(notification.payload, 0)
                rows = await (await reading.execute(_READ, [notification.payload, cursor])).fetchall()
                for row in rows:
                    self._cursors[notification.payload] = row["seq"]
                    for queue in [*queues]:
                        queue.put_nowait(row)


def create_app(url: str) -> Starlette:
    broker = Broker(url)

    async def events(request: Request) -> EventSourceResponse:
        export_id = request.path_params["export_id"]
        queue = broker.subscribe(export_id)

        async def stream() -> AsyncIterator[ServerSentEvent]:
            try:
                while True:
                    row = await queue.get()
                    data = {
                        "jobId": export_id,
                        "seq": row["seq"],
                        "kind": row["kind"],
                        "status": row["status"],
                        "progressPercent": float(row["progress_percent"]),
                        "rowsGenerated": row["rows_generated"],
                        "details": row["details"],
                        "createdAt": row["created_at"].isoformat(),
                    }
                    yield ServerSentEvent(json.dumps(data), event=row["kind"], id=str(row["seq"]), retry=2000)
            finally:
                broker.leave(export_id, queue)

        return EventSourceResponse(stream(), ping=15)

    @contextlib.asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        task = asyncio.create_task(broker.run())
        yield
        task.cancel()

    return Starlette(routes=[Route("/events/{export_id}", events)], lifespan=lifespan)


async def serve(url: str) -> None:
    server = uvicorn.Server(uvicorn.Config(create_app(url), port=0, log_level="error", access_log=False))
    task = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110  # uvicorn has no event for it
        await asyncio.sleep(0.01)
    print(server.servers[0].sockets[0].getsockname()[1], flush=True)
    await task


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(serve(sys.argv[1]))
