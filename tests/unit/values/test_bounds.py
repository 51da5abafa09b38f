"""Generators say how long their text may be: fitting relies on it."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from app.generator.values.entries import family
from app.generator.values.generator import Tagging
from app.generator.values.registry import entries
from tests.unit.values.columns import LOCALES, column, example, sibling_arrays

_ROWS = np.arange(2000)
_SIBLINGS = sibling_arrays(_ROWS)


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("name", sorted(name for name, e in entries().items() if "text" in e.serves))
def test_text_is_as_long_as_it_says(name: str, locale: str) -> None:
    """Neither longer than `longest` nor shorter than `shortest`, before any fitting."""
    choice, context = example(name, locale)
    if family(context) != "text":
        context = column("text", locale=locale)
    entry = entries()[name]
    if "values" in choice.options or name in ("constant", "expression", "regex"):
        return
    generator = entry.make(context, choice.options)
    shortest, longest = getattr(generator, "shortest", 0), getattr(generator, "longest", None)
    assert longest is not None
    arrays = [generator.draw(3, _ROWS, _SIBLINGS, 0)]
    if generator.capacity is not None and name not in ("first_name", "last_name"):
        block = generator.block or 1
        arrays.append(generator.at(np.arange(min(block, 2000))))
    if isinstance(generator, Tagging):
        arrays.append(generator.tag(np.arange(2000) + (generator.capacity or 0) - 2000, 3, _ROWS, _SIBLINGS))
    for array in arrays:
        lengths = pc.utf8_length(array.cast(pa.string()))
        assert pc.max(lengths).as_py() <= longest
        assert pc.min(lengths).as_py() >= shortest
