"""The preview process and the line in front of it: the event loop waits, and computes nothing.

A plan is whatever a request made of somebody's schema. It is tried where it can do no harm: in a child with a bound on
its memory, that is killed when it takes too long, and that knows no secret.
"""

import asyncio
import contextlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

from app.adapters.children import start_program
from app.errors import Fault, PlanRefused, PreviewFailed
from app.exports.documents import Document

_PROGRAM = "app.exports.preview_main"
_LONGEST_ANSWER = 256 * 1024 * 1024


class PreviewProcess:
    """One child, started when it is first asked; requests stand in line for it."""

    def __init__(self, *, limit_s: float = 20.0, wait_s: float = 30.0, most_bytes: int = 2 * 1024**3) -> None:
        """`limit_s` bounds one answer, `wait_s` the standing in line, `most_bytes` the child's memory."""
        self._limit_s, self._wait_s, self._most_bytes = limit_s, wait_s, most_bytes
        self._turn = asyncio.Lock()
        self._process: asyncio.subprocess.Process | None = None

    async def preview(self, plan: Document, rows: int, tables: Sequence[str] | None = None) -> list[dict[str, Any]]:
        """{name, columns, rows} of each table, in load order. Raises PreviewFailed, PlanRefused."""
        answer = await self._ask({"plan": plan.text.decode(), "rows": rows, "tables": tables})
        found: list[dict[str, Any]] = answer["preview"]
        return found

    async def explain(self, plan: Document) -> Mapping[str, Any]:
        """The fields of `app.generator.explaining.Explanation`. Raises PreviewFailed, PlanRefused."""
        found: Mapping[str, Any] = (await self._ask({"plan": plan.text.decode(), "explain": True}))["explained"]
        return found

    async def summarise(self, plan: Document, rows: int) -> list[dict[str, Any]]:
        """The fields of `app.generator.summary.TableSummary` of each table. Raises PreviewFailed, PlanRefused."""
        from app.exports.previewing import SUMMARY_CELLS

        answer = await self._ask({"plan": plan.text.decode(), "summary": rows, "cells": SUMMARY_CELLS})
        found: list[dict[str, Any]] = answer["summary"]
        return found

    async def close(self) -> None:
        """Ends the child."""
        process, self._process = self._process, None
        if process is not None:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()

    async def _ask(self, order: Mapping[str, Any]) -> Mapping[str, Any]:
        try:
            async with asyncio.timeout(self._wait_s):
                await self._turn.acquire()
        except TimeoutError:
            raise PreviewFailed("too many previews are asked for at the moment; try again", reason="busy") from None
        try:
            answer = await self._answered(order)
        finally:
            self._turn.release()
        if "failed" in answer:
            raise _failure(answer["failed"])
        return answer

    async def _answered(self, order: Mapping[str, Any]) -> Mapping[str, Any]:
        process = await self._running()
        assert process.stdin is not None
        healthy = False
        try:
            async with asyncio.timeout(self._limit_s):
                process.stdin.write(json.dumps(order, separators=(",", ":")).encode() + b"\n")
                await process.stdin.drain()
                answer = await self._line(process)
            healthy = True
            return answer
        except TimeoutError:
            message = f"the first rows take longer than {self._limit_s:g} s"
            raise PreviewFailed(message, reason="time") from None
        except (ConnectionResetError, BrokenPipeError, EOFError):
            raise PreviewFailed("the preview process ended in the middle of it", reason="died") from None
        finally:
            if not healthy:
                # In the middle of an order it can only be killed; also when whoever asked has gone.
                await asyncio.shield(self.close())

    async def _running(self) -> asyncio.subprocess.Process:
        if self._process is None or self._process.returncode is not None:
            self._process = await start_program(
                _PROGRAM, longest_line=_LONGEST_ANSWER, SEEDBED_PREVIEW_BYTES=str(self._most_bytes)
            )
            await self._line(self._process)
        return self._process

    async def _line(self, process: asyncio.subprocess.Process) -> Mapping[str, Any]:
        assert process.stdout is not None
        line = await process.stdout.readline()
        if not line.endswith(b"\n"):
            raise EOFError
        answer: Mapping[str, Any] = await asyncio.to_thread(json.loads, line) if len(line) > 65536 else json.loads(line)
        return answer


def _failure(failed: Mapping[str, Any]) -> Exception:
    if "faults" in failed:
        return PlanRefused([Fault(**fault) for fault in failed["faults"]])
    return PreviewFailed(str(failed["message"]), reason="engine")
