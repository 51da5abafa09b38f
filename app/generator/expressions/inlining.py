"""Calls of SQL functions replaced by the functions' bodies."""

import re
from collections.abc import Callable, Sequence

from app.generator.expressions.lookups import with_argument
from app.generator.expressions.nodes import (
    ArrayOf,
    Call,
    Cast,
    ColumnRef,
    Expr,
    ExpressionUnknown,
    FieldOf,
    Lookup,
    Parameter,
    Strict,
    transform,
)
from app.generator.snapshot.model import SqlFunction, TypeRef

MAX_NESTING = 8

_SPACE_OR_COMMENT = re.compile(r"(?:\s+|--[^\n]*(?:\n|$)|/\*.*?\*/)+", re.DOTALL)
_WORD = re.compile(r"[a-z]+", re.IGNORECASE)
# What citext has of its own beside the built-in functions of the same name.
_OVERLOADED = frozenset(
    """regexp_match regexp_matches regexp_replace regexp_split_to_array regexp_split_to_table replace split_part strpos
    translate""".split()
)


def inline(expr: Expr, functions: Sequence[SqlFunction], parse: Callable[[str], Expr]) -> Expr:
    """The expression with every call of one of `functions` replaced by its body.

    Raises ExpressionUnknown when a body is more than one expression, or calls itself.
    """
    by_name: dict[str, list[SqlFunction]] = {}
    for function in functions:
        by_name.setdefault(function.name.name, []).append(function)
    return _inline(expr, by_name, parse, 0) if by_name else expr


def _inline(expr: Expr, by_name: dict[str, list[SqlFunction]], parse: Callable[[str], Expr], depth: int) -> Expr:
    def change(node: Expr) -> Expr | None:
        if not isinstance(node, Call):
            return None
        function = _found(node, by_name)
        if function is None:
            return None
        if depth >= MAX_NESTING:
            raise ExpressionUnknown(f"the function {function.name}, which calls itself or nests too deep")
        arguments = tuple(_inline(argument, by_name, parse, depth) for argument in node.arguments)
        arguments = _gathered(function, arguments)
        return _expanded(function, arguments, lambda body: _inline(parse(body), by_name, parse, depth + 1))

    return transform(expr, change)


def _found(call: Call, by_name: dict[str, list[SqlFunction]]) -> SqlFunction | None:
    candidates = [
        function
        for function in by_name.get(call.name, ())
        if len(function.arguments) == len(_gathered(function, call.arguments))
        and not _is_built_in(call, function)
        # Without a schema the call may be one of a built-in's: those are looked up first, unless public has it too.
        and (call.schema == function.name.schema or (call.schema is None and function.name.schema != "pg_catalog"))
        and all(
            _may_be(a, t) for a, (_, t) in zip(_gathered(function, call.arguments), function.arguments, strict=True)
        )
    ]
    if len(candidates) > 1:
        typed = [
            f
            for f in candidates
            if all(_fits(a, t.name) for a, (_, t) in zip(call.arguments, f.arguments, strict=True))
        ]
        if len(typed) != 1:
            raise ExpressionUnknown(f"which of {len(candidates)} functions named {call.name} is called")
        return typed[0]
    return candidates[0] if candidates else None


def _is_built_in(call: Call, function: SqlFunction) -> bool:
    """Whether a call without a schema means the built-in function rather than the one for a type of an extension."""
    if call.schema is not None or call.name not in _OVERLOADED:
        return False
    strange = [a for a, (_, t) in zip(call.arguments, function.arguments, strict=False) if t.schema != "pg_catalog"]
    types = [t.name for _, t in function.arguments if t.schema != "pg_catalog"]
    return bool(strange) and not any(_fits(a, name) for a, name in zip(strange, types, strict=False))


def _gathered(function: SqlFunction, arguments: tuple[Expr, ...]) -> tuple[Expr, ...]:
    """The arguments of a call, those of a VARIADIC parameter as the array that they are to the function."""
    last = len(function.arguments) - 1
    if last < 0 or not function.arguments[last][1].array_dims or len(arguments) <= last:
        return arguments
    spread = arguments[last:]
    if len(spread) == 1 and (not isinstance(spread[0], Cast) or spread[0].type.array_dims):
        return arguments
    return (*arguments[:last], ArrayOf(spread))


def _may_be(argument: Expr, parameter: TypeRef) -> bool:
    """False for a scalar where an array is wanted and the other way round: `lower(text[])` is not lower."""
    return not isinstance(argument, Cast) or bool(argument.type.array_dims) == bool(parameter.array_dims)


def _fits(argument: Expr, type_name: str) -> bool:
    return isinstance(argument, Cast) and argument.type.name == type_name


def _expanded(function: SqlFunction, arguments: tuple[Expr, ...], parse_body: Callable[[str], Expr]) -> Expr:
    try:
        body = _body_of(_body_expression(function), parse_body)
    except ExpressionUnknown as error:
        raise ExpressionUnknown(f"the function {function.name} ({error.what})", function.body) from None
    typed = tuple(
        # Of any type at all: it stays what it is.
        argument if type_.name.startswith("any") else Cast(argument, type_)
        for argument, (_, type_) in zip(arguments, function.arguments, strict=True)
    )
    positions = {name: i for i, (name, _) in enumerate(function.arguments) if name}

    def substitute(node: Expr) -> Expr | None:
        if isinstance(node, Lookup):
            found = with_argument(node, positions, typed)
            if found is None:
                raise ExpressionUnknown(f"a subquery in the function {function.name}", function.body)
            return found
        if isinstance(node, Parameter) and 0 < node.number <= len(typed):
            return typed[node.number - 1]
        if isinstance(node, ColumnRef):
            if node.name not in positions:
                raise ExpressionUnknown(f"{node.name} in the function {function.name}", function.body)
            return typed[positions[node.name]]
        if (
            isinstance(node, FieldOf)
            and isinstance(node.argument, ColumnRef)
            and node.argument.name == function.name.name
        ):
            return substitute(ColumnRef(node.name))
        return None

    inlined = transform(body, substitute)
    if function.returns.name != "bool":
        inlined = Cast(inlined, function.returns)
    return Strict(typed, inlined) if function.strict and typed else inlined


def _body_of(text: str, parse_body: Callable[[str], Expr]) -> Expr:
    try:
        return parse_body(text)
    except ExpressionUnknown as error:
        if error.what != "a query":
            raise
    return parse_body(f"(SELECT {text})")


def _body_expression(function: SqlFunction) -> str:
    """The one expression that a body returns.

    Bodies are `SELECT x`, `RETURN x`, `BEGIN ATOMIC SELECT x; END`, or PL/pgSQL's `BEGIN RETURN x; END`.
    """
    text = _after_space(function.body).rstrip().rstrip(";").rstrip()
    word, rest = _first_word(text)
    if word == "begin":
        rest = _after_space(rest)
        inner, after = _first_word(rest)
        text = _after_space(after) if inner == "atomic" else rest
        end = re.search(r"\bend\s*;?\s*$", text, re.IGNORECASE)
        text = _after_space(text[: end.start()] if end else text).rstrip().rstrip(";").rstrip()
        word, rest = _first_word(text)
    if word not in ("select", "return"):
        raise ExpressionUnknown(f"a body that starts with {word or 'nothing'}", function.body)
    return rest


def _after_space(text: str) -> str:
    found = _SPACE_OR_COMMENT.match(text)
    return text[found.end() :] if found else text


def _first_word(text: str) -> tuple[str, str]:
    found = _WORD.match(text)
    return (found.group().lower(), text[found.end() :]) if found else ("", text)
