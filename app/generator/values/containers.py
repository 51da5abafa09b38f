"""Values made of values: arrays and composites."""

import math

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from app.generator.keys import Rows
from app.generator.values.generator import Generator, Siblings, pick
from app.generator.values.strings import as_text, join, repeat

# Elements of one row are drawn as rows of their own: row * _STRIDE + position.
_LEAST_STRIDE = 16
_NATURAL_ITEMS = (1, 4)


class Arrays:
    """One-dimensional arrays as Arrow lists; nested ones as text.

    `at` tells arrays apart by their first element, the others repeat it.
    """

    needs: tuple[str, ...] = ()

    def __init__(
        self,
        element: Generator,
        least: int | None,
        most: int | None,
        dimensions: int = 1,
        delimiter: str = ",",
        sizes: tuple[int, ...] = (),
    ) -> None:
        """`sizes` are those of the dimensions, the outermost first; 0 for one that is not given."""
        *outer, inner = (sizes + (0,) * dimensions)[:dimensions]
        if inner and dimensions > 1:
            least = most = inner
        self._element = element
        self._least = _NATURAL_ITEMS[0] if least is None else least
        self._most = max(self._least, _NATURAL_ITEMS[1] if most is None else most)
        self._dimensions = dimensions
        # {{a,b,c}} is two-dimensional: one is enough of every dimension that nothing is asked of.
        self._outer = tuple(max(1, size) for size in outer)
        self._delimiter = delimiter
        self.arrow_type = pa.list_(element.arrow_type) if dimensions == 1 else pa.string()
        countable = element.capacity is not None and self._most > 0
        self.capacity: int | None = element.capacity if countable else None
        self.block: int | None = element.block if countable else None

    def at(self, index: Rows) -> pa.Array:
        """Arrays of the least length whose elements are the value number `index`."""
        items, lists = max(1, self._least), math.prod(self._outer)
        values = self._element.at(np.repeat(index, items * lists))
        return self._wrap(np.arange(0, items * lists * len(index) + 1, items, dtype=np.int32), values)

    def draw(self, key: int, rows: Rows, siblings: Siblings, salt: int) -> pa.Array:
        """Arrays of drawn lengths and elements."""
        lists = math.prod(self._outer)
        lengths = np.repeat(self._least + pick(key, rows, salt, self._most - self._least + 1), lists)
        offsets = np.zeros(len(lengths) + 1, np.int32)
        np.cumsum(lengths, out=offsets[1:])
        stride = max(_LEAST_STRIDE, self._most * lists)
        firsts = np.repeat(offsets[:-1:lists], lists)
        position = np.arange(offsets[-1]) - np.repeat(firsts, lengths)
        element_rows = np.repeat(np.repeat(rows, lists), lengths) * stride + position
        return self._wrap(offsets, self._element.draw(key ^ 0xA44A, element_rows, {}, salt))

    def _wrap(self, offsets: np.ndarray, values: pa.Array) -> pa.Array:
        lists = pa.ListArray.from_arrays(pa.array(offsets), values)
        if self._dimensions == 1:
            return lists.cast(self.arrow_type)
        text = list_text(lists, self._delimiter)
        for size in reversed(self._outer):
            groups = pa.array(np.arange(0, len(text) + 1, size, dtype=np.int32))
            text = join("{", pc.binary_join(pa.ListArray.from_arrays(groups, text), self._delimiter), "}")
        empty = pc.equal(pc.list_value_length(lists), 0).take(pa.array(np.arange(len(text)) * math.prod(self._outer)))
        return pc.if_else(empty, repeat("{}", len(text)), text)


class ListTexts:
    """Arrays as texts: where they stand in others without being a dimension of theirs."""

    arrow_type = pa.string()
    needs: tuple[str, ...] = ()

    def __init__(self, lists: Generator) -> None:
        self._lists = lists
        self.capacity = lists.capacity
        self.block = lists.block

    def at(self, index: Rows) -> pa.Array:
        """The text of the array number `index`."""
        return list_text(self._lists.at(index))

    def draw(self, key: int, rows: Rows, siblings: Siblings, salt: int) -> pa.Array:
        """The texts of drawn arrays."""
        return list_text(self._lists.draw(key, rows, siblings, salt))


