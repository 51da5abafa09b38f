"""The generator process: `python -m app.exports.generator_main`.

Orders come in on standard input, a line of JSON each; answers go out on standard output:

    {"chunk": 10000}                    rows made, after every chunk
    {"done": {...}}                     the order is carried out; the fields of `Rendered`
    {"failed": {"kind", "message"}}     it is not, and no file is left

It says {"ready": true} once the engine is loaded, and ends when its input does.
"""

import json
import os
import signal
import sys
from dataclasses import asdict
from typing import Any, BinaryIO

from app.errors import SeedbedError
from app.exports.file_renderer import FileRenderer
from app.exports.rendering import Order

_NICE = 5


def main() -> int:
    """Serves orders until there are no more."""
    # Whoever is waited for comes first: the worker's loop, which renews claims and sends parts, and the API and the
    # database where they share a machine. With the processor free, it is as fast.
    os.nice(_NICE)
    # Ctrl-C goes to the whole group; the worker decides what becomes of the order in hand.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # Nothing that a library prints may come between the answers.
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    try:
        _warm_up()
        _say(answers, {"ready": True})
        renderer = FileRenderer()
        for line in sys.stdin.buffer:
            _serve(renderer, Order.from_line(line), answers)
    except BrokenPipeError:
        # The worker is gone, and with it whoever would want the rest. `carry_out` has removed the file.
        os.close(answers.fileno())
        os._exit(1)
    return 0


def _serve(renderer: FileRenderer, order: Order, answers: BinaryIO) -> None:
    try:
        rendered = renderer.carry_out(order, lambda rows: _say(answers, {"chunk": rows}))
    except BrokenPipeError:
        raise
    except OSError as error:
        _say(answers, {"failed": {"kind": "io", "errno": error.errno, "message": error.strerror or str(error)}})
    except MemoryError:
        _say(answers, {"failed": {"kind": "memory", "message": "the generator process ran out of memory"}})
    except SeedbedError as error:
        _say(answers, {"failed": {"kind": "engine", "message": error.message}})
    except Exception as error:
        # The worker's log gets the whole story; the export's row gets no text of an unknown exception.
        _say(answers, {"failed": {"kind": "engine", "message": "the engine failed", "cause": repr(error)}})
        sys.excepthook(type(error), error, error.__traceback__)
    else:
        _say(answers, {"done": asdict(rendered)})


def _say(answers: BinaryIO, answer: dict[str, Any]) -> None:
    answers.write(json.dumps(answer, separators=(",", ":")).encode() + b"\n")
    answers.flush()


def _warm_up() -> None:
    """Loads what the first order would otherwise wait for."""
    import app.generator.engine.batches
    import app.generator.engine.compiler
    import app.generator.plan_form  # noqa: F401  # imported for the loading
    from app.generator.values.registry import entries

    entries()


if __name__ == "__main__":
    sys.exit(main())
