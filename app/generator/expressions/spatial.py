"""What checks say of a column of PostGIS that its type does not: `st_srid(geom) = 2193`.

So were columns declared before types had modifiers, and dumps of such databases are still about.
"""

from dataclasses import dataclass

from app.generator.expressions.findings import column_of, uncast
from app.generator.expressions.nodes import And, ArrayOf, Call, Compare, Expr, IsNull, Or, Quantified
from app.generator.expressions.shapes import plain_constant

_TYPES = frozenset({"geometrytype", "st_geometrytype"})
_DIMENSIONS = frozenset({"st_ndims", "st_coorddim"})
_SUFFIXES = {2: "", 3: "Z", 4: "ZM"}


@dataclass(frozen=True, slots=True)
class Spatial:
    """A shape (`POLYGON`), an SRID and a number of dimensions; None where nothing says so."""

    shape: str | None = None
    srid: int | None = None
    dimensions: int | None = None

    def joined(self, other: "Spatial") -> "Spatial":
        """Both; what this one says goes first."""
        return Spatial(
            self.shape if self.shape is not None else other.shape,
            self.srid if self.srid is not None else other.srid,
            self.dimensions if self.dimensions is not None else other.dimensions,
        )

    @property
    def word(self) -> str | None:
        """The shape with its dimensions, as a type's modifier has it."""
        suffix = _SUFFIXES.get(self.dimensions or 2, "")
        return (self.shape or "POINT") + suffix if self.shape or suffix else None


def spatial_of(expr: Expr, column: str) -> Spatial:
    """What a check says of the column: with AND, of the first kind of a list, and apart from rows where it is NULL."""
    if isinstance(expr, And):
        found = Spatial()
        for part in expr.arguments:
            found = found.joined(spatial_of(part, column))
        return found
    if isinstance(expr, Or):
        there = [part for part in expr.arguments if not isinstance(part, IsNull)]
        return spatial_of(there[0], column) if there else Spatial()
    if isinstance(expr, Compare) and expr.operator == "=":
        return _equal(expr.left, expr.right, column).joined(_equal(expr.right, expr.left, column))
    if isinstance(expr, Quantified) and expr.operator == "=" and not expr.every:
        listed = uncast(expr.array)
        if isinstance(listed, ArrayOf) and listed.elements:
            return _equal(expr.left, listed.elements[0], column)
    return Spatial()


def _equal(side: Expr, other: Expr, column: str) -> Spatial:
    call, value = uncast(side), plain_constant(uncast(other))
    if not isinstance(call, Call) or len(call.arguments) != 1 or column_of(uncast(call.arguments[0])) != column:
        return Spatial()
    if call.name in _TYPES and isinstance(value, str):
        return Spatial(shape=value.upper().removeprefix("ST_"))
    if call.name == "st_srid" and isinstance(value, int) and value >= 0:
        return Spatial(srid=value)
    return Spatial(dimensions=value) if call.name in _DIMENSIONS and isinstance(value, int) else Spatial()
