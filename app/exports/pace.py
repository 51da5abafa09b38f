"""The pace of a running export, and when it will end by it.

The model. Workers make parts, and each sends what it has made over a connection of its own; making and storing go on at
the same time, and the export ends when the slower of the two does. Then its parts are put together. So

    left = max(making + storing the last, storing) + putting together

*Making* is what is not made yet, in the cost of its rows, at the speed it has had, all workers together. Until this
export has shown its speed, that of ended exports of its kind (`app.exports.experience`) stands in for it, and is taken
out as its own comes in.

*Storing* is what the store does not have yet, in expected bytes. If connections share one link, all bytes go through at
the speed that was seen of all together. If each is held back by itself, it goes at the speed of a connection, over as
many as there will be at once, and the last ones end alone, each with its part. Which of the two it is, or what between
them, is seen by how fast one is while there are more and fewer of them (`Sharing`). Until this export has shown how the
store takes it, all that is known from ended ones too. Where none has ended yet, nobody knows whether the way to a store
takes a thousandth of the time or nearly all: while the first bytes are on it, nothing is predicted.

*Putting together* is as `app.exports.experience` has seen it.

What was there before a run began, as after a retry, is done and says nothing of speed.

Plain data in and out, and every clock is fed in: seconds since the epoch, by the database's clock.
"""

import heapq
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from app.exports.speeds import NOT_MADE, NOTHING, UNKNOWN, Made, Sharing, Speed

# Less time than this is no ground to predict from: it has a chunk or two.
_LEAST_EVIDENCE_S = 0.1
# Nor is the beginning of what a store takes, until that is so much of all or of what connections do in so many seconds:
# they are new, and few, and one has told before the others.
_LEAST_STORED, _LEAST_SENDING_S = 0.02, 1.0
# Reports of the same moment are no further apart than this.
_MOMENT_S = 0.15
# What is this long ago counts for e times less, or what is half of the time ago, if that is longer.
_MEMORY_S = 20.0
# News come every quarter of a second; what is behind its time by more than this is believed to stand still.
_NEWS_S = 1.0
# With no news for so long nobody knows.
_SILENCE_S = 30.0
_WHOLE_S, _SHORT_S = 10.0, 1.0
# From when the parts are known to the first rows: a job's way through the queue, and a plan that is read. 0.03-0.05 s
# on the machine of the benchmarks.
_STARTING_S = 0.05
# With more parts than this for each connection, how the last ones end makes no difference.
_ROUNDS = 4
# Of so many of the last parts it is known how large each is: they get smaller towards the end.
LAST_PARTS = 64
# As many connections as before are expected while another one was begun so lately, or so many times as long ago as a
# part takes to be made.
_WIDENING_S, _WIDENING_PARTS = 1.0, 2.0
_MEASURES: Mapping[str, type[Speed | Made | Sharing]] = {
    **dict.fromkeys(("expected", "making", "storing", "connection", "believed", "together"), Speed),
    **dict.fromkeys(("before", "seen"), Made),
    **dict.fromkeys(("sharing", "shared"), Sharing),
}


