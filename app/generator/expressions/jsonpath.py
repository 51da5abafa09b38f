"""SQL/JSON paths in lax mode: '$.items[*] ? (@.price > 10)', read into a tree and followed through documents.

Grammar: "The SQL/JSON Path Language" in the PostgreSQL manual. Strict mode, variables, dates and recursion are not
understood.
"""

import re
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
COMPARISONS = frozenset({"==", "!=", "<>", "<", "<=", ">", ">="})
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
        operator = self._take(*COMPARISONS)
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
