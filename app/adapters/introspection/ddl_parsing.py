"""Statements of DDL with their parse trees, or the faults in their syntax."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from app.adapters.introspection.ddl_kinds import Weight, weigh
from app.adapters.introspection.ddl_text import (
    Statement,
    fill_variables,
    line_and_column,
    split_statements,
    variables_set,
)
from app.errors import DdlRefused, Fault

MAX_FAULTS = 50
_MOST_SHOWN = 300
NAME = r'(?:"(?:[^"]|"")+"|[^\W\d][\w$]*)'
# Statements that no table hangs on, in whatever dialect they are.
_NOT_FOR_TABLES = re.compile(
    r"(grant|revoke|insert|update|delete|merge|truncate|analyze|vacuum|explain|refresh|reindex|cluster|call|use"
    r"|(alter|create|drop)\s+(database|role|user|group|tablespace|publication|subscription|server|policy)"
    r"|alter\s+default\s+privileges|alter\s+system)\b",
    re.IGNORECASE,
)
# Until Postgres 12 tables could have a column that nothing shows.
_WITH_OIDS = re.compile(r"\)\s*with\s+oids\b", re.IGNORECASE)
TOKEN = re.compile(rf"'(?:[^']|'')*'|{NAME}|\d[\w.]*|\S")


@dataclass(frozen=True, slots=True)
class Prepared:
    """A statement with its parse tree; `text` is what is run. `alone` is False when it hides further statements."""

    source: Statement
    node: Any
    weight: Weight
    text: str
    alone: bool = True


def prepare_statements(ddl: str) -> list[Prepared]:
    """Splits and parses. Raises DdlRefused with every syntax error, its line, column and token."""
    prepared: list[Prepared] = []
    faults: list[Fault] = []
    variables: dict[str, str] = {}
    for statement in split_statements(ddl):
        if statement.kind == "meta":
            variables |= variables_set(statement.text)
            prepared.append(Prepared(statement, None, Weight.SKIP, statement.text))
            continue
        match parse_leniently(ddl, statement, variables):
            case Fault() as fault:
                faults.append(fault)
            case Prepared() as one:
                prepared.append(one)
    if faults:
        raise DdlRefused(faults[:MAX_FAULTS])
    return prepared


def parse_leniently(ddl: str, statement: Statement, variables: Mapping[str, str]) -> Prepared | Fault | None:
    """As `parse_statement`, with psql's variables filled in where they are in the way, and without a table's OIDs.

    What no table hangs on is a statement to be skipped, in whatever dialect it is.
    """
    found = parse_statement(ddl, statement)
    if not isinstance(found, Fault):
        return found
    filled = replace(statement, text=_WITH_OIDS.sub(")", fill_variables(statement.text, variables)))
    again = parse_statement(ddl, filled) if filled.text != statement.text else found
    if isinstance(again, Prepared):
        return again
    return Prepared(statement, None, Weight.SKIP, statement.text) if _NOT_FOR_TABLES.match(statement.text) else found


def parse_statement(ddl: str, statement: Statement) -> Prepared | Fault | None:
    """The statement with its tree; the fault in its syntax; None when there is nothing in it."""
    from pglast.parser import ParseError, parse_sql  # a tenth of a second, which not every command has to pay

    try:
        nodes = parse_sql(statement.text)
    except ParseError as error:
        return _syntax_fault(ddl, statement, error)
    if not nodes:
        return None
    node = nodes[0].stmt
    return Prepared(statement, node, weigh(node), statement.text, len(nodes) == 1)


def _syntax_fault(ddl: str, statement: Statement, error: Exception) -> Fault:
    # It may quote all that follows: a quote that is not closed ends with the text.
    message, index = error.args[0][:_MOST_SHOWN], error.args[1] if len(error.args) > 1 else None
    offset = len(statement.text) if index is None else index
    line, column = line_and_column(ddl, statement.offset + offset)
    token = TOKEN.match(statement.text, offset) if offset < len(statement.text) else None
    name = token[0][:60] if token else "end of input"
    at_start = f", in the statement that starts on line {statement.line}" if line != statement.line else ""
    return Fault(
        "",
        "ddl_syntax",
        f"line {line}, column {column}{at_start}: {message}",
        {"line": line, "column": column, "token": name},
    )
