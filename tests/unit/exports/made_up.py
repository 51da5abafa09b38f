"""A made-up service: exports whose parts are made and stored by a clock that is fed in, and what is predicted of them.

Workers take parts in order, a few at once; each has generators that make one part at a time, and all share one link to
the store. They report at every quarter of a second, as those in `app.exports.progress` do.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from app.exports.experience import Memory, Shown
from app.exports.pace import LAST_PARTS, Pace
from app.exports.speeds import Speed

TICK_S = 0.01
_REPORT_TICKS = 25


@dataclass(frozen=True, slots=True)
class Work:
    """A part: seconds to make it by one generator, what the service believes that to cost, and its bytes."""

    seconds: float
    cost: float
    size: float


_FAST = Shown("csv", 100.0, connection=Speed(1e9, 1.0), storing=Speed(1e9, 1.0), width=5)


@dataclass(frozen=True, slots=True)
class Setting:
    """`link` is bytes a second at a moment, of all connections, and `connection` the most of one; `joining_s` is how long
    it really takes to put the parts together."""

    parts: Sequence[Work]
    link: Callable[[float], float] = lambda now: 1e9
    connection: float = 1e12
    speed: Callable[[float], float] = lambda now: 1.0
    workers: int = 1
    at_once: int = 5
    generators: int = 2
    joining_s: float = 0.1
    believed_joining_s: float = 0.1
    warming_s: float = 0.0
    chunks: int = 20
    done_before: int = 0
    # What an export before has shown of the store, and how long all was to be made by what is known.
    known: Shown | None = _FAST
    known_making_s: float | None = None
    # How far the clock is from a moment at which workers report.
    phase: int = 0


@dataclass(slots=True)
class _Part:
    number: int
    work: Work
    worker: int = -1
    made: float = 0.0
    told: float = 0.0
    warmed: float = 0.0
    sent: float = 0.0
    busy: float = 0.0
    stored: bool = False
    making: bool = False

    def rows(self, chunks: int) -> float:
        """The share of its rows that whole chunks have."""
        return int(self.made / self.work.seconds * chunks + 1e-9) / chunks


@dataclass(slots=True)
class Course:
    """(moment, seconds left) as predicted, and when it ended."""

    told: list[tuple[float, float | None]] = field(default_factory=list)
    # What is told by each part's report, before the others of the same moment.
    between: list[tuple[float, float | None]] = field(default_factory=list)
    end: float = 0.0
    pace: Pace | None = None

    def errors(self, since: float = 0.1, *, between: bool = False) -> list[float]:
        """How far off, as shares of the whole time, what was predicted after so much of it was."""
        counted = [(at, left) for at, left in (self.between if between else self.told) if at >= since * self.end]
        assert all(left is not None for _, left in counted), counted[:3]
        return [abs(at + (left or 0.0) - self.end) / self.end for at, left in counted]

    def shown(self) -> Shown:
        """What it has shown for others."""
        assert self.pace is not None
        return Shown.by("csv", 1_000_000, self.pace, self.end)


def run(setting: Setting) -> Course:
    """What is predicted at every tick of an export in this setting."""
    parts = [_Part(number, work) for number, work in enumerate(setting.parts, 1)]
    for part in parts[: setting.done_before]:
        part.stored, part.made, part.told = True, part.work.seconds, 1.0
    before = parts[: setting.done_before]
    pace = Pace(
        cost=sum(part.work.cost for part in parts),
        bytes=sum(part.work.size for part in parts),
        parts=len(parts),
        done=len(before),
        made=sum(part.work.cost for part in before),
        stored=sum(part.work.size for part in before),
        last=tuple(part.work.size for part in parts[-LAST_PARTS:]),
        finishing_s=setting.believed_joining_s,
    )
    pace = Memory([setting.known] if setting.known else []).of_the_store(pace)
    if setting.known_making_s:
        worth_s = max(0.1, 0.25 * setting.known_making_s)
        pace = replace(pace, expected=Speed(pace.cost * worth_s / setting.known_making_s, worth_s)).start(0.0)
    course, ticks = Course(), 0
    ended: float | None = None
    while ended is None or ticks * TICK_S < ended:
        now = ticks * TICK_S
        if ended is None:
            _take(parts, setting)
            pace = _pass(parts, setting, pace, now)
            if (ticks + setting.phase) % _REPORT_TICKS == 0:
                pace = _report(parts, setting, pace, now, course.between)
            if all(part.stored for part in parts):
                pace, ended = pace.rest(now), now + setting.joining_s
        course.told.append((now, pace.seconds_left(now)))
        ticks += 1
    course.end, course.pace = ended, pace
    return course


def _take(parts: list[_Part], setting: Setting) -> None:
    for worker in range(setting.workers):
        held = [part for part in parts if part.worker == worker and not part.stored]
        free = [part for part in parts if part.worker < 0 and not part.stored]
        for part in free[: setting.at_once - len(held)]:
            part.worker = worker
            held.append(part)
        unmade = [part for part in held if part.made < part.work.seconds]
        for part in unmade[: setting.generators]:
            part.making = True


def _pass(parts: list[_Part], setting: Setting, pace: Pace, now: float) -> Pace:
    """A tick of making and storing. The first chunk of a part, and its end, are told at once."""
    sending = [part for part in parts if part.worker >= 0 and not part.stored and part.made >= part.work.seconds]
    for part in sending:
        part.busy += TICK_S
    for part in parts:
        if not part.making or part.made >= part.work.seconds:
            continue
        if part.warmed < setting.warming_s:
            part.warmed += TICK_S
            continue
        part.made = min(part.work.seconds, part.made + TICK_S * setting.speed(now))
        if part.told == 0.0 and 0.0 < part.rows(setting.chunks) < 1.0:
            pace = pace.gain(part.number, part.work.size, _news(part, setting))
            pace = pace if pace.began is not None else pace.step(now)
    for part in sending:
        part.sent += TICK_S * min(setting.connection, setting.link(now) / len(sending))
        if part.sent >= part.work.size:
            part.stored = True
            left = part.work.cost * (1.0 - part.told)
            pace = pace.store(part.number, part.work.size, left, part.busy)
    return pace


def _report(
    parts: list[_Part], setting: Setting, pace: Pace, now: float, between: list[tuple[float, float | None]]
) -> Pace:
    for part in parts:
        if part.worker < 0 or part.stored:
            continue
        is_sending = part.made >= part.work.seconds
        if is_sending or part.rows(setting.chunks) > part.told:
            news = _news(part, setting)
            sent = part.sent if is_sending else None
            pace = pace.gain(part.number, part.work.size, news, sent, part.busy).step(now, part.number)
            part.busy = 0.0
            between.append((now, pace.seconds_left(now)))
    return pace


def _news(part: _Part, setting: Setting) -> float:
    """The cost of what was made since it was last told."""
    rows = part.rows(setting.chunks)
    news, part.told = rows - part.told, rows
    return max(0.0, news) * part.work.cost
