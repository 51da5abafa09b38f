"""Cells as JSON has them: what JSON has no form for becomes text as Postgres writes it."""

import math
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any


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
