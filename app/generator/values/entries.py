"""What a registered generator says of itself: name, purpose, options, which columns it serves."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any, Literal

from app.errors import OptionInvalid, OptionProblem
from app.generator.values.context import ColumnContext
from app.generator.values.generator import Generator
from app.generator.values.kinds import kind_of_type

OptionKind = Literal["number", "integer", "boolean", "string", "list", "moment", "column", "columns", "any"]
Serves = Literal["text", "number", "moment", "boolean", "any"]


@dataclass(frozen=True, slots=True)
class Option:
    """One option of a generator. `choices` are the only values allowed, where there are any."""

    kind: OptionKind
    about: str
    required: bool = False
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Entry:
    """A generator by name. `make` may raise OptionInvalid."""

    name: str
    about: str
    serves: tuple[Serves, ...]
    make: Callable[[ColumnContext, Mapping[str, Any]], Generator]
    options: Mapping[str, Option] = field(default_factory=dict)
    example: Mapping[str, Any] = field(default_factory=dict)


def family(context: ColumnContext) -> Serves | None:
    """What kind of column it is, where it is one of the kinds that generators ask for."""
    name = context.type.name
    return kind_of_type(name) or ("boolean" if name == "bool" else None)


def option_problems(entry: Entry, options: Mapping[str, Any], context: ColumnContext) -> list[OptionProblem]:
    """What is wrong with the options, each in a sentence."""
    problems = []
    for name in options:
        if name not in entry.options:
            meant = nearest(name, entry.options)
            message = f"{entry.name} has no option {name!r}; it has {_list(entry.options)}{hint(meant)}"
            problems.append(OptionProblem((name,), message, meant))
    for name, option in entry.options.items():
        if name in options:
            problem, meant = _problem(option, options[name], context)
            if problem:
                problems.append(OptionProblem((name,), f"{entry.name}: {name} {problem}", meant))
        elif option.required:
            problems.append(OptionProblem((), f"{entry.name} needs the option {name}: {option.about}"))
    return problems


def nearest(name: object, known: Iterable[str]) -> str | None:
    """The known name that looks most like `name`; None when none comes near."""
    import difflib

    lowered = {k.lower(): k for k in sorted(known, reverse=True)}
    found = difflib.get_close_matches(str(name).lower(), lowered, n=1)
    return lowered[found[0]] if found else None


def hint(meant: str | None) -> str:
    """The question at the end of a sentence about a name that there is not."""
    return f"; did you mean {meant!r}?" if meant else ""


def _list(names: Iterable[str]) -> str:
    return ", ".join(sorted(names)) or "none"


def _problem(option: Option, value: Any, context: ColumnContext) -> tuple[str | None, str | None]:
    """What is wrong with a value, and what may have been meant."""
    if option.choices and value not in option.choices:
        meant = nearest(value, option.choices)
        return f"must be one of {', '.join(option.choices)}{hint(meant)}", meant
    if option.kind == "column":
        return _column_problem(value, context)
    if option.kind == "columns":
        if not isinstance(value, list | tuple) or not value:
            return "must be a list of column names", None
        return next((p for p in (_column_problem(v, context) for v in value) if p[0]), (None, None))
    return _kind_problem(option, value), None


def _kind_problem(option: Option, value: Any) -> str | None:
    match option.kind:
        case "number":
            return None if _is_number(value) else "must be a number"
        case "integer":
            return None if isinstance(value, int) and not isinstance(value, bool) else "must be a whole number"
        case "boolean":
            return None if isinstance(value, bool) else "must be true or false"
        case "string":
            return None if isinstance(value, str) else "must be a string"
        case "list":
            return None if isinstance(value, list | tuple) and value else "must be a list that is not empty"
        case "moment":
            return None if _is_moment(value) else "must be an ISO 8601 date or time stamp"
        case _:
            return None


def _column_problem(value: Any, context: ColumnContext) -> tuple[str | None, str | None]:
    if not isinstance(value, str):
        return "must be the name of a column", None
    if value not in context.siblings:
        meant = nearest(value, context.siblings)
        return f"names {value!r}, which is no other column of {context.table}{hint(meant)}", meant
    return None, None


def _is_number(value: Any) -> bool:
    if isinstance(value, bool):
        return False
    try:
        return Decimal(str(value)).is_finite()
    except InvalidOperation:
        return False


def _is_moment(value: Any) -> bool:
    try:
        datetime.fromisoformat(str(value))
    except ValueError:
        return False
    return True


def invalid(message: str) -> OptionInvalid:
    """The error for options that cannot be served."""
    return OptionInvalid(message)