@dataclass(frozen=True, slots=True)
class Pace:
    """How far an export is, how fast, and when it will end.

    `cost` and `bytes` are all that there is to make and to store, in `parts` parts, of which `done` are stored; `held`
    has, by the number of each part that was begun and is not stored, its expected bytes and how many of them were sent,
    which is None before it is on its way. `last` are the expected bytes of the last `LAST_PARTS` parts, in the order in
    which they are taken. `width` is the most parts that were held at once, `widened` what it was at the last step that
    found it larger and when that was, and `reach` how many there are thought to be. `began` is when the first rows were
    there, `began_with` what was made by then, and `then` what was made and stored at the last step, which was `at`.

    Of making: reports come one by one at each moment, of which the first was at `moment_at`. `heard` are the parts that
    have told since, `gains` is what was made of each since the moment before, with what is `fresh` since the last step,
    and `ahead` what is thought to be made of those that have not told. `before` is what was made until that moment, and
    `seen` the same with what was told since.

    Of storing: it was counted until `stored_at`. `busy_s` is how long connections were at work since, each of them
    counted, `shared_s` the same with each moment counted once, and `alone_s` what is not in that: of parts that were
    stored before anybody heard that they were on their way.

    `making`, `storing` and `connection` are the speeds that were seen, of all connections and of one; `expected` is how
    fast it is thought to be made, `believed` how fast a connection is, and `together` how fast all are, for so many
    seconds as that is worth. `sharing` is what was seen of whether connections share a link, and `shared` what was seen
    of that before. `guessed` is set where no export has ended by which the store is known.
    """

    cost: float
    bytes: float
    parts: int = 1
    done: int = 0
    made: float = 0.0
    stored: float = 0.0
    held: Mapping[str, tuple[float, float | None]] = field(default_factory=dict)
    last: Sequence[float] = ()
    width: int = 1
    widened: tuple[int, float] = (0, 0.0)
    reach: int = 1
    finishing_s: float = 0.0
    began: float | None = None
    began_with: float = 0.0
    at: float | None = None
    moment_at: float = 0.0
    heard: Sequence[str] = ()
    fresh: Mapping[str, float] = field(default_factory=dict)
    gains: Mapping[str, float] = field(default_factory=dict)
    ahead: float = 0.0
    before: Made = NOT_MADE
    seen: Made = NOT_MADE
    stored_at: float = 0.0
    then: tuple[float, float] = (0.0, 0.0)
    busy_s: float = 0.0
    shared_s: float = 0.0
    alone_s: float = 0.0
    expected: Speed = NOTHING
    making: Speed = NOTHING
    storing: Speed = NOTHING
    connection: Speed = NOTHING
    believed: Speed = NOTHING
    together: Speed = NOTHING
    sharing: Sharing = UNKNOWN
    shared: Sharing = UNKNOWN
    guessed: bool = False
    held_until: float = 0.0
    end: float | None = None
    resting: bool = False

    # -- what happens --------------------------------------------------------------------------------------------------

    def start(self, now: float) -> "Pace":
        """Its parts may be made from now on."""
        left_s = self._left_s()
        return self if left_s is None else replace(self, at=now, end=now + _STARTING_S + left_s)

    def gain(self, part_no: int, size: float, made: float, sent: float | None = None, busy_s: float = 0.0) -> "Pace":
        """`made` more is made of a part of `size` bytes, and `sent` bytes of it are on their way; its connection was at
        work for `busy_s` since that was last said of it."""
        _, before = self.held.get(str(part_no), (size, None))
        held = {**self.held, str(part_no): (size, sent)}
        width = max(self.width, len(held))
        fresh = {**self.fresh, str(part_no): self.fresh.get(str(part_no), 0.0) + made}
        noted = replace(self, made=self.made + made, held=held, width=width, fresh=fresh)
        return noted._work(part_no, (sent or 0.0) - (before or 0.0), busy_s) if busy_s else noted

    def _work(self, part_no: int, gained: float, busy_s: float) -> "Pace":
        """The part's connection was at work for so long, beside those of all others that are on their way."""
        busy, sending = self.busy_s + busy_s, self._sending()
        if str(part_no) not in sending:
            return replace(self, busy_s=busy, alone_s=self.alone_s + busy_s)
        sharing = self.sharing.after(len(sending), gained, busy_s)
        return replace(self, busy_s=busy, shared_s=self.shared_s + busy_s / len(sending), sharing=sharing)

    def store(self, part_no: int, size: float, made: float, busy_s: float = 0.0) -> "Pace":
        """The part is stored; `made` is what was not counted of it yet."""
        # Its last bytes tell nothing of the link: the store has answered when it had put all of them away.
        _, sent = self.held.get(str(part_no), (size, None))
        stored = self.gain(part_no, size, made, sent, busy_s).drop(part_no)
        return replace(stored, done=self.done + 1, stored=self.stored + size)

    def drop(self, part_no: int) -> "Pace":
        """The part is not on its way any more."""
        return replace(self, held={number: part for number, part in self.held.items() if number != str(part_no)})

    def hold(self, until: float) -> "Pace":
        """A part is not to be begun before `until`."""
        return replace(self, held_until=max(self.held_until, until))

    def is_due(self, now: float, interval_s: float) -> bool:
        """Whether the last step was so long ago."""
        return self.at is not None and now - self.at >= interval_s

    def step(self, now: float, part_no: int | None = None) -> "Pace":
        """Draws the sum when everything that is made was counted, by the part that tells it."""
        at = max(now, self.at or now)
        if self.began is None or self.at is None:
            # The first chunk is no measure: plans are read and pools are filled for it.
            begun = Made(self.made, at)
            stepped = replace(
                self, began=at, began_with=self.made, moment_at=at, before=begun, seen=begun, fresh={}
            )._count_from(at)
        else:
            stepped = self._hear(at, part_no)._see_making(at)._see_storing(at)
        widened = self.widened if self.width == self.widened[0] else (self.width, at)
        stepped = replace(stepped, at=at, then=(self.made, self._stored()), widened=widened)
        if stepped._is_in_the_dark():
            return replace(stepped, end=None)
        left_s = stepped._left_s()
        return replace(stepped, end=self.end if left_s is None else at + left_s)

    def _fading(self, passed_s: float) -> float:
        return math.exp(-passed_s / max(_MEMORY_S, 0.5 * ((self.at or 0.0) - (self.began or 0.0))))

    def _hear(self, now: float, part_no: int | None) -> "Pace":
        part = () if part_no is None else (str(part_no),)
        if now - self.moment_at > _MOMENT_S:
            return replace(self, moment_at=now, heard=part, gains=self.fresh, fresh={}, before=self.seen)
        gains = {**self.gains, **{number: self.gains.get(number, 0.0) + made for number, made in self.fresh.items()}}
        return replace(self, heard=(*self.heard, *part), gains=gains, fresh={})

    def _see_making(self, now: float) -> "Pace":
        before, gained = self.before, self.made - self.before.made
        if before.made >= self.cost:
            return replace(self, ahead=0.0)
        passed_s, making = now - before.at, set(self.held) - set(self._sending())
        if gained <= 0 and (self._stored() > self.then[1] or (self.held and not making)):
            # Makers that wait for the store to take what they made are not slow.
            return replace(self, seen=replace(before, at=now), ahead=0.0)
        ahead = self._untold(making)
        fading = self._fading(passed_s)
        seen = Made(self.made, now, before.speed.after(gained, passed_s, fading))
        return replace(self, seen=seen, ahead=ahead, making=before.speed.after(gained + ahead, passed_s, fading))

    def _untold(self, making: "set[str]") -> float:
        """What parts that are being made and have not told yet are thought to have made: as much as each that has, and
        half of that where they were begun meanwhile, which their first chunk has told by itself."""
        told = [self.gains[number] for number in set(self.heard) if self.gains.get(number)]
        each, untold = sum(told) / max(1, len(told)), 0.0
        for number in making - set(self.heard):
            untold += max(0.0, each / 2 - self.gains[number]) if number in self.gains else each
        return min(untold, self.cost - self.made)

    def _see_storing(self, now: float) -> "Pace":
        gained, fading = self._stored() - self.then[1], self._fading(now - (self.at or now))
        # Some stores tell nothing of a part until they have it. That is no standstill.
        if gained <= 0:
            return self if self.busy_s > 0 or self._sending() else self._count_from(now)
        passed_s = self.shared_s + min(self.alone_s, now - self.stored_at)
        storing = self.storing.after(gained, passed_s, fading)
        connection = self.connection.after(gained, self.busy_s, fading)
        return replace(self, storing=storing, connection=connection)._count_from(now)

    def _count_from(self, now: float) -> "Pace":
        return replace(self, stored_at=now, busy_s=0.0, shared_s=0.0, alone_s=0.0)

    def rest(self, now: float) -> "Pace":
        """All parts are stored: what is left is to put them together."""
        return replace(self, at=now, end=now + self.finishing_s, held={}, resting=True)

    def rested(self, now: float) -> float | None:
        """How long ago the last part was stored; None when it is not."""
        return now - self.at if self.at is not None and self.resting else None

    def made_in_all(self, now: float) -> Speed:
        """Of all bytes from the first rows on until the last part was stored, or until now."""
        if self.began is None or self.at is None or self.cost <= 0:
            return Speed()
        ended = self.at if self.resting else now
        return Speed(self.bytes * (1 - self.began_with / self.cost), ended - self.began)

    # -- what is to be expected ----------------------------------------------------------------------------------------

    def _stored(self) -> float:
        return self.stored + sum(sent or 0.0 for _, sent in self.held.values())

    def _sending(self) -> list[str]:
        return [number for number, (_, sent) in self.held.items() if sent is not None]

    def _left_s(self) -> float | None:
        making_s = self.making.with_what_was(self.expected).seconds_for(
            max(0.0, self.cost - self.made - self.ahead), _LEAST_EVIDENCE_S
        )
        storing_s = self._storing_s()
        if making_s is None or storing_s is None:
            return None
        # What is made last is stored after it.
        last = (self.bytes - self._stored()) / max(1, self.parts - self.done)
        last_s = self._connection().seconds_for(last) or 0.0
        return max(making_s + last_s, storing_s) + self.finishing_s

    def _connection(self) -> Speed:
        return self._link(self.connection, self.believed)

    def _link(self, seen: Speed, believed: Speed) -> Speed:
        """What was seen of the store, here and before; what was before alone, while too little was seen here."""
        if not self._has_shown_the_store():
            return believed
        # Beside what a store on its way has shown, a guess is worth nothing.
        return seen if self.guessed and self._sending() else seen.with_what_was(believed)

    def _has_shown_the_store(self) -> bool:
        return self.storing.gained >= _LEAST_STORED * self.bytes or self.connection.seconds >= _LEAST_SENDING_S

    def _is_in_the_dark(self) -> bool:
        """Whether parts are on their way to a store of which nobody knows how fast it takes them."""
        return self.guessed and bool(self._sending()) and not self._has_shown_the_store()

    def _storing_s(self) -> float | None:
        """How long it takes to store what is left: between what it takes where connections share a link, and where
        they do not."""
        left, waiting, connections = max(0.0, self.bytes - self._stored()), self._waiting(), self._connections()
        # By the connection that ends last; of many rounds the last makes no difference.
        last = left / connections if waiting > _ROUNDS * connections else self._last_connection(waiting, connections)
        alone_s = self._connection().seconds_for(last)
        shared_s = self._link(self.storing, self.together).seconds_for(left)
        if alone_s is None or shared_s is None:
            return None
        share = self.sharing.share(self.shared)
        return (1.0 - share) * alone_s + share * shared_s

    def _waiting(self) -> int:
        return max(0, self.parts - self.done - len(self.held))

    def _connections(self) -> int:
        """How many there will be at once: as many as there were, or as were expected while there are still more and
        more."""
        if self.at is not None and self.began is not None:
            part_s = self.making.seconds_for(self.cost / self.parts) or 0.0
            if self.at - self.widened[1] > max(_WIDENING_S, _WIDENING_PARTS * part_s):
                return self.width
        return max(self.width, min(self.reach, len(self.held) + self._waiting()))

    def _last_connection(self, waiting: int, count: int) -> float:
        """The bytes of the connection that ends last, when so many parts wait for the first of so many that is free."""
        connections = [size - (sent or 0.0) for size, sent in self.held.values()]
        connections += [0.0] * (count - len(connections))
        heapq.heapify(connections)
        unbegun = max(0.0, self.bytes - self.stored - sum(size for size, _ in self.held.values()))
        sizes = self.last[-waiting:] if 0 < waiting <= len(self.last) else [1.0] * waiting
        for size in sizes:
            heapq.heapreplace(connections, connections[0] + unbegun * size / sum(sizes))
        return max(connections)

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
        return data | {name: data[name].to_list() for name in _MEASURES}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Pace":
        """Of another release's, what this one knows of."""
        known = {name: data[name] for name in cls.__slots__ if name in data}
        known |= {name: kind.of(known[name]) for name, kind in _MEASURES.items() if name in known}
        known |= {name: tuple(known[name]) for name in ("then", "widened", "last", "heard") if name in known}
        held = {number: (size, sent) for number, (size, sent) in known.get("held", {}).items()}
        pace = cls(**{**known, "held": held})
        if pace.at is None or "seen" in known:
            return pace
        # Of a release that did not tell its moments apart: from its last step on.
        return replace(pace, seen=Made(pace.then[0], pace.at, pace.making))


def told_seconds(left_s: float | None) -> float | None:
    """Seconds left as they are told: with a decimal where a whole second would be much, with two where a tenth is."""
    if left_s is None:
        return None
    if left_s >= _WHOLE_S:
        return round(left_s)
    return round(left_s, 1) if left_s >= _SHORT_S else max(0.01, round(left_s, 2))
