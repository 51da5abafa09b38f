"""Generators that a person writes down: constants, lists, sequences, templates, regular expressions."""

import json
import re
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from app.errors import OptionInvalid, OptionProblem
from app.generator.arrow_types import arrow_type
from app.generator.domain import Value
from app.generator.keys import Rows
from app.generator.snapshot.model import CompositeType, EnumType
from app.generator.values.choices import Constant, Counter, Listed, literal_array
from app.generator.values.containers import element_text
from app.generator.values.context import ColumnContext
from app.generator.values.entries import Entry, Option, family, hint, invalid, nearest
from app.generator.values.fitting import text_limits
from app.generator.values.generator import MAX_CAPACITY, Generator, Siblings
from app.generator.values.kinds import INTEGER_LIMITS
from app.generator.values.literal_forms import composite_misfit, misfit, unstorable
from app.generator.values.patterned import regex_text
from app.generator.values.statuses import status_weights
from app.generator.values.strings import join
from app.generator.values.texts import clip
from app.generator.values.type_defaults import generator_for_type

# More digits than a number of Postgres has before its point; and how much of a value an error shows.
_MOST_DIGITS, _SHOWN = 131_072, 60
_PLACEHOLDER = re.compile(r"\{\{|\}\}|\{([^{}]*)\}")


class Templates:
    """Text with the row's other columns filled in: `{first_name}.{last_name}@example.com`."""

    arrow_type = pa.string()
    capacity: None = None
    block: None = None

    def __init__(self, parts: tuple[str | tuple[str], ...], most: int | None) -> None:
        self._parts = parts
        # What the template itself ends in is kept where the text is cut: half a domain could be somebody's.
        self._end = parts[-1] if len(parts) > 1 and isinstance(parts[-1], str) else ""
        self._room = None if most is None or not self._end else most - len(self._end)
        self.needs = tuple(dict.fromkeys(part[0] for part in parts if isinstance(part, tuple)))
        self.longest = 10_000 if self.needs else sum(len(part) for part in parts)
        self.shortest = sum(len(part) for part in parts if isinstance(part, str))

    def at(self, index: Rows) -> pa.Array:
        """Never to be called: nobody can say how many distinct texts a template makes."""
        raise TypeError("templates are not numbered")

    def draw(self, key: int, rows: Rows, siblings: Siblings, salt: int) -> pa.Array:
        """The filled-in texts; a null counts as nothing."""
        pieces: list[pa.Array | str] = []
        for part in self._parts:
            if isinstance(part, str):
                pieces.append(part)
            else:
                pieces.append(pc.fill_null(element_text(siblings[part[0]]), ""))
        if not any(not isinstance(piece, str) for piece in pieces):
            return pa.repeat(pa.scalar("".join(str(piece) for piece in pieces)), len(rows))
        if self._room is None:
            return join(*pieces)
        return join(clip(join(*pieces[:-1]), self._room), self._end)


def read_template(text: str, context: ColumnContext) -> Templates:
    """A template: {column} for a column of the row, {{ and }} for braces. Raises OptionInvalid."""
    problem = unstorable(text)
    if problem is not None:
        raise invalid(f"template: {problem}")
    parts: list[str | tuple[str]] = []
    place = 0
    alone = re.search(r"[{}]", _PLACEHOLDER.sub("", text))
    if alone is not None:
        other = "}" if alone.group() == "{" else "{"
        raise invalid(f"template: {alone.group()!r} has no {other!r}; a brace itself is written twice")
    for found in _PLACEHOLDER.finditer(text):
        parts.append(text[place : found.start()])
        place = found.end()
        name = found.group(1)
        if name is None:
            parts.append(found.group()[0])
            continue
        if name not in context.siblings:
            meant = nearest(name, context.siblings)
            message = f"template: {{{name}}} is no other column of {context.table}{hint(meant)}"
            raise OptionInvalid(message, (OptionProblem(("template",), message, meant),))
        parts.append((name,))
    parts.append(text[place:])
    kept, most = tuple(part for part in parts if part != ""), text_limits(context).most
    if most is not None and len(kept) > 1 and isinstance(kept[-1], str) and len(kept[-1]) >= most:
        raise invalid(f"template: what it ends in, {kept[-1]!r}, leaves no room in {most} characters")
    return Templates(kept, most)


