"""What the expressions of hostile DDL call: each call is on a list, or is left out, or refused."""

import re
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from app.adapters.introspection import stand_ins
from app.adapters.introspection.ddl_parsing import Prepared, parse_statement
from app.adapters.introspection.ddl_text import split_statements

EXTENSIONS = stand_ins.KNOWN_EXTENSIONS | {"btree_gist", "btree_gin", "pg_trgm", "intarray", "fuzzystrmatch", "lo"}
MAX_REPEATS = 10_000

# Tokens as coarse as counting and finding brackets needs them.
TOKEN = re.compile(r"""'[^']*'|"[^"]*"|--[^\n]*|[\w$]+|[^\s\w]""")
_MAX_BODY = 20_000
_MAX_FUNCTION_DEPTH = 3
_SMALL_TYPES = frozenset("bool int2 int4 int8 float4 float8 date timestamp timestamptz time uuid".split())
_TRIGGERS = frozenset({"trigger", "event_trigger"})
_FUNCTION_OPTIONS = frozenset({"language", "as", "volatility", "strict", "parallel", "leakproof", "cost"})
_PLAIN_PLPGSQL = re.compile(r"^\s*BEGIN\s+RETURN\s*(?P<expression>[^;]*?)\s*;\s*END\s*;?\s*$", re.IGNORECASE)
_NAME_CHAIN = re.compile(r'[\w$".]+\s*\(')


class Calls:
    """Judges calls; knows the functions of the DDL's own that are one expression in SQL, by name."""

    def __init__(self) -> None:
        self.own: set[str] = set()
        # Those that may be called within another: their results are small, whatever they are given, and they are
        # not nested deeper than this.
        self._small: set[str] = set()

    def note(self, functions: Sequence[Any]) -> None:
        """Finds among CREATE FUNCTION statements those that are one expression, some of which call each other."""
        for _ in range(_MAX_FUNCTION_DEPTH):
            found = [
                node for node in functions
                if node.funcname[-1].sval not in self.own and self.plain_body(node) is not None
            ]  # fmt: skip
            for node in found:
                name, returned = node.funcname[-1].sval, node.returnType
                self.own.add(name)
                if returned.names[-1].sval in _SMALL_TYPES and not returned.arrayBounds:
                    self._small.add(name)

    def fault(self, node: Any, *, with_own: bool = True) -> str | None:
        """The function that a node calls and may not; None when there is nothing wrong with it."""
        if type(node).__name__ != "FuncCall":
            return None
        names = [part.sval for part in node.funcname]
        name, shown = names[-1], ".".join(names)
        if name in (self.own if with_own else self._small):
            return None
        if name not in allowed_functions() and stand_ins.origin(name) not in EXTENSIONS:
            return shown
        arguments: Sequence[Any] = node.args or ()
        if name in {"repeat", "lpad", "rpad"} and not (len(arguments) > 1 and _is_small_constant(arguments[1])):
            return f"{shown} with a length that is not a number up to {MAX_REPEATS}"
        if name == "format" and not (arguments and _is_plain_format(arguments[0])):
            return f"{shown} with a width"
        return None

    def is_pure(self, node: Any) -> bool:
        """Nothing but expressions over arguments; no function of the DDL's own that could double what it is given."""
        parts = list(walk(node))
        kinds = {type(part).__name__ for part in parts}
        return not kinds & {"SubLink", "RangeVar", "RangeFunction"} and all(
            self.fault(part, with_own=False) is None for part in parts
        )

    def plain_body(self, node: Any) -> str | None:
        """The body of a function that only computes an expression by functions that are allowed, as SQL; else None.

        Empty for one in the standard's form, which is part of the statement.
        """
        options = {option.defname: option.arg for option in node.options or ()}
        setting = options.pop("set", None)
        if setting is not None and setting.name != "search_path":
            return None
        if node.is_procedure or not set(options) <= _FUNCTION_OPTIONS or not self.is_pure(node):
            return None
        if node.returnType is None or node.returnType.setof or node.returnType.names[-1].sval in _TRIGGERS:
            return None
        if node.sql_body is not None:
            return "" if type(node.sql_body).__name__ == "ReturnStmt" else None
        language = getattr(options.get("language"), "sval", "").lower()
        body: str = options["as"][0].sval if len(options.get("as", ())) == 1 else ""
        if len(body) > _MAX_BODY:
            return None
        if language == "plpgsql":
            match = _PLAIN_PLPGSQL.match(body)
            body = f" SELECT {match['expression']} " if match else ""
        elif language != "sql":
            return None
        return body if self._is_one_expression(body) else None

    def _is_one_expression(self, body: str) -> bool:
        statements = split_statements(body)
        if len(statements) != 1 or statements[0].kind == "meta":
            return False
        parsed = parse_statement(body, statements[0])
        if not isinstance(parsed, Prepared) or not parsed.alone or type(parsed.node).__name__ != "SelectStmt":
            return False
        node = parsed.node
        clauses = (node.fromClause, node.whereClause, node.valuesLists, node.withClause, node.intoClause, node.larg)
        return not any(clauses) and len(node.targetList or ()) == 1 and self.is_pure(node)


