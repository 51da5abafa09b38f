"""What SQL/JSON paths lead to: in documents, and by themselves."""

import re
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

from app.generator.domain import Pattern
from app.generator.expressions.jsonpath import (
    Comparison,
    Condition,
    Constant,
    Element,
    Exists,
    Filter,
    Joined,
    Matches,
    Member,
    Method,
    Negation,
    Path,
    Root,
    Sum,
)

_COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "==": lambda a, b: a == b, "!=": lambda a, b: a != b, "<>": lambda a, b: a != b, "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b, ">": lambda a, b: a > b, ">=": lambda a, b: a >= b,
}  # fmt: skip


def follow(path: Path | Condition, document: Any) -> list[Any]:
    """The items that the path leads to; of a condition its answer: true, false or, where it is unknown, None."""
    if isinstance(path, Condition):
        return [_test(path, document, document)]
    return list(_items(path, document, document))


def _items(path: Path | Condition, root: Any, current: Any) -> Iterator[Any]:
    if isinstance(path, Constant):
        yield path.value
    elif isinstance(path, Root):
        yield current if path.current else root
    elif isinstance(path, Sum):
        yield from _summed(path, root, current)
    elif isinstance(path, Condition):
        yield _test(path, root, current)
    else:
        for item in _items(path.base, root, current):
            yield from _step(path, item, root)


def _step(path: Member | Element | Filter | Method, item: Any, root: Any) -> Iterator[Any]:
    if isinstance(path, Element):
        items = item if isinstance(item, list) else [item]
        if path.index is None:
            yield from items
        elif -len(items) <= path.index < len(items):
            yield items[path.index]
        return
    if isinstance(path, Method) and path.name in ("size", "type"):
        yield (len(item) if isinstance(item, list) else 1) if path.name == "size" else _type_of(item)
        return
    # Lax mode looks into arrays by itself.
    for inner in item if isinstance(item, list) else [item]:
        if isinstance(path, Filter):
            if _test(path.condition, root, inner) is True:
                yield inner
        elif isinstance(path, Member):
            if isinstance(inner, dict):
                if path.key is None:
                    yield from inner.values()
                elif path.key in inner:
                    yield inner[path.key]
        else:
            yield _number_method(path.name, inner)


def _type_of(item: Any) -> str:
    if item is None:
        return "null"
    kinds = ((bool, "boolean"), (str, "string"), (dict, "object"), (list, "array"))
    return next((name for kind, name in kinds if isinstance(item, kind)), "number")


class PathError(Exception):
    """What Postgres raises, or swallows where only an answer is wanted."""


def _number_method(name: str, item: Any) -> Any:
    if name == "double" and isinstance(item, str):
        try:
            return Decimal(item)
        except ArithmeticError:
            raise PathError from None
    if isinstance(item, bool) or not isinstance(item, int | Decimal):
        raise PathError
    number = Decimal(item)
    floor = number // 1 if number >= 0 or number == number // 1 else number // 1 - 1
    return {"double": number, "abs": abs(number), "floor": floor, "ceiling": -((-number) // 1)}[name]


def _summed(path: Sum, root: Any, current: Any) -> Iterator[Any]:
    sides = [list(_items(side, root, current)) for side in (path.left, path.right)]
    sides = [side[0] if len(side) == 1 and isinstance(side[0], list) else side for side in sides]
    if any(len(s) != 1 or isinstance(s[0], bool) or not isinstance(s[0], int | Decimal) for s in sides):
        raise PathError
    a, b = Decimal(sides[0][0]), Decimal(sides[1][0])
    if path.operator in "/%" and not b:
        raise PathError
    yield {"+": lambda: a + b, "-": lambda: a - b, "*": lambda: a * b, "/": lambda: a / b, "%": lambda: a % b}[
        path.operator
    ]()


def _test(condition: Condition, root: Any, current: Any) -> bool | None:
    if isinstance(condition, Joined):
        answers = [_test(part, root, current) for part in condition.parts]
        if (not condition.every) in answers:
            return not condition.every
        return None if None in answers else condition.every
    if isinstance(condition, Negation):
        answer = _test(condition.part, root, current)
        return None if answer is None else not answer
    try:
        if isinstance(condition, Exists):
            return any(True for _ in _items(condition.path, root, current))
        if isinstance(condition, Matches):
            return _matches(condition, _opened(_items(condition.path, root, current)))
        lefts = _opened(_items(condition.left, root, current))
        rights = _opened(_items(condition.right, root, current))
    except PathError:
        return None
    answers = [_compared(condition.operator, a, b) for a in lefts for b in rights]
    if True in answers:
        return True
    return None if None in answers else False


def _opened(items: Iterator[Any]) -> list[Any]:
    """Arrays as what is in them, as lax mode takes them."""
    return [inner for item in items for inner in (item if isinstance(item, list) else [item])]


def _matches(condition: Matches, items: list[Any]) -> bool | None:
    flags = re.IGNORECASE if condition.ignore_case else 0
    answers = [bool(re.search(condition.pattern, i, flags)) if isinstance(i, str) else None for i in items]
    if True in answers:
        return True
    return None if None in answers else False


def _compared(operator: str, a: Any, b: Any) -> bool | None:
    if (a is None) != (b is None):
        return operator in ("!=", "<>")
    if a is None:
        return operator in ("==", "<=", ">=")
    kinds = [_type_of(item) for item in (a, b)]
    if kinds[0] != kinds[1] or kinds[0] in ("object", "array"):
        return None
    return _COMPARISONS[operator](a, b)


def steps_of(path: Path | Condition, above: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """The keys of each place that the path looks at, with the constant or pattern that it is compared with, or None."""
    if isinstance(path, Joined):
        for part in path.parts:
            yield from steps_of(part, above)
    elif isinstance(path, Negation):
        yield from steps_of(path.part, above)
    elif isinstance(path, Matches):
        found = list(steps_of(path.path, above))
        yield from found[:-1]
        if found:
            yield found[-1][0], Pattern(path.pattern, path.ignore_case)
    elif isinstance(path, Exists):
        yield from steps_of(path.path, above)
    elif isinstance(path, Comparison):
        for side, other in ((path.left, path.right), (path.right, path.left)):
            if not isinstance(side, Constant):
                found = list(steps_of(side, above))
                if isinstance(other, Constant) and found and isinstance(side, Method):
                    # So many items.
                    size = other.value if side.name == "size" else None
                    yield found[-1][0], [1] * int(size) if isinstance(size, Decimal) and 0 <= size < 99 else size
                elif isinstance(other, Constant) and found:
                    yield from found[:-1]
                    yield found[-1][0], other.value
                else:
                    yield from found
    elif isinstance(path, Sum):
        yield from steps_of(path.left, above)
        yield from steps_of(path.right, above)
    elif isinstance(path, Filter):
        keys = keys_of(path.base, above)
        yield keys, None
        yield from steps_of(path.condition, keys)
    elif isinstance(path, Member | Element | Method):
        yield keys_of(path, above), None
        base = path.base
        if isinstance(base, Filter):
            yield from steps_of(base, above)
    elif isinstance(path, Root):
        yield above if path.current else (), None


def keys_of(path: Path, above: tuple[str, ...] = ()) -> tuple[str, ...]:
    """The keys that lead to a place; the first of many items."""
    if isinstance(path, Root):
        return above if path.current else ()
    if isinstance(path, Member):
        return (*keys_of(path.base, above), path.key or "key")
    if isinstance(path, Element):
        return (*keys_of(path.base, above), str(max(path.index or 0, 0)))
    return keys_of(path.base, above) if isinstance(path, Filter | Method) else above
