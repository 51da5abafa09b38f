"""The generator: a schema snapshot and a request in, a plan and Arrow batches out. A library on its own.

    plan = make_plan(snapshot, GeneratorConfig(rows=1_000), seed=7)
    for batch in batches(plan, plan.tables[0].name): ...

Everything is imported at first use: the command line starts before it needs numpy.
"""

from typing import TYPE_CHECKING, Any

from app.generator.version import ENGINE_VERSION

if TYPE_CHECKING:
    from app.generator.config import GeneratorConfig, PerParent
    from app.generator.engine.batches import batches, loose_batches
    from app.generator.plan import ColumnPlan, Plan, TablePlan
    from app.generator.planning.making import make_plan
    from app.generator.snapshot.model import QName, Snapshot

_HOMES = {
    "ColumnPlan": "app.generator.plan",
    "GeneratorConfig": "app.generator.config",
    "PerParent": "app.generator.config",
    "Plan": "app.generator.plan",
    "QName": "app.generator.snapshot.model",
    "Snapshot": "app.generator.snapshot.model",
    "TablePlan": "app.generator.plan",
    "batches": "app.generator.engine.batches",
    "loose_batches": "app.generator.engine.batches",
    "make_plan": "app.generator.planning.making",
}

__all__ = [
    "ENGINE_VERSION",
    "ColumnPlan",
    "GeneratorConfig",
    "PerParent",
    "Plan",
    "QName",
    "Snapshot",
    "TablePlan",
    "batches",
    "loose_batches",
    "make_plan",
]


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        from importlib import import_module

        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
