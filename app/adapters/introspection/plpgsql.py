"""PL/pgSQL functions that only decide and return, as one SQL expression."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

_MAX_CHARACTERS = 20_000
_ERROR_LEVEL = 21  # RAISE EXCEPTION; notices and warnings are below

_ARRAY_TYPE = re.compile(r'(?:"(?:[^"]|"")+"|[\w.])+\[\]')

_Statement = Mapping[str, Any]


def read_expression(definition: str) -> str | None:
    """The expression that a function computes by IF, RETURN and RAISE alone, or None for one that does more.

    `definition` is its CREATE FUNCTION. An exception stands as `false`: in a CHECK, which is where it matters, both
    refuse the row.
    """
    from pglast import parse_plpgsql  # a tenth of a second, which not every command has to pay
    from pglast.parser import ParseError

    if len(definition) > _MAX_CHARACTERS:
        return None
    try:
        # The parser knows no arrays of users' types, and has no use for what the parameters are.
        head, mark, body = definition.partition("\nAS $")
        parsed = parse_plpgsql(_ARRAY_TYPE.sub("text[]", head.replace("VARIADIC ", "")) + mark + body)
        function = parsed[0]["PLpgSQL_function"]
        # Variables that are declared stand on a line; arguments do not.
        if any("lineno" in datum for one in function["datums"] for datum in one.values()):
            return None
        expression = _fold([function["action"]])
    except (ParseError, RecursionError, KeyError, IndexError, ValueError):
        return None
    return expression if expression is not None and len(expression) <= _MAX_CHARACTERS else None


def _fold(statements: Sequence[_Statement], depth: int = 0) -> str | None:
    """The value that the statements come to, one after the other."""
    if not statements or depth > 20:  # each IF doubles what follows it
        return None
    ((kind, first),) = statements[0].items()
    rest = statements[1:]
    match kind:
        case "PLpgSQL_stmt_return":
            return _query(first["expr"]) if "expr" in first else None
        case "PLpgSQL_stmt_block" if "exceptions" not in first:
            return _fold([*first["body"], *rest], depth)
        case "PLpgSQL_stmt_raise":
            return "false" if first.get("elog_level", _ERROR_LEVEL) >= _ERROR_LEVEL else _fold(rest, depth)
        case "PLpgSQL_stmt_if":
            return _fold_if(first, rest, depth + 1)
    return None


def _fold_if(statement: _Statement, rest: Sequence[_Statement], depth: int) -> str | None:
    others = [one["PLpgSQL_if_elsif"] for one in statement.get("elsif_list", ())]
    branches = [(statement["cond"], statement.get("then_body", []))] + [
        (one["cond"], one.get("stmts", [])) for one in others
    ]
    text = "CASE"
    for condition, body in branches:
        value = _fold([*body, *rest], depth)
        if value is None or len(text) > _MAX_CHARACTERS:
            return None
        text += f" WHEN {_query(condition)} THEN {value}"
    otherwise = _fold([*statement.get("else_body", []), *rest], depth)
    return None if otherwise is None else f"{text} ELSE {otherwise} END"


def _query(expression: Mapping[str, Any]) -> str:
    return f"({expression['PLpgSQL_expr']['query']})"
