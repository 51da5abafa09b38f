"""Cells as JSON has them: what JSON has no form for becomes text as Postgres writes it."""

import math
from collections.abc import Iterable
from dataclasses import asdict
from datetime import date, datetime, time
from decimal import Decimal
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from app.generator.summary import TableSummary


def plain(value: Any) -> Any:
    """One cell."""
    match value:
        case None | bool() | str():
            return value
        case int():
            return value
        case float():
            return value if math.isfinite(value) else {math.inf: "Infinity", -math.inf: "-Infinity"}.get(value, "NaN")
        case Decimal():
            return format(value, "f")
        case datetime():
            return value.isoformat(sep=" ")
        case date() | time():
            return value.isoformat()
        case bytes():
            return "\\x" + value.hex()
        case list():
            return [plain(inner) for inner in value]
    return str(value)


def plain_summary(tables: "Iterable[TableSummary]") -> list[dict[str, Any]]:
    """Summaries as JSON has them; names of fields as Python has them."""
    found = [asdict(table) for table in tables]
    for table in found:
        for column in table["columns"]:
            column["least"], column["most"] = plain(column["least"]), plain(column["most"])
            for common in column["common"]:
                common["value"] = plain(common["value"])
        rows = table.pop("sample")
        names = [column["name"] for column in table["columns"]]
        table["sample"] = {"columns": names, "rows": [[plain(row[name]) for name in names] for row in rows]}
    return found
