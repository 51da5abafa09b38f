"""`seedbed plan`: what fills each column, and why; nothing is made."""

import argparse
import json
from typing import TYPE_CHECKING

from app.commands.arguments import add_json, add_request, add_source, read_request
from app.commands.sources import read_source

if TYPE_CHECKING:
    from app.generator.plan import Plan, TablePlan


def configure(parser: argparse.ArgumentParser) -> None:
    """Adds the command's arguments."""
    add_source(parser)
    add_request(parser)
    add_json(parser)


def run(args: argparse.Namespace) -> int:
    """Prints the plan, as text or as the JSON that is stored with an export."""
    request = read_request(args)
    snapshot = read_source(args.source, args.schemas)
    from app.generator import make_plan

    plan = make_plan(snapshot, request.generator_config(), request.seed)
    if args.json:
        print(json.dumps(plan.to_json(), ensure_ascii=False))
    else:
        print("\n".join(_lines(plan)))
    return 0


def _lines(plan: "Plan") -> list[str]:
    lines = [
        f"plan {plan.digest[:16]}: {plan.rows_total:,} rows of {len(plan.tables)} tables, seed {plan.seed!r}, "
        f"engine version {plan.engine_version}"
    ]
    for table in plan.tables:
        lines += ["", f"{table.name}: {table.rows:,} rows", *_columns(table)]
    if plan.warnings:
        lines += ["", "to know:", *(f"  {warning}" for warning in plan.warnings)]
    return lines


def _columns(table: "TablePlan") -> list[str]:
    filled = {name: relation for relation in table.relations for name in relation.columns}
    rows = []
    for column in table.columns:
        how = column.generator
        if column.name in filled:
            relation = filled[column.name]
            how = f"-> {relation.ref_table}.{relation.ref_columns[relation.columns.index(column.name)]}"
        notes = ["unique"] if column.unique else []
        if column.null_ppm:
            notes.append(f"{column.null_ppm / 10_000:g} % null")
        rows.append((column.name, how, ", ".join(notes), column.why))
    widths = [max((len(row[i]) for row in rows), default=0) for i in range(3)]
    return [
        ("  " + "  ".join(f"{cell:<{w}}" for cell, w in zip(r, widths, strict=False)) + f"  {r[3]}").rstrip()
        for r in rows
    ]
