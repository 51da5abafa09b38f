"""DO blocks of strangers' DDL: the statements that stand in them, without running the block.

Migrations guard a statement by asking whether it was run already, or by shrugging at the error. In an empty database
the guard lets it through: what it guards is judged like any other statement. What only running the block could tell
(loops, queries, text that is put together) is left out, and said.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from app.adapters.introspection.ddl_kinds import Weight
from app.adapters.introspection.ddl_parsing import Prepared, parse_statement
from app.adapters.introspection.ddl_text import Statement

_MAX_CHARACTERS = 100_000
_MAX_DEPTH = 20
_LITERAL = re.compile(r"\s*'((?:[^']|'')*)'\s*", re.DOTALL)
# Nothing of the schema hangs on these.
_IDLE = frozenset({"PLpgSQL_stmt_raise", "PLpgSQL_stmt_return", "PLpgSQL_stmt_getdiag"})


@dataclass(frozen=True, slots=True)
class Guarded:
    """A statement in a block, and the line of the block's body that it stands on, from 1."""

    text: str
    line: int


@dataclass(frozen=True, slots=True)
class Block:
    """The statements of a block; `whole` when there is nothing else to it."""

    statements: tuple[Guarded, ...]
    whole: bool


def read_block(statement: str) -> Block | None:
    """The statements in a DO of PL/pgSQL; None for one that is not understood at all."""
    from pglast import parse_plpgsql  # a tenth of a second, which not every command has to pay
    from pglast.parser import ParseError

    if len(statement) > _MAX_CHARACTERS:
        return None
    try:
        (parsed,) = parse_plpgsql(statement)
        found = list(_walk([parsed["PLpgSQL_function"]["action"]], 0))
    except (ParseError, RecursionError, KeyError, IndexError, ValueError):
        return None
    return Block(tuple(one for one in found if one is not None), None not in found)


def definitions_in(block: Prepared) -> Iterator[Prepared]:
    """The statements of a DO that the schema hangs on, each to be tried by itself; those of rows are left out."""
    found = read_block(block.text)
    body = next((option.arg.sval for option in block.node.args if option.defname == "as"), "")
    first = block.source.line + block.text[: max(block.text.find(body), 0)].count("\n")
    for one in found.statements if found is not None else ():
        source = Statement(one.text, 0, first + one.line - 1)
        parsed = parse_statement(one.text, source)
        if isinstance(parsed, Prepared) and parsed.weight not in (Weight.SKIP, Weight.QUIET):
            yield replace(parsed, weight=Weight.TRY)


def _walk(statements: Sequence[Mapping[str, Any]], depth: int) -> Iterator[Guarded | None]:
    """What stands there, in order; None for what takes running."""
    if depth > _MAX_DEPTH:
        raise ValueError("too deeply nested")
    for statement in statements:
        ((kind, node),) = statement.items()
        line = int(node.get("lineno", 1))
        match kind:
            case "PLpgSQL_stmt_block":
                yield from _walk(node.get("body", ()), depth + 1)
            case "PLpgSQL_stmt_if":
                # An empty database has what the file has made, and a statement that lacks it is left out by itself.
                yield from _walk(node.get("then_body", ()), depth + 1)
            case "PLpgSQL_stmt_execsql" if not node.get("into"):
                yield Guarded(node["sqlstmt"]["PLpgSQL_expr"]["query"], line)
            case "PLpgSQL_stmt_dynexecute":
                text = _LITERAL.fullmatch(node["query"]["PLpgSQL_expr"]["query"])
                yield Guarded(text[1].replace("''", "'"), line) if text else None
            case _ if kind not in _IDLE:
                yield None
