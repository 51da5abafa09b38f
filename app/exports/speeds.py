"""What was seen of how fast something goes, as `app.exports.pace` predicts by it."""

import math
from collections.abc import Sequence
from dataclasses import astuple, dataclass

# One second of what is seen takes so much of what was expected out of account.
_FORGETTING = 0.5
# So much has to be seen of how fast connections are by their number to be half sure, in seconds times the square of the
# logarithm: two of them for two seconds each, after a time of one alone.
_UNSURE = 1.0


@dataclass(frozen=True, slots=True)
class Speed:
    """How much was `gained` in how many `seconds`, what is long ago counting less."""

    gained: float = 0.0
    seconds: float = 0.0

    def to_list(self) -> list[float]:
        """Plain data, which `of` reads back."""
        return [self.gained, self.seconds]

    @classmethod
    def of(cls, plain: Sequence[float]) -> "Speed":
        return cls(*plain)

    def after(self, gained: float, seconds: float, fading: float) -> "Speed":
        """With what was gained since, while what was before fades by so much."""
        return Speed(self.gained * fading + gained, self.seconds * fading + seconds)

    def with_what_was(self, expected: "Speed") -> "Speed":
        """With what was expected, as far as that still counts."""
        seconds = expected.seconds - _FORGETTING * self.seconds
        if seconds <= 0:
            return self
        return Speed(self.gained + expected.gained * seconds / expected.seconds, self.seconds + seconds)

    def seconds_for(self, left: float, least_s: float = 0.0) -> float | None:
        """How long it takes to gain `left`; None while that cannot be told."""
        if left <= 0:
            return 0.0
        if self.gained <= 0 or self.seconds < least_s or self.seconds <= 0:
            return None
        return left * self.seconds / self.gained


NOTHING = Speed()


@dataclass(frozen=True, slots=True)
class Made:
    """How much was `made` by `at`, and how fast it was until then."""

    made: float = 0.0
    at: float = 0.0
    speed: Speed = NOTHING

    def to_list(self) -> list[float]:
        """Plain data, which `of` reads back."""
        return [self.made, self.at, *self.speed.to_list()]

    @classmethod
    def of(cls, plain: Sequence[float]) -> "Made":
        made, at, *speed = plain
        return cls(made, at, Speed.of(speed))


NOT_MADE = Made()


@dataclass(frozen=True, slots=True)
class Sharing:
    """Whether connections share one link, by how fast one was while there were so many.

    A line through the logarithms of both: from its mean, weighted by the seconds that each was at work. Where each goes
    at a speed of its own the line is level; where all share a link it falls by as much as their number grows.
    """

    seconds: float = 0.0
    mean_count: float = 0.0
    mean_speed: float = 0.0
    spread: float = 0.0
    fall: float = 0.0

    def to_list(self) -> list[float]:
        """Plain data, which `of` reads back."""
        return list(astuple(self))

    @classmethod
    def of(cls, plain: Sequence[float]) -> "Sharing":
        return cls(*plain)

    def after(self, count: int, gained: float, seconds: float) -> "Sharing":
        """One of `count` connections has taken `gained` bytes in so many seconds."""
        if gained <= 0 or seconds <= 0:
            return self
        all_s = self.seconds + seconds
        further, faster = math.log(count) - self.mean_count, math.log(gained / seconds) - self.mean_speed
        weight = self.seconds * seconds / all_s
        return Sharing(
            all_s,
            self.mean_count + further * seconds / all_s,
            self.mean_speed + faster * seconds / all_s,
            self.spread + weight * further * further,
            self.fall - weight * further * faster,
        )

    def share(self, expected: "Sharing") -> float:
        """From 0, each by itself, to 1, all share a link; by what was expected as well, and in the middle where neither
        says anything."""
        spread = self.spread + expected.spread
        return min(1.0, max(0.0, (0.5 * _UNSURE + self.fall + expected.fall) / (_UNSURE + spread)))


UNKNOWN = Sharing()
