"""What the domain of an array's elements asks of each of them."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

import numpy as np

from app.errors import OptionInvalid
from app.generator.domain import Domain
from app.generator.keys import make_key
from app.generator.snapshot.model import Column, QName, SqlFunction
from app.generator.types import TypeCatalog

_KEY = make_key("elements")
_TRIED, _KEPT = 512, 64
_NOTHING = Domain(min_items=0, max_items=0)


def element_domain(
    column: Column, types: TypeCatalog, functions: Sequence[SqlFunction], reference: datetime
) -> Domain | None:
    """The domain of an array of a domain with checks; None for any other column.

    Where a check has to be tested the elements are some that have passed; of no element at all where none does.
    """
    base = types.resolve(column.type).base
    if not base.array_dims:
        return None
    element = types.resolve(types.element(base))
    if not element.checks or element.base.array_dims:
        return None
    from app.generator.expressions import infer

    value = Column("value", element.base, nullable=element.nullable)
    inner = infer(element.checks, {"value": value}, types, functions, reference)
    if inner.unknown:
        return _NOTHING
    domain = inner.domains.get("value")
    if not inner.residual:
        return Domain(element=domain)
    tests = [residual.predicate for residual in inner.residual]
    from app.generator.values.context import ColumnContext
    from app.generator.values.type_defaults import generator_for_type

    context = ColumnContext(
        QName("", ""), value, element.base, domain or Domain(), user_type=element.user, reference=reference, types=types
    )
    try:
        drawn = generator_for_type(context).draw(_KEY, np.arange(_TRIED, dtype=np.int64), {}, 0)
    except OptionInvalid:
        return _NOTHING
    passes = np.logical_and.reduce([test.accepts({"value": drawn}, _TRIED) for test in tests])
    kept = [item for item, passed in zip(drawn.to_pylist(), passes.tolist(), strict=True) if passed]
    values = tuple(dict.fromkeys(item for item in kept if isinstance(item, str | int | Decimal)))[:_KEPT]
    return Domain(element=Domain(values=values)) if values else _NOTHING
