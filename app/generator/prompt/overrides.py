"""The closed vocabulary that a prompt can be turned into.

Whatever reads a prompt, rules or a model, says what it understood in these words and no others: numbers, dates, values
and names of tables and columns. There is nothing in them that could run, be fetched, or reach another request.
`overrides.schema.json` beside this file is their JSON Schema; `applying` checks them against the snapshot.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

from app.errors import Fault
from app.generator.records import from_plain, to_plain

Spread = Literal["uniform", "skewed"]
Shape = Literal["uniform", "normal", "skewed", "zipf"]
Bond = Literal["after", "before", "product", "sum", "share"]
Value = str | bool | int | float


@dataclass(frozen=True, slots=True)
class RowCount:
    """So many rows of a table; of every table that nothing else is said of, where `table` is `*`."""

    table: str
    rows: int


@dataclass(frozen=True, slots=True)
class Ratio:
    """`min` to `max` rows of a table for each row of its parent."""

    table: str
    parent: str
    min: int
    max: int
    distribution: Spread = "uniform"


@dataclass(frozen=True, slots=True)
class DateRange:
    """Moments from `from_` to `to`, ISO dates, both included: of one table, or of all."""

    from_: str
    to: str
    table: str | None = None


@dataclass(frozen=True, slots=True)
class CountryShare:
    """A country by its ISO code, and its share of the places, relative to the others: of one table, or of all."""

    code: str
    weight: float = 1
    table: str | None = None


@dataclass(frozen=True, slots=True)
class ColumnWish:
    """What is wanted of one column; what is None is left as it is.

    `values` are all there is, `weights` go with them one by one. `shares` are percentages of single values: what is
    left of a hundred goes to the others as it was. `min` and `max` are numbers, `from_` and `to` ISO dates.
    """

    table: str
    column: str
    values: tuple[Value, ...] | None = None
    weights: tuple[float, ...] | None = None
    shares: Mapping[str, float] | None = None
    true_rate: float | None = None
    null_rate: float | None = None
    min: float | None = None
    max: float | None = None
    from_: str | None = None
    to: str | None = None
    distribution: Shape | None = None


@dataclass(frozen=True, slots=True)
class Correlation:
    """A column that follows others of its row: after or before them, their product, their sum, or a share of one."""

    table: str
    column: str
    kind: Bond
    of: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NotApplied:
    """A part of the prompt that has no effect, and why."""

    text: str
    reason: str


@dataclass(frozen=True, slots=True)
class PlanOverrides:
    """Everything that a prompt can change of a plan."""

    rows: tuple[RowCount, ...] = ()
    ratios: tuple[Ratio, ...] = ()
    dates: tuple[DateRange, ...] = ()
    locale: str | None = None
    countries: tuple[CountryShare, ...] = ()
    columns: tuple[ColumnWish, ...] = ()
    correlations: tuple[Correlation, ...] = ()
    not_applied: tuple[NotApplied, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Plain data, by the names of the JSON Schema."""
        out: dict[str, Any] = to_plain(self)
        return out

    @classmethod
    def from_json(cls, data: object) -> "tuple[PlanOverrides | None, list[Fault]]":
        """Reads plain data: the overrides, or None and every fault."""
        faults = list(schema_faults(data))
        if faults:
            return None, faults
        found = from_plain(cls, data, "", faults)
        return (None if faults else found), faults


@cache
def overrides_schema() -> Mapping[str, Any]:
    """The JSON Schema of the overrides."""
    text = Path(__file__).with_name("overrides.schema.json").read_text(encoding="utf-8")
    schema: dict[str, Any] = json.loads(text)
    return schema


def schema_faults(data: object) -> list[Fault]:
    """What the JSON Schema finds wrong with a document."""
    from app.generator.schema_check import faults_of

    return faults_of(data, overrides_schema())
