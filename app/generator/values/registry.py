"""The generators by name: what overrides may say, and what the planner builds."""

import re
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from functools import lru_cache
from importlib import import_module
from pkgutil import iter_modules
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from app.errors import OptionInvalid, OptionProblem
from app.generator import values as package
from app.generator.domain import Domain
from app.generator.keys import Rows
from app.generator.snapshot.model import TypeRef
from app.generator.types import BUILTIN_SCHEMA
from app.generator.values.choice import OVERRIDE, Choice
from app.generator.values.choices import Mixed, literal_array
from app.generator.values.containers import element_text
from app.generator.values.context import ColumnContext
from app.generator.values.continued import continued
from app.generator.values.entries import Entry, family, hint, invalid, nearest, option_problems
from app.generator.values.fitting import Paired, text_limits
from app.generator.values.generator import Generator, Siblings
from app.generator.values.kinds import refuse
from app.generator.values.moments import parse_moment
from app.generator.values.nulls import NULL_RATE, null_rate
from app.generator.values.outlines import NUMBERS, PARENTS
from app.generator.values.patterned import asked_for, honouring, pattern_test
from app.generator.values.reserved import reserved_text
from app.generator.values.shaped import SHAPES, shaped
from app.generator.values.texts import not_longer
from app.generator.values.timelines import WHEN, Conditional, read_when
from app.generator.values.type_defaults import array_of, element_context, generator_for_type, has_arrays_inside, listed

__all__ = [
    "Choice",
    "OptionInvalid",
    "build",
    "build_unique",
    "describe",
    "null_rate",
]

# These look at the column's allow list themselves; for all others it decides alone.
_READ_ALLOW_LISTS = frozenset({"type", "constant", "one_of", "status", "sequence", "gender", "honorific", "expression"})
# These follow the row's other columns, so that its checks are tested row by row.
_TESTED_BY_ROW = frozenset({"template", "expression"})
# These make whole arrays by themselves.
_WHOLE = frozenset({"constant", "one_of", "expression"})
# 2025-12-31 23:59:59
_MOMENT_WIDTH = 19
# 08:30
_CLOCK_WIDTH = 5
_CLOCKS = "time_of_day"
# What is spelt as a date, and is none.
_UPDATE = re.compile("update", re.IGNORECASE)
# The bounds of these are the column's own where a person asks for them.
_BOUNDED = frozenset({"number", "price"})
# These count or measure, and reach below 0 only where nothing else is said.
_COUNTED = _BOUNDED | {"age"}


@lru_cache(maxsize=1)
def entries() -> Mapping[str, Entry]:
    """Every generator by its name: those that the modules of this package declare as ENTRIES."""
    found: dict[str, Entry] = {}
    for module in iter_modules(package.__path__):
        for entry in getattr(import_module(f"{package.__name__}.{module.name}"), "ENTRIES", ()):
            if entry.name in found:
                raise ValueError(f"two generators are called {entry.name}")
            found[entry.name] = entry
    return found


def build(choice: Choice, context: ColumnContext) -> Generator:
    """The generator of a choice, within the column's type and domain; the same one for the same place in a table.

    Raises OptionInvalid for an unknown generator, wrong options, or a type or domain that it cannot serve.
    """
    if SHAPES & choice.options.keys():  # these look at the number of rows too
        return _built(choice, context)
    options = repr(sorted(choice.options.items()))
    place = (context.column, context.type, context.domain, context.unique, choice.generator, choice.why, options)
    found: Generator | None = context.notes.get(place)
    if found is None:
        found = context.notes[place] = _built(choice, context)
    return found


