"""A column's context for its generator: the same from a snapshot, while a plan is made, and from the plan."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from app.generator.domain import Domain
from app.generator.keys import make_key
from app.generator.plan import ColumnPlan, Plan, TablePlan
from app.generator.snapshot.model import Column, QName, TypeRef
from app.generator.types import TypeCatalog
from app.generator.values.context import ColumnContext


def base_type(types: TypeCatalog, declared: TypeRef) -> TypeRef:
    """The type with domains unwrapped, an array's element too."""
    return types.base(declared)


def column_context(
    *, table: QName, table_comment: str | None, column: Column, siblings: Mapping[str, TypeRef], domain: Domain,
    types: TypeCatalog, locale: str, reference: datetime, seed: str, unique: bool = False, rows: int = 0,
    allowed: Mapping[str, tuple[str, ...]] | None = None, defaults: Mapping[str, str] | None = None,
    notes: dict[Any, Any] | None = None,
) -> ColumnContext:  # fmt: skip
    """The context of a column's generator, from a snapshot or from a plan alike."""
    base = base_type(types, column.type)
    return ColumnContext(
        table=table,
        column=column,
        type=base,
        domain=domain,
        table_comment=table_comment,
        user_type=types.resolve(replace(base, array_dims=0) if base.array_dims else base).user,
        locale=locale,
        siblings={n: t for n, t in siblings.items() if n != column.name},
        unique=unique,
        rows=rows,
        reference=reference,
        table_key=make_key(seed, table.schema, table.name, "row"),
        types=types,
        allowed=allowed or {},
        defaults=defaults or {},
        notes={} if notes is None else notes,
    )


def may_be_null(plan: Plan, table: TablePlan, column: ColumnPlan) -> bool:
    """Whether a column of a key may be NULL though it never is by chance: its checks would be tested in vain.

    No row of another table stands on it, and its NULLs are distinct.
    """
    referring = (r for other in plan.tables for r in other.relations if r.ref_table == table.name and r.pick != "null")
    if not column.nullable or column.null_ppm or any(column.name in r.ref_columns for r in referring):
        return False
    return not any(key.nulls_not_distinct for key in table.keys if column.name in key.axes)
