"""What ended exports have shown, for those that have not shown yet how fast they are."""

import statistics
from collections import deque
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from app.exports.pace import Pace
from app.exports.speeds import NOTHING, UNKNOWN, Sharing, Speed

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
# What is thought of a store that nobody has seen, and is worth little: a folder on a disk takes some hundred megabytes
# a second of a writer, and Amazon counts on 85-90 for a connection to S3.
_UNSEEN_BYTES_PER_S, _UNSEEN_S = 200e6, 0.1
# Parts at once that are expected when nobody has seen any: a worker takes five by default.
_UNSEEN_WIDTH = 5
_SPEEDS = ("made", "connection", "joined", "storing")
# What is smaller takes the time of a request, not of its bytes.
_LEAST_BYTES = 1e6
# What a folder on a disk comes to, joining and reading back; a store that joins by itself takes less.
_FINISHED_BYTES_PER_S = 800e6
# A job's way through the queue, and the requests that it makes.
_FINISHING_S = 0.05


@dataclass(frozen=True, slots=True)
class Shown:
    """What an export has shown when it is completed: in bytes, how fast its file was made, how fast a connection took
    it and how fast all of them together, and how fast its parts were put together. `kind` is what the file is named
    after its dot, which tells its format and compression. There were `width` parts at once at most, and
    `sharing` is whether connections shared a link.
    """

    kind: str
    row_bytes: float
    made: Speed = NOTHING
    connection: Speed = NOTHING
    joined: Speed = NOTHING
    storing: Speed = NOTHING
    width: int = 1
    sharing: Sharing = UNKNOWN

    @classmethod
    def by(cls, kind: str, rows: int, pace: Pace, now: float) -> "Shown":
        """By the pace of an export that is completed."""
        resting_s = pace.rested(now)
        joined = Speed() if resting_s is None else Speed(pace.bytes, resting_s)
        return cls(
            kind,
            pace.bytes / max(1, rows),
            pace.made_in_all(now),
            pace.connection,
            joined,
            pace.storing,
            pace.width,
            pace.sharing,
        )

    def to_json(self) -> dict[str, Any]:
        """Plain data; `from_json` reads it back to an equal one."""
        told = {name: getattr(self, name).to_list() for name in _SPEEDS}
        plain = {"kind": self.kind, "rowBytes": self.row_bytes, "width": self.width}
        return {**plain, "sharing": self.sharing.to_list(), **told}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Shown":
        """Of another release's, what it has."""
        speeds = {name: Speed.of(data[name]) for name in _SPEEDS if name in data}
        sharing = Sharing.of(data.get("sharing", ()))
        return cls(data["kind"], data["rowBytes"], **speeds, width=data.get("width", 1), sharing=sharing)


class Memory:
    """How fast files of a kind were made, how fast a connection to the store was, how long putting together took."""

    def __init__(self, shown: Iterable[Shown] = ()) -> None:
        """By what was `shown`, the last one at the end."""
        self._connection: deque[float] = deque(maxlen=_LAST)
        self._together: deque[float] = deque(maxlen=_LAST)
        self._widths: deque[int] = deque(maxlen=_KEPT)
        self._sharing: deque[Sharing] = deque(maxlen=_LAST)
        self._making: dict[str, deque[tuple[float, float]]] = {}
        self._seconds_per_byte: deque[float] = deque(maxlen=_LAST)
        for one in shown:
            self._note(one)

    def _note(self, one: Shown) -> None:
        if one.row_bytes > 0 and one.made.gained > 0 and one.made.seconds >= _LEAST_S:
            known = self._making.setdefault(one.kind, deque(maxlen=_KEPT))
            known.append((one.row_bytes, one.made.gained / one.made.seconds))
        if one.connection.gained >= _LEAST_BYTES and one.connection.seconds > 0:
            self._connection.append(one.connection.gained / one.connection.seconds)
        if one.storing.gained >= _LEAST_BYTES and one.storing.seconds > 0:
            self._together.append(one.storing.gained / one.storing.seconds)
            self._widths.append(one.width)
        if one.sharing.spread > 0:
            self._sharing.append(one.sharing)
        if one.joined.gained > 0:
            self._seconds_per_byte.append(max(0.0, one.joined.seconds - _FINISHING_S) / one.joined.gained)

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

    def of_the_store(self, pace: Pace) -> Pace:
        """With what is thought of the store: how fast a connection will be, and all of them, and how many there will
        be."""
        return replace(
            pace,
            reach=max(self._widths, default=_UNSEEN_WIDTH),
            guessed=not self._connection,
            believed=_believed(self._connection),
            together=_believed(self._together),
            shared=Sharing(
                spread=sum(one.spread for one in self._sharing), fall=sum(one.fall for one in self._sharing)
            ),
        )

    def finishing_s(self, size: float) -> float:
        """Seconds to put the parts of a file of so many bytes together."""
        seconds_per_byte = self._seconds_per_byte or [1 / _FINISHED_BYTES_PER_S]
        return _FINISHING_S + size * statistics.mean(seconds_per_byte)


def _believed(rates: Collection[float]) -> Speed:
    if not rates:
        return Speed(_UNSEEN_BYTES_PER_S * _UNSEEN_S, _UNSEEN_S)
    return Speed(statistics.median(rates) * _CONNECTION_S, _CONNECTION_S)
