"""Conditions on what functions take out of a text, or count in it, as patterns of the whole text.

split_part(x, '-', 2) ~ '^[0-9]+$' says that x has a hyphen with digits behind it; length(x) - length(replace(x, '.',
'')) = 2 that there are two dots in it; regexp_replace(x, '\\s', '', 'g') = x that there is no blank.
"""

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from app.generator.domain import Domain, Pattern
from app.generator.expressions.findings import Finding, as_text, column_of, exact_number, uncast, whole_bounds
from app.generator.expressions.kinds import STRINGS
from app.generator.expressions.like import like_to_regex, quoted
from app.generator.expressions.nodes import Call, Cast, Collate, Expr, Operator
from app.generator.expressions.templates import spelling_of

if TYPE_CHECKING:
    from app.generator.expressions.leaves import LeafReader

TRIMS = frozenset({"btrim", "trim", "ltrim", "rtrim"})
_LENGTHS = frozenset({"length", "char_length", "character_length"})
_MOST_PARTS, _MOST_COUNT = 40, 200
_CLASS = re.compile(r"\[\^?(?:\\.|[^\]\\])+\]|\\[dws]|[A-Za-z0-9 ]")
_REPEATED_CLASS = re.compile(r"(\[\^?(?:\\.|[^\]\\])+\]|\\[dws])[+*]")
_COMPLEMENTS = {"\\d": "\\D", "\\w": "\\W", "\\s": "\\S", "\\D": "\\d", "\\W": "\\w", "\\S": "\\s"}


@dataclass(frozen=True, slots=True)
class _Part:
    """What stands before and behind a part of a column's text, and what characters the part may have."""

    column: str
    before: str
    behind: str
    filler: str
    size: int | None = None


def compared(reader: "LeafReader", operator: str, expr: Expr, value: Any) -> Finding | None:
    """A part of a text, or a count of what is in it, compared with a constant; None for anything else."""
    if isinstance(expr, Cast | Collate):
        inner = as_text(expr)
        if inner is expr:
            inner = uncast(expr) if isinstance(expr, Cast) and expr.type.name in ("int2", "int4", "int8") else expr
            return _number_in(reader, operator, inner, value) if inner is not expr else None
        return compared(reader, operator, inner, value)
    if not isinstance(expr, Call | Operator):
        return None
    if isinstance(value, str) and (part := _part_of(reader, expr)) is not None:
        if operator == "=":
            body = "".join(map(quoted, value))
        elif operator == "<>" and value == "":
            body = part.filler + part.filler + "*"
        else:
            return None
        return _found(part, body)
    exact = exact_number(value)
    counted = _counted(reader, expr) if exact is not None else None
    if exact is None or counted is None:
        return None
    column, unit, other = counted
    low, high = whole_bounds(operator, exact)
    if operator == "<>":
        low, high = (1, None) if exact == 0 else (None, None)
    return _times(column, unit, other, low, high)


def _times(column: str, unit: str, other: str, low: int | None, high: int | None) -> Finding | None:
    if (low is None and high is None) or max(low or 0, high or 0) > _MOST_COUNT:
        return None
    bounds = f"{{{low or 0},{'' if high is None else high}}}"
    return Finding(
        column, Domain(patterns=(Pattern(f"^{other}*(?:{unit}{other}*){bounds}$"),)), enough=False, needed=False
    )


def _number_in(reader: "LeafReader", operator: str, expr: Expr, value: Any) -> Finding | None:
    """split_part(x, '.', 1)::int >= 1: a number without zeros before it, of as many digits as the constant."""
    part, exact = _part_of(reader, expr), exact_number(value)
    if part is None or exact is None or exact < 0 or operator == "<>":
        return None
    if operator == "=":
        return _found(part, str(int(exact)))
    digits = len(str(int(exact)))
    more = f"{{{digits - 1},{digits}}}" if operator[0] == ">" else f"{{0,{max(0, digits - 1)}}}"
    return _found(part, f"[1-9][0-9]{more}")


def matched(reader: "LeafReader", name: str, left: Expr, right: Expr) -> Finding | None:
    """`left ~ right` and its kin, LIKE among them."""
    pattern = reader.text(right)
    if pattern is None:
        return None
    negated, like = name.startswith("!"), "~~" in name
    ignore_case = name.endswith("*")
    regex = like_to_regex(pattern) if like else pattern
    subject = as_text(left)
    if not negated and (part := _part_of(reader, subject)) is not None:
        body = _body(regex, part)
        return None if body is None else _found(part, body, ignore_case)
    case: dict[str, Any] = {}
    if isinstance(subject, Call) and subject.name in ("lower", "upper") and len(subject.arguments) == 1:
        # A text that is in that case already: then the function changes nothing.
        case = {"case": subject.name}
        subject = as_text(subject.arguments[0])
    elif isinstance(subject, Call) and subject.name in TRIMS and len(subject.arguments) == 1:
        case = {"trimmed": True}
        subject = as_text(subject.arguments[0])
    column = column_of(subject)
    if column is None or reader.kind_of_column(column).name not in STRINGS:
        return None
    domain = Domain(patterns=(Pattern(regex, ignore_case, negated),), **case)
    return Finding(column, domain, enough=False, needed=not case)


