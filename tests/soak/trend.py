"""Whether a row of readings rises, told so that no single reading decides."""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Trend:
    """A straight line through readings: where it begins and ends, in the readings' unit."""

    first: float
    last: float

    @property
    def growth_percent(self) -> float:
        """How much more there is at the end than at the beginning."""
        return 100.0 * (self.last / self.first - 1.0) if self.first else 0.0


def trend(at_s: Sequence[float], values: Sequence[float]) -> Trend:
    """The line of Theil and Sen: its slope is the median of the slopes between any two readings, its height the median
    too. Up to 29 % of the readings may be anything without moving it far. One reading is a line without slope.

    Raises ValueError without readings.
    """
    if not values:
        raise ValueError("a trend of nothing")
    slopes = [
        (values[j] - values[i]) / (at_s[j] - at_s[i])
        for i in range(len(values))
        for j in range(i + 1, len(values))
        if at_s[j] > at_s[i]
    ]
    slope = statistics.median(slopes) if slopes else 0.0
    level = statistics.median(value - slope * at for at, value in zip(at_s, values, strict=True))
    return Trend(level + slope * at_s[0], level + slope * at_s[-1])


def by_minute(at_s: Sequence[float], values: Sequence[float]) -> list[float]:
    """The median of each minute: a long run in few numbers."""
    minutes: dict[int, list[float]] = {}
    for at, value in zip(at_s, values, strict=True):
        minutes.setdefault(int(at // 60), []).append(value)
    return [statistics.median(some) for some in minutes.values()]


def longest_s(at_s: Sequence[float], holds: Sequence[bool]) -> float:
    """For how long a thing was so without a break: from the first reading that says so to the first that does not."""
    longest, since = 0.0, None
    for at, one in zip(at_s, holds, strict=True):
        if since is not None:
            longest = max(longest, at - since)
        since = (at if since is None else since) if one else None
    return longest
