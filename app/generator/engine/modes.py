"""Which of a check's alternatives a row follows: one that agrees with what a key or a reference has given already.

`CASE kind WHEN 'a' THEN x IS NOT NULL ... END` leaves a row of kind a no choice; where kind is drawn with the rest of
the row, any alternative will do.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from app.generator.domain import Domain, Value
from app.generator.engine.relations import bounded_each
from app.generator.keys import Rows, bounded, draw
from app.generator.plan import ColumnPlan
from app.generator.spelling import Columns, array_of
from app.generator.values.timelines import plain_state

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


def come_by_themselves(
    alternatives: Sequence[Mapping[str, Domain]], columns: Mapping[str, ColumnPlan], own: Callable[[str], Domain]
) -> bool:
    """Whether rows follow an alternative without choosing one: all but a state wait (`when`) for values of it.

    `status <> 'cancelled' OR cancelled_at IS NOT NULL`, where cancelled_at is there in the state `cancelled` and in no
    other: a row that chose to have a cancelled_at would have it in any state. `own` is a column's domain.
    """
    named = {name for alternative in alternatives for name in alternative}
    waiting = {name: rule for name in named if (rule := _rule(columns[name])) is not None}
    state = next(iter(named - waiting.keys()), "")
    if len(named - waiting.keys()) != 1 or any(rule.get("column") != state for rule in waiting.values()):
        return False
    values = columns[state].options.get("values") or own(state).values
    if not values or (own(state).nullable and columns[state].nullable):
        return False
    there = {name: {plain_state(str(word)) for word in rule["words"]} for name, rule in waiting.items()}

    def follows(alternative: Mapping[str, Domain], value: Value) -> bool:
        for name, domain in alternative.items():
            if name == state:
                fits = domain.permits(value)
            elif plain_state(str(value)) in there[name]:
                fits = not domain.null_only and _told(domain) == _told(own(name))
            else:
                fits = domain.nullable
            if not fits:
                return False
        return True

    return all(any(follows(alternative, value) for alternative in alternatives) for value in values)


def null_wish(alternative: Mapping[str, Domain], columns: Sequence[str]) -> int:
    """Whether an alternative has a reference of the columns NULL (1) or there (0); -1 where it says nothing."""
    wish = -1
    for column in columns:
        domain = alternative.get(column)
        if domain is not None and domain.null_only:
            return 1
        if domain is not None and not domain.nullable:
            wish = 0
    return wish


def _told(domain: Domain) -> Domain:
    """What a domain says of values, leaving NULL aside."""
    return replace(domain, nullable=True, null_hint=False)


def _rule(column: ColumnPlan) -> Mapping[str, Any] | None:
    """The column's `when`, where nothing else decides whether it is there."""
    rule = column.options.get("when")
    plain = isinstance(rule, Mapping) and rule.get("words") and not rule.get("not") and not column.null_ppm
    return rule if plain and column.generator != "share_of" else None


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