def _built(choice: Choice, context: ColumnContext) -> Generator:
    entry = entries().get(choice.generator)
    asked = choice.why == OVERRIDE
    if entry is None:
        meant = nearest(choice.generator, entries())
        message = f"there is no generator {choice.generator!r}{hint(meant)}"
        raise OptionInvalid(message, (OptionProblem(("generator",), message, meant),))
    shape = {name: value for name, value in choice.options.items() if name in SHAPES}
    if shape:
        plain = {name: value for name, value in choice.options.items() if name not in SHAPES}
        return shaped(build(replace(choice, options=plain), context), context, shape)
    if WHEN in choice.options and WHEN not in entry.options:
        return _conditional(choice, context)
    options = {name: value for name, value in choice.options.items() if name != NULL_RATE}
    problems = option_problems(entry, options, context)
    if problems:
        raise OptionInvalid("; ".join(p.message for p in problems), tuple(problems))
    if entry.name == PARENTS or (entry.name == NUMBERS and not asked):
        return _made(entry, context, options)  # the number of another row, which is as it is; one that was tried out
    if not context.domain.allows_value:
        if context.domain.nullable and context.column.nullable:
            return generator_for_type(replace(context, domain=type(context.domain)()))
        raise refuse(context, "its constraints leave no value")
    if context.type.array_dims and entry.name not in _WHOLE:
        if has_arrays_inside(context):
            return generator_for_type(context)
        return array_of(context, build(choice, element_context(context)))
    if context.domain.values is not None and entry.name not in _READ_ALLOW_LISTS:
        if asked and entry.name not in _TESTED_BY_ROW:
            allowed = ", ".join(str(value) for value in context.domain.values[:8])
            raise invalid(f"the column's constraints allow nothing but {allowed}; give a list of these")
        if not asked:
            return listed(context)
    kind = family(context)
    if entry.name == _CLOCKS and kind == "text" and not context.type.array_dims:
        return _written_out(choice, entry, context)
    if "any" not in entry.serves and kind not in entry.serves:
        if kind == "text" and not context.type.array_dims:
            return _written_out(choice, entry, context)
        if not asked:
            return generator_for_type(context)
        none = "neither" if len(entry.serves) > 1 else "none"
        raise invalid(f"{entry.name} makes {' or '.join(entry.serves)}, and {context.type.name} is {none}")
    if asked and entry.name in _BOUNDED:
        context = _within(context, options)
    if asked and kind == "moment":
        _refuse_outside(context, options)
    try:
        generator = _made(entry, context, options)
    except OptionInvalid:
        if asked:
            raise
        return generator_for_type(context)  # what was only guessed gives way to what the column allows
    if kind == "text" and not context.type.array_dims and entry.name != "type":
        reserved = reserved_text(entry.name, options, context.locale) if context.domain.patterns and not asked else None
        generator = asked_for(generator, context) if asked else honouring(generator, context, reserved)
    return generator if asked else _strewn(generator, context)


def _conditional(choice: Choice, context: ColumnContext) -> Generator:
    """A generator of any kind, with NULLs where the row's other column says that there is no value."""
    when = read_when(context, choice.options)
    if choice.why == OVERRIDE and not context.column.nullable:
        raise invalid("when: the column may not be null")
    options = {name: value for name, value in choice.options.items() if name != WHEN}
    inner = build(replace(choice, options=options), context)
    if when is None or not (context.column.nullable and context.domain.nullable):
        return inner
    return Conditional(inner, when)


def _within(context: ColumnContext, options: Mapping[str, Any]) -> ColumnContext:
    """The context of a column that holds nothing outside the bounds that a person asked for."""
    low, high = (_bound(options[name]) if name in options else None for name in ("min", "max"))
    if low is not None and high is not None and low > high:
        raise invalid("number: min is more than max")
    narrowed = context.domain.intersect(Domain(low=low, high=high))
    if not narrowed.allows_value:
        raise invalid("the column's constraints allow no number between min and max")
    return replace(context, domain=narrowed)


def _refuse_outside(context: ColumnContext, options: Mapping[str, Any]) -> None:
    """Raises OptionInvalid where the constraints leave no moment between the bounds that a person asked for."""
    domain = context.domain
    first, last, low, high = (
        parse_moment(bound) if isinstance(bound, str) else None
        for bound in (options.get("min"), options.get("max"), domain.low, domain.high)
    )
    below = last is not None and low is not None and last < low
    if below or (first is not None and high is not None and first > high):
        raise invalid("the column's constraints allow no moment between min and max")


def _bound(value: Any) -> int | Decimal:
    number = Decimal(str(value))
    return int(number) if number == number.to_integral_value() else number


def _strewn(generator: Generator, context: ColumnContext) -> Generator:
    """The generator with the values that rules between columns compare with; distinct values leave no room for them."""
    domain = context.domain
    wanted = [value for value in domain.suggested if domain.permits(value)]
    if not wanted or context.unique or context.type.array_dims or domain.values is not None:
        return generator
    values = literal_array(wanted, generator.arrow_type)
    if family(context) == "text":
        most = text_limits(context).most
        values = values if most is None else not_longer(values, most)
        if domain.patterns:
            values = values.filter(pa.array(pattern_test(domain.patterns)(values)))
    return Mixed(generator, values) if len(values) else generator


