"""The totals of a row's children: what `aggregate` may say. The engine makes the values (`engine.aggregates`)."""

from collections.abc import Mapping
from typing import Any

import pyarrow as pa

from app.generator.keys import Rows
from app.generator.values.context import ColumnContext
from app.generator.values.entries import Entry, Option
from app.generator.values.generator import Drawn, Generator, Siblings
from app.generator.values.type_defaults import generator_for_type

NAME = "aggregate"
FUNCTIONS = ("sum", "count", "min", "max")


class Uncounted(Drawn):
    """What stands for an aggregate where a column is looked at without its table: values of its type."""

    def __init__(self, inner: Generator) -> None:
        self.arrow_type = inner.arrow_type
        self._inner = inner

    def draw(self, key: int, rows: Rows, siblings: Siblings, salt: int) -> pa.Array:
        """Values of the column's type."""
        return self._inner.draw(key, rows, {}, salt)


def _aggregates(context: ColumnContext, options: Mapping[str, Any]) -> Generator:
    return Uncounted(generator_for_type(context))


ENTRIES = (
    Entry(
        NAME,
        "The sum, count, least or largest of the rows of another table that refer to this row, exactly; their number "
        "has to be given as perParent",
        ("number", "moment"),
        _aggregates,
        {
            "table": Option("string", "the table whose rows refer to this one", True),
            "function": Option("string", "sum (where there is an expression), count, min or max", False, FUNCTIONS),
            "expression": Option("string", "a SQL expression over that table's columns, such as quantity * unit_price"),
            "foreign_key": Option("string", "the foreign key's name, where there are several"),
        },
        {"table": "order_lines", "function": "sum", "expression": "quantity * unit_price"},
    ),
)
