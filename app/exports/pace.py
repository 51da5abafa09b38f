"""The pace of a running export, and when it will end by it.

An export is made and stored at the same time, and ends when the slower of the two does: `made` counts what is made, in
the cost of its rows, `stored` what the store has, in expected bytes, of parts on their way as far as they were sent.
Then its parts are put together. What was there before a run began, as after a retry, is done and says nothing of speed.

Plain data in and out, and every clock is fed in: seconds since the epoch, by the database's clock.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

# Less time than this is no ground to predict from: it has a chunk or two.
_LEAST_EVIDENCE_S = 0.1
# Nor is the beginning of what the store takes, of all that there is for it: its connections are new, and few.
_LEAST_STORED = 0.02
# What is this long ago counts for e times less, or what is half of the time ago, if that is longer.
_MEMORY_S = 20.0
# News come every quarter of a second; what is behind its time by more than this is believed to stand still.
_NEWS_S = 1.0
# With no news for so long nobody knows.
_SILENCE_S = 30.0
_WHOLE_S = 10.0
_SPEEDS = ("making", "storing", "believed")


@dataclass(frozen=True, slots=True)
class Speed:
    """How much was `gained` in how many `seconds`, what is long ago counting less."""

    gained: float = 0.0
    seconds: float = 0.0

    def after(self, gained: float, seconds: float, fading: float) -> "Speed":
        return Speed(self.gained * fading + gained, self.seconds * fading + seconds)

    def seconds_for(self, left: float, least_s: float = 0.0) -> float | None:
        """How long it takes to gain `left`; None while that cannot be told."""
        if left <= 0:
            return 0.0
        if self.gained <= 0 or self.seconds < least_s or self.seconds <= 0:
            return None
        return left * self.seconds / self.gained


@dataclass(frozen=True, slots=True)
class Pace:
    """How far an export is, how fast, and when it will end.

    `cost` and `bytes` are all that there is to make and to store, in `parts` parts; `sending` is how much of each part
    that is on its way was sent, in bytes. `then` is what was made and stored at the last step, which was `at`, and
    `moving` whether parts were on their way.
    """

    cost: float
    bytes: float
    parts: int = 1
    made: float = 0.0
    stored: float = 0.0
    sending: Mapping[str, float] = field(default_factory=dict)
    finishing_s: float = 0.0
    began: float | None = None
    at: float | None = None
    then: tuple[float, float] = (0.0, 0.0)
    busy_s: float = 0.0
    moving: bool = False
    making: Speed = Speed()
    storing: Speed = Speed()
    believed: Speed = Speed()
    held_until: float = 0.0
    end: float | None = None
    resting: bool = False

    # -- what happens --------------------------------------------------------------------------------------------------

    def gain(self, part_no: int, made: float, sent: float = 0.0, busy_s: float = 0.0) -> "Pace":
        """`made` more is made, and `sent` bytes of the part are on their way; the store was at work for `busy_s`."""
        sending = {**self.sending, str(part_no): sent} if sent > 0 else self.sending
        return replace(self, made=self.made + made, sending=sending, busy_s=self.busy_s + busy_s)

    def store(self, part_no: int, made: float, expected_bytes: float, busy_s: float = 0.0) -> "Pace":
        """The part is stored; `made` is what was not counted of it yet."""
        gained = self.gain(part_no, made, 0.0, busy_s)
        sending = {number: sent for number, sent in self.sending.items() if number != str(part_no)}
        return replace(gained, stored=self.stored + expected_bytes, sending=sending)

    def drop(self, part_no: int) -> "Pace":
        """The part is not on its way any more."""
        return replace(self, sending={number: sent for number, sent in self.sending.items() if number != str(part_no)})

    def hold(self, until: float) -> "Pace":
        """A part is not to be begun before `until`."""
        return replace(self, held_until=max(self.held_until, until))

    def is_due(self, now: float, interval_s: float) -> bool:
        """Whether the last step was so long ago."""
        return self.at is not None and now - self.at >= interval_s

    def step(self, now: float) -> "Pace":
        """Draws the sum at a moment when everything that is made was counted."""
        made, stored = self.made, self._stored()
        if self.at is None:
            # The first chunk is no measure: plans are read and pools are filled for it.
            return replace(self, began=now, at=now, then=(made, stored), busy_s=0.0, moving=any(self.sending.values()))
        passed_s = max(0.0, now - self.at)
        fading = math.exp(-passed_s / max(_MEMORY_S, 0.5 * (now - (self.began or now))))
        was_made, was_stored = self.then
        making, storing = self.making, self.storing
        # Makers that wait for the store to take what they made are not slow. Who makes nothing for another reason is.
        if was_made < self.cost and (made > was_made or stored <= was_stored):
            making = making.after(max(0.0, made - was_made), passed_s, fading)
        # Its speed is of the time in which it has something to do: all of it while parts are on their way, whoever
        # tells of them and when. What is stored between two reports says how long it took.
        moving = any(self.sending.values())
        busy_s = passed_s if moving and self.moving else min(self.busy_s, passed_s)
        if busy_s > 0 or stored > was_stored:
            storing = storing.after(max(0.0, stored - was_stored), busy_s, fading)
        at = max(now, self.at)
        stepped = replace(self, at=at, then=(made, stored), busy_s=0.0, making=making, storing=storing, moving=moving)
        left_s = stepped._left_s()
        return replace(stepped, end=self.end if left_s is None else at + left_s)

    def rest(self, now: float) -> "Pace":
        """All parts are stored: what is left is to put them together."""
        return replace(self, at=now, end=now + self.finishing_s, sending={}, resting=True)

    def rested(self, now: float) -> float | None:
        """How long ago the last part was stored; None when it is not."""
        return now - self.at if self.at is not None and self.resting else None

    # -- what is to be expected ----------------------------------------------------------------------------------------

    def _stored(self) -> float:
        return self.stored + sum(self.sending.values())

    def _left_s(self) -> float | None:
        to_make, to_store = max(0.0, self.cost - self.made), max(0.0, self.bytes - self._stored())
        making_s = self.making.seconds_for(to_make, _LEAST_EVIDENCE_S)
        # What was seen of the store before counts until it is seen in this export.
        seen = self.storing.gained >= _LEAST_STORED * self.bytes and self.storing.seconds > 0
        storing = self.storing if seen and self.storing.gained > 0 else self.believed
        storing_s = storing.seconds_for(to_store)
        if making_s is None or storing_s is None:
            return None
        # What is made last is stored after it.
        last_s = storing.seconds_for(min(to_store, self.bytes / self.parts)) or 0.0
        return max(making_s + last_s, storing_s) + self.finishing_s

    def seconds_left(self, now: float) -> float | None:
        """Seconds until the end as far as that can be told at `now`, which is no earlier than the last step."""
        if self.end is None or self.at is None:
            return None
        silent_s = max(0.0, now - self.at)
        held_s = self.held_until - now
        if held_s <= 0 and silent_s > max(_SILENCE_S, self.at - (self.began or self.at)):
            return None
        left_s = self.end - self.at
        if silent_s <= _NEWS_S:
            left_s = max(left_s - silent_s, 0.0)
        else:
            # Nothing comes: it is as fast as it is with that time in it.
            whole_s = max(self.at - (self.began or self.at), _NEWS_S)
            left_s = max(left_s - _NEWS_S, 0.0) * (whole_s + silent_s - _NEWS_S) / whole_s
        if held_s > 0:
            part_s = self.making.seconds_for(self.cost / self.parts) or 0.0
            left_s = max(left_s, held_s + part_s + self.finishing_s)
        return left_s

    # -- as data -------------------------------------------------------------------------------------------------------

    def to_json(self) -> dict[str, Any]:
        """Plain data; `from_json` reads it back to an equal pace."""
        data = {name: getattr(self, name) for name in self.__slots__}
        for name in _SPEEDS:
            data[name] = [data[name].gained, data[name].seconds]
        return data

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Pace":
        """Of another release's, what this one knows of."""
        known = {name: data[name] for name in cls.__slots__ if name in data}
        known |= {name: Speed(*known[name]) for name in _SPEEDS if name in known}
        return cls(**{**known, "then": tuple(known.get("then", (0.0, 0.0)))})


