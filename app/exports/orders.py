"""The other end of `app.adapters.children`: a process that carries out orders until there are no more.

Orders come in on standard input: eight bytes of length, then a pickled mapping, from the service that started it. An
answer is a line of JSON and, where it says so, as many bytes as its `sizes` name: answers are read by a process that
knows secrets, so that nothing in them is ever more than data.

    {...}                     {"sizes": [...], ...}
    what cannot be            {"failed": {"kind", "message", "faults", "facts"}, "sizes": []}

Memory is bounded by the operating system; time is bounded by whoever asked, who kills the process.
"""

import json
import os
import pickle
import resource
import signal
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from typing import Any, BinaryIO

from app.errors import MOST_FAULTS, RequestRefused, SeedbedError

LENGTH_BYTES = 8
_MOST_BYTES = 2 * 1024**3
Answer = tuple[Mapping[str, Any], Sequence[bytes]]


def serve(answer: Callable[[Mapping[str, Any]], Answer], warm_up: Callable[[], None]) -> int:
    """Answers orders until there are no more. `warm_up` loads what the first order would otherwise wait for."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    answers = os.fdopen(os.dup(1), "wb")
    # Nothing that a library prints may come between the answers.
    os.dup2(2, 1)
    most = int(os.environ.get("SEEDBED_CHILD_BYTES", _MOST_BYTES))
    # What is written to, not what is reserved.
    resource.setrlimit(resource.RLIMIT_DATA, (most, most))
    warm_up()
    _say(answers, {"ready": True})
    while length := sys.stdin.buffer.read(LENGTH_BYTES):
        _say(answers, *_answered(answer, sys.stdin.buffer.read(int.from_bytes(length))))
    return 0


def _answered(answer: Callable[[Mapping[str, Any]], Answer], order: bytes) -> Answer:
    try:
        return answer(pickle.loads(order))  # noqa: S301  # from the service that started this
    except RequestRefused as refused:
        faults = [asdict(fault) for fault in refused.faults[:MOST_FAULTS]]
        return _failed(type(refused).__name__, refused.message, faults=faults), []
    except SeedbedError as error:
        return _failed(type(error).__name__, error.message, facts=error.facts), []
    except MemoryError:
        message = "the plan needs more memory than a request has"
        return _failed("PlanningFailed", message, facts={"reason": "memory"}), []
    except RecursionError:
        message = "the schema or the request is nested too deeply to be planned"
        return _failed("PlanningFailed", message, facts={"reason": "depth"}), []
    except Exception as error:
        # The log gets the whole story; the caller gets no text of an unknown exception.
        sys.excepthook(type(error), error, error.__traceback__)
        return _failed("SeedbedError", "the engine failed"), []


def _failed(kind: str, message: str, **more: Any) -> Mapping[str, Any]:
    return {"failed": {"kind": kind, "message": message, **more}}


def _say(answers: BinaryIO, answer: Mapping[str, Any], blobs: Sequence[bytes] = ()) -> None:
    told = {**answer, "sizes": [len(blob) for blob in blobs]}
    answers.write(json.dumps(told, separators=(",", ":"), default=str).encode() + b"\n")
    for blob in blobs:
        answers.write(blob)
    answers.flush()
