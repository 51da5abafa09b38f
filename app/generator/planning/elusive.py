"""Columns of keys whose distinct values seldom pass their own checks."""

from collections.abc import Callable, Iterable

import numpy as np

from app.generator.engine.constraints import Constraints
from app.generator.snapshot.model import Column, UniqueKey
from app.generator.values.generator import Generator

_TRIED = 64
# A column of which less than one value in so many passes is elusive.
_PASSING = 16


def elusive_columns(
    columns: Iterable[Column],
    keys: Iterable[UniqueKey],
    constraints: Constraints,
    distinct: Callable[[Column], Generator | None],
) -> frozenset[str]:
    """The columns that no numbering leads to values that pass: they are redrawn, and told apart by looking.

    `distinct` gives the generator of a column's distinct values, None where it has none.
    """
    keyed = {e.column for key in keys for e in key.elements}
    tested = {name for r in constraints.residual if len(r.columns) == 1 for name in r.columns}
    return frozenset(c.name for c in columns if c.name in keyed & tested and _is_elusive(c, constraints, distinct(c)))


def _is_elusive(column: Column, constraints: Constraints, generator: Generator | None) -> bool:
    count = min(_TRIED, generator.capacity or 0) if generator is not None else 0
    if generator is None or not count:
        return False
    values = {column.name: generator.at(np.arange(count, dtype=np.int64))}
    tests = constraints.tests_of(frozenset(values))
    passing = np.logical_and.reduce([test.accepts(values, count) for test in tests])
    return int(passing.sum()) * _PASSING < count