def unchanged(reader: "LeafReader", expr: Call, column: str) -> Domain | None:
    """What x has to be where a function that replaces, or takes away, does not change it: x = replace(x, ' ', '')."""
    inner = as_text(expr.arguments[0]) if expr.arguments else None
    if inner is None or column_of(inner) != column or len(expr.arguments) < 2:
        return None
    if expr.name == "encode":
        return None
    text = reader.text(expr.arguments[1])
    if not text:
        return None
    if expr.name == "replace":
        return Domain(patterns=(Pattern("".join(map(quoted, text)), negated=True),))
    if expr.name == "regexp_replace" and len(expr.arguments) <= 4:
        flags = reader.text(expr.arguments[3]) if len(expr.arguments) > 3 else ""
        if flags is None or (not _is_all(text) and reader.text(expr.arguments[2]) != ""):
            return None
        return Domain(patterns=(Pattern(text, "i" in flags, negated=True),))
    if expr.name == "translate":
        return Domain(patterns=(Pattern(_any_of(text), negated=True),))
    if expr.name in TRIMS:
        sides = {"ltrim": ("^{}",), "rtrim": ("{}$",)}.get(expr.name, ("^{}", "{}$"))
        return Domain(patterns=tuple(Pattern(side.format(_any_of(text)), negated=True) for side in sides))
    return None


def _is_all(regex: str) -> bool:
    """Whether the pattern is of one character, or of several of one class."""
    return bool(_CLASS.fullmatch(regex) or _REPEATED_CLASS.fullmatch(regex))


def of_hex(expr: Expr, column: str) -> Domain | None:
    """x = encode(decode(x, 'hex'), 'hex')."""
    if not isinstance(expr, Call) or expr.name != "encode":
        return None
    inner = uncast(expr.arguments[0])
    if isinstance(inner, Call) and inner.name == "decode" and column_of(as_text(inner.arguments[0])) == column:
        return Domain(patterns=(Pattern("^([0-9a-f][0-9a-f])*$"),))
    return None


def spelled(reader: "LeafReader", expr: Expr) -> Finding | None:
    """to_date(x, 'DD.MM.YYYY'): the texts that are spelt so, for whatever is asked of the date."""
    if not isinstance(expr, Call) or expr.name not in ("to_date", "to_timestamp") or len(expr.arguments) != 2:
        return None
    column, template = column_of(as_text(expr.arguments[0])), reader.text(expr.arguments[1])
    regex = spelling_of(template) if template else None
    if column is None or regex is None:
        return None
    domain = Domain(nullable=False, patterns=(Pattern(regex),))
    return Finding(column, domain, enough=False, needed=False)


# --- parts -----------------------------------------------------------------------------------------------------------


def _part_of(reader: "LeafReader", expr: Expr) -> _Part | None:
    """What the expression takes out of a column's text: split_part, left, right, substring by places."""
    expr = as_text(expr)
    if not isinstance(expr, Call) or len(expr.arguments) < 2:
        return None
    column = column_of(as_text(expr.arguments[0]))
    if column is None or reader.kind_of_column(column).name not in STRINGS:
        return None
    if expr.name == "split_part" and len(expr.arguments) == 3:
        separator, place = reader.text(expr.arguments[1]), reader.number(expr.arguments[2])
        if separator is None or len(separator) != 1 or place is None or not 0 < abs(int(place)) <= _MOST_PARTS:
            return None
        other, mark = f"[^{_inside(separator)}]", quoted(separator)
        if place > 0:
            before = f"^(?:{other}*{mark}){{{int(place) - 1}}}" if place > 1 else "^"
            return _Part(column, before, f"(?:{mark}|$)", other)
        behind = f"(?:{mark}{other}*){{{-int(place) - 1}}}$" if place < -1 else "$"
        return _Part(column, f"(?:^|{mark})", behind, other)
    if expr.name in ("left", "right", "substr", "substring"):
        numbers = [reader.number(argument) for argument in expr.arguments[1:]]
        sizes = [int(number) for number in numbers if number is not None]
        if len(sizes) < len(numbers) or not all(0 < size <= _MOST_COUNT for size in sizes):
            return None
        if expr.name == "right":
            return _Part(column, "", "$", ".", sizes[0])
        start = sizes[0] if expr.name != "left" else 1
        size = sizes[-1] if expr.name == "left" or len(sizes) > 1 else None
        return _Part(column, f"^.{{{start - 1}}}" if start > 1 else "^", "" if size else "$", ".", size)
    return None


def _found(part: _Part, body: str, ignore_case: bool = False) -> Finding:
    pattern = Pattern(f"{part.before}(?:{body}){part.behind}", ignore_case)
    return Finding(part.column, Domain(nullable=False, patterns=(pattern,)), enough=False, needed=False)


