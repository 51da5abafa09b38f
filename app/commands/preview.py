"""`seedbed preview`: the first rows of each table, the very ones that an export would begin with."""

import argparse
import itertools
import json
import sys
from datetime import datetime
from typing import Any

from app.commands.arguments import add_json, add_request, add_source, read_positive, read_request
from app.commands.plans import add_plan, make_plan_of
from app.commands.sources import read_source
from app.commands.terminal import paint

_WIDEST_CELL = 32


def configure(parser: argparse.ArgumentParser) -> None:
    """Adds the command's arguments."""
    add_source(parser)
    add_request(parser)
    add_plan(parser)
    parser.add_argument(
        "--limit", metavar="N", type=read_positive, default=5, help="rows shown of a table (default: 5)"
    )
    parser.add_argument(
        "--table", dest="tables", metavar="NAME", action="append", help="only this table; may be repeated"
    )
    add_json(parser)


def run(args: argparse.Namespace) -> int:
    """Prints the rows."""
    request = read_request(args)
    snapshot = read_source(args.source, args.schemas, quiet=args.json)
    from app.generator import batches

    plan = make_plan_of(request, snapshot, args.plan, quiet=args.json)
    shown: dict[str, Any] = {}
    for table in plan.tables:
        if args.tables and not {str(table.name), table.name.name} & set(args.tables):
            continue
        stop = min(args.limit, table.rows)
        made = itertools.chain.from_iterable(b.to_pylist() for b in batches(plan, table.name, 0, stop))
        if args.json:
            shown[str(table.name)] = list(made)
        else:
            print(paint(f"{table.name} ({table.rows:,} rows)", "strong", sys.stdout))
            print(_grid([column.name for column in table.written_columns], list(made)), end="\n\n")
    if args.json:
        print(json.dumps(shown, default=_plain, ensure_ascii=False))
    return 0


def _grid(names: list[str], rows: "list[dict[str, Any]]") -> str:
    cells = [[_cell(row[name]) for name in names] for row in rows]
    widths = [max(len(name), *(len(line[i]) for line in cells)) if cells else len(name) for i, name in enumerate(names)]
    lines = [names, ["-" * width for width in widths], *cells]
    return "\n".join(
        "  " + "  ".join(f"{cell:<{width}}" for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    )


def _cell(value: Any) -> str:
    text = "NULL" if value is None else value if isinstance(value, str) else _text(value)
    text = text.replace("\n", "\\n").replace("\t", "\\t")
    return text if len(text) <= _WIDEST_CELL else f"{text[: _WIDEST_CELL - 1]}…"


def _text(value: Any) -> str:
    """As files have it, not as Python would write it."""
    if isinstance(value, datetime):
        return value.isoformat(sep=" ")
    plain = _plain(value)
    return plain if isinstance(plain, str) else json.dumps(plain, default=_plain, ensure_ascii=False)


def _plain(value: Any) -> Any:
    """What JSON has no form for: dates and times in ISO form, numerics as text, bytes in hex."""
    if isinstance(value, bytes):
        return "\\x" + value.hex()
    if hasattr(value, "isoformat"):
        return value.isoformat()
    return str(value) if not isinstance(value, bool | int | float | list | dict) else value
