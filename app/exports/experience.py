"""What a process has seen of ended exports, for those that have not shown yet how fast they are."""

import statistics
from collections import deque

from app.exports.pace import Speed

# Bytes of a row that differ by less are of much the same table.
_ALIKE = 0.1
# So many of the last exports tell: one that was disturbed does not decide.
_LAST = 3
_KEPT = 12
# What was seen of much the same table is worth this share of the time that the export is to take, within these
# seconds; what was seen of another is worth the least. Between one run and the next of the same export speeds differ by
# 5-10 % on a machine that does nothing else; from one table to another by half.
_WORTH, _LEAST_S, _MOST_S = 0.25, 0.1, 2.0
# What was seen of the store is worth so many seconds of a connection: some small parts, or the beginning of a large
# one.
_CONNECTION_S = 0.5
# What a folder on a disk comes to, joining and reading back; a store that joins by itself takes less.
_FINISHED_BYTES_PER_S = 800e6
# A job's way through the queue, and the requests that it makes.
_FINISHING_S = 0.05


class Memory:
    """How fast files of a kind were made, how fast a connection to the store was, and how long putting together took.

    A kind is what a file is named after its dot: its format and compression.
    """

    def __init__(self) -> None:
        self._connection: deque[float] = deque(maxlen=_LAST)
        self._making: dict[str, deque[tuple[float, float]]] = {}
        self._seconds_per_byte = 1 / _FINISHED_BYTES_PER_S
        self._finished = 0

    def note_making(self, kind: str, row_bytes: float, speed: Speed) -> None:
        """So fast such a file was made, in bytes."""
        if row_bytes > 0 and speed.gained > 0 and speed.seconds >= _LEAST_S:
            known = self._making.setdefault(kind, deque(maxlen=_KEPT))
            known.append((row_bytes, speed.gained / speed.seconds))

    def making(self, kind: str, row_bytes: float, size: float) -> Speed:
        """How fast a file of `size` bytes will be made, for as many seconds as that is worth; nothing when no such file
        was made."""
        known = self._making.get(kind)
        if not known:
            return Speed()
        alike = [rate for of, rate in known if abs(of - row_bytes) <= _ALIKE * row_bytes]
        rate = statistics.median((alike or [rate for _, rate in known])[-_LAST:])
        worth_s = min(_MOST_S, max(_LEAST_S, _WORTH * size / rate)) if alike else _LEAST_S
        return Speed(rate * worth_s, worth_s)

    def note_storing(self, speed: Speed) -> None:
        """So fast a connection took a file, or its parts."""
        if speed.gained > 0 and speed.seconds > 0:
            self._connection.append(speed.gained / speed.seconds)

    def storing(self) -> Speed:
        """How fast a connection will be, for as many seconds as that is worth."""
        return (
            Speed(statistics.median(self._connection) * _CONNECTION_S, _CONNECTION_S) if self._connection else Speed()
        )

    def finishing_s(self, size: float) -> float:
        """Seconds to put the parts of a file of so many bytes together."""
        return _FINISHING_S + size * self._seconds_per_byte

    def note_finishing(self, size: float, seconds: float) -> None:
        """It took so long. The last few count, and the first replaces what was merely believed."""
        if size <= 0:
            return
        self._finished = min(self._finished + 1, _LAST)
        found = max(0.0, seconds - _FINISHING_S) / size
        self._seconds_per_byte += (found - self._seconds_per_byte) / self._finished
