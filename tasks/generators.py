"""Generator processes: the rows are made in them, so that the event loop never waits and a wild plan hurts one child.

A child is a plain program that is spoken to over pipes: it can be killed in the middle of an order, it does not
depend on how the worker was started, and it is given no secret.
"""

import asyncio
import contextlib
import json
from collections.abc import Mapping
from typing import Any

import structlog

from app.adapters.children import start_program
from app.exports.failures import GenerationFailed, GeneratorDied
from app.exports.rendering import OnChunk, Order, Rendered

log = structlog.get_logger(__name__)

_PROGRAM = "app.exports.generator_main"


class GeneratorChild:
    """One generator process and the order it is at."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    @classmethod
    async def start(cls) -> "GeneratorChild":
        """Starts one; it has loaded the engine when this returns. Raises GeneratorDied."""
        process = await start_program(_PROGRAM)
        child = cls(process)
        try:
            await child._answer()
        except BaseException:
            await child.kill()
            raise
        return child

    async def carry_out(self, order: Order, on_chunk: OnChunk) -> Rendered:
        """Raises GenerationFailed, GeneratorDied, OSError."""
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(order.to_line())
            await self._process.stdin.drain()
        except (BrokenPipeError, ConnectionResetError):
            raise GeneratorDied("the generator process was gone before it began") from None
        while True:
            answer = await self._answer()
            if "chunk" in answer:
                on_chunk(answer["chunk"])
            elif "done" in answer:
                return Rendered(**answer["done"])
            else:
                raise _failure(answer["failed"])

    @property
    def alive(self) -> bool:
        return self._process.returncode is None

    async def kill(self) -> None:
        """Ends it at once, whatever it is at."""
        with contextlib.suppress(ProcessLookupError):
            self._process.kill()
        await self._process.wait()

    async def _answer(self) -> Mapping[str, Any]:
        assert self._process.stdout is not None
        line = await self._process.stdout.readline()
        if not line.endswith(b"\n"):
            code = await self._process.wait()
            raise GeneratorDied(f"the generator process ended ({_ending(code)})", exit_code=code)
        answer: Mapping[str, Any] = json.loads(line)
        return answer


class GeneratorPool:
    """As many children as there are to work at once. The `Renderer` of `app.exports.rendering`."""

    def __init__(self, size: int) -> None:
        self.size = size
        self._idle: asyncio.LifoQueue[GeneratorChild | None] = asyncio.LifoQueue()
        self._children: set[GeneratorChild] = set()

    async def __aenter__(self) -> "GeneratorPool":
        """Starts every child, so that the first order waits for none."""
        try:
            self._children.update(await asyncio.gather(*(GeneratorChild.start() for _ in range(self.size))))
        except BaseException:
            await self.__aexit__()
            raise
        for child in self._children:
            self._idle.put_nowait(child)
        return self

    async def __aexit__(self, *_: object) -> None:
        await asyncio.gather(*(child.kill() for child in self._children))
        self._children.clear()

    async def render(self, order: Order, on_chunk: OnChunk) -> Rendered:
        """Waits for a child to be free and has it carry the order out. Raises GenerationFailed, GeneratorDied,
        OSError. Cancelling it kills the child; what it had written so far is the caller's to remove."""
        child = await self._idle.get()
        healthy = False
        try:
            if child is None or not child.alive:
                child = await self._replace(child)
            rendered = await child.carry_out(order, on_chunk)
            healthy = True
            return rendered
        except (GenerationFailed, OSError):
            healthy = True
            raise
        finally:
            if not healthy and child is not None:
                # In the middle of an order it can only be killed; the next one starts another.
                await asyncio.shield(self._discard(child))
                child = None
            self._idle.put_nowait(child)

    async def _replace(self, dead: GeneratorChild | None) -> GeneratorChild:
        if dead is not None:
            await self._discard(dead)
        child = await GeneratorChild.start()
        self._children.add(child)
        return child

    async def _discard(self, child: GeneratorChild) -> None:
        await child.kill()
        self._children.discard(child)


def _failure(failed: Mapping[str, Any]) -> Exception:
    if failed["kind"] == "io":
        return OSError(failed["errno"], failed["message"])
    if failed["kind"] == "memory":
        return GeneratorDied(failed["message"])
    if "cause" in failed:
        log.error("engine_failed", cause=failed["cause"])
    return GenerationFailed(failed["message"])


def _ending(code: int) -> str:
    return f"signal {-code}" if code < 0 else f"exit code {code}"
