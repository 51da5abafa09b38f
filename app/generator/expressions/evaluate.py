"""What the planner and the batches call: predicates and values compiled once, evaluated over Arrow arrays."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from app.generator.expressions.casts import cast, to_arrow
from app.generator.expressions.compiler import Compiler, reads_clock
from app.generator.expressions.kinds import Kind, kind_of
from app.generator.expressions.logic import all_of
from app.generator.expressions.nodes import Expr
from app.generator.expressions.operands import Frame, Operand
from app.generator.snapshot.model import TypeRef
from app.generator.types import TypeCatalog

DEFAULT_REFERENCE = datetime(2026, 1, 1, tzinfo=UTC)
HORIZON = timedelta(days=3653)
"""Data are loaded some time after the reference instant: a condition on now() must hold at both ends of this span."""


class Predicate:
    """A compiled condition.

    `test` gives 1 for true, 0 for false and -1 for NULL; a row for which Postgres would raise an error (a division
    by zero) counts as false. A check accepts 1 and -1.
    """

    def __init__(self, operand: Operand, sql: str = "", name: str = "") -> None:
        self._operand = operand
        self.columns = operand.columns
        self.sql = sql
        self.name = name

    def __repr__(self) -> str:
        return f"Predicate({self.name!r}, {self.sql!r})"

    def test(self, arrays: Mapping[str, pa.Array], length: int | None = None) -> npt.NDArray[np.int8]:
        """One answer per row. `length` tells the rows where no column does. Raises KeyError for a missing column."""
        length = _length(arrays) if length is None else length
        vector = self._operand.run(Frame(arrays, length))
        found = vector.data.astype(np.int8)
        if vector.valid is not None:
            found = np.where(vector.valid, found, np.int8(-1))
        if vector.failed is not None:
            found = np.where(vector.failed, np.int8(0), found)
        return found if len(found) == length else np.repeat(found, length)

    def accepts(self, arrays: Mapping[str, pa.Array], length: int | None = None) -> npt.NDArray[np.bool_]:
        """Which rows a CHECK with this condition lets in."""
        length = _length(arrays) if length is None else length
        vector = self._operand.run(Frame(arrays, length))
        found = vector.data if vector.valid is None else vector.data | ~vector.valid
        if vector.failed is not None:
            found = found & ~vector.failed
        return found if len(found) == length else np.repeat(found, length)


class ValueExpr:
    """A compiled expression. `kind` is the type of its values."""

    def __init__(self, operand: Operand) -> None:
        self._operand = operand
        self.columns = operand.columns
        self.kind: Kind = operand.kind

    def evaluate(self, arrays: Mapping[str, pa.Array], length: int) -> pa.Array:
        """One value per row; NULL where Postgres would raise an error."""
        vector = self._operand.run(Frame(arrays, length))
        return to_arrow(self.kind, vector, length)


def compile_predicate(
    expr: Expr,
    columns: Mapping[str, TypeRef],
    types: TypeCatalog,
    reference: datetime = DEFAULT_REFERENCE,
    *,
    sql: str = "",
    name: str = "",
) -> Predicate:
    """A condition over columns. Raises ExpressionUnknown for what is not understood exactly.

    One that reads the clock is true only if it is at `reference` and at the end of `HORIZON` after it.
    """
    operand = Compiler(columns, types, reference).condition(expr)
    if reads_clock(expr):
        operand = all_of([operand, Compiler(columns, types, reference + HORIZON).condition(expr)])
    return Predicate(operand, sql, name)


def compile_value(
    expr: Expr,
    columns: Mapping[str, TypeRef],
    types: TypeCatalog,
    reference: datetime = DEFAULT_REFERENCE,
    *,
    target: TypeRef | None = None,
) -> ValueExpr:
    """A value over columns, cast to `target` as an assignment would. Raises ExpressionUnknown."""
    operand = Compiler(columns, types, reference).compile(expr)
    if target is not None:
        operand = cast(operand, kind_of(target, types))
    elif operand.kind.name == "unknown":
        operand = cast(operand, Kind("text"))
    return ValueExpr(operand)


def _length(arrays: Mapping[str, pa.Array]) -> int:
    return len(next(iter(arrays.values()))) if arrays else 1
