"""How long a first look takes: rows of twenty tables from the preview process, and planning for it.

The tables are the shop of the demonstration's kind, four times over: keys, references, names, places, moments, prices.
"""

import asyncio
import time
from collections.abc import Callable

from app.adapters.previews.process import PreviewProcess
from app.exports.documents import Document
from app.exports.planning import plan_text
from app.generator import GeneratorConfig, Snapshot, make_plan
from app.generator.plan import Plan
from app.generator.snapshot.model import Column, ForeignKey, KeyElement, QName, Table, TypeRef, UniqueKey
from benchmarks.figures import Figure, judge

_RUNS = 7
_ROWS = 10
_TARGET_MS = 300


def measure() -> list[Figure]:
    """Milliseconds of a warm preview of 20 tables, of another look with other rows, and of the plan before it."""
    snapshot = _twenty_tables()
    planning = _times(lambda: make_plan(snapshot, GeneratorConfig(rows=10_000), 7))
    plan = make_plan(snapshot, GeneratorConfig(rows=10_000), 7)
    warm, fresh = asyncio.run(_previewed(plan, snapshot))
    return [
        judge("preview of 20 tables, warm, a plan seen before", warm, "ms", target=_TARGET_MS),
        judge("preview of 20 tables, warm, a plan not seen before", fresh, "ms", target=_TARGET_MS),
        judge("planning of 20 tables", planning, "ms"),
    ]


async def _previewed(plan: Plan, snapshot: Snapshot) -> tuple[list[float], list[float]]:
    previews = PreviewProcess()
    try:
        await previews.preview(_document(plan), _ROWS)
        warm: list[float] = []
        fresh: list[float] = []
        for run in range(_RUNS):
            other = make_plan(snapshot, GeneratorConfig(rows=10_000), f"seed {run}")
            # One after the other, so that what slows the machine down slows both.
            for shown, times in ((_document(plan), warm), (_document(other), fresh)):
                begun = time.perf_counter()
                await previews.preview(shown, _ROWS)
                times.append((time.perf_counter() - begun) * 1_000)
        return warm, fresh
    finally:
        await previews.close()


def _document(plan: Plan) -> Document:
    return Document(plan_text(plan).encode())


def _times(work: Callable[[], object]) -> list[float]:
    work()
    found = []
    for _ in range(_RUNS):
        begun = time.perf_counter()
        work()
        found.append((time.perf_counter() - begun) * 1_000)
    return found


def _twenty_tables() -> Snapshot:
    tables = []
    for n in range(1, 5):
        tables += [
            _table(f"categories_{n}", [("name", "text"), ("description", "text")]),
            _table(
                f"customers_{n}",
                [("first_name", "text"), ("last_name", "text"), ("email", "text"), ("city", "text"),
                 ("country", "text"), ("phone", "text"), ("created_at", "timestamptz")],
                unique="email",
            ),
            _table(
                f"products_{n}",
                [("category_id", "int4"), ("name", "text"), ("sku", "text"), ("price", "numeric")],
                unique="sku",
                refers={"category_id": f"categories_{n}"},
            ),
            _table(
                f"orders_{n}",
                [("customer_id", "int4"), ("status", "text"), ("placed_at", "timestamptz"), ("total", "numeric")],
                refers={"customer_id": f"customers_{n}"},
            ),
            _table(
                f"order_items_{n}",
                [("order_id", "int4"), ("product_id", "int4"), ("quantity", "int4"), ("unit_price", "numeric")],
                refers={"order_id": f"orders_{n}", "product_id": f"products_{n}"},
            ),
        ]  # fmt: skip
    return Snapshot(tuple(sorted(tables, key=lambda table: table.name)))


def _table(
    name: str, columns: list[tuple[str, str]], unique: str | None = None, refers: dict[str, str] | None = None
) -> Table:
    modifiers = {"numeric": (10, 2)}
    made = [Column("id", TypeRef("pg_catalog", "int4"), nullable=False)]
    made += [Column(one, TypeRef("pg_catalog", kind, modifiers.get(kind, ())), nullable=False) for one, kind in columns]
    keys = [UniqueKey(f"{name}_pkey", (KeyElement("id"),), primary=True)]
    keys += [UniqueKey(f"{name}_{unique}_key", (KeyElement(unique),))] if unique else []
    foreign = tuple(
        ForeignKey(f"{name}_{column}_fkey", (column,), QName("public", parent), ("id",))
        for column, parent in (refers or {}).items()
    )
    return Table(QName("public", name), tuple(made), keys=tuple(keys), foreign_keys=foreign)
