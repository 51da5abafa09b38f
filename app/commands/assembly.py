"""A file put together from its parts, by this process and the hands that help it, in whatever order they are done.

Where a part belongs is known when all parts before it have been made, whoever makes them. This process makes parts
like the others, and looks after them between two of its own pieces.
"""

import os
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from app.commands.crew import MOST_HELD, PIECES_AT_ONCE, SPOOL_STRIDE, Crew, Hand, write_in_turn

if TYPE_CHECKING:
    from app.generator.layout import Facts, Layout, Part
    from app.generator.plan import Plan

_READ_BYTES = 1024 * 1024
# Pieces that wait for their turn to be written; with more nothing else is done.
_MOST_UNWRITTEN = 32


class Digest(Protocol):
    """A hash that is being computed."""

    def update(self, data: bytes, /) -> None: ...


@dataclass(frozen=True, slots=True)
class Target:
    """Where the bytes go: into the file at `path`, at any place; or, without a path, one after the other."""

    write: Callable[[bytes], Any]
    descriptor: int = -1
    path: str | None = None


@dataclass(slots=True)
class _Made:
    """A part that is made: the hand that has it and how many it had made before, or the pieces not yet written."""

    facts: "Facts"
    hand: Hand | None = None
    turn: int = 0
    pieces: list[bytes] | None = None


class Assembly:
    """One file. `digest` is fed all its bytes in their order; `size` says how many there are."""

    def __init__(
        self,
        plan: "Plan",
        shape: "Layout",
        chunk_rows: int,
        crew: Crew,
        target: Target,
        digest: Digest | None,
        on_rows: Callable[[int], None],
    ) -> None:
        self._plan, self._shape, self._chunk_rows = plan, shape, chunk_rows
        self._crew, self._target, self._digest, self._on_rows = crew, target, digest, on_rows
        self._waiting = deque(shape.parts)
        self._facts: dict[int, Facts] = {}
        self._made: dict[int, _Made] = {}
        # The first part that has no place yet, and the place it will have.
        self._turn, self.size = 1, 0
        # Where parts begin that a hand is still writing; and pieces that this process is to write, with their places.
        self._in_writing: dict[int, int] = {}
        self._unwritten: deque[tuple[int, bytes]] = deque()
        self._hashed = 0

    def run(self) -> int:
        """Makes and writes all parts and what follows them; the CRC-32 of all. Raises HandLost, OSError."""
        from app.generator.layout import object_crc32, render_tail

        self._crew.muster(len(self._shape.parts), self._shape, self._chunk_rows, self._target.path)
        while self._waiting:
            self._attend()
            if not self._is_ahead() and (part := self._next()) is not None:
                self._make(part)
            elif self._waiting:
                self._attend(wait=True)
        while self._turn <= len(self._shape.parts) or self._in_writing:
            self._attend(wait=True)
        self._crew.dismiss()
        facts = [self._facts[part.number] for part in self._shape.parts]
        tail = render_tail(self._plan, self._shape, facts)
        self._put(tail)
        self._write(wait=True)
        self._hash()
        return object_crc32(facts, tail)

    def _is_ahead(self) -> bool:
        """Whether as many parts as may be held here wait for one that a hand is making."""
        return sum(made.hand is None for made in self._made.values()) >= MOST_HELD

    def _next(self) -> "Part | None":
        """The next part to be made; None when there is none, or none that could be made now."""
        if not self._waiting:
            return None
        part = self._waiting[0]
        # A late part is made from the facts of all that come before it.
        if part.late and len(self._facts) < part.number - 1:
            return None
        return self._waiting.popleft()

    def _earlier(self, part: "Part") -> "list[Facts]":
        return [self._facts[number] for number in range(1, part.number)] if part.late else []

    def _make(self, part: "Part") -> None:
        from app.generator.layout import render_part

        rendered = render_part(
            self._plan, self._shape, part, self._chunk_rows, self._on_rows, earlier=self._earlier(part)
        )
        held: list[bytes] = []
        for piece in rendered:
            held.append(piece)
            if self._turn == part.number:
                self._put(*held)
                held.clear()
            self._attend()
        self._take(part.number, _Made(rendered.facts, pieces=held))

    def _attend(self, *, wait: bool = False) -> None:
        """Takes the hands' answers, and sees to it that they have something to do."""
        self._write(wait=wait)
        for hand, (what, result) in self._crew.answers(wait=wait):
            match what:
                case "made":
                    hand.making -= 1
                    hand.made += 1
                    self._on_rows(result["rows"])
                    self._take(result["part"], _Made(result, hand, hand.made - 1))
                case "written":
                    hand.held -= 1
                    del self._in_writing[result]
                case _:
                    raise result
        for hand in self._crew.hands:
            # The next part waits for a hand while it makes one, but not the last ones: whoever is ready takes those.
            most = 2 if len(self._waiting) > len(self._crew.hands) + 1 else 1
            while hand.making < most and hand.held < MOST_HELD and (part := self._next()) is not None:
                hand.ask("make", part.number, self._earlier(part))
                hand.making += 1
                hand.held += 1
        self._hash()

    def _take(self, number: int, made: _Made) -> None:
        """Notes a part that is made, and gives places to all that can have one."""
        self._facts[number], self._made[number] = made.facts, made
        while (ready := self._made.pop(self._turn, None)) is not None:
            if ready.hand is None:
                self._put(*ready.pieces or ())
            elif self._target.path is not None:
                ready.hand.ask("write", self._turn, self.size)
                self._in_writing[self._turn] = self.size
                self.size += ready.facts["bytes"]
            else:
                self._fetch(ready.hand, ready.turn % MOST_HELD * SPOOL_STRIDE, ready.facts["bytes"])
            self._turn += 1

    def _put(self, *pieces: bytes) -> None:
        """Gives pieces their places, one behind the other: they are written in their turn."""
        for piece in pieces:
            if self._target.path is None:
                self._target.write(piece)
            else:
                self._unwritten.append((self.size, piece))
            if self._digest is not None and self._hashed == self.size:
                self._digest.update(piece)
                self._hashed += len(piece)
            self.size += len(piece)

    def _write(self, *, wait: bool = False) -> None:
        """Writes some of what waits for it, unless somebody else is writing; with `wait` all."""
        left = 0 if wait else max(0, len(self._unwritten) - PIECES_AT_ONCE)
        wait = wait or len(self._unwritten) > _MOST_UNWRITTEN or not self._crew.hands
        while len(self._unwritten) > left:
            at, piece = self._unwritten[0]
            if not write_in_turn(self._target.descriptor, piece, at, wait=wait):
                return
            self._unwritten.popleft()

    def _fetch(self, hand: Hand, at: int, size: int) -> None:
        """Writes what a hand has put into its spool."""
        end = at + size
        while at < end:
            piece = os.pread(hand.spool, min(_READ_BYTES, end - at), at)
            self._put(piece)
            at += len(piece)
        hand.held -= 1

    def _hash(self) -> None:
        """Feeds the digest all that stands in the file without a gap."""
        gapless = min(self._in_writing.values(), default=self.size)
        if self._unwritten:
            gapless = min(gapless, self._unwritten[0][0])
        while self._digest is not None and self._hashed < gapless:
            piece = os.pread(self._target.descriptor, min(_READ_BYTES, gapless - self._hashed), self._hashed)
            self._digest.update(piece)
            self._hashed += len(piece)
