"""What checks are made of: the words, numbers, patterns and paths in them, from which values can be pieced together.

A check that no rule reads still shows what it is about: `split_part(x, '-', 2) ~ '^[0-9]+$'` has a hyphen and a
pattern of digits in it.
"""

import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from app.generator.domain import Pattern
from app.generator.expressions.jsonpath import parse_path
from app.generator.expressions.literals import read_array
from app.generator.expressions.nodes import (
    Call,
    Cast,
    ColumnRef,
    Compare,
    Expr,
    ExpressionUnknown,
    Literal,
    Not,
    Operator,
    Quantified,
    Subscript,
    walk,
)
from app.generator.expressions.path_items import steps_of
from app.generator.expressions.shapes import MATCHES

_MOST = 64
_PATTERN_CALLS = frozenset({"regexp_like", "regexp_match", "regexp_count", "regexp_matches", "regexp_substr"})
_PATH_CALLS = frozenset(
    {"jsonb_extract_path", "jsonb_extract_path_text", "json_extract_path", "json_extract_path_text"}
)
_KEY_CALLS = frozenset({"exist", "defined", "jsonb_exists"})
_STEPS = frozenset({"->", "->>", "#>", "#>>"})
_KEYS = frozenset({"?", "?|", "?&"})
_JSONPATH_CALLS = frozenset({"jsonb_path_exists", "jsonb_path_match", "jsonb_path_exists_opr", "jsonb_path_match_opr"})
_WORDS = re.compile(r'"((?:[^"\\]|\\.)*)"')
_NUMBERS = re.compile(r"(?<![\w.])-?\d+(?:\.\d+)?")
_PIECES = re.compile(r"[^%_]+")


@dataclass(frozen=True, slots=True)
class Material:
    """`paths` lead into documents, key by key (numbers are places in arrays); `spans` are texts of intervals.

    `hints` are values and patterns that checks compare a path with, and what they count there: lists of so many items.
    """

    texts: tuple[str, ...] = ()
    numbers: tuple[Decimal, ...] = ()
    patterns: tuple[str, ...] = ()
    paths: tuple[tuple[str, ...], ...] = ()
    spans: tuple[str, ...] = ()
    hints: tuple[tuple[tuple[str, ...], Any], ...] = ()


def material_of(exprs: Iterable[Expr]) -> Material:
    """What stands in the expressions, each once and in their order; at most 64 of a kind."""
    texts: dict[str, None] = {}
    numbers: dict[Decimal, None] = {}
    patterns: dict[str, None] = {}
    paths: dict[tuple[str, ...], None] = {}
    spans: dict[str, None] = {}
    hints: list[tuple[tuple[str, ...], Any]] = []
    for expr in exprs:
        forbidden = {path for node in walk(expr) if isinstance(node, Not) for path in _paths_in(node.argument)}
        for node in walk(expr):
            if isinstance(node, Cast) and node.type.name == "interval" and isinstance(node.argument, Literal):
                spans[str(node.argument.value)] = None
            elif isinstance(node, Literal) and isinstance(node.value, int | Decimal):
                if not isinstance(node.value, bool):
                    numbers[Decimal(node.value)] = None
            elif isinstance(node, Literal) and isinstance(node.value, str):
                texts.update(dict.fromkeys(_texts_in(node.value)))
                numbers.update(dict.fromkeys(_numbers_in(node.value)))
            else:
                patterns.update(dict.fromkeys(_patterns_in(node)))
                texts.update(dict.fromkeys(_characters_in(node)))
                paths.update(dict.fromkeys(path for path in _paths_in(node) if path not in forbidden))
                hints += _hints_in(node)
    paths.update(dict.fromkeys(path for path, _ in hints if path))
    known = tuple((path, value) for path, value in hints if value is not None)[:_MOST]
    return Material(
        tuple(texts)[:_MOST],
        tuple(numbers)[:_MOST],
        tuple(patterns)[:_MOST],
        tuple(paths)[:_MOST],
        tuple(spans)[:_MOST],
        known,
    )


def _texts_in(text: str) -> Iterator[str]:
    """The text, the elements of the array or the words of the path that it may be."""
    yield text
    if text.startswith("{"):
        with suppress(ValueError):
            yield from (item for item in read_array(text) if isinstance(item, str))
    yield from _WORDS.findall(text)
    if "%" in text:
        yield from _PIECES.findall(text)


def _characters_in(node: Expr) -> Iterator[str]:
    """The characters whose codes ascii() is compared with."""
    if isinstance(node, Compare) and any(isinstance(part, Call) and part.name == "ascii" for part in walk(node)):
        codes = (part.value for part in walk(node) if isinstance(part, Literal) and isinstance(part.value, int))
        yield from (chr(code) for code in codes if 32 <= code < 127)


def _numbers_in(text: str) -> Iterator[Decimal]:
    yield from (Decimal(found) for found in _NUMBERS.findall(text)[:8] if len(found) < 20)


def _patterns_in(node: Expr) -> Iterator[str]:
    if isinstance(node, Operator | Quantified):
        name = node.name if isinstance(node, Operator) else node.operator
        right = node.right if isinstance(node, Operator) else node.array
        text = _text(right)
        if name in MATCHES and "~~" not in name and not name.startswith("!") and text:
            yield text
    elif isinstance(node, Call) and node.name in _PATTERN_CALLS and len(node.arguments) > 1:
        text = _text(node.arguments[1])
        if text:
            yield text


