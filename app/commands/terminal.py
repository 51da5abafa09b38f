"""What a terminal makes possible: colours, and a line that says what is waited for; and how people turn them off.

What it makes possible is not for names and values of somebody's schema: see `Shown`.
"""

import os
import re
import sys
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any, Literal, TextIO, cast

Style = Literal["good", "mind", "bad", "strong"]

_CODES: dict[Style, str] = {"good": "32", "mind": "33", "bad": "1;31", "strong": "1"}
# C0 but tab and line feed, DEL, C1, and what reorders the text around it.
_UNSAFE = re.compile(
    rf"(?P<own>\x1b\[(?:{'|'.join([*_CODES.values(), '0'])})m|\r\x1b\[K)"
    r"|[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]"
)
# Whoever sits before it wonders soon; in a log it is worth a line when it takes really long.
_TOLD_AFTER_S, _LOGGED_AFTER_S = 0.5, 15.0


class Shown:
    """A text stream on which no name or value of somebody's moves the cursor, retitles the window or turns text around:
    such characters are written as JSON would write them, which leaves JSON what it was. Our own colours pass."""

    def __init__(self, stream: TextIO) -> None:
        self.bare = stream

    def write(self, text: str) -> int:
        return self.bare.write(_UNSAFE.sub(_spelled, text))

    def writelines(self, lines: Iterable[str]) -> None:
        self.write("".join(lines))

    def __getattr__(self, name: str) -> Any:
        return getattr(self.bare, name)


def _spelled(found: "re.Match[str]") -> str:
    return found[0] if found["own"] else f"\\u{ord(found[0]):04x}"


@contextmanager
def showing() -> Iterator[None]:
    """Within, what is printed goes by `Shown`; bytes that are written to a stream's buffer are data and pass."""
    out, err = sys.stdout, sys.stderr
    if out is not None:
        sys.stdout = cast("TextIO", Shown(out))
    if err is not None:
        sys.stderr = cast("TextIO", Shown(err))
    try:
        yield
    finally:
        sys.stdout, sys.stderr = out, err


def bare(stream: TextIO) -> TextIO:
    """The stream itself, for what draws on a terminal."""
    return stream.bare if isinstance(stream, Shown) else stream


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
