"""What a terminal makes possible: colours, and a line that says what is waited for; and how people turn them off."""

import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal, TextIO

Style = Literal["good", "mind", "bad", "strong"]

_CODES: dict[Style, str] = {"good": "32", "mind": "33", "bad": "1;31", "strong": "1"}
# Whoever sits before it wonders soon; in a log it is worth a line when it takes really long.
_TOLD_AFTER_S, _LOGGED_AFTER_S = 0.5, 15.0


def moves(stream: TextIO | None) -> bool:
    """Whether a line that was written there can be taken back."""
    return stream is not None and stream.isatty() and os.environ.get("TERM") != "dumb"


def coloured(stream: TextIO | None) -> bool:
    """Whether to colour: NO_COLOR of any value forbids it, FORCE_COLOR asks for it, else a terminal decides."""
    if os.environ.get("NO_COLOR"):
        return False
    forced = os.environ.get("FORCE_COLOR")
    return moves(stream) if not forced else forced not in ("0", "false")


def paint(text: str, style: Style, stream: TextIO | None) -> str:
    """The text in a style, where the stream takes colours."""
    return f"\x1b[{_CODES[style]}m{text}\x1b[0m" if coloured(stream) else text


@contextmanager
def waiting(what: str, *, quiet: bool = False) -> Iterator[None]:
    """Says on standard error what takes so long, once it does; on a terminal the line is gone when it is over."""
    if quiet or sys.stderr is None:
        yield
        return
    stream, brief = sys.stderr, moves(sys.stderr)
    lock, state = threading.Lock(), {"over": False, "told": False}

    def tell() -> None:
        with lock:
            if not state["over"]:
                state["told"] = True
                print(f"{what} …", file=stream, end="" if brief else "\n", flush=True)

    timer = threading.Timer(_TOLD_AFTER_S if brief else _LOGGED_AFTER_S, tell)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        with lock:
            state["over"] = True
            if state["told"] and brief:
                print("\r\x1b[K", file=stream, end="", flush=True)