def _text(expr: Expr) -> str | None:
    while isinstance(expr, Cast):
        expr = expr.argument
    return expr.value if isinstance(expr, Literal) and isinstance(expr.value, str) else None


def _paths_in(node: Expr) -> Iterator[tuple[str, ...]]:
    """The paths that lead into a document, the whole of a chain of steps before its beginnings."""
    if isinstance(node, Subscript) or (isinstance(node, Operator) and node.name in _STEPS):
        path = path_of(node)
        if path:
            yield path
    elif isinstance(node, Operator) and node.name in _KEYS and node.left is not None:
        above, keys = path_of(node.left), _text(node.right)
        names = [keys] if keys is not None else [t for part in walk(node.right) if (t := _text(part))]
        if keys is not None and keys.startswith("{"):
            names = [name for name in _texts_in(keys) if name != keys]
        yield from ((*(above or ()), name) for name in names)
    elif isinstance(node, Call) and node.name in _KEY_CALLS and len(node.arguments) == 2:
        key = _text(node.arguments[1])
        if key is not None:
            yield (key,)
    elif isinstance(node, Call) and node.name in _PATH_CALLS and len(node.arguments) > 1:
        keys_of = [_text(argument) for argument in node.arguments[1:]]
        if all(keys_of):
            yield tuple(str(key) for key in keys_of)


def _hints_in(node: Expr) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Paths, with what they are compared with where it is a constant."""
    if isinstance(node, Compare | Quantified):
        left, right = (node.left, node.right) if isinstance(node, Compare) else (node.left, node.array)
        for side, other in ((left, right), (right, left)):
            path, what = _looked_at(side)
            if path is not None:
                constants = [c.value for c in walk(other) if isinstance(c, Literal) and c.value is not None]
                yield from ((path, _of(what, c)) for c in _listed(constants))
    elif isinstance(node, Call) and node.name in _JSONPATH_CALLS and len(node.arguments) > 1:
        yield from _hints_of_path(_text(node.arguments[1]))
    elif isinstance(node, Operator) and node.name in ("@?", "@@"):
        yield from _hints_of_path(_text(node.right))
    elif isinstance(node, Operator) and node.name in MATCHES and node.left is not None:
        path, _ = _looked_at(node.left)
        text = _text(node.right)
        plain = "~~" not in node.name and not node.name.startswith("!") and text is not None
        if path is not None:
            yield path, Pattern(text, node.name.endswith("*")) if plain and text is not None else None


def _of(what: str, constant: Any) -> Any:
    """A value of the type, or a list of the size, that a constant names; the constant itself otherwise."""
    if what == "type":
        return _OF_TYPE.get(str(constant))
    if what == "size" and isinstance(constant, int) and 0 <= constant < 100:
        return [{"key": "value"}] * constant
    return constant


def _listed(constants: list[Any]) -> Iterator[Any]:
    for constant in constants:
        if isinstance(constant, str) and constant.startswith("{"):
            yield from _texts_in(constant)
        else:
            yield constant


def _looked_at(expr: Expr) -> tuple[tuple[str, ...] | None, str]:
    """The path of a side of a comparison, and what of it is asked: its `type`, its `size`, or nothing."""
    while isinstance(expr, Cast):
        expr = expr.argument
    what = ""
    if isinstance(expr, Call) and expr.arguments:
        what = {"jsonb_typeof": "type", "json_typeof": "type"}.get(expr.name, "")
        what = "size" if expr.name in ("jsonb_array_length", "json_array_length") else what
        if expr.name not in _PATH_CALLS:
            expr = expr.arguments[0]
            while isinstance(expr, Cast):
                expr = expr.argument
    if isinstance(expr, Call) and expr.name in _PATH_CALLS:
        return next(_paths_in(expr), None), what
    return (path_of(expr), what) if isinstance(expr, Operator | Subscript | ColumnRef) else (None, what)


_OF_TYPE = {
    "object": {"key": "value"}, "array": ["a"], "string": "a", "number": 1, "boolean": True,
}  # fmt: skip


def _hints_of_path(text: str | None) -> Iterator[tuple[tuple[str, ...], Any]]:
    if text is None:
        return
    try:
        yield from steps_of(parse_path(text))
    except ExpressionUnknown:
        return


def path_of(expr: Expr) -> tuple[str, ...] | None:
    """The keys of `d -> 'a' #>> '{b,0}'` below its column; None where a step is no constant."""
    while isinstance(expr, Cast):
        expr = expr.argument
    if isinstance(expr, Subscript):
        above, step = path_of(expr.argument), expr.index
    elif isinstance(expr, Operator) and expr.name in _STEPS and expr.left is not None:
        above, step = path_of(expr.left), expr.right
    else:
        return ()
    while isinstance(step, Cast):
        step = step.argument
    if above is None or not isinstance(step, Literal) or step.value is None:
        return None
    if isinstance(expr, Operator) and expr.name.startswith("#"):
        try:
            return (*above, *(str(key) for key in read_array(str(step.value))))
        except ValueError:
            return None
    return (*above, str(step.value))
