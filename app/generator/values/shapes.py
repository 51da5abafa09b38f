"""Geometric types, and PostGIS, cube and seg, as text."""

from collections.abc import Callable
from dataclasses import dataclass
from string import Formatter

import numpy as np
import pyarrow as pa

from app.generator.keys import Rows
from app.generator.snapshot.model import TypeRef
from app.generator.values.generator import Indexed, Siblings, pick
from app.generator.values.strings import digits as number_digits
from app.generator.values.strings import fixed_point, from_matrix, join

# Plane coordinates: hundredths, 0.00 to 999.99.
_PLANE_SCALE = 2
_PLANE_SIDE = 100_000
_NATURAL = _PLANE_SIDE * _PLANE_SIDE

_Point = tuple[Rows, Rows]


def _plane(index: Rows) -> _Point:
    """The index as a point of the plane, in hundredths: the columns of the grid one after the other."""
    return index % _PLANE_SIDE, index // _PLANE_SIDE


def _xy(x: Rows, y: Rows) -> pa.Array:
    return join("(", fixed_point(x, _PLANE_SCALE), ",", fixed_point(y, _PLANE_SCALE), ")")


def _point(x: Rows, y: Rows) -> pa.Array:
    return _xy(x, y)


def _line(x: Rows, y: Rows) -> pa.Array:
    # A = 1 keeps A and B from being zero together.
    return join("{1,", fixed_point(x, _PLANE_SCALE), ",", fixed_point(y, _PLANE_SCALE), "}")


def _segment(x: Rows, y: Rows) -> pa.Array:
    return join("[", _xy(x, y), ",", _xy(x + 250, y + 400), "]")


def _box(x: Rows, y: Rows) -> pa.Array:
    return join(_xy(x + 300, y + 200), ",", _xy(x, y))


def _path(x: Rows, y: Rows) -> pa.Array:
    return join("[", _xy(x, y), ",", _xy(x + 100, y + 250), ",", _xy(x + 400, y + 300), "]")


def _polygon(x: Rows, y: Rows) -> pa.Array:
    return join("(", _xy(x, y), ",", _xy(x + 500, y), ",", _xy(x + 250, y + 400), ")")


def _circle(x: Rows, y: Rows) -> pa.Array:
    return join("<", _xy(x, y), ",", fixed_point((x + y) % 900 + 100, _PLANE_SCALE), ">")


_PLANE_FORMS: dict[str, Callable[[Rows, Rows], pa.Array]] = {
    "point": _point,
    "line": _line,
    "lseg": _segment,
    "box": _box,
    "path": _path,
    "polygon": _polygon,
    "circle": _circle,
}


class PlaneShapes(Indexed):
    """The built-in geometric types."""

    arrow_type = pa.string()
    block = _NATURAL
    capacity = _NATURAL * 100_000

    def __init__(self, type_name: str) -> None:
        self._form = _PLANE_FORMS[type_name]

    def at(self, index: Rows) -> pa.Array:
        """The shape at the point number `index`."""
        return self._form(*_plane(index))


