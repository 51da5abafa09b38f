"""Natural bounds of numbers, as options of a generator."""

from typing import Any

from app.generator.meaning.surroundings import Surroundings


def is_fraction(around: Surroundings) -> bool:
    """Whether the type has room for fractions of one only, such as numeric(5,4)."""
    modifiers = around.context.type.modifiers
    high = around.context.domain.high
    if high is not None and not isinstance(high, str) and high <= 1:
        return True
    return len(modifiers) > 1 and modifiers[0] - modifiers[1] <= 1


def span(low: float, high: float, distribution: str = "", decimals: int | None = None) -> dict[str, Any]:
    options: dict[str, Any] = {"min": low, "max": high}
    if distribution:
        options["distribution"] = distribution
    if decimals is not None:
        options["decimals"] = decimals
    return options


def by_word(table: tuple[tuple[str, int, int], ...], around: Surroundings) -> tuple[int, int] | None:
    known = set(around.words) | {word.rstrip("s") for word in around.raw}
    return next(((low, high) for word, low, high in table if word in known), None)
