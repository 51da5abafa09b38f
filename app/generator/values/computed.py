"""Values computed from the row's other columns by a SQL expression."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from app.errors import OptionInvalid, OptionProblem
from app.generator.arrow_types import arrow_type
from app.generator.keys import Rows
from app.generator.values.context import ColumnContext
from app.generator.values.entries import Entry, Option, family, hint, invalid, nearest
from app.generator.values.generator import Generator, Siblings


class Computed:
    """The value of an expression over siblings, cast to the column's type; where it is null, so is the column."""

    capacity: None = None
    block: None = None

    def __init__(self, expression: Any, data_type: pa.DataType) -> None:
        self._expression = expression
        self.arrow_type = data_type
        self.needs = tuple(sorted(expression.columns))
        self.longest, self.shortest = 10_000, 0

    def at(self, index: Rows) -> pa.Array:
        """Never to be called: an expression's values are not numbered."""
        raise TypeError("expressions are not numbered")

    def draw(self, key: int, rows: Rows, siblings: Siblings, salt: int) -> pa.Array:
        """The expression's values."""
        found = self.values(siblings, len(rows))
        return found if found.type == self.arrow_type else _converted(found, self.arrow_type)

    def values(self, siblings: Siblings, rows: int) -> pa.Array:
        """The expression's values, of its own type."""
        return self._expression.evaluate(dict(siblings), rows)


def _converted(values: pa.Array, wanted: pa.DataType) -> pa.Array:
    if pa.types.is_decimal(wanted) and pa.types.is_decimal(values.type) and values.type.scale > wanted.scale:
        values = pc.round(values, wanted.scale, round_mode="half_towards_infinity")
    if pa.types.is_integer(wanted) and not pa.types.is_integer(values.type):
        values = pc.round(values)
    return pc.cast(values, wanted, safe=False)


def _computed(context: ColumnContext, options: Mapping[str, Any]) -> Generator:
    # Postgres' parser takes a tenth of a second to load, and hardly any request needs it here.
    from app.generator.expressions import ExpressionUnknown, columns_of, compile_value, parse_expression

    text = str(options["expression"])
    try:
        parsed = parse_expression(text)
        missing = next((name for name in sorted(columns_of(parsed)) if name not in context.siblings), None)
        if missing is not None:
            meant = nearest(missing, context.siblings)
            message = f"expression: {missing!r} is no other column of {context.table}{hint(meant)}"
            raise OptionInvalid(message, (OptionProblem(("expression",), message, meant),))
        expression = compile_value(parsed, dict(context.siblings), context.types)
    except ExpressionUnknown as error:
        raise invalid(f"expression: {error}") from None
    made = Computed(expression, arrow_type(context.type))
    _check_type(made, context)
    return made


def _check_type(made: Computed, context: ColumnContext) -> None:
    """Raises OptionInvalid for an expression whose values the column's type does not take, such as a name's."""
    kinds = [context.siblings[name] for name in made.needs]
    if any(kind.array_dims for kind in kinds) or context.type.array_dims:
        return
    siblings = {name: pa.nulls(1, arrow_type(context.siblings[name])) for name in made.needs}
    is_number = family(context) == "number"
    try:
        made.draw(0, np.arange(1), siblings, 0)
        found = made.values(siblings, 1).type
    except (pa.ArrowNotImplementedError, pa.ArrowInvalid) as error:
        raise invalid(f"expression: {str(error).splitlines()[0]}") from None
    if is_number and made.needs and pa.types.is_string(found):
        raise invalid(f"expression: it makes text, and {context.type.name} is none; cast it, as in (...)::numeric")


ENTRIES = (
    Entry(
        "expression",
        "A SQL expression over the row's other columns; only functions that need no database",
        ("any",),
        _computed,
        {"expression": Option("string", "the expression", True)},
        {"expression": "quantity * unit_price"},
    ),
)
