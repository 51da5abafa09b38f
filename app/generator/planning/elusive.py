"""Columns of keys whose distinct values do not pass their own checks, or seldom."""

from collections.abc import Callable, Iterable, Sequence

import numpy as np

from app.generator.engine.constraints import Constraints
from app.generator.engine.shapes import computed_columns, free_molds, shaped_columns
from app.generator.keys import bounded, draw, make_key
from app.generator.plan import RelationPlan
from app.generator.snapshot.model import Column, QName, UniqueKey
from app.generator.values.generator import Generator

_TRIED = 256
_MOST = 1 << 31
_KEY = make_key("elusive")
# Columns that keys have together are elusive when less than this share of their values passes.
_PASSING = 1 / 16


def elusive_columns(
    columns: Iterable[Column],
    keys: Iterable[UniqueKey],
    constraints: Constraints,
    distinct: Callable[[Column], Generator | None],
    relations: Sequence[RelationPlan],
    table: QName,
) -> frozenset[str]:
    """The columns that no numbering leads to values that pass: they are redrawn, and told apart by looking.

    `distinct` gives the generator of a column's distinct values, None where it has none.
    """
    by_name = {column.name: column for column in columns}
    keys = list(keys)
    # What a check gives as an expression over other columns is no key's to choose.
    keyed = {element.column for key in keys for element in key.elements if element.column is not None}
    molds = free_molds(constraints, relations, table)
    found = set(computed_columns(constraints, molds, keyed))
    # Nor is what has to be shaped after others, where no column outside the keys is there to be shaped instead.
    found |= {names[0] for names in shaped_columns(molds, found).values() if keyed.issuperset(names)}
    for key in keys:
        names = frozenset(e.column for e in key.elements if e.column in by_name)
        # The values of a key's one column are numbered by the row, and never drawn again: all have to pass.
        passing = 1.0 if len(key.elements) == 1 else _PASSING
        for tested in {r.columns & names for r in constraints.residual if r.columns <= names} - {frozenset()}:
            if tested <= found:
                continue
            generators = [distinct(by_name[n]) for n in sorted(tested)]
            if _share_that_passes(tested, constraints, generators) < passing:
                found |= tested
    return frozenset(found)


def _share_that_passes(
    tested: frozenset[str], constraints: Constraints, generators: Sequence[Generator | None]
) -> float:
    """Of combinations of the columns' distinct values, of the checks that read nothing else; 1 where there are none."""
    values = {}
    for number, (name, generator) in enumerate(zip(sorted(tested), generators, strict=True)):
        if generator is None or not generator.capacity:
            return 1.0
        index = bounded(draw(_KEY + number, np.arange(_TRIED, dtype=np.int64)), min(generator.capacity, _MOST))
        values[name] = generator.at(index)
    tests = constraints.tests_of(tested)
    return float(np.logical_and.reduce([test.accepts(values, _TRIED) for test in tests]).mean())
