"""PL/pgSQL functions that only decide, look through lists and return, as one SQL expression."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

_MAX_CHARACTERS = 20_000
_ASSIGNED = re.compile(r"^\s*(?:\w+|\"(?:[^\"]|\"\")+\")\s*:?=")
_ERROR_LEVEL = 21  # RAISE EXCEPTION; notices and warnings are below

# The parser does not tell which variable a bare one is: in brackets it is an expression like any other.
_RETURNED = re.compile(r"\b(return)\s+(?!(?:null|true|false|next|query)\b)([a-z_]\w*)\s*;", re.IGNORECASE)

_ARRAY_TYPE = re.compile(r'(?:"(?:[^"]|"")+"|[\w.])+\[\]')

_Statement = Mapping[str, Any]


def read_expression(definition: str) -> str | None:
    """The expression that a function computes by IF, RETURN, RAISE, := and loops that only look for something.

    None for one that does more.

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
        whole = _ARRAY_TYPE.sub("text[]", head.replace("VARIADIC ", "")) + mark + body
        parsed = parse_plpgsql(_RETURNED.sub(r"\1 (\2);", whole))
        function = parsed[0]["PLpgSQL_function"]
        expression = _Folder(function["datums"]).read(function["action"])
    except (ParseError, RecursionError, KeyError, IndexError, ValueError):
        return None
    return expression if expression is not None and len(expression) <= _MAX_CHARACTERS else None