class Memory:
    """What this process has seen of the store, for exports that have not seen it yet."""

    # What a folder on a disk comes to, joining and reading back; a store that joins by itself takes less.
    _FINISHED_BYTES_PER_S = 800e6
    # A job's way through the queue, and the requests that it makes.
    _FINISHING_S = 0.05

    def __init__(self) -> None:
        self.storing = Speed()
        self._seconds_per_byte = 1 / self._FINISHED_BYTES_PER_S
        self._finished = 0

    def note_storing(self, speed: Speed) -> None:
        """So fast it took a file, or its parts."""
        if speed.gained > 0 and speed.seconds > 0:
            self.storing = speed

    def finishing_s(self, size: float) -> float:
        """Seconds to put the parts of a file of so many bytes together."""
        return self._FINISHING_S + size * self._seconds_per_byte

    def note_finishing(self, size: float, seconds: float) -> None:
        """It took so long. The last few count, and the first replaces what was merely believed."""
        if size <= 0:
            return
        self._finished = min(self._finished + 1, 3)
        found = max(0.0, seconds - self._FINISHING_S) / size
        self._seconds_per_byte += (found - self._seconds_per_byte) / self._finished


def told_seconds(left_s: float | None) -> float | None:
    """Seconds left as they are told: a decimal where a whole second would be much."""
    if left_s is None:
        return None
    return round(left_s) if left_s >= _WHOLE_S else max(0.1, round(left_s, 1))
