"""SQL/JSON paths in lax mode: '$.items[*] ? (@.price > 10)', read into a tree and followed through documents.

Grammar: "The SQL/JSON Path Language" in the PostgreSQL manual. Strict mode, variables, dates and recursion are not
understood.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Any

from app.generator.expressions.nodes import ExpressionUnknown

_TOKEN = re.compile(
    r"""\s*(?:(?P<number>\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)|"(?P<text>(?:[^"\\]|\\.)*)"
    |(?P<name>[A-Za-z_]\w*)|(?P<mark>&&|\|\||==|!=|<>|<=|>=|\*\*|[$@.\[\]()?,*<>!+\-/%]))""",
    re.VERBOSE,
)
_COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "==": lambda a, b: a == b, "!=": lambda a, b: a != b, "<>": lambda a, b: a != b, "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b, ">": lambda a, b: a > b, ">=": lambda a, b: a >= b,
}  # fmt: skip
_METHODS = frozenset({"size", "type", "double", "ceiling", "floor", "abs"})


@dataclass(frozen=True, slots=True)
class Constant:
    value: Any


@dataclass(frozen=True, slots=True)
class Root:
    """`$`, or with `current` the `@` of a filter."""

    current: bool


@dataclass(frozen=True, slots=True)
class Member:
    """`.key`; None for `.*`."""

    base: "Path"
    key: str | None


@dataclass(frozen=True, slots=True)
class Element:
    """`[n]`, `[last]` as -1; None for `[*]`."""

    base: "Path"
    index: int | None


@dataclass(frozen=True, slots=True)
class Filter:
    base: "Path"
    condition: "Condition"


@dataclass(frozen=True, slots=True)
class Method:
    base: "Path"
    name: str


@dataclass(frozen=True, slots=True)
class Sum:
    """Arithmetic of two single numbers."""

    operator: str
    left: "Path"
    right: "Path"


@dataclass(frozen=True, slots=True)
class Comparison:
    operator: str
    left: "Path"
    right: "Path"


@dataclass(frozen=True, slots=True)
class Joined:
    """`&&`, or `||`."""

    every: bool
    parts: "tuple[Condition, ...]"


@dataclass(frozen=True, slots=True)
class Negation:
    part: "Condition"


@dataclass(frozen=True, slots=True)
class Exists:
    path: "Path"


@dataclass(frozen=True, slots=True)
class Matches:
    """`like_regex`, or `starts with`: the pattern is a regular expression either way."""

    path: "Path"
    pattern: str
    ignore_case: bool


Path = Constant | Root | Member | Element | Filter | Method | Sum
Condition = Comparison | Joined | Negation | Exists | Matches


@lru_cache(maxsize=512)
def parse_path(text: str) -> Path | Condition:
    """A path, or the condition that a predicate is. Raises ExpressionUnknown for what is not understood."""
    if text.strip().startswith("strict "):
        raise ExpressionUnknown("a strict jsonpath", text)
    reader = _Reader(text.strip().removeprefix("lax "))
    found: Path | Condition = reader.condition()
    if reader.kind is not None:
        raise ExpressionUnknown("a jsonpath", text)
    return found


class _Reader:
    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self.kind: str | None = None
        self._value = ""
        self._next()

    def _next(self) -> None:
        if not self._text[self._at :].strip():
            self.kind = None
            return
        found = _TOKEN.match(self._text, self._at)
        if found is None or found.lastgroup is None:
            raise ExpressionUnknown("a jsonpath", self._text)
        self.kind, self._value, self._at = found.lastgroup, found[found.lastgroup], found.end()

    def _take(self, *marks: str) -> str | None:
        if self.kind in ("mark", "name") and self._value in marks:
            taken = self._value
            self._next()
            return taken
        return None

    def _expect(self, mark: str) -> None:
        if self._take(mark) is None:
            raise ExpressionUnknown("a jsonpath", self._text)

    def condition(self) -> Any:
        parts = [self._conjunction()]
        while self._take("||"):
            parts.append(self._conjunction())
        return parts[0] if len(parts) == 1 else Joined(False, tuple(map(self._as_condition, parts)))

    def _conjunction(self) -> Any:
        parts = [self._test()]
        while self._take("&&"):
            parts.append(self._test())
        return parts[0] if len(parts) == 1 else Joined(True, tuple(map(self._as_condition, parts)))

    def _as_condition(self, part: Any) -> Any:
        if isinstance(part, Condition):
            return part
        raise ExpressionUnknown("a jsonpath with a value for a condition", self._text)

    def _test(self) -> Any:
        if self._take("!"):
            return Negation(self._as_condition(self._test()))
        if self._take("exists"):
            self._expect("(")
            path = self._sum()
            self._expect(")")
            return Exists(path)
        left = self._sum()
        operator = self._take(*_COMPARISONS)
        if operator:
            return Comparison(operator, left, self._sum())
        if self._take("starts"):
            self._expect("with")
            return Matches(left, "^" + re.escape(self._string()), False)
        if self._take("like_regex"):
            pattern, flags = self._string(), self._string() if self._take("flag") else ""
            if set(flags) - {"i"}:
                raise ExpressionUnknown("flags of like_regex", self._text)
            return Matches(left, pattern, "i" in flags)
        return left

    def _string(self) -> str:
        if self.kind != "text":
            raise ExpressionUnknown("a jsonpath", self._text)
        value = self._value
        self._next()
        return _unescaped(value)

    def _sum(self) -> Any:
        left = self._product()
        while operator := self._take("+", "-"):
            left = Sum(operator, left, self._product())
        return left

    def _product(self) -> Any:
        left = self._steps()
        while operator := self._take("*", "/", "%"):
            left = Sum(operator, left, self._steps())
        return left

    def _steps(self) -> Any:
        base = self._start()
        while True:
            if self._take("."):
                base = self._member(base)
            elif self._take("["):
                base = self._element(base)
            elif self._take("?"):
                self._expect("(")
                base = Filter(base, self._as_condition(self.condition()))
                self._expect(")")
            else:
                return base

    def _start(self) -> Any:
        kind, value = self.kind, self._value
        if self._take("("):
            inner = self.condition()
            self._expect(")")
            return inner
        if self._take("-"):
            return Sum("-", Constant(0), self._steps())
        if self._take("$", "@"):
            return Root(value == "@")
        self._next()
        if kind == "number":
            return Constant(Decimal(value))
        if kind == "text":
            return Constant(_unescaped(value))
        if kind == "name" and value in ("true", "false", "null"):
            return Constant({"true": True, "false": False, "null": None}[value])
        raise ExpressionUnknown("a jsonpath", self._text)

    def _member(self, base: Any) -> Any:
        if self._take("*"):
            return Member(base, None)
        kind, name = self.kind, self._value
        if kind not in ("name", "text"):
            raise ExpressionUnknown("a jsonpath", self._text)
        self._next()
        if kind == "name" and self._take("("):
            self._expect(")")
            if name not in _METHODS:
                raise ExpressionUnknown(f"the jsonpath method {name}", self._text)
            return Method(base, name)
        return Member(base, _unescaped(name) if kind == "text" else name)

    def _element(self, base: Any) -> Any:
        index: int | None = None
        if not self._take("*"):
            if self._take("last"):
                index = -1
            elif self.kind == "number" and self._value.isdigit():
                index = int(self._value)
                self._next()
            else:
                raise ExpressionUnknown("a jsonpath's subscript", self._text)
        self._expect("]")
        return Element(base, index)


def _unescaped(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text)


# --- following -------------------------------------------------------------------------------------------------------


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
    """The keys of each place that the path looks at, with a constant that it is compared with, or None."""
    if isinstance(path, Joined):
        for part in path.parts:
            yield from steps_of(part, above)
    elif isinstance(path, Negation):
        yield from steps_of(path.part, above)
    elif isinstance(path, Exists | Matches):
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