def extension_used(node: Any) -> tuple[str, str | None] | None:
    """The extension that a type, a function or an operator class comes from, and the schema it is said to be in."""
    attribute = {"TypeName": "names", "FuncCall": "funcname", "IndexElem": "opclass"}.get(type(node).__name__)
    names = getattr(node, attribute) if attribute else None
    if not names:
        return None
    name, schema = names[-1].sval, names[0].sval if len(names) > 1 else None
    if schema in (None, "pg_catalog") and attribute == "funcname" and name in allowed_functions():
        return None  # gen_random_uuid was pgcrypto's before it was built in
    extension = stand_ins.origin(name)
    return (extension, schema) if extension is not None and extension in EXTENSIONS else None


@cache
def allowed_functions() -> frozenset[str]:
    """The functions that hostile DDL may call."""
    text = Path(__file__).with_name("allowed_functions.txt").read_text(encoding="utf-8")
    lines = (line for line in text.splitlines() if not line.startswith("#"))
    return frozenset(name for line in lines for name in line.split())


def walk(node: Any) -> Iterator[Any]:
    """A node and all below it. Without recursion: the tree may be deep."""
    pending = [node]
    while pending:
        current = pending.pop()
        if isinstance(current, tuple):
            pending += current
        elif hasattr(type(current), "__slots__") and type(current).__module__ == "pglast.ast":
            yield current
            pending += [value for name in current if (value := getattr(current, name)) is not None]


def calls_in_defaults(node: Any) -> Iterator[int]:
    """The identities of all calls that stand in defaults, which decide nothing about generated rows.

    So does a USING, which changes rows that are there: none are.
    """
    for part in walk(node):
        kind = type(part).__name__
        expression = None
        if kind == "Constraint" and part.contype.name == "CONSTR_DEFAULT":
            expression = part.raw_expr
        elif kind == "AlterTableCmd" and part.subtype.name == "AT_ColumnDefault":
            expression = part.def_
        elif kind == "AlterTableCmd" and part.subtype.name == "AT_AlterColumnType":
            expression = part.def_.raw_default
        for call in walk(expression) if expression is not None else ():
            yield id(call)


def find_call(text: str, call: Any) -> range | None:
    """Where a call stands in its statement's text, from its name to its closing bracket; None when it is not found."""
    match = _NAME_CHAIN.match(text, call.location)
    if match is None or call.funcname[-1].sval not in match[0]:
        return None
    depth = 0
    for token in TOKEN.finditer(text, match.end() - 1):
        depth += (token[0] == "(") - (token[0] == ")")
        if depth == 0:
            return range(call.location, token.end())
    return None


def without_call(text: str, place: range) -> str:
    """The statement with NULL in place of a call; as long as before, so that other locations still hold."""
    return text[: place.start] + "NULL".ljust(len(place)) + text[place.stop :]


def _is_small_constant(node: Any) -> bool:
    value = getattr(getattr(node, "val", None), "ival", None)
    return type(node).__name__ == "A_Const" and isinstance(value, int) and 0 <= value <= MAX_REPEATS


def _is_plain_format(node: Any) -> bool:
    text = getattr(getattr(node, "val", None), "sval", None)
    return isinstance(text, str) and not re.search(r"%[^%sIL]*[*\d]{4,}|%[^%sIL]*\*", text)
