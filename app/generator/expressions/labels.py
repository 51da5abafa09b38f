"""Functions and operators of paths of labels (ltree)."""

from collections.abc import Callable, Sequence
from typing import Any

from app.generator.expressions.casts import coerce
from app.generator.expressions.kinds import BOOL, INT4, TEXT, Kind
from app.generator.expressions.nodes import ExpressionUnknown
from app.generator.expressions.operands import Operand, lift_scalar
from app.generator.expressions.text_arguments import text_of
from app.generator.expressions.vectors import Fails

LTREE = Kind("ltree")


def operator(name: str, left: Operand, right: Operand) -> Operand | None:
    """`@>`, `<@` and `||` where a path takes part; None for any other."""
    if "ltree" not in (left.kind.name, right.kind.name):
        return None
    if name in ("@>", "<@"):
        inner, outer = (_path(left), _path(right)) if name == "<@" else (_path(right), _path(left))
        return lift_scalar(BOOL, lambda x, y: x == y or x.startswith(f"{y}.") or not y, inner, outer)
    if name == "||":
        return lift_scalar(LTREE, lambda x, y: f"{x}.{y}" if x and y else x or y, _path(left), _path(right))
    return None


def _path(operand: Operand) -> Operand:
    """Its text."""
    if operand.kind.name == "ltree":
        return Operand(TEXT, operand.run, operand.columns, operand.value)
    return text_of(operand)


def _labels(path: str) -> list[str]:
    return path.split(".") if path else []


def _between(labels: list[str], start: int, end: int) -> str:
    if start < 0 or end < 0 or start >= len(labels) or start > end:
        raise Fails("invalid positions")
    return ".".join(labels[start:end])


def _subpath(path: str, start: int, count: int | None = None) -> str:
    labels = _labels(path)
    start = start + len(labels) if start < 0 else start
    end = len(labels) if count is None else len(labels) + count if count < 0 else start + count
    return _between(labels, start, end)


def _subltree(path: str, start: int, end: int) -> str:
    return _between(_labels(path), start, end)


def _index(path: str, part: str, offset: int = 0) -> int:
    whole, wanted = _labels(path), _labels(part)
    first = max(0, len(whole) + offset) if offset < 0 else offset
    places = range(first, len(whole) - len(wanted) + 1)
    return next((i for i in places if wanted and whole[i : i + len(wanted)] == wanted), -1)


def _on_path(kind: Kind, function: Callable[..., Any], paths: int = 1) -> Callable[[Sequence[Operand]], Operand]:
    """A function of so many paths, and integers after them."""

    def build(arguments: Sequence[Operand]) -> Operand:
        if arguments[0].kind.name != "ltree":
            raise ExpressionUnknown(f"a value of type {arguments[0].kind} where a path is expected")
        numbers = [coerce(argument, INT4) for argument in arguments[paths:]]
        return lift_scalar(kind, function, *map(_path, arguments[:paths]), *numbers)

    return build


FUNCTIONS: dict[str, Callable[[Sequence[Operand]], Operand]] = {
    "nlevel": _on_path(INT4, lambda path: len(_labels(path))),
    "subpath": _on_path(LTREE, _subpath),
    "subltree": _on_path(LTREE, _subltree),
    "index": _on_path(INT4, _index, paths=2),
    "ltree2text": _on_path(TEXT, lambda path: path),
    "text2ltree": lambda arguments: lift_scalar(LTREE, lambda text: text, text_of(*arguments)),
}
