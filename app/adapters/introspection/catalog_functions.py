"""The functions that checks, indexes, defaults and generated columns call, where their bodies can be inlined."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from app.adapters.introspection.catalog_types import Query, TypeRows
from app.adapters.introspection.plpgsql import read_expression
from app.generator.snapshot.model import QName, SqlFunction

_RETURN_BODY = re.compile(r"\n\s*RETURN\s+(?P<expression>.*?)\s*$", re.IGNORECASE | re.DOTALL)
_ATOMIC_BODY = re.compile(r"\n\s*BEGIN ATOMIC\s+(?P<select>SELECT\s.*?);?\s*END\s*$", re.IGNORECASE | re.DOTALL)
_MAX_BODY = 20_000
_WORD = re.compile(r'"((?:[^"]|"")+)"|([^\W\d][\w$]*)')


def read_functions(
    query: Query, tables: Sequence[int], types: TypeRows, role: str | None = None
) -> tuple[SqlFunction, ...]:
    """The functions that are called directly, and those that they call in turn, in name order; with `role`, of those
    that it may call."""
    rows = query("functions", tables=list(tables), types=types.domains(), role=role)
    by_name: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        by_name.setdefault(row["name"], []).append(row)
    pending = [row for row in rows if row["direct"]]
    found: dict[tuple[QName, tuple[int, ...]], SqlFunction] = {}
    while pending:
        row = pending.pop()
        identity = QName(row["schema"], row["name"]), tuple(row["argument_types"])
        body = _body(row)
        if identity in found or body is None:
            continue
        found[identity] = _function(row, body, types)
        # The catalogue does not record what the text of a body calls; names that fit may be it.
        names = {match[1].replace('""', '"') if match[1] else match[2].lower() for match in _WORD.finditer(body)}
        pending += [callee for name in names for callee in by_name.get(name, ())]
    return tuple(found[identity] for identity in sorted(found))


def _function(row: Mapping[str, Any], body: str, types: TypeRows) -> SqlFunction:
    names = [*row["argument_names"], *[""] * len(row["argument_types"])]
    return SqlFunction(
        name=QName(row["schema"], row["name"]),
        arguments=tuple((names[n], types.reference(oid)) for n, oid in enumerate(row["argument_types"])),
        returns=types.reference(row["returns"]),
        body=body,
        strict=row["strict"],
    )


def _body(row: Mapping[str, Any]) -> str | None:
    """The body as one SELECT; None for one that is more than that, or too long to be inlined."""
    if len(row["definition"] or row["source"]) > _MAX_BODY:
        return None
    if row["language"] == "plpgsql":
        expression = read_expression(row["definition"])
        return None if expression is None else f"SELECT {expression}"
    if row["definition"] is not None:
        if match := _RETURN_BODY.search(row["definition"]):
            return f"SELECT {match['expression']}"
        match = _ATOMIC_BODY.search(row["definition"])
        return " ".join(match["select"].split()) if match else None
    return str(row["source"]).strip().rstrip(";").rstrip()
