"""Which of a check's alternatives a row follows: one that agrees with what a key or a reference has given already.

`CASE kind WHEN 'a' THEN x IS NOT NULL ... END` leaves a row of kind a no choice; where kind is drawn with the rest of
the row, any alternative will do.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from app.generator.domain import Domain, Value
from app.generator.engine.relations import bounded_each
from app.generator.keys import Rows, bounded, draw
from app.generator.spelling import Columns, array_of

Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Given:
    """A column that is there before the row chooses, and what it may be under each alternative."""

    column: str
    domains: tuple[Domain, ...]

    def agrees(self, values: pa.Array) -> list[Mask]:
        """For each alternative the rows that may follow it."""
        return [_permitted(domain, values) for domain in self.domains]


@dataclass(frozen=True, slots=True)
class ModeChoice:
    """Which of `count` alternatives a row follows, drawn with `key` among those that agree with the `given` columns."""

    key: int
    count: int
    given: tuple[Given, ...] = ()

    @property
    def needs(self) -> tuple[str, ...]:
        """The columns it reads where they are there."""
        return tuple(given.column for given in self.given)

    def at(self, rows: Rows, salt: int, arrays: Columns) -> Rows:
        """The alternative of each row; any where none agrees."""
        words = draw(self.key, rows, salt)
        there = [given for given in self.given if given.column in arrays]
        if not there:
            return bounded(words, self.count)
        agreeing = np.ones((self.count, rows.size), dtype=np.bool_)
        for given in there:
            agreeing &= np.stack(given.agrees(array_of(arrays[given.column])))
        agreeing[:, ~agreeing.any(axis=0)] = True
        chosen = bounded_each(words, agreeing.sum(axis=0).astype(np.int64))
        place: Rows = np.argmax(np.cumsum(agreeing, axis=0) > chosen, axis=0).astype(np.int64)
        return place


def given_of(columns: Iterable[str], alternatives: Sequence[Mapping[str, Domain]]) -> tuple[Given, ...]:
    """Those of the columns that alternatives tell apart by listing values."""
    found = []
    for name in sorted(columns):
        domains = tuple(alternative.get(name, Domain()) for alternative in alternatives)
        if any(domain.values is not None or domain.excluded for domain in domains) and all(map(is_listed, domains)):
            found.append(Given(name, domains))
    return tuple(found)


def is_listed(domain: Domain) -> bool:
    """Whether it says nothing but which values a column has, or has not, and whether it is NULL."""
    return domain == Domain(
        values=domain.values,
        excluded=domain.excluded,
        nullable=domain.nullable,
        null_only=domain.null_only,
        null_hint=domain.null_hint,
    )


def _permitted(domain: Domain, values: pa.Array) -> Mask:
    nulls = np.asarray(values.is_null())
    if domain.null_only:
        return nulls
    known = np.ones(len(values), dtype=np.bool_)
    if domain.values is not None:
        known = _among(domain.values, values)
    if domain.excluded:
        known = known & ~_among(domain.excluded, values)
    return np.where(nulls, domain.nullable, known)


def _among(listed: Sequence[Value], values: pa.Array) -> Mask:
    kind = values.type
    text = pa.types.is_string(kind) or pa.types.is_large_string(kind)
    try:
        known = pa.array([str(v) if text else v for v in listed]).cast(kind)
    except pa.ArrowException:
        return np.ones(len(values), dtype=np.bool_)
    return np.asarray(pc.is_in(values, value_set=known))
