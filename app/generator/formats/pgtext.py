"""Arrow columns as text in the form that Postgres reads (its "input form"), a whole column at a time."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from app.generator.formats.digits import date_text, decimal_text, strings, time_text, timestamp_text
from app.generator.formats.lists import join_elements

# Every type separates the elements of its arrays by a comma but this one, whose text has commas (pg_type.typdelim).
_DELIMITER_OF_BOXES = ";"
# Elements whose text never has a brace, a comma, a blank or a quote in it. A nested list brings its own braces.
_PLAIN = (
    pa.types.is_integer,
    pa.types.is_floating,
    pa.types.is_decimal,
    pa.types.is_boolean,
    pa.types.is_date,
    pa.types.is_time,
    pa.types.is_timestamp,
)
_PLAIN_ELEMENTS = (
    pa.types.is_integer,
    pa.types.is_floating,
    pa.types.is_decimal,
    pa.types.is_boolean,
    pa.types.is_time,
    pa.types.is_list,
)


def input_form(array: pa.Array, field: pa.Field) -> pa.StringArray:
    """The text Postgres' input function of the column's type reads; NULL stays null.

    Timestamps with a zone end in `+00`, booleans are `t` and `f`, bytea is `\\x` and hex digits, arrays `{...}`.
    """
    kind = array.type
    if pa.types.is_string(kind):
        return array
    if pa.types.is_list(kind) or pa.types.is_large_list(kind):
        delimiter = _DELIMITER_OF_BOXES if kind_of(field) == "_box" else ","
        return _array_text(array, field, delimiter)
    if pa.types.is_boolean(kind):
        return pc.if_else(array, "t", "f")
    if pa.types.is_decimal128(kind):
        return decimal_text(array)
    if pa.types.is_timestamp(kind):
        return timestamp_text(array.cast(pa.timestamp("us", kind.tz)))
    if pa.types.is_date32(kind):
        return date_text(array)
    if pa.types.is_time(kind):
        return time_text(array.cast(pa.time64("us")))
    if pa.types.is_floating(kind):
        return float_text(array)
    if pa.types.is_binary(kind):
        return pc.binary_join_element_wise("\\x", hex_text(array), "")
    return array.cast(pa.string())


def kind_of(field: pa.Field) -> str:
    """The name of the field's base type: `jsonb`, `numeric`, `_text` for an array of text; empty when unknown."""
    metadata: dict[bytes, bytes] = field.metadata or {}
    return metadata.get(b"kind", b"").decode()


def never_special(kind: pa.DataType) -> bool:
    """Whether the text of such values has digits, letters and a few signs alone: nothing to quote or to escape."""
    return any(is_kind(kind) for is_kind in _PLAIN)


def float_text(array: pa.Array) -> pa.Array:
    """The shortest digits that read back as the same number; `NaN`, `Infinity`, `-Infinity` as Postgres writes them."""
    text = array.cast(pa.string())
    finite = pc.is_finite(array)
    if pc.all(finite, min_count=0).as_py():
        return text
    endless = pc.if_else(pc.greater(array, 0), "Infinity", "-Infinity")
    return pc.if_else(finite, text, pc.if_else(pc.is_nan(array), "NaN", endless))


def hex_text(array: pa.Array) -> pa.Array:
    """Bytes as pairs of lower-case hex digits."""
    ends = np.frombuffer(array.buffers()[1], np.int32)[array.offset : array.offset + len(array) + 1]
    data = array.buffers()[2]
    raw = memoryview(b"" if data is None else data)[int(ends[0]) : int(ends[-1])]
    valid = None if array.null_count == 0 else array.is_valid().to_numpy(zero_copy_only=False)
    return strings(bytes(raw).hex().encode(), (2 * (ends - ends[0])).astype(np.int32), valid)


def _array_text(array: pa.Array, field: pa.Field, delimiter: str) -> pa.Array:
    """`{1,NULL,"two words"}`: elements are quoted where Postgres' own output would quote them."""
    element = pa.field("element", array.type.value_type, metadata=field.metadata)
    values = array.flatten()
    text = input_form(values, element)
    if not _never_quoted(values.type):
        text = _quote_elements(text, delimiter)
    return join_elements(array, pc.fill_null(text, "NULL"), delimiter, "{", "}")


def _never_quoted(kind: pa.DataType) -> bool:
    return any(is_kind(kind) for is_kind in _PLAIN_ELEMENTS)


def _quote_elements(text: pa.Array, delimiter: str) -> pa.Array:
    special = pc.match_substring_regex(text, f'^$|^(?i:null)$|[\\s\\v{{}}"\\\\{delimiter}]')
    if not pc.any(special, min_count=0).as_py():
        return text
    escaped = pc.replace_substring(pc.replace_substring(text, "\\", "\\\\"), '"', '\\"')
    return pc.if_else(special, pc.binary_join_element_wise('"', escaped, '"', ""), text)
