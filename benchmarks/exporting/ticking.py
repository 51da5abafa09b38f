"""The API or a worker with a clock in its event loop: `python -m benchmarks.exporting.ticking api|worker FILE`.

Every 5 ms the loop is to come by. The longest it was late stands in FILE, in milliseconds; and after it the longest
that the loop's own thread computed in between, which another program's turn on the processor does not lengthen.
"""

import asyncio
import os
import sys
import time
from pathlib import Path

from app.logging import configure_logging
from app.settings import Settings

_TICK_S = 0.005
# Start-up imports for a while; nobody is served yet.
_SETTLED_S = 3.0


async def _tick(file: Path) -> None:
    loop = asyncio.get_running_loop()
    longest = (0.0, 0.0)
    file.write_text("0 0")  # noqa: ASYNC240  # a few bytes, now and then
    await asyncio.sleep(_SETTLED_S)
    while True:
        due, computed_s = loop.time() + _TICK_S, time.thread_time()
        await asyncio.sleep(_TICK_S)
        found = (loop.time() - due, time.thread_time() - computed_s)
        worst = (max(longest[0], found[0]), max(longest[1], found[1]))
        if worst != longest:
            # Written at once: a server may end by the signal that it was told to end by.
            longest = worst
            file.write_text(f"{longest[0] * 1000} {longest[1] * 1000}")  # noqa: ASYNC240  # as above


async def _serve(what: str, file: Path) -> None:
    settings = Settings.from_env(os.environ)
    configure_logging(log_format=settings.log_format, level=settings.log_level, secrets=settings.secrets())
    ticking = asyncio.create_task(_tick(file))
    try:
        if what == "api":
            from app.main import serve

            await serve(settings)
        else:
            from tasks.app import WorkerApp

            async with (worker := WorkerApp(settings)).open_async():
                await worker.run_worker_async()
    finally:
        ticking.cancel()


if __name__ == "__main__":
    import uvloop

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_serve(sys.argv[1], Path(sys.argv[2])))
