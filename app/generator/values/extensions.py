"""Types of extensions, by name: whichever schema they are installed in."""

from collections.abc import Callable

import numpy as np
import pyarrow as pa

from app.generator.keys import Rows
from app.generator.pools import pool, resolve_locale
from app.generator.values import documents
from app.generator.values.check_digits import ean13_digits, issn_digits
from app.generator.values.context import ColumnContext
from app.generator.values.fitting import default_text
from app.generator.values.generator import Generator, Indexed
from app.generator.values.networks import Addresses, Ipv4, Ipv6
from app.generator.values.patterned import honouring, pattern_text
from app.generator.values.shapes import Boxes, Cubes, Geometries, GeometryKind, Segments, Vectors
from app.generator.values.strings import from_matrix, join, number

_VECTOR_DEFAULT = 8
_SPARSE_DEFAULT = 100


class ProductNumbers(Indexed):
    """The types of `isn`: numbers with a check digit, of a fixed prefix and `width` free digits."""

    arrow_type = pa.string()

    def __init__(self, prefix: str, width: int, form: Callable[[np.ndarray], pa.Array] = from_matrix) -> None:
        self._prefix, self._width, self._form = prefix, width, form
        self.capacity = self.block = 10**width

    def at(self, index: Rows) -> pa.Array:
        """The number with the free digits `index`."""
        return self._form(ean13_digits(index, self._prefix, self._width))


class SerialNumbers(Indexed):
    """ISSN, eight digits with the check digit."""

    arrow_type = pa.string()
    capacity = block = 10**7

    def at(self, index: Rows) -> pa.Array:
        """The number with the seven digits `index`."""
        return from_matrix(issn_digits(index))


class SmallNumbers(Indexed):
    """Whole numbers written as text: unsigned integers and the like of extensions."""

    arrow_type = pa.string()

    def __init__(self, capacity: int) -> None:
        self.capacity = capacity
        self.block = min(capacity, 10_000)

    def at(self, index: Rows) -> pa.Array:
        """The number `index`."""
        return number(index)


class SemanticVersions(Indexed):
    """Versions such as 2.14.3."""

    arrow_type = pa.string()
    capacity = 1000 * 100 * 100
    block = 10 * 20 * 10
    longest, shortest = 9, 5

    def at(self, index: Rows) -> pa.Array:
        """The version number `index`: natural ones are small."""
        inside = index < self.block
        # Natural ones first: 0..9, 0..19, 0..9; the others lie above in the first part.
        major = np.where(inside, index // 200, 10 + (index - self.block) // 10_000)
        minor = np.where(inside, index // 10 % 20, (index - self.block) // 100 % 100)
        patch = np.where(inside, index % 10, (index - self.block) % 100)
        return join(number(major), ".", number(minor), ".", number(patch))


def extension_generator(context: ColumnContext) -> Generator | None:
    """The default generator of an extension's type; None for a type that is not known."""
    name, modifiers = context.type.name, context.type.modifiers
    words = pool(resolve_locale(context.locale), "words")
    plain = documents.ascii_words
    match name:
        case "citext":
            return honouring(default_text(context), context)
        case "hstore":
            return documents.Worded(plain(words), documents.key_values)
        case "ltree":
            shaped = pattern_text(context) if context.domain.patterns else None
            return shaped or documents.Worded(plain(words), documents.label_path)
        case "lquery":
            return documents.Worded(plain(words), documents.label_query)
        case "ltxtquery":
            return documents.Worded(plain(words), documents.label_text_query)
        case "query_int":
            return documents.Worded(plain(words), documents.integer_query, 1 << 30)
        case "vector":
            return Vectors(modifiers[0] if modifiers else _VECTOR_DEFAULT)
        case "halfvec":
            return Vectors(modifiers[0] if modifiers else _VECTOR_DEFAULT, digits=3)
        case "sparsevec":
            return Vectors(modifiers[0] if modifiers else _SPARSE_DEFAULT, sparse=True)
        case "geometry" | "geography":
            return Geometries(GeometryKind.of(context.type))
        case "box2d" | "box3d":
            return Boxes(has_z=name == "box3d")
        case "cube" | "earth":
            return Cubes()
        case "seg":
            return Segments()
        case "ean13":
            return ProductNumbers("20", 10)
        case "upc":
            return ProductNumbers("0", 11)
        case "isbn" | "isbn13":
            return ProductNumbers("978", 9)
        case "ismn" | "ismn13":
            return ProductNumbers("9790", 8)
        case "issn" | "issn13":
            return SerialNumbers()
        case "uint1":
            return SmallNumbers(1 << 8)
        case "uint2":
            return SmallNumbers(1 << 16)
        case "uint4":
            return SmallNumbers(1 << 32)
        case "int1":
            return SmallNumbers(1 << 7)
        case "uint8" | "uint16" | "int16":
            return SmallNumbers(1 << 62)
        case "semver":
            return SemanticVersions()
        case "ip4":
            return Ipv4()
        case "ip6":
            return Ipv6()
        case "ipaddress" | "iprange":
            return Addresses()
        case _:
            return None
