"""Birth dates and ages, which agree."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa

from app.generator.keys import Rows
from app.generator.values.context import ColumnContext
from app.generator.values.entries import Entry, Option
from app.generator.values.generator import Drawn, Generator, Siblings
from app.generator.values.moment_defaults import moment_generator
from app.generator.values.moments import MICROSECONDS_PER_DAY, moment_number
from app.generator.values.number_defaults import NumberRange, number_generator
from app.generator.values.numbers import Spanned
from app.generator.values.shares import from_weights
from app.generator.values.timelines import microseconds
from app.generator.values.type_defaults import generator_for_type


class Ages(Drawn):
    """Full years between a birth date of the row and the reference."""

    def __init__(self, base: Spanned, birth: str, reference: datetime) -> None:
        self.arrow_type = base.arrow_type
        self.needs = (birth,)
        self._base, self._birth = base, birth
        self._today = moment_number(reference) // MICROSECONDS_PER_DAY

    def draw(self, key: int, rows: Rows, siblings: Siblings, salt: int) -> pa.Array:
        """The ages, clipped to what the column may hold."""
        own = self._base.numbers(key, rows, salt)
        if self._birth not in siblings:
            return self._base.render(own)
        found, valid = microseconds(siblings[self._birth])
        born = (found // MICROSECONDS_PER_DAY).astype("datetime64[D]")
        today = np.datetime64(int(self._today), "D")
        months = today.astype("datetime64[M]").astype(np.int64) - born.astype("datetime64[M]").astype(np.int64)
        day_of_month = (born - born.astype("datetime64[M]")).astype(np.int64)
        today_of_month = int((today - today.astype("datetime64[M]")).astype(np.int64))
        years = (months - (day_of_month > today_of_month)) // 12
        low, high = self._base.span.low, self._base.span.high
        return self._base.render(np.where(valid, np.clip(years, low, high), own))


def _births(context: ColumnContext, options: Mapping[str, Any]) -> Generator:
    least, most = int(options.get("min_age", 18)), int(options.get("max_age", 80))
    year = timedelta(days=1461) / 4
    low = moment_number(context.reference - year * (most + 1))
    high = moment_number(context.reference - year * least)
    if context.type.name in ("date", "timestamp", "timestamptz"):
        # More of the young and middle-aged than of the old.
        ages = from_weights([3, 4, 5, 6, 7, 8, 8, 8, 7, 6], 256)
        return moment_generator(context, low, high, ages, MICROSECONDS_PER_DAY)
    return generator_for_type(context)


def _ages(context: ColumnContext, options: Mapping[str, Any]) -> Generator:
    least, most = Decimal(str(options.get("min", 18))), Decimal(str(options.get("max", 80)))
    base = number_generator(context, NumberRange(least, most, 0))
    birth = options.get("birth")
    return Ages(base, str(birth), context.reference) if birth and isinstance(base, Spanned) else base


ENTRIES = (
    Entry(
        "birth_date",
        "Birth date of somebody of an age",
        ("moment",),
        _births,
        {"min_age": Option("integer", "in years"), "max_age": Option("integer", "in years")},
        {"min_age": 6, "max_age": 18},
    ),
    Entry(
        "age",
        "Age in full years, that of the row's birth date where there is one",
        ("number",),
        _ages,
        {
            "birth": Option("column", "the column with the birth date"),
            "min": Option("number", "at least"),
            "max": Option("number", "at most"),
        },
        {"birth": "birth_date"},
    ),
)
