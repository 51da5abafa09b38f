"""What rows cost to make, by their file: as measured where tables differ, else by their expected bytes."""

from collections.abc import Mapping, Sequence
from typing import Any

# Of the whole file: what is less cannot make a prediction wrong by much.
_LEAST_SHARE = 0.05


def files_to_weigh(layout: Mapping[str, Any]) -> list[int]:
    """The files whose rows are worth measuring: those that make up the most, unless it is one alone."""
    sizes = [(stop - start) * row_bytes for _, start, stop, row_bytes in _files(layout)]
    if not sum(sizes):
        return []
    large = [index for index, size in enumerate(sizes) if size >= _LEAST_SHARE * sum(sizes)]
    return large if len({_files(layout)[index][0] for index in large}) > 1 else []


def row_costs(layout: Mapping[str, Any], measured: Mapping[int, float]) -> list[float]:
    """What a row costs of each file; one that was not measured costs by its bytes what the others do."""
    expected = [row_bytes or 1.0 for _, _, _, row_bytes in _files(layout)]
    per_byte = sum(measured.values()) / sum(expected[index] for index in measured) if measured else 1.0
    return [measured.get(index, row_bytes * per_byte) for index, row_bytes in enumerate(expected)]


def weighed(part: Mapping[str, Any], costs: Sequence[float]) -> dict[str, Any]:
    """A part with what a row costs of each of its segments."""
    return {**part, "costs": [costs[segment["file"]] for segment in part["segments"]]}


def rows_of(part: Mapping[str, Any]) -> int:
    """The rows of a part."""
    return sum(segment["stop"] - segment["start"] for segment in part["segments"])


def cost_of(part: Mapping[str, Any], rows: int) -> float:
    """What the first `rows` rows of a part cost, by its bytes when it was not weighed."""
    segments = part["segments"]
    costs = part.get("costs") or [part["expectedBytes"] / max(1, rows_of(part))] * len(segments)
    total = 0.0
    for segment, cost in zip(segments, costs, strict=True):
        of_it = min(rows, segment["stop"] - segment["start"])
        total += of_it * cost
        rows -= of_it
    return total


def _files(layout: Mapping[str, Any]) -> list[tuple[int, int, int, float]]:
    """(table, start, stop, bytes of a row) of each file; layouts of earlier releases say nothing of bytes."""
    return [(file[0], file[1], file[2], file[6] if len(file) > 6 else 0.0) for file in layout["files"]]
