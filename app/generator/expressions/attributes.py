"""What checks say about attributes of composite values: (price).currency IN ('EUR', 'USD')."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from app.generator.domain import Domain
from app.generator.expressions.findings import Finding
from app.generator.expressions.nodes import Cast, ColumnRef, Expr, FieldOf, columns_of, transform, walk
from app.generator.snapshot.model import CompositeType, TypeRef
from app.generator.types import TypeCatalog

if TYPE_CHECKING:
    from app.generator.expressions.normal import Leaf


def read_attribute(
    leaf: "Leaf", columns: Mapping[str, TypeRef], types: TypeCatalog, reference: datetime
) -> Finding | None:
    """What a leaf about one attribute of one column says: as it would be said of a column of the attribute's type."""
    from app.generator.expressions.leaves import LeafReader  # which asks here

    found = {(name, node.name) for node in walk(leaf.expr) if isinstance(node, FieldOf) and (name := _of(node))}
    if len(found) != 1:
        return None
    ((column, attribute),) = found
    declared = columns.get(column)
    user = types.resolve(declared).user if declared is not None else None
    type_of = dict(user.attributes) if isinstance(user, CompositeType) else {}
    if attribute not in type_of:
        return None

    def change(node: Expr) -> Expr | None:
        return ColumnRef(attribute) if isinstance(node, FieldOf) and _of(node) == column else None

    expr = transform(leaf.expr, change)
    if columns_of(expr) != {attribute}:
        return None
    inner = LeafReader({attribute: type_of[attribute]}, types, reference).read(replace(leaf, expr=expr))
    if inner is None:
        return None
    return Finding(column, Domain(fields=((attribute, inner.domain),)), enough=inner.enough, needed=False)


def _of(node: FieldOf) -> str | None:
    """The column whose attribute it is."""
    expr = node.argument
    while isinstance(expr, Cast):
        expr = expr.argument
    return expr.name if isinstance(expr, ColumnRef) else None