def literals(values: Any, context: ColumnContext) -> tuple[Value, ...]:
    """JSON values as the literals of the column's type. Raises OptionInvalid."""
    return tuple(_literal(value, context) for value in values)


def _literal(value: Any, context: ColumnContext) -> Value:
    kind = family(context)
    if kind == "boolean":
        if isinstance(value, bool):
            return value
        raise invalid(f"{value!r} is neither true nor false")
    if kind == "number":
        if isinstance(value, bool):
            raise invalid(f"{shortened(value)} is not a number")
        try:
            number = Decimal(str(value))
        except InvalidOperation:
            raise invalid(f"{shortened(value)} is not a number") from None
        if number.is_finite() and number.adjusted() > _MOST_DIGITS:
            raise invalid(f"{shortened(value)} is a larger number than any column takes")
        whole = number.is_finite() and number == number.to_integral_value()
        if context.type.name in INTEGER_LIMITS and not whole:
            raise invalid(f"{value!r} is not a whole number")
        return int(number) if whole else number
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False)
    return str(value)


def shortened(value: object) -> str:
    """A value as an error has it: the beginning of a long one."""
    text = str(value) if isinstance(value, Decimal) else repr(value)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}..."


def _permitted(values: tuple[Value, ...], context: ColumnContext) -> pa.Array:
    domain = context.domain
    known = context.type.name if context.user_type is None else ""
    for text in values:
        problem = misfit(text, known) if isinstance(text, str) else None
        if problem is None and isinstance(text, str) and isinstance(context.user_type, CompositeType):
            problem = composite_misfit(text, context.user_type, context.types)
        if problem is not None:
            raise invalid(problem)
    refused = [v for v in values if not domain.permits(v)]
    if refused:
        raise invalid(f"the column's constraints do not allow {refused[0]!r}")
    if isinstance(context.user_type, EnumType):
        labels = context.user_type.labels
        strange = [v for v in values if v not in labels]
        if strange:
            raise invalid(f"{strange[0]!r} is no label of {context.user_type.name}: {', '.join(labels[:20])}")
    most = text_limits(context).most
    if family(context) == "text" and most is not None:
        long = [v for v in values if isinstance(v, str) and len(v) > most]
        if long:
            raise invalid(f"{long[0]!r} is longer than {most} characters")
    try:
        array = literal_array(values, arrow_type(context.type))
    except (pa.ArrowInvalid, InvalidOperation, OverflowError):
        array = None
    if array is None or len(array) != len(values):
        odd = next((value for value in values if not _is_one(value, context)), values[0])
        raise invalid(
            f"{shortened(str(odd) if isinstance(odd, Decimal) else odd)} is no {context.type.name}{_modifiers(context)}"
        )
    return array


def _is_one(value: Value, context: ColumnContext) -> bool:
    try:
        return len(literal_array((value,), arrow_type(context.type))) == 1
    except (pa.ArrowInvalid, InvalidOperation, OverflowError):
        return False


def _modifiers(context: ColumnContext) -> str:
    given = ", ".join(map(str, context.type.modifiers))
    return f"({given})" if given else ""


def _refuse_arrays(context: ColumnContext) -> None:
    if context.type.array_dims:
        raise invalid("the column is an array, of which there are no constants and no lists; name a generator")


def _constants(context: ColumnContext, options: Mapping[str, Any]) -> Generator:
    _refuse_arrays(context)
    return Constant(_permitted(literals((options["value"],), context), context))


