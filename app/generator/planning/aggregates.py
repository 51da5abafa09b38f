"""Totals of children, in planning: what an override asks for, and which columns are totals by what they are called."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import pyarrow as pa

from app.errors import OptionInvalid, OptionProblem
from app.generator.arrow_types import arrow_type
from app.generator.engine.aggregates import result_type
from app.generator.engine.contexts import base_type
from app.generator.meaning import Choice
from app.generator.meaning.naming import tokens
from app.generator.meaning.surroundings import Surroundings
from app.generator.plan import RelationPlan
from app.generator.planning.drafting import Draft
from app.generator.snapshot.model import Column, QName
from app.generator.types import TypeCatalog, quote_name
from app.generator.values.aggregates import NAME
from app.generator.values.context import ColumnContext
from app.generator.values.entries import family, hint, nearest
from app.generator.values.kinds import INTEGER_LIMITS, NUMBER_TYPES

# Words of a table whose rows are the lines of another one's, and of a column that adds them up, or does not.
_LINES = frozenset("line product detail position description".split())
_TOTALS = frozenset("total subtotal amount".split())
_OTHERS = frozenset(
    "tax discount shipping paid payment due refund balance fee rate limit unit price percent count quantity".split()
)
_COUNTS = frozenset("count number num".split())


class Aggregates:
    """The totals of one request's tables."""

    def __init__(self, drafts: Mapping[QName, Draft], types: TypeCatalog) -> None:
        self._drafts = drafts
        self._types = types
        self._children: dict[QName, list[tuple[Draft, RelationPlan]]] = {}
        for draft in drafts.values():
            for relation in draft.relations:
                if relation.per_parent is not None:
                    self._children.setdefault(relation.ref_table, []).append((draft, relation))

    def resolve(self, choice: Choice, draft: Draft, column: Column) -> Choice:
        """An override's options with all that the engine needs. Raises OptionInvalid."""
        options = dict(choice.options)
        child = self._child(str(options["table"]))
        relation = self._relation(child, draft.table.name, options.get("foreign_key"))
        expression = options.get("expression")
        function = options.setdefault("function", "sum" if expression else "count")
        if function != "count":
            if expression is None:
                raise _wrong("expression", f"{function} needs an expression over the columns of {child.table.name}")
            self._check(function, str(expression), child, column)
        if function in ("min", "max") and not column.nullable and relation.per_parent and not relation.per_parent.low:
            message = f"{function}: the column may not be null, and a row may have none of {child.table.name}"
            raise _wrong("function", message)
        options |= {"table": str(child.table.name), "foreign_key": relation.name}
        return replace(choice, options=options)

    def guess(self, draft: Draft, context: ColumnContext, chosen: Callable[[Draft, Column], Choice]) -> Choice | None:
        """The total that a column is by its name, where a table of lines has so many rows for each row of this one."""
        children = self._children.get(draft.table.name, ())
        if not children or family(context) != "number" or context.type.array_dims or not _is_free(draft, context):
            return None
        around = Surroundings(context)
        words = set(around.words)
        for child, relation in children:
            own = set(tokens(child.table.name.name))
            counted = words & own or (words & _LINES and own & _LINES)
            if words & _COUNTS and counted and context.type.name in INTEGER_LIMITS:
                return _choice("count", child, relation, None)
            if around.concept.name != "money" or not words & _TOTALS or words & _OTHERS or not own & _LINES:
                continue
            if "subtotal" not in words and around.number_named("subtotal"):
                continue  # the total follows from it
            expression = self._line(child, chosen)
            if expression is not None:
                return _choice("sum", child, relation, expression)
        return None

    def _child(self, name: str) -> Draft:
        for draft in self._drafts.values():
            if name in (str(draft.table.name), draft.table.name.name):
                return draft
        meant = nearest(name, [d.table.name.name for d in self._drafts.values()])
        message = f"aggregate: there is no table {name!r} in the export{hint(meant)}"
        raise OptionInvalid(message, (OptionProblem(("table",), message, meant),))

    def _relation(self, child: Draft, parent: QName, wanted: Any) -> RelationPlan:
        found = [r for r in child.relations if r.ref_table == parent and wanted in (None, r.name)]
        if not found:
            raise _wrong("table", f"aggregate: {child.table.name} has no such foreign key to {parent}")
        counted = [r for r in found if r.per_parent is not None]
        if not counted:
            name = child.table.name.name
            message = (
                f"aggregate: which rows of {child.table.name} are of one row of {parent} can be told only where their "
                f'number is given, as in "rows": {{"{name}": {{"perParent": {{"min": 1, "max": 5}}}}}}'
            )
            raise _wrong("table", message)
        return counted[0]

    def _check(self, function: str, text: str, child: Draft, column: Column) -> None:
        from app.generator.expressions import ExpressionUnknown, columns_of, compile_value, parse_expression

        types = {c.name: base_type(self._types, c.type) for c in child.table.columns}
        try:
            parsed = parse_expression(text)
            missing = next((name for name in sorted(columns_of(parsed)) if name not in types), None)
            if missing is not None:
                meant = nearest(missing, types)
                message = f"expression: {missing!r} is no column of {child.table.name}{hint(meant)}"
                raise OptionInvalid(message, (OptionProblem(("expression",), message, meant),))
            expression = compile_value(parsed, types, self._types)
        except ExpressionUnknown as error:
            raise _wrong("expression", f"expression: {error}") from None
        found = result_type(expression, {name: arrow_type(kind) for name, kind in types.items()})
        wanted = arrow_type(base_type(self._types, column.type))
        if (function == "sum" and not _is_number(found)) or _is_number(found) != _is_number(wanted):
            raise _wrong("expression", f"{function} of {text} is no value of this column")

    def _line(self, child: Draft, chosen: Callable[[Draft, Column], Choice]) -> str | None:
        """What a line amounts to: a column of its own, or quantity times price."""
        filled = {name for relation in child.relations for name in relation.columns}
        numbers = [
            c
            for c in sorted(child.table.columns, key=lambda c: c.name)
            if base_type(self._types, c.type).name in NUMBER_TYPES and c.name not in filled
        ]
        for column in numbers:
            if column.generated is None and chosen(child, column).generator == "product_of":
                return quote_name(column.name)
        named = {c.name: set(tokens(c.name)) for c in numbers}
        totals = [n for n, words in named.items() if words & _TOTALS and not words & _OTHERS]
        if totals:
            return quote_name(totals[0])
        prices = [n for n, words in named.items() if "price" in words]
        quantities = [n for n, words in named.items() if "quantity" in words]
        if not prices:
            return None
        price = next((n for n in prices if "unit" in named[n]), prices[0])
        return " * ".join(quote_name(n) for n in (*quantities[:1], price))


def _is_free(draft: Draft, context: ColumnContext) -> bool:
    """Whether no check bounds the column from above or ties it to others."""
    name = context.column.name
    tied = name in draft.constraints.equations or any(name in r.columns for r in draft.constraints.residual)
    return not tied and context.domain.high is None and context.domain.values is None


def _choice(function: str, child: Draft, relation: RelationPlan, expression: str | None) -> Choice:
    options: dict[str, Any] = {"table": str(child.table.name), "function": function, "foreign_key": relation.name}
    if expression is not None:
        options["expression"] = expression
    return Choice(NAME, options, f"{function} of {child.table.name}{f': {expression}' if expression else ''}")


def _is_number(kind: pa.DataType) -> bool:
    return bool(pa.types.is_integer(kind) or pa.types.is_decimal(kind) or pa.types.is_floating(kind))


def _wrong(option: str, message: str) -> OptionInvalid:
    return OptionInvalid(message, (OptionProblem((option,), message),))
