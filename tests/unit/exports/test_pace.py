"""The predicted end of an export."""

import json
import random
from collections.abc import Mapping
from dataclasses import replace

import pytest

from app.exports.experience import Memory, Shown
from app.exports.pace import Pace, told_seconds
from app.exports.speeds import UNKNOWN, Speed
from tests.unit.exports.made_up import Setting, Work, run


def parts(count: int, seconds: float = 0.4, cost: float | None = None, size: float = 32e6) -> list[Work]:
    return [Work(seconds, seconds if cost is None else cost, size)] * count


def seen(connection: float, together: float, width: int) -> Shown:
    """What an export has shown whose connections had so many bytes a second, each and together."""
    return Shown("csv", 100.0, connection=Speed(connection, 1.0), storing=Speed(together, 1.0), width=width)


_RANDOM = random.Random(7)  # a course of noise, the same each time
NOISE = [_RANDOM.uniform(0.4, 1.6) for _ in range(1_000)]
# What takes half a second, and was made a few per cent quicker or slower before.
SHORT = Setting(parts(6, 0.1, size=16e6), joining_s=0.08, believed_joining_s=0.08, chunks=9)
SETTINGS: Mapping[str, Setting] = {
    "a second or two": Setting(parts(6), joining_s=0.2, believed_joining_s=0.2),
    "half a minute": Setting(parts(150), joining_s=3.0, believed_joining_s=3.0),
    "joining takes other than believed": Setting(parts(40), joining_s=2.0, believed_joining_s=1.0),
    "two workers": Setting(parts(64), workers=2),
    "one generator": Setting(parts(16), generators=1),
    "long parts": Setting(parts(12, 3.0)),
    "processes that are cold": Setting(parts(40), warming_s=0.1),
    "a noisy machine": Setting(parts(60), speed=lambda now: NOISE[int(now * 20) % len(NOISE)]),
    "tables that cost more, last": Setting(parts(10, 0.1) + parts(20, 0.8)),
    "tables that cost more, first": Setting(parts(20, 0.8) + parts(10, 0.1)),
    "a slow link": Setting(parts(16), link=lambda now: 20e6),
    "a slow link that was thought fast": Setting(parts(3), link=lambda now: 10e6, known=seen(1e9, 1e9, 1)),
    "a slow link that nothing is known of": Setting(parts(1), link=lambda now: 8e6, known=None),
    "a slow link, two workers": Setting(parts(64), link=lambda now: 40e6, workers=2),
    "connections that are slow, each by itself": Setting(
        parts(24), connection=5e6, workers=2, known=seen(5e6, 50e6, 10)
    ),
    "a link as fast as the making": Setting(parts(40), link=lambda now: 160e6),
    "a noisy link": Setting(parts(24), link=lambda now: 30e6 * NOISE[int(now * 10) % len(NOISE)]),
    "parts that were there before": Setting(parts(40), done_before=30),
    "parts that were there, of another table": Setting(parts(20, 0.05) + parts(20, 0.8), done_before=20),
}


