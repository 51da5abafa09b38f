"""What was generated, in figures: `seedbed generate --summary`."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TextIO

from app.commands.terminal import paint

if TYPE_CHECKING:
    from app.generator.plan import Plan

_WIDEST_CELL = 28
_BAR_CHARS = 30
_SAMPLE_ROWS = 5


def summary_of(plan: "Plan") -> list[dict[str, Any]]:
    """The figures of each table as JSON has them, in camelCase. Raises PlanRefused."""
    from app.exports.camel import camelled
    from app.exports.preview_values import plain_summary
    from app.generator.summary import summarise

    found: list[dict[str, Any]] = camelled(plain_summary(summarise(plan, sample=_SAMPLE_ROWS)))
    return found


def summary_lines(tables: Sequence[Mapping[str, Any]], out: TextIO | None = None) -> Iterator[str]:
    """The same for people, line by line, in the colours that `out` takes."""
    for table in tables:
        about = "" if table["exact"] else "~"
        part = "" if table["exact"] else f"; figures with ~ are estimated from {table['looked']:,} of them"
        yield "\n" + paint(f"{table['name']}: {table['rows']:,} rows{part}", "strong", out)
        yield from _grid(
            ["column", "type", "null", "distinct", "from", "to", "most often"],
            [_column(column, about) for column in table["columns"]],
        )
        for relation in table["relations"]:
            yield from _spread(relation)
        if table["sample"]["rows"]:
            yield "  first rows"
            yield from _grid(
                table["sample"]["columns"], [[_cell(value) for value in row] for row in table["sample"]["rows"]]
            )


def _column(column: Mapping[str, Any], about: str) -> list[str]:
    rate, distinct = column["nullRate"], column["distinct"]
    common = ", ".join(f"{_cell(one['value'])} {one['share']:.1%}" for one in column["common"])
    return [
        column["name"],
        column["type"],
        f"{about}{rate:.1%}" if rate else "-",
        "not counted" if distinct is None else f"{about}{distinct:,}",
        "-" if column["least"] is None else _cell(column["least"]),
        "-" if column["most"] is None else _cell(column["most"]),
        common or "-",
    ]


def _spread(relation: Mapping[str, Any]) -> Iterator[str]:
    columns, parents = ", ".join(relation["columns"]), f"{relation['parents']:,} rows of {relation['parent']}"
    if not relation["counted"]:
        yield f"  {columns}: about {relation['average']:,} for each of {parents}; too many rows to count"
        return
    yield f"  {columns}: {relation['average']:,} for each of {parents}, at most {relation['most']:,}"
    most = max((bar["parents"] for bar in relation["bars"]), default=0)
    labels = [f"{b['low']}" if b["low"] == b["high"] else f"{b['low']}-{b['high']}" for b in relation["bars"]]
    width = max(map(len, labels), default=0)
    for label, bar in zip(labels, relation["bars"], strict=True):
        # What is there is seen, be it ever so little.
        length = max(1, round(bar["parents"] / most * _BAR_CHARS)) if bar["parents"] else 0
        yield f"    {label:>{width}}  {'#' * length:<{_BAR_CHARS}}  {bar['parents']:,}"


def _grid(head: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    widths = [max(map(len, cells)) for cells in zip(head, *rows, strict=True)]
    for line in (head, ["-" * width for width in widths], *rows):
        yield "    " + "  ".join(f"{cell:<{width}}" for cell, width in zip(line, widths, strict=True)).rstrip()


def _cell(value: Any) -> str:
    # What is not text is JSON's by now: false, and lists with their own quotes.
    told = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    text = "NULL" if value is None else told.replace("\n", "\\n").replace("\t", "\\t")
    return text if len(text) <= _WIDEST_CELL else f"{text[: _WIDEST_CELL - 1]}…"
