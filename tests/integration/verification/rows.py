"""Plans and batches made by hand, so that a test says exactly which row is wrong."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pyarrow as pa

from app.generator.config import DEFAULT_REFERENCE
from app.generator.plan import ColumnPlan, Plan, TablePlan
from app.generator.snapshot.model import QName, Snapshot, Table
from app.generator.types import TypeCatalog

Rows = Sequence[Mapping[str, Any]]
ByTable = Mapping[str, Rows]


def plan_of(snapshot: Snapshot, rows: ByTable) -> Plan:
    """A plan of the tables named, in that order, in schema public."""
    catalog = TypeCatalog.of(snapshot)
    tables = [_table(snapshot.table(QName("public", name)), catalog, len(made)) for name, made in rows.items()]
    return Plan("1", tuple(tables), 1, "en_US", DEFAULT_REFERENCE, snapshot.types)


def _table(table: Table, catalog: TypeCatalog, rows: int) -> TablePlan:
    columns = [
        ColumnPlan(
            name=column.name,
            type=column.type,
            base=catalog.resolve(column.type).base,
            generator="by hand",
            generated=column.generated,
            sequence=column.sequence,
        )
        for column in table.columns
    ]
    return TablePlan(table.name, rows, tuple(columns))


def batches_of(plan: Plan, rows: ByTable) -> Callable[[QName], list[pa.RecordBatch]]:
    """The rows as batches; a column that a row does not mention is NULL."""

    def batches(name: QName) -> list[pa.RecordBatch]:
        schema = plan.table(name).schema
        arrays = [pa.array([row.get(field.name) for row in rows[name.name]], field.type) for field in schema]
        return [pa.record_batch(arrays, schema=schema)]

    return batches