@pytest.mark.parametrize("name", SETTINGS)
def test_the_end_is_predicted_within_a_fifth_after_the_first_tenth(name: str) -> None:
    """Whatever is slow, and however the work is spread: never off by a fifth of the whole, and there all the time."""
    setting = SETTINGS[name]
    course = run(setting)
    # The first report that says anything comes within a third of a second, and where the store is not known when the
    # first part is on its way: of a second that is more than a tenth.
    since = max(0.1, (0.4 if setting.known else 0.8) / course.end)
    errors = course.errors(since)
    assert max(errors) <= 0.2
    assert sorted(errors)[len(errors) // 2] <= 0.12
    # Nor much more by the first part that tells at a moment, which is when events are written.
    assert max(course.errors(since, between=True)) <= 0.22


@pytest.mark.parametrize("before", [0.9, 1.0, 1.1])
@pytest.mark.parametrize("phase", range(0, 25, 4))
def test_the_end_of_a_short_export_is_known_from_others(phase: int, before: float) -> None:
    """It is over when workers have reported once or twice, whenever that is: its end is right from its beginning."""
    course = run(replace(SHORT, phase=phase, known_making_s=0.3 * before))
    assert max(course.errors(since=0.0)) <= 0.2


@pytest.mark.parametrize("seed", range(12))
def test_drawn_exports_are_predicted(seed: int) -> None:
    """From when the first parts are through. Parts that differ and what the last ones leave idle are not foreseen, hence
    within a quarter, nine times of ten."""
    drawn = random.Random(seed)  # the same settings each time
    work = [Work(some, some, 32e6) for some in (drawn.uniform(0.2, 1.0) for _ in range(drawn.randint(40, 90)))]
    link, joining_s = 10 ** drawn.uniform(7.3, 9.0), drawn.uniform(0.0, 0.5)
    workers, generators = drawn.randint(1, 3), drawn.randint(1, 4)
    setting = Setting(work, lambda now: link, workers=workers, generators=generators, known=None)
    course = run(replace(setting, joining_s=joining_s, believed_joining_s=joining_s))
    errors = sorted(course.errors(since=max(0.1, 1.4 / course.end)))
    assert errors[int(0.9 * (len(errors) - 1))] <= 0.25


# Parts as they are cut: smaller and smaller towards the end, so that all connections end much at the same time.
CUT = [Work(0.13, 0.13, size) for size in [33e6] * 10 + [28e6, 23e6, 18e6, 17e6, 15e6, 17e6, 15e6, 17e6, 15e6]]


@pytest.mark.parametrize(
    ("connection", "link"),
    [(5e6, 1e12), (1e12, 40e6), (5e6, 30e6)],
    ids=["each by itself", "one link", "each by itself until there are many"],
)
def test_whether_connections_share_a_link_is_seen_and_known_the_next_time(connection: float, link: float) -> None:
    """By how fast each is while there are more or fewer. The first time within a tenth, nearly, and then much closer."""
    setting = Setting(CUT, lambda now: link, connection, workers=2, generators=1, known=None)
    first = run(setting)
    second = run(replace(setting, known=first.shown()))
    for course, most in ((first, 0.12), (second, 0.07)):
        assert max(course.errors(since=max(0.1, 0.8 / course.end))) <= most


def test_one_link_and_many_are_told_apart() -> None:
    """A line through the logarithms; what was seen before counts as well, and nothing says nothing."""
    alone = shared = UNKNOWN
    for count in (1, 2, 4, 8, 8, 8, 4, 2):
        alone, shared = alone.after(count, 5e6, 1.0), shared.after(count, 5e6 / count, 1.0)
    assert UNKNOWN.share(UNKNOWN) == 0.5
    assert alone.share(UNKNOWN) < 0.1
    assert shared.share(UNKNOWN) > 0.9
    assert alone.share(shared) == pytest.approx(0.5)
    assert alone.after(3, 0.0, 1.0) == alone


# An export of 24 parts by one worker into an S3 server that was slower than it, as it was recorded: when each part was
# begun and stored, in seconds; making one took 0.3 s. Nothing was told of parts on their way.
BEGUN = (
    *(0.1, 0.1, 0.1, 0.1, 0.2, 6.5, 8.0, 8.1, 8.2, 8.3, 11.3, 13.4),
    *(13.8, 14.1, 14.4, 17.8, 20.1, 20.9, 21.0, 22.8, 25.5, 26.2, 26.5, 27.1),
)
STORED = (
    *(6.4, 8.0, 8.0, 8.1, 8.2, 11.3, 13.3, 14.3, 13.8, 14.0, 17.8, 20.0),
    *(20.9, 20.9, 22.8, 25.5, 26.2, 26.5, 27.0, 28.2, 30.3, 30.5, 30.5, 30.5),
)


def test_the_end_is_predicted_where_the_store_tells_nothing() -> None:
    """It takes whole waves of parts at once, of which nothing counts until they are through, so that it looks slower than
    it is until the next one: never faster, and within some fifth most of the time."""
    count, end = len(BEGUN), 30.8
    pace = Pace(count, count, count)
    happened = sorted([(begun + 0.3, number, "made") for number, begun in enumerate(BEGUN, 1)]
                      + [(stored, number, "stored") for number, stored in enumerate(STORED, 1)])  # fmt: skip
    errors, since = [], 0.4
    for moment, number, what in happened:
        if what == "made":
            pace = pace.gain(number, 1.0, 1.0)
        else:
            on_their_way = zip((begun + 0.3 for begun in BEGUN), STORED, strict=True)
            busy_s = sum(max(0.0, min(moment, to) - max(since, begun)) for begun, to in on_their_way)
            pace, since = pace.store(number, 1.0, 0.0, busy_s), moment
        pace = pace.step(moment)
        left = pace.seconds_left(moment)
        assert left is not None or moment <= STORED[0]
        if left is not None and STORED[5] <= moment < end - 1:
            errors.append((moment + left - end) / end)
    assert min(errors) >= -0.05
    assert sorted(errors)[len(errors) // 2] <= 0.22
    assert max(errors) <= 0.55


RUNNING = Pace(100.0, 100.0, 10, finishing_s=1.0).step(0.0).gain(1, 10.0, 10.0).store(1, 10.0, 0.0, 1.0).step(1.0)


def test_nothing_is_predicted_without_ground() -> None:
    """Not before two moments are known, nor of a store that was never seen."""
    assert Pace(100.0, 100.0).seconds_left(5.0) is None
    assert Pace(100.0, 100.0).gain(1, 10.0, 5.0).step(5.0).seconds_left(5.0) is None
    assert Pace(100.0, 100.0).step(0.0).gain(1, 50.0, 50.0).step(5.0).seconds_left(5.0) is None


def test_a_store_that_nobody_has_seen_is_not_guessed_at() -> None:
    """While the first bytes are on their way there, nothing is predicted: it may take a thousandth of the time, or
    nearly all. What they show is right at once; where it is known, that is told all the while."""
    begun = Pace(10e6, 200e6, 10).step(0.0)
    left = {}
    for of, memory in (("unseen", Memory()), ("seen", Memory([seen(4e6, 20e6, 5)]))):
        pace = memory.of_the_store(begun).gain(1, 20e6, 1e6).step(0.5)
        assert pace.seconds_left(0.5) is not None  # nothing is on its way yet
        pace = pace.gain(1, 20e6, 0.0, sent=0.0).gain(2, 20e6, 1e6).step(1.0)
        left[of, "before"] = pace.seconds_left(1.0)
        pace = pace.gain(1, 20e6, 0.0, sent=4e6, busy_s=1.0).gain(2, 20e6, 0.0, sent=4e6, busy_s=1.0).step(2.0)
        left[of, "then"] = pace.seconds_left(2.0)
    assert left["unseen", "before"] is None
    # Five connections of 4 MB a second, if each goes by itself.
    assert left["seen", "before"] == pytest.approx(10.0, rel=0.1)
    assert left["unseen", "then"] is not None
    assert left["unseen", "then"] > 5.0


def test_the_first_bytes_on_their_way_count_for_themselves() -> None:
    """Ten connections have taken 4 MB a second each, for a tenth of one: a guess from before has no say in it."""
    pace = Memory().of_the_store(Pace(10e6, 200e6, 40).step(0.0))
    for number in range(1, 11):
        pace = pace.gain(number, 5e6, 1e6, sent=0.0)
    pace = pace.step(1.0)
    assert pace.seconds_left(1.0) is None
    for number in range(1, 11):
        pace = pace.gain(number, 5e6, 0.0, sent=0.4e6, busy_s=0.1)
    assert pace.step(1.1).seconds_left(1.1) == pytest.approx(4.9, rel=0.1)


def test_time_that_passes_is_not_told_again() -> None:
    """Between two reports what is left grows less by itself."""
    left = RUNNING.seconds_left(1.0)
    assert left is not None
    assert RUNNING.seconds_left(1.5) == pytest.approx(left - 0.5)


def test_an_export_that_stands_still_is_predicted_later_and_later_and_then_not_at_all() -> None:
    """No news are bad news; after half a minute nobody knows."""
    told = [RUNNING.seconds_left(float(now)) for now in range(2, 31)]
    assert all(left is not None for left in told)
    assert told == sorted(told)  # type: ignore[type-var]  # none is None
    assert RUNNING.seconds_left(60.0) is None


def test_a_part_that_waits_for_its_next_attempt_is_waited_for() -> None:
    """Half a minute until it is due is half a minute more, however fast the rest is."""
    held = RUNNING.hold(31.0)
    left = held.seconds_left(1.0)
    assert left is not None
    assert left >= 30.0 + 1.0
    # And what is told does not end meanwhile.
    assert held.seconds_left(30.9) is not None


def test_a_part_that_was_lost_on_its_way_counts_for_nothing() -> None:
    """What was sent of it is sent again."""
    assert RUNNING.gain(2, 10.0, 0.0, sent=5.0).drop(2) == replace(RUNNING, fresh={"2": 0.0})


def test_parts_on_their_way_count_as_long_as_they_are_on_it() -> None:
    """Ten parts of two workers tell one after the other at each moment, some of them each second one: none of their time
    is lost, whoever tells first, and no moment counts twice."""
    pace = Pace(100.0, 100.0, 10, made=100.0).step(0.0)
    for tick in range(1, 21):
        for number in range(1, 11):
            if number % 3 and tick % 2:
                continue
            # A tenth of a part in a second: ten seconds for all there is.
            pace = pace.gain(number, 10.0, 0.0, 0.25 * tick, busy_s=0.5 if number % 3 else 0.25)
            pace = pace.step(0.25 * tick + 0.02 * number)
    left = pace.seconds_left(5.2)
    assert left is not None
    assert left == pytest.approx(5.0 + 1.0, abs=1.2)


def test_a_pace_is_data() -> None:
    """It comes back from the database as it was; what another release wrote is read as far as it is known."""
    pace = RUNNING.gain(2, 10.0, 1.0, 5.0, 0.5).hold(3.0)
    assert Pace.from_json(json.loads(json.dumps(pace.to_json()))) == pace
    assert Pace.from_json({"cost": 1.0, "bytes": 2.0, "later": 1}) == Pace(1.0, 2.0)


def test_an_export_that_another_release_has_begun_goes_on_as_fast() -> None:
    """Whatever this one writes down besides: what was seen until the last step counts, and time from there on."""
    pace = Pace(100.0, 100.0, 10, finishing_s=1.0).step(1e9).gain(1, 10.0, 5.0).step(1e9 + 1.0, 1)
    known = ("cost", "bytes", "parts", "made", "held", "finishing_s", "began", "at", "then", "making", "end")
    begun = Pace.from_json({name: value for name, value in pace.to_json().items() if name in known})
    now = 1e9 + 1.5
    left, expected = (one.gain(1, 10.0, 2.5).step(now, 1).making.seconds_for(1.0) for one in (begun, pace))
    assert left == pytest.approx(expected)


@pytest.mark.parametrize(
    ("left", "told"), [(None, None), (0.0, 0.01), (0.084, 0.08), (1.26, 1.3), (9.94, 9.9), (10.4, 10), (99.7, 100)]
)
def test_seconds_are_told_as_exactly_as_they_matter(left: float | None, told: float | None) -> None:
    """Of an export of a second or two a whole second would be most of it, of one of half a second a tenth is much."""
    assert told_seconds(left) == told


def test_the_time_of_the_last_part_is_known() -> None:
    """Which tells how long putting together took."""
    assert RUNNING.rested(9.0) is None
    assert RUNNING.rest(5.0).rested(9.0) == 4.0
    assert replace(RUNNING, finishing_s=2.0).rest(5.0).seconds_left(6.0) == pytest.approx(1.0)