def _body(regex: str, part: _Part) -> str | None:
    """A part's pattern without its anchors: with anything on the sides where it has none."""
    starts, ends = regex.startswith("^"), regex.endswith("$") and not regex.endswith("\\$")
    inner = regex[1 if starts else 0 : -1 if ends else None]
    if ("^" in inner.replace("[^", "") or "$" in inner) or ("|" in inner and (starts or ends) and inner[:1] != "("):
        return None
    repeated = _REPEATED_CLASS.fullmatch(inner)
    if repeated and part.size is not None and starts and ends:
        # All of the places that are taken out, however few would match.
        return f"{repeated.group(1)}{{{part.size}}}"
    any_side = part.filler + "*" if part.size is None else ""
    return f"{'' if starts else any_side}(?:{inner}){'' if ends else any_side}"


# --- counts ----------------------------------------------------------------------------------------------------------


def _counted(reader: "LeafReader", expr: Expr) -> tuple[str, str, str] | None:
    """A column, the pattern of what the expression counts in it, and that of any other character."""
    if isinstance(expr, Operator) and expr.name == "-" and expr.left is not None:
        whole, rest = _measured(expr.left), _measured(expr.right)
        if whole is None or not isinstance(rest, Call):
            return None
        column = column_of(whole)
        taken = _taken_out(reader, rest) if column is not None else None
        return (column, taken[0], taken[1]) if column and taken and taken[2] == column else None
    if isinstance(expr, Operator) and expr.name == "/" and expr.left is not None:
        inner = _counted(reader, expr.left)
        return inner if inner is not None and reader.number(expr.right) == 1 else None
    measured = _measured(expr)
    if isinstance(measured, Call):
        kept = _taken_out(reader, measured)
        # What is left is what was not taken out.
        return (kept[2], kept[1], kept[0]) if kept is not None else None
    if isinstance(expr, Call) and expr.name == "regexp_count" and len(expr.arguments) == 2:
        column, regex = column_of(as_text(expr.arguments[0])), reader.text(expr.arguments[1])
        if column is not None and regex is not None and (other := _complement(regex)) is not None:
            return column, regex, other
    return None


def _measured(expr: Expr) -> Expr | None:
    """The text whose length it is."""
    if isinstance(expr, Call) and expr.name in _LENGTHS and len(expr.arguments) == 1:
        return as_text(expr.arguments[0])
    return None


def _taken_out(reader: "LeafReader", expr: Call) -> tuple[str, str, str] | None:
    """What a call takes out of a column's text, everything else, and the column."""
    column = column_of(as_text(expr.arguments[0])) if len(expr.arguments) > 2 else None
    if column is None or reader.text(expr.arguments[2]) != "":
        return None
    text = reader.text(expr.arguments[1])
    if expr.name == "replace" and text and len(text) == 1:
        return quoted(text), f"[^{_inside(text)}]", column
    if expr.name == "translate" and text:
        return _any_of(text), f"[^{''.join(map(_inside, text))}]", column
    flags = reader.text(expr.arguments[3]) if len(expr.arguments) > 3 else ""
    if expr.name == "regexp_replace" and text and flags == "g":
        repeated = _REPEATED_CLASS.fullmatch(text)
        unit = repeated.group(1) if repeated else text
        other = _complement(unit)
        return (unit, other, column) if other is not None else None
    return None


def split_into(reader: "LeafReader", operator: str, expr: Expr, value: Any) -> Finding | None:
    """array_length(string_to_array(x, ','), 1) = 3: two commas."""
    inner, exact = uncast(expr), exact_number(value)
    if not isinstance(inner, Call) or inner.name not in ("string_to_array", "regexp_split_to_array") or exact is None:
        return None
    column, separator = column_of(as_text(inner.arguments[0])), reader.text(inner.arguments[1])
    if column is None or separator is None or len(separator) != 1 or len(inner.arguments) > 2:
        return None
    low, high = whole_bounds(operator, exact)
    one_less = [None if n is None else n - 1 for n in (low, high)]
    if any(n is not None and n < 0 for n in one_less):
        return None
    found = _times(column, quoted(separator), f"[^{_inside(separator)}]", one_less[0], one_less[1])
    if found is None or one_less[0] is None:
        return found
    # An empty text has no parts, and parts that are words look best.
    return found.narrowed(domain=replace(found.domain, min_length=1))


def _complement(unit: str) -> str | None:
    """The class of all other characters."""
    if unit in _COMPLEMENTS:
        return _COMPLEMENTS[unit]
    if not _CLASS.fullmatch(unit):
        return None
    if unit.startswith("[^"):
        return "[" + unit[2:]
    return "[^" + unit[1:] if unit.startswith("[") else f"[^{unit}]"


def _any_of(characters: str) -> str:
    return "[" + "".join(map(_inside, characters)) + "]"


def _inside(character: str) -> str:
    """The character within brackets."""
    return "\\" + character if character in "\\]^-[" else character