class Composites:
    """Composite values as text: ("a","b")."""

    arrow_type = pa.string()
    needs: tuple[str, ...] = ()

    def __init__(self, attributes: tuple[Generator, ...]) -> None:
        self._attributes = attributes
        counted = [(g.capacity, place) for place, g in enumerate(attributes) if g.capacity is not None]
        self.capacity: int | None = None
        self.block: int | None = None
        if counted:
            self.capacity, self._counting = max(counted, key=lambda pair: (pair[0], -pair[1]))
            self.block = attributes[self._counting].block

    def at(self, index: Rows) -> pa.Array:
        """Composites told apart by the attribute with the most values."""
        return self._wrap(
            [
                attribute.at(index) if place == self._counting else attribute.draw(0xC0DE + place, index, {}, 0)
                for place, attribute in enumerate(self._attributes)
            ],
            len(index),
        )

    def draw(self, key: int, rows: Rows, siblings: Siblings, salt: int) -> pa.Array:
        """Each attribute drawn by itself."""
        values = [a.draw(key + 0x9E37 * (place + 1), rows, {}, salt) for place, a in enumerate(self._attributes)]
        return self._wrap(values, len(rows))

    def _wrap(self, values: list[pa.Array], length: int) -> pa.Array:
        if not values:
            return repeat("()", length)
        parts: list[pa.Array | str] = ["("]
        for place, value in enumerate(values):
            parts += [*([","] if place else []), quoted(element_text(value))]
        return join(*parts, ")")


def list_text(lists: pa.Array, delimiter: str = ",") -> pa.Array:
    """Arrays in Postgres' text form: {"a","b"}."""
    items = element_text(lists.flatten())
    if not _is_plain(lists.type.value_type):
        items = quoted(items)
    counts = pc.list_value_length(lists)
    offsets = pa.array(np.concatenate([[0], np.cumsum(counts.to_numpy(zero_copy_only=False))]).astype(np.int32))
    return join("{", pc.binary_join(pa.ListArray.from_arrays(offsets, items), delimiter), "}")


def element_text(values: pa.Array) -> pa.Array:
    """Values in the text form that stands inside arrays and composites."""
    if pa.types.is_list(values.type):
        return list_text(values)
    if pa.types.is_binary(values.type):
        return join("\\x", hex_text(values))
    if pa.types.is_boolean(values.type):
        return pc.if_else(values, "t", "f")
    return as_text(values)


def hex_text(values: pa.Array) -> pa.Array:
    """Binary values as hexadecimal digits."""
    offsets = np.frombuffer(values.buffers()[1], np.int32)[values.offset : values.offset + len(values) + 1]
    data = np.frombuffer(values.buffers()[2], np.uint8)[offsets[0] : offsets[-1]] if len(values) else np.empty(0, "u1")
    pairs = np.frombuffer("".join(f"{i:02x}" for i in range(256)).encode(), np.uint8).reshape(256, 2)[data]
    return pa.StringArray.from_buffers(
        len(values), pa.py_buffer(((offsets - offsets[0]) * 2).astype(np.int32)), pa.py_buffer(pairs.tobytes())
    )


def quoted(text: pa.Array) -> pa.Array:
    """In double quotes, with backslashes and quotes escaped, as arrays, composites and ranges read it."""
    escaped = pc.replace_substring(pc.replace_substring(text, "\\", "\\\\"), '"', '\\"')
    return join('"', escaped, '"')


def _is_plain(data_type: pa.DataType) -> bool:
    return bool(
        pa.types.is_integer(data_type)
        or pa.types.is_decimal(data_type)
        or pa.types.is_boolean(data_type)
        or pa.types.is_floating(data_type)
    )
