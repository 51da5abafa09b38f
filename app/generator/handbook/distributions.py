"""`docs/distributions.md`: what each distribution looks like, drawn from rows that were generated."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from app.generator.engine.batches import batches
from app.generator.handbook.drawing import Picture, draw
from app.generator.handbook.page import plan_of
from app.generator.plan import Plan
from app.generator.snapshot.model import QName

FOLDER = "images/distributions"
_ROWS = 20_000
_BINS = 50
_MOST = 1_000
_FIRST_DAY, _LAST_DAY = date(2025, 1, 1), date(2025, 12, 31)
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Mar", "May", "Jul", "Sep", "Nov")
Numbers = npt.NDArray[Any]


@dataclass(frozen=True, slots=True)
class Plot:
    """A picture, and the request whose rows it shows."""

    name: str
    title: str
    about: str
    config: Mapping[str, Any]
    picture: Callable[[Plan], Picture]


def _column(plan: Plan, table: str, column: str) -> Numbers:
    rows = pa.Table.from_batches(batches(plan, QName("public", table)))
    found: Numbers = rows.column(column).drop_null().to_numpy()
    return found


def _spread(plan: Plan) -> Picture:
    counts, _ = np.histogram(_column(plan, "customers", "loyalty"), bins=_BINS, range=(0, _MOST))
    ticks = [(value / _MOST * _BINS, str(value)) for value in range(0, _MOST + 1, 200)]
    return Picture([int(count) for count in counts], ticks, "loyalty", "rows")


def _ranks(plan: Plan) -> Picture:
    values, counts = np.unique(_column(plan, "customers", "loyalty"), return_counts=True)
    shown = [int(count) for _, count in sorted(zip(values, counts, strict=True))][:40]
    return Picture(shown, [(value - 0.5, str(value)) for value in (1, 10, 20, 30, 40)], "loyalty, from 1 to 40", "rows")


def _shares(plan: Plan) -> Picture:
    names = ("free", "pro", "team")
    values = _column(plan, "customers", "plan")
    shares = [round(float((values == name).mean()) * 100, 1) for name in names]
    return Picture(
        shares, [(place + 0.5, name) for place, name in enumerate(names)], "plan", "% of those that have one"
    )


def _children(table: str, column: str, most: int) -> Callable[[Plan], Picture]:
    def picture(plan: Plan) -> Picture:
        parents = plan.table(QName("public", "customers" if table == "orders" else "orders")).rows
        _, counts = np.unique(_column(plan, table, column), return_counts=True)
        heights = np.bincount(np.minimum(counts, most), minlength=most + 1)
        heights[0] += parents - len(counts)
        tenth = max(1, most // 10)
        ticks = [(value + 0.5, f"{value}+" if value == most else str(value)) for value in range(0, most + 1, tenth)]
        one = table.removesuffix("s").replace("_", " ")
        return Picture([int(height) for height in heights], ticks, f"{one}s of one parent", "parents")

    return picture


def _days(plan: Plan) -> Picture:
    days = _column(plan, "customers", "signed_up_at").astype("datetime64[D]")
    counts = np.bincount((days - np.datetime64(_FIRST_DAY)).astype(np.int64), minlength=365)
    months = [1, 3, 5, 7, 9, 11]
    ticks = [((date(2025, m, 1) - _FIRST_DAY).days, name) for m, name in zip(months, _MONTHS, strict=True)]
    return Picture([int(count) for count in counts], ticks, "2025, day by day", "rows a day", line=True)


def _hours(plan: Plan) -> Picture:
    hours = _column(plan, "customers", "signed_up_at").astype("datetime64[h]").astype(np.int64)
    # 1970 began on a Thursday.
    counts = np.bincount((hours + 3 * 24) % (7 * 24), minlength=7 * 24)
    ticks = [(place * 24 + 12, name) for place, name in enumerate(_DAYS)]
    return Picture([int(count) for count in counts], ticks, "the week, hour by hour", "rows an hour")


def _number(**options: Any) -> dict[str, Any]:
    generator = {"generator": "number", "options": {"min": 0, "max": _MOST, **options}}
    return {"rows": {"customers": _ROWS, "*": 0}, "overrides": {"customers": {"loyalty": generator}}}


_SEASONS = {
    "rows": {"customers": _ROWS, "*": 0},
    "overrides": {
        "customers": {
            "signed_up_at": {
                "generator": "timestamp",
                "options": {
                    "min": str(_FIRST_DAY),
                    "max": str(_LAST_DAY + timedelta(days=1)),
                    "pattern": {"daily": True, "weekly": True, "growth": 1},
                },
            }
        }
    },
}

PLOTS = (
    Plot("uniform", "Uniform", "Each value is as likely as any other. It is what numbers have unless something else is "
         "known.", _number(distribution="uniform"), _spread),
    Plot("normal", "Normal", "A bell over the range, cut off at its ends.", _number(distribution="normal"), _spread),
    Plot("skewed", "Skewed", "Many small values and a long tail, as prices and durations have.",
         _number(distribution="skewed"), _spread),
    Plot("zipf", "Zipf", "The first value is the most common, the second half as common, the third a third: words, "
         "visits, best-sellers. `skew` is the exponent.", _number(min=1, max=100, distribution="zipf"), _ranks),
    Plot("weighted", "A list with weights", "Any numbers whose ratio counts; a tenth of the rows have none here.",
         {"rows": {"customers": _ROWS, "*": 0}, "overrides": {"customers": {
             "plan": {"values": ["free", "pro", "team"], "weights": [85, 12, 3], "nullRate": 0.1}}}}, _shares),
    Plot("children-uniform", "Orders for each customer, parents picked uniformly",
         "Each order picks its customer on its own: about five for each, seldom none or twelve.",
         {"rows": {"customers": 4_000, "orders": _ROWS, "*": 0}}, _children("orders", "customer_id", 20)),
    Plot("children-zipf", "Orders for each customer, parents picked by Zipf's law",
         "The first customer alone has a tenth of all orders, most have none or one.",
         {"rows": {"customers": 4_000, "orders": _ROWS, "*": 0},
          "overrides": {"orders": {"customer_id": {"reference": {"distribution": "zipf"}}}}},
         _children("orders", "customer_id", 20)),
    Plot("children-pareto", "Lines for each order, with a heavy tail",
         "`perParent` gives each order its own number of lines. With `pareto` most have a few and some have very many, "
         "and the mean is kept.",
         {"rows": {"customers": 200, "orders": 4_000, "order_lines": {
             "perParent": {"min": 1, "max": 40, "mean": 4, "distribution": "pareto"}}}},
         _children("order_lines", "order_id", 40)),
    Plot("growth", "A time series over a year", "Weekends are quieter, and there is twice as much at the end as at the "
         "start.", _SEASONS, _days),
    Plot("week", "The same rows over the hours of a week", "Days and nights, workdays and weekends.", _SEASONS, _hours),
)  # fmt: skip

_INTRODUCTION = """\
<!-- Made by `make docs` from app/generator/handbook. Edit it there. -->
<!-- json blocks tested by: tests/unit/generator/test_handbook.py -->
# Distributions

What numbers, lists, foreign keys and moments look like when many rows are made. Each picture is drawn from rows that
were generated from the request beside it, over the shop of [the page about generators](generators.md), where the
options are explained. `seedbed generate --summary` tells the same of tables of your own; so does an export's page.
"""


@lru_cache(maxsize=1)
def pictures() -> Mapping[str, str]:
    """The SVG documents by the names of their files."""
    return {f"{plot.name}.svg": draw(plot.picture(plan_of(plot.config)), plot.title) for plot in PLOTS}


def distributions_page() -> str:
    """The page."""
    return "\n".join([_INTRODUCTION, *(_section(plot) for plot in PLOTS)])


def _section(plot: Plot) -> str:
    config = json.dumps(plot.config, ensure_ascii=False, indent=2)
    picture = f"![{plot.title}: what the rows come to]({FOLDER}/{plot.name}.svg)"
    return f"## {plot.title}\n\n{plot.about}\n\n```json\n{config}\n```\n\n{picture}\n"