def _lists(context: ColumnContext, options: Mapping[str, Any]) -> Generator:
    _refuse_arrays(context)
    values = literals(options["values"], context)
    array = _permitted(values, context)
    weights = options.get("weights")
    if weights is None:
        return Listed(array)
    if len(weights) != len(values):
        raise invalid(f"{len(values)} values and {len(weights)} weights")
    try:
        return Listed(array, [Fraction(str(w)) for w in weights])
    except (ValueError, ZeroDivisionError):
        raise invalid("weights must be numbers, none negative and not all zero") from None


def _sequences(context: ColumnContext, options: Mapping[str, Any]) -> Generator:
    start, step = int(options.get("start", 1)), int(options.get("step", 1))
    if step == 0:
        raise invalid("sequence: step must not be zero")
    name = context.type.name
    low, high = INTEGER_LIMITS.get(name, (-(10**18), 10**18))
    if name == "numeric" and context.type.modifiers:
        scale = context.type.modifiers[1] if len(context.type.modifiers) > 1 else 0
        high = min(high, 10 ** max(0, context.type.modifiers[0] - scale) - 1)
        low = -high
    elif family(context) == "text":
        high = min(high, 10 ** min(text_limits(context).most or 18, 18) - 1)
        low = 0
    domain = context.domain
    if isinstance(domain.low, int | Decimal):
        low = max(low, int(domain.low))
    if isinstance(domain.high, int | Decimal):
        high = min(high, int(domain.high))
    if not low <= start <= high:
        raise invalid(f"sequence: start must be between {low} and {high}")
    capacity = (high - start) // step + 1 if step > 0 else (start - low) // -step + 1
    return Counter(arrow_type(context.type), start, step, min(capacity, MAX_CAPACITY))


def _templates(context: ColumnContext, options: Mapping[str, Any]) -> Generator:
    return read_template(str(options["template"]), context)


def _regexes(context: ColumnContext, options: Mapping[str, Any]) -> Generator:
    return regex_text(str(options["regex"]), context)


def _statuses(context: ColumnContext, options: Mapping[str, Any]) -> Generator:
    values = literals(options["values"], context) if "values" in options else context.domain.values
    if values is None:
        raise invalid("status needs the option values where the column's constraints list none")
    kept = tuple(v for v in values if context.domain.permits(v))
    if not kept:
        return generator_for_type(context)
    return Listed(literal_array(kept, arrow_type(context.type)), status_weights([str(v) for v in kept]))


def _by_type(context: ColumnContext, options: Mapping[str, Any]) -> Generator:
    return generator_for_type(context)


ENTRIES = (
    Entry("type", "What the column's type suggests", ("any",), _by_type),
    Entry(
        "constant",
        "The same value in every row",
        ("any",),
        _constants,
        {"value": Option("any", "the value", True)},
        {"value": "EUR"},
    ),
    Entry(
        "one_of",
        "One of a list, by weight where weights are given",
        ("any",),
        _lists,
        {"values": Option("list", "the values", True), "weights": Option("list", "a number for each value")},
        {"values": ["free", "pro"], "weights": [9, 1]},
    ),
    Entry(
        "sequence",
        "start, start + step, ... by the row's number",
        ("any",),
        _sequences,
        {"start": Option("integer", "the first value"), "step": Option("integer", "what is added each time")},
        {"start": 1000, "step": 10},
    ),
    Entry(
        "template",
        "Text with other columns filled in; braces are doubled to stand for themselves",
        ("text",),
        _templates,
        {"template": Option("string", "the text", True)},
        {"template": "{first_name}.{last_name}@example.com"},
    ),
    Entry(
        "regex",
        "Text that matches a regular expression",
        ("text",),
        _regexes,
        {"regex": Option("string", "the expression, as Postgres reads it", True)},
        {"regex": "[A-Z]{3}-[0-9]{4}"},
    ),
    Entry(
        "status",
        "A state out of a list, common ones more often",
        ("any",),
        _statuses,
        {"values": Option("list", "the states; by default those that the column allows")},
        {"values": ["draft", "published", "archived"]},
    ),
)