class _Folder:
    """Folds statements into one expression; `datums` are the function's arguments and variables."""

    def __init__(self, datums: Sequence[Mapping[str, Any]]) -> None:
        self._datums = [next(iter(one.values())) for one in datums]

    def read(self, action: _Statement) -> str | None:
        """The function's value. None for one that does more."""
        # Variables that are declared stand on a line; arguments do not. Records and rows have no type of their own.
        text = self._fold([action])
        for datum in reversed(self._datums):
            if text is not None and datum.get("default_val") is not None:
                text = self._let(datum, _query(datum["default_val"]), text)
        return text

    def _let(self, datum: Mapping[str, Any], value: str, text: str) -> str | None:
        """The text, in which a variable has a value."""
        type_name = datum.get("datatype", {}).get("PLpgSQL_type", {}).get("typname")
        if type_name is None or not datum.get("refname"):
            return None
        name = _quoted(datum["refname"])
        held = f"(SELECT CAST({value} AS {type_name}) AS {name}) AS held"  # it is read, and run nowhere
        return f"(SELECT {text} FROM {held})"  # noqa: S608

    def _fold(self, statements: Sequence[_Statement], depth: int = 0) -> str | None:
        """The value that the statements come to, one after the other."""
        if not statements or depth > 20:  # each IF doubles what follows it
            return None
        ((kind, first),) = statements[0].items()
        rest = statements[1:]
        match kind:
            case "PLpgSQL_stmt_return":
                return _query(first["expr"]) if "expr" in first else None
            case "PLpgSQL_stmt_block":
                # What an exception makes of it is false or refused in a CHECK: as an error is, and nothing else passes.
                return self._fold([*first["body"], *rest], depth)
            case "PLpgSQL_stmt_raise":
                level = first.get("elog_level", _ERROR_LEVEL)
                return "false" if level >= _ERROR_LEVEL else self._fold(rest, depth)
            case "PLpgSQL_stmt_if":
                return self._fold_if(first, rest, depth + 1)
            case "PLpgSQL_stmt_assign":
                value = _ASSIGNED.sub("", first["expr"]["PLpgSQL_expr"]["query"], count=1)
                text = self._fold(rest, depth)
                return None if text is None else self._let(self._datums[first["varno"]], f"({value})", text)
            case "PLpgSQL_stmt_execsql" if first.get("into") and not first.get("strict"):
                fields = first["target"].get("PLpgSQL_row", {}).get("fields", [])
                values = _selected(first["sqlstmt"]["PLpgSQL_expr"]["query"])
                if not fields or len(fields) != len(values):
                    return None
                text = self._fold(rest, depth)
                for field, value in zip(fields, values, strict=True):
                    text = None if text is None else self._let(self._datums[field["varno"]], value, text)
                return text
            case "PLpgSQL_stmt_foreach_a" if not first.get("slice"):
                variable = self._datums[first["varno"]]["refname"]
                given = _query(first["expr"])
                return self._loop(f"unnest({given})", [given], variable, first["body"], rest, depth)
            case "PLpgSQL_stmt_fori" if not first.get("reverse") and "step" not in first:
                ends = [_query(first["lower"]), _query(first["upper"])]
                series = f"generate_series({', '.join(ends)})"
                variable = first["var"]["PLpgSQL_var"]["refname"]
                return self._loop(series, ends, variable, first["body"], rest, depth)
        return None

    def _loop(
        self,
        series: str,
        given: Sequence[str],
        variable: str,
        body: Sequence[_Statement],
        rest: Sequence[_Statement],
        depth: int,
    ) -> str | None:
        """A loop that only looks for something: IF ... THEN RETURN false, which is the same in whatever round."""
        found = list(self._exits(body))
        results = {result for _, result in found}
        after = self._fold(rest, depth + 1)
        if after is None or len(results) != 1 or None in results or any(condition is None for condition, _ in found):
            return None
        condition = " OR ".join(str(condition) for condition, _ in found)
        there = f"EXISTS (SELECT FROM {series} AS {_quoted(variable)} WHERE {condition})"
        # A loop over NULL is an error.
        missing = " OR ".join(f"{one} IS NULL" for one in given)
        return f"CASE WHEN {missing} THEN false WHEN {there} THEN {results.pop()} ELSE {after} END"

    def _exits(self, body: Sequence[_Statement]) -> Iterator[tuple[str | None, str | None]]:
        for statement in body:
            ((kind, inner),) = statement.items()
            plain = kind == "PLpgSQL_stmt_if" and not inner.get("elsif_list") and not inner.get("else_body")
            then = inner.get("then_body", []) if plain else []
            if len(then) != 1:
                yield None, None
                return
            result = self._fold(then)
            known = result is not None and result.strip("()").lower() in ("true", "false")
            yield _query(inner["cond"]), result if known else None

    def _fold_if(self, statement: _Statement, rest: Sequence[_Statement], depth: int) -> str | None:
        others = [one["PLpgSQL_if_elsif"] for one in statement.get("elsif_list", ())]
        branches = [(statement["cond"], statement.get("then_body", []))] + [
            (one["cond"], one.get("stmts", [])) for one in others
        ]
        text = "CASE"
        for condition, body in branches:
            value = self._fold([*body, *rest], depth)
            if value is None or len(text) > _MAX_CHARACTERS:
                return None
            text += f" WHEN {_query(condition)} THEN {value}"
        otherwise = self._fold([*statement.get("else_body", []), *rest], depth)
        return None if otherwise is None else f"{text} ELSE {otherwise} END"


def _selected(query: str) -> list[str]:
    """What a SELECT gives, each as an expression: a sub-select where it looks into a table; [] for other statements."""
    from pglast import parse_sql
    from pglast.stream import RawStream

    statement: Any = parse_sql(query)[0].stmt
    if type(statement).__name__ != "SelectStmt" or not statement.targetList:
        return []
    if statement.fromClause is not None:
        return [f"({query})"] if len(statement.targetList) == 1 else []
    # Values that are set one after the other may read each other, which those of one SELECT do not.
    targets = [f"({RawStream()(target.val)})" for target in statement.targetList]
    return targets if len(targets) == 1 and statement.whereClause is None else []


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _query(expression: Mapping[str, Any]) -> str:
    return f"({expression['PLpgSQL_expr']['query']})"
