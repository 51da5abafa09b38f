"""Texts of elements joined to texts of lists."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc


def join_elements(array: pa.Array, elements: pa.Array, delimiter: str, opening: str, closing: str) -> pa.Array:
    """One text per list of `array`, from the texts of all its elements (none of them null); NULL stays null."""
    lengths = pc.fill_null(pc.list_value_length(array), 0).to_numpy(zero_copy_only=False)
    ends = np.zeros(len(array) + 1, np.int32)
    np.cumsum(lengths, out=ends[1:])
    joined = pc.binary_join(pa.ListArray.from_arrays(pa.array(ends), elements), delimiter)
    wrapped = pc.binary_join_element_wise(opening, joined, closing, "")
    return wrapped if array.null_count == 0 else pc.if_else(array.is_valid(), wrapped, pa.scalar(None, pa.string()))