def _written_out(choice: Choice, entry: Entry, context: ColumnContext) -> Generator:
    """A generator of numbers or moments for a column of text."""
    wanted = "timestamp" if "moment" in entry.serves else "numeric" if "number" in entry.serves else "bool"
    modifiers = {"numeric": (12, 2), "timestamp": (0,), "bool": ()}[wanted]
    most = text_limits(context).most
    if entry.name in ("number", "age"):
        decimals = choice.options.get("decimals")
        bounds = [choice.options.get(name, 0) for name in ("min", "max")]
        if decimals in (0, None) and all(isinstance(bound, int) for bound in bounds):
            wanted, modifiers = "int4", ()
    if wanted == "timestamp" and (
        (most is not None and most < _MOMENT_WIDTH) or "date" in _UPDATE.sub("", context.column.name).lower()
    ):
        wanted, modifiers = "date", ()
    if entry.name == _CLOCKS:
        wanted, modifiers = "time", ()
    # A text that begins with a minus could be taken for a formula: only who asks for numbers below 0 gets them.
    counted = entry.name in _COUNTED and Decimal(str(choice.options.get("min", 0))) >= 0
    domain = Domain(low=0) if counted else Domain()
    typed = replace(context, type=TypeRef(BUILTIN_SCHEMA, wanted, modifiers), domain=domain)
    return honouring(Rendered(build(choice, typed)), context)


class Rendered:
    """Another generator's values, written as text."""

    arrow_type = pa.string()

    def __init__(self, inner: Generator) -> None:
        self._inner = inner
        self.needs = inner.needs
        self.capacity, self.block = inner.capacity, inner.block
        moment = pa.types.is_timestamp(inner.arrow_type)
        date = pa.types.is_date(inner.arrow_type)
        clock = pa.types.is_time(inner.arrow_type)
        self.longest = _MOMENT_WIDTH if moment else 10 if date else _CLOCK_WIDTH if clock else 13
        self.shortest = self.longest if moment or date or clock else 1

    def at(self, index: Rows) -> pa.Array:
        """The inner values."""
        return self._text(self._inner.at(index))

    def draw(self, key: int, rows: Rows, siblings: Siblings, salt: int) -> pa.Array:
        """The inner draws."""
        return self._text(self._inner.draw(key, rows, siblings, salt))

    def _text(self, values: pa.Array) -> pa.Array:
        if pa.types.is_timestamp(values.type):
            values = values.cast(pa.timestamp("s"), safe=False)
        if pa.types.is_time(values.type):
            return pc.utf8_slice_codeunits(values.cast(pa.string()), 0, _CLOCK_WIDTH)
        return element_text(values)


def _made(entry: Entry, context: ColumnContext, options: Mapping[str, Any]) -> Generator:
    try:
        return entry.make(context, options)
    except ValueError as error:
        raise invalid(f"{entry.name}: {error}") from None


def build_unique(choice: Choice, context: ColumnContext, needed: int) -> Generator:
    """The same meaning with `capacity >= needed` where type, length and domain allow it, else the largest there is.

    Values of a pool too small for that come first, and those of the type after them, so that with more rows the earlier
    ones keep theirs.
    """
    unique = replace(context, unique=True)
    found = build(choice, unique)
    if found.capacity is not None and found.capacity >= needed:
        return found
    if choice.generator in ("constant", "one_of") or choice.why == OVERRIDE:
        return found
    spare = generator_for_type(unique)
    if spare.capacity is None or (found.capacity is not None and spare.capacity <= found.capacity):
        return found
    longer = continued(found, spare)
    if longer is not None:
        return longer
    # Its free draws keep their meaning; distinct values are those of the type.
    return spare if spare.arrow_type != found.arrow_type or found.needs else Paired(found, spare)


def describe() -> list[dict[str, Any]]:
    """The catalogue, for documentation and for editors: name, purpose, columns served, options, example."""
    return [
        {
            "name": entry.name,
            "about": entry.about,
            "serves": list(entry.serves),
            "options": {
                name: {
                    "kind": option.kind,
                    "about": option.about,
                    "required": option.required,
                    **({"choices": list(option.choices)} if option.choices else {}),
                }
                for name, option in sorted(entry.options.items())
            },
            "example": {"generator": entry.name, **({"options": dict(entry.example)} if entry.example else {})},
        }
        for entry in sorted(entries().values(), key=lambda e: e.name)
    ]
