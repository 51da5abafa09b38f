"""`seedbed plan`: what fills each column, and why; nothing is made."""

import argparse
import json
import sys
from typing import TYPE_CHECKING

from app.commands.arguments import add_json, add_request, add_source, read_request
from app.commands.plans import add_plan, make_plan_of
from app.commands.sources import read_source
from app.commands.terminal import paint

if TYPE_CHECKING:
    from app.generator.explaining import Explanation, TableFacts
    from app.generator.plan import Plan, TablePlan


def configure(parser: argparse.ArgumentParser) -> None:
    """Adds the command's arguments."""
    add_source(parser)
    add_request(parser)
    add_plan(parser)
    parser.add_argument(
        "--explain", action="store_true", help="with relations, keys, capacities, expected bytes and seconds"
    )
    add_json(parser)


def run(args: argparse.Namespace) -> int:
    """Prints the plan, as text or as the JSON that is stored with an export."""
    request = read_request(args)
    snapshot = read_source(args.source, args.schemas, quiet=args.json)
    plan = make_plan_of(request, snapshot, args.plan, quiet=args.json)
    if not args.explain:
        print(json.dumps(plan.to_json(), ensure_ascii=False) if args.json else "\n".join(_lines(plan)))
        return 0
    from dataclasses import asdict

    from app.generator.explaining import explain

    explained = explain(plan)
    if args.json:
        document = {"planSha256": plan.digest, "plan": plan.to_json(), "explanation": asdict(explained)}
        print(json.dumps(document, ensure_ascii=False))
    else:
        print("\n".join(_explained(plan, explained)))
    return 0


def _lines(plan: "Plan") -> list[str]:
    lines = [_headline(plan)]
    for table in plan.tables:
        lines += ["", paint(f"{table.name}: {table.rows:,} rows", "strong", sys.stdout), *_columns(table)]
    return lines + _remarks(plan)


def _headline(plan: "Plan") -> str:
    told = (
        f"plan {plan.digest[:16]}: {plan.rows_total:,} rows of {len(plan.tables)} tables, seed {plan.seed!r}, "
        f"engine version {plan.engine_version}"
    )
    return paint(told, "strong", sys.stdout)


def _remarks(plan: "Plan") -> list[str]:
    lines: list[str] = []
    if plan.prompt is not None:
        by = plan.prompt.model or "the built-in rules"
        lines += ["", f"prompt, read by {by}: {plan.prompt.text}"]
        lines += [f"  applied: {text}" for text in plan.prompt.applied]
        lines += [f"  not applied: {item['text']} ({item['reason']})" for item in plan.prompt.not_applied]
        if plan.prompt.fallback:
            lines.append(f"  the model did not answer: {plan.prompt.fallback}")
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
        why = f"{column.why} ({column.note})" if column.note else column.why
        rows.append((column.name, how, ", ".join(notes), why))
    return _table(rows)


def _table(rows: list[tuple[str, str, str, str]]) -> list[str]:
    widths = [max((len(row[i]) for row in rows), default=0) for i in range(3)]
    return [
        ("  " + "  ".join(f"{cell:<{w}}" for cell, w in zip(r, widths, strict=False)) + f"  {r[3]}").rstrip()
        for r in rows
    ]


def _explained(plan: "Plan", explained: "Explanation") -> list[str]:
    lines = [_headline(plan), f"expected: {_sizes(explained.expected_bytes)}; {_duration(explained.expected_seconds)}"]
    for table, facts in zip(plan.tables, explained.tables, strict=True):
        size = f"{_bytes(facts.expected_bytes['csv'])} of CSV, {_duration(facts.expected_seconds)}"
        head = paint(f"{facts.order}. {table.name}: {table.rows:,} rows, {size}", "strong", sys.stdout)
        lines += ["", head, *_columns(table)]
        lines += _relations(facts)
        lines += [
            f"  unique {key.name} ({', '.join(key.columns)}): {key.how}{_room(key.capacity)}" for key in facts.keys
        ]
    return lines + _remarks(plan)


def _relations(facts: "TableFacts") -> list[str]:
    lines = []
    for relation in facts.relations:
        bounds = f", {relation.least} to {relation.most}" if relation.most is not None else ""
        nulls = f", {relation.null_rate * 100:g} % without" if relation.null_rate else ""
        each = f"{relation.average:g} for each on average{bounds}{nulls}"
        lines.append(f"  {relation.name}: {relation.pick} of {relation.parent}, {each}")
    return lines


def _room(capacity: int | None) -> str:
    return "" if capacity is None else f", room for {capacity:,} rows"


def _sizes(sizes: "dict[str, int] | object") -> str:
    assert isinstance(sizes, dict)
    return ", ".join(f"{name} {_bytes(size)}" for name, size in sizes.items())


def _bytes(size: float) -> str:
    for unit in ("B", "kB", "MB", "GB"):
        if size < 1_000:
            return f"{size:.3g} {unit}"
        size /= 1_000
    return f"{size:,.4g} TB"


def _duration(seconds: float) -> str:
    return f"{seconds:.2g} s" if seconds < 90 else f"{seconds / 60:,.2g} min"
