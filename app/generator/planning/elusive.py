"""Columns of keys whose distinct values seldom pass their own checks."""

from collections.abc import Callable, Iterable, Sequence

import numpy as np

from app.generator.engine.constraints import Constraints
from app.generator.keys import bounded, draw, make_key
from app.generator.snapshot.model import Column, UniqueKey
from app.generator.values.generator import Generator

_TRIED = 64
_MOST = 1 << 31
_KEY = make_key("elusive")
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
    by_name = {column.name: column for column in columns}
    # What a check gives as an expression over other columns is no key's to choose.
    found = set(constraints.equations)
    for key in keys:
        names = frozenset(e.column for e in key.elements if e.column in by_name)
        for tested in {r.columns & names for r in constraints.residual if r.columns <= names} - {frozenset()}:
            if not tested <= found and _is_elusive(tested, constraints, [distinct(by_name[n]) for n in sorted(tested)]):
                found |= tested
    return frozenset(found)


def _is_elusive(tested: frozenset[str], constraints: Constraints, generators: Sequence[Generator | None]) -> bool:
    """Whether few combinations of the columns' distinct values pass the checks that read nothing else."""
    values = {}
    for number, (name, generator) in enumerate(zip(sorted(tested), generators, strict=True)):
        if generator is None or not generator.capacity:
            return False
        index = bounded(draw(_KEY + number, np.arange(_TRIED, dtype=np.int64)), min(generator.capacity, _MOST))
        values[name] = generator.at(index)
    tests = constraints.tests_of(tested)
    passing = np.logical_and.reduce([test.accepts(values, _TRIED) for test in tests])
    return int(passing.sum()) * _PASSING < _TRIED
