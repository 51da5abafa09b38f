"""Three-valued logic, CASE and COALESCE: what decides which parts of an expression count.

Postgres stops at the first argument of AND that is false (of OR, that is true), so that an error in a later one
does not happen; here all are evaluated, and the errors are masked.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from app.generator.expressions.kinds import BOOL, Kind
from app.generator.expressions.operands import Frame, Operand, derived, settled
from app.generator.expressions.vectors import Exact, Mask, Spans, Vector, conjoined, disjoined, storage


def all_of(operands: Sequence[Operand]) -> Operand:
    """AND."""

    def run(frame: Frame) -> Vector:
        found = operands[0].run(frame)
        for operand in operands[1:]:
            found = _and(found, operand.run(frame))
        return found

    return derived(BOOL, run, operands)


def any_of(operands: Sequence[Operand]) -> Operand:
    """OR."""

    def run(frame: Frame) -> Vector:
        found = operands[0].run(frame)
        for operand in operands[1:]:
            found = _not(_and(_not(found), _not(operand.run(frame))))
        return found

    return derived(BOOL, run, operands)


def negation(operand: Operand) -> Operand:
    """NOT."""
    return derived(BOOL, lambda frame: _not(operand.run(frame)), [operand])


def _and(left: Vector, right: Vector) -> Vector:
    data = left.data & right.data
    if left.valid is None and right.valid is None:
        return Vector(data)  # failed rows are never valid, so there are none
    left_false = _false(left)
    failed = left.failed
    if right.failed is not None:
        failed = disjoined((failed, right.failed & ~left_false))
    # NULL unless both are known, or one is false; after an error nothing is known.
    valid = data | left_false | _false(right)
    if failed is not None:
        valid &= ~failed
    return Vector(data & valid, valid, failed)


def _false(vector: Vector) -> Mask:
    found: Mask = ~vector.data if vector.valid is None else ~vector.data & vector.valid
    return found


def _not(vector: Vector) -> Vector:
    return Vector(_false(vector), vector.valid, vector.failed)


def is_null(operand: Operand, negated: bool) -> Operand:
    """IS [NOT] NULL."""

    def run(frame: Frame) -> Vector:
        vector = operand.run(frame)
        if vector.valid is None:
            return Vector(np.array([negated]))
        return settled(BOOL, vector.valid if negated else ~vector.valid, None, vector.failed)

    return derived(BOOL, run, [operand])


def is_truth(operand: Operand, value: bool | None, negated: bool) -> Operand:
    """IS [NOT] TRUE, FALSE, UNKNOWN."""
    if value is None:
        return is_null(operand, negated)

    def run(frame: Frame) -> Vector:
        vector = operand.run(frame)
        data = vector.data if value else _false(vector)
        return settled(BOOL, ~data if negated else data, None, vector.failed)

    return derived(BOOL, run, [operand])


def strict(arguments: Sequence[Operand], body: Operand) -> Operand:
    """The body, or NULL when an argument is: an inlined STRICT function."""

    def run(frame: Frame) -> Vector:
        vectors = [argument.run(frame) for argument in arguments]
        known = conjoined(vector.valid for vector in vectors)
        result = body.run(frame)
        failed = disjoined(vector.failed for vector in vectors)
        if result.failed is not None:
            failed = disjoined((failed, result.failed if known is None else result.failed & known))
        return settled(body.kind, result.data, conjoined((result.valid, known)), failed)

    return derived(body.kind, run, [*arguments, body])


def choose(kind: Kind, conditions: Sequence[Operand], results: Sequence[Operand]) -> Operand:
    """CASE: the first result whose condition is true; the last result is the default."""

    def run(frame: Frame) -> Vector:
        chosen: list[Mask] = []
        left = np.ones(1, dtype=np.bool_)
        failed: Mask | None = None
        for condition in conditions:
            vector = condition.run(frame)
            if vector.failed is not None:
                failed = disjoined((failed, vector.failed & left))
            chosen.append(vector.data & left)
            left = left & ~chosen[-1]
        chosen.append(left)
        return _merged(kind, chosen, [result.run(frame) for result in results], failed)

    return derived(kind, run, [*conditions, *results])


def coalesce(kind: Kind, operands: Sequence[Operand]) -> Operand:
    """The first argument that is not NULL."""

    def run(frame: Frame) -> Vector:
        vectors = [operand.run(frame) for operand in operands]
        chosen: list[Mask] = []
        left = np.ones(1, dtype=np.bool_)
        for vector in vectors:
            has_value = np.ones(1, dtype=np.bool_) if vector.valid is None else vector.valid
            if vector.failed is not None:
                has_value = has_value | vector.failed
            chosen.append(left & has_value)
            left = left & ~has_value
        # Rows where all are NULL take the last one's NULL.
        chosen[-1] = chosen[-1] | left
        return _merged(kind, chosen, vectors, None)

    return derived(kind, run, operands)


def _merged(kind: Kind, chosen: Sequence[Mask], vectors: Sequence[Vector], failed: Mask | None) -> Vector:
    size = max((len(mask) for mask in chosen), default=1)
    valid: Mask | None = None
    if any(vector.valid is not None for vector in vectors):
        valid = np.zeros(size, dtype=np.bool_)
        for mask, vector in zip(chosen, vectors, strict=True):
            valid = valid | (mask if vector.valid is None else mask & vector.valid)
    for mask, vector in zip(chosen, vectors, strict=True):
        if vector.failed is not None:
            failed = disjoined((failed, vector.failed & mask))
    return settled(kind, pick(kind, chosen, [vector.data for vector in vectors]), valid, failed)


def pick(kind: Kind, chosen: Sequence[Mask], data: Sequence[Any]) -> Any:
    """For each row the data of the first mask that is true; the masks cover every row."""
    if isinstance(data[0], Exact):
        scale = max(item.scale for item in data)
        return Exact(np.select(list(chosen), [item.rescaled(scale) for item in data]), scale)
    if isinstance(data[0], Spans):
        parts = [(item.months, item.days, item.micros) for item in data]
        return Spans(*(np.select(list(chosen), [part[i] for part in parts]) for i in range(3)))
    if isinstance(data[0], np.ndarray):
        return np.select(list(chosen), list(data))
    size = max(max(len(mask) for mask in chosen), max(len(item) for item in data))
    found = pa.nulls(1, storage(kind)) if kind.name != "array" else pa.nulls(1, data[0].type)
    for mask, item in zip(reversed(chosen), reversed(data), strict=True):
        condition = pa.array(np.broadcast_to(mask, size))
        found = pc.if_else(condition, _operand(item, size), _operand(found, size))
    return found


def _operand(array: pa.Array, size: int) -> Any:
    return array[0] if len(array) == 1 and size != 1 else array