class Cubes(Indexed):
    """cube: a point of three dimensions."""

    arrow_type = pa.string()
    block = _NATURAL
    capacity = _NATURAL * 1000

    def at(self, index: Rows) -> pa.Array:
        """The point number `index`."""
        x, y = _plane(index)
        parts = (fixed_point(x, 2), ", ", fixed_point(y % _PLANE_SIDE, 2), ", ", fixed_point(y // _PLANE_SIDE, 2))
        return join("(", *parts, ")")


class Segments(Indexed):
    """seg: an interval of measurements, such as 1.50 .. 2.75."""

    arrow_type = pa.string()
    block = 100_000
    capacity = 1_000_000

    def at(self, index: Rows) -> pa.Array:
        """The interval that begins at `index` hundredths."""
        return join(fixed_point(index, 2), " .. ", fixed_point(index + 125, 2))


class Boxes(Indexed):
    """PostGIS' box2d and box3d: a box one unit wide."""

    arrow_type = pa.string()
    block = _NATURAL
    capacity = _NATURAL * 1000

    def __init__(self, *, has_z: bool) -> None:
        self._has_z = has_z

    def at(self, index: Rows) -> pa.Array:
        """The box at the point number `index`."""
        x, y = _plane(index)

        def corner(distance: int) -> pa.Array:
            height = (" ", fixed_point(index % 500 + distance, _PLANE_SCALE)) if self._has_z else ()
            return join(fixed_point(x + distance, _PLANE_SCALE), " ", fixed_point(y + distance, _PLANE_SCALE), *height)

        return join("BOX3D(" if self._has_z else "BOX(", corner(0), ",", corner(100), ")")


# What stands around the corners of a shape, in EWKT. An arc takes three points, as the open line has them.
_FORMS = {
    "POINT": "({first})",
    "LINESTRING": "({line})",
    "POLYGON": "(({ring}))",
    "MULTIPOINT": "(({first}), ({second}))",
    "MULTILINESTRING": "(({line}))",
    "MULTIPOLYGON": "((({ring})))",
    "CIRCULARSTRING": "({line})",
    "COMPOUNDCURVE": "(({line}))",
    "CURVEPOLYGON": "(({ring}))",
    "MULTICURVE": "(({line}))",
    "MULTISURFACE": "((({ring})))",
    "POLYHEDRALSURFACE": "((({ring})))",
    "TRIANGLE": "(({triangle}))",
    "TIN": "((({triangle})))",
    "GEOMETRYCOLLECTION": "({inner}({first}))",
}
_CORNERS = {
    "first": ((0, 0),),
    "second": ((500, 500),),
    "line": ((0, 0), (1000, 500), (1500, 1500)),
    "ring": ((0, 0), (2000, 0), (2000, 1500), (0, 1500), (0, 0)),
    "triangle": ((0, 0), (2000, 0), (2000, 1500), (0, 0)),
}
_DEGREE_SCALE = 6
_LONGITUDES, _LATITUDES = 3_599_000, 1_698_000  # steps of 0.0001 degrees, off the poles and the date line


@dataclass(frozen=True, slots=True)
class GeometryKind:
    """What a geometry's type modifier says."""

    shape: str = "POINT"
    srid: int = 0
    has_z: bool = False
    has_m: bool = False

    @classmethod
    def of(cls, ref: TypeRef) -> "GeometryKind":
        """geometry(PointZ,4326) has the shape PointZ and the modifiers (4326,); geography without any is 4326."""
        srid = ref.modifiers[0] if ref.modifiers else 0
        word = (ref.shape or "POINT").upper()
        dimensions = word[len(word.rstrip("ZM")) :]
        shape = word.removesuffix(dimensions) if dimensions else word
        if shape not in _FORMS:
            shape = "POINT"
        return cls(shape, srid or (4326 if ref.name == "geography" else 0), "Z" in dimensions, "M" in dimensions)


class Geometries(Indexed):
    """PostGIS geometry and geography as EWKT, in degrees."""

    arrow_type = pa.string()
    block = capacity = _LONGITUDES * _LATITUDES

    def __init__(self, kind: GeometryKind) -> None:
        self._kind = kind

    def at(self, index: Rows) -> pa.Array:
        """The shape at the place number `index`."""
        return self.around(
            (index % _LONGITUDES) * 100 - 179_950_000, (index // _LONGITUDES) * 100 - 84_900_000, index % 500
        )

    def draw(self, key: int, rows: Rows, siblings: Siblings, salt: int) -> pa.Array:
        """A shape at a drawn place."""
        return self.at(pick(key, rows, salt, self.capacity))

    def around(self, longitude: Rows, latitude: Rows, height: Rows) -> pa.Array:
        """The shape at a place given in millionths of a degree."""
        kind = self._kind
        dimensions = ("Z" if kind.has_z else "") + ("M" if kind.has_m else "")
        prefix = (f"SRID={kind.srid};" if kind.srid else "") + kind.shape + (f" {dimensions}" if dimensions else "")
        extra = [part for _ in dimensions for part in (" ", fixed_point(height, 0))]

        def corner(dx: int, dy: int) -> pa.Array:
            x = fixed_point(longitude + dx, _DEGREE_SCALE)
            return join(x, " ", fixed_point(latitude + dy, _DEGREE_SCALE), *extra)

        inner = "POINT" + (f" {dimensions}" if dimensions else "")
        parts: list[pa.Array | str] = [prefix]
        for literal, name, _, _ in Formatter().parse(_FORMS[kind.shape].replace("{inner}", inner)):
            parts.append(literal)
            for place, (dx, dy) in enumerate(_CORNERS[name] if name else ()):
                parts += [", " if place else "", corner(dx, dy)]
        return join(*(part for part in parts if not isinstance(part, str) or part))


class Vectors(Indexed):
    """pgvector's vector, halfvec and sparsevec: components between -1 and 1 of `digits` digits.

    Four digits are told apart by a float4, three by the half-precision components of a halfvec.
    """

    arrow_type = pa.string()

    def __init__(self, dimensions: int, *, digits: int = 4, sparse: bool = False) -> None:
        self._dimensions = dimensions
        self._digits = digits
        self._sparse = sparse
        # The first components count, the others are drawn.
        self._counted = min(4, dimensions)
        self.capacity = self.block = 10 ** (digits * self._counted) - 1

    def at(self, index: Rows) -> pa.Array:
        """Components from the index's digits, then from a mix of it."""
        return self._text(0x7EC70, index, index)

    def draw(self, key: int, rows: Rows, siblings: Siblings, salt: int) -> pa.Array:
        """Drawn components."""
        return self._text(key + salt * 0x9E3779B9, rows, pick(key, rows, salt, self.capacity))

    def _text(self, key: int, rows: Rows, counted: Rows) -> pa.Array:
        # From one on: a vector of zeros has no direction.
        rest, unit = counted + 1, 10**self._digits
        if self._sparse:
            parts: list[pa.Array | str] = ["{"]
            for place in range(self._counted):
                parts += [f"{',' if place else ''}{place + 1}:", fixed_point(rest % unit, self._digits)]
                rest = rest // unit
            return join(*parts, f"}}/{self._dimensions}")
        width = 4 + self._digits
        matrix = np.empty((len(rows), 1 + width * self._dimensions), np.uint8)
        matrix[:, 0] = ord("[")
        negative = np.zeros(len(rows), np.bool_)
        for place in range(self._dimensions):
            if place < self._counted:
                upper = rest // unit
                value, rest = rest - upper * unit, upper
            else:
                value = pick(key + place, rows, 0, 2 * unit)
                negative = value >= unit
                value = np.where(negative, value - unit, value)
            start = 1 + place * width
            # A blank where the sign would be keeps all components equally wide; pgvector skips it.
            matrix[:, start] = np.where(negative, ord("-"), ord(" "))
            matrix[:, start + 1 : start + 3] = (ord("0"), ord("."))
            matrix[:, start + 3 : start + 3 + self._digits] = number_digits(value, self._digits)
            matrix[:, start + width - 1] = ord(",")
        matrix[:, -1] = ord("]")
        return from_matrix(matrix)
