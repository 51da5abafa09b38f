"""Numbers of outlines, which are keys of trees."""

import numpy as np
import pyarrow as pa
import pytest

from app.errors import OptionInvalid
from app.generator.values.outlines import Above, Form, Outline, form_of

FORMS = (
    Form(("digits", 0), ("digits", 0), "", ".", 4),
    Form(("digits", 2), ("digits", 2), "", ".", 5),
    Form(("upper", 1), ("digits", 2), "", "", 3),
    Form(("lower", 2), ("code", 1), "/", "/", 9),
)


@pytest.mark.parametrize("form", FORMS)
def test_what_stands_above_a_number_comes_before_it(form: Form) -> None:
    """However far one counts: each number once, each after the one that it begins with."""
    numbers = Outline(form).at(np.arange(20_000)).to_pylist()
    place = {number: at for at, number in enumerate(numbers)}
    assert len(place) == len(numbers)
    for at, number in enumerate(numbers):
        above = form.above(number)
        assert above is None or (number.startswith(above) and place[above] < at)
        assert number.count(form.separator) < form.depth + bool(form.lead) or not form.separator


def test_every_number_has_a_place() -> None:
    """A small outline is used up to the last: nine at the top, as many below each."""
    outline = Outline(Form(("digits", 1), ("digits", 1), "", ".", 3))
    assert outline.capacity == 9 + 81 + 729
    assert len(set(outline.at(np.arange(outline.capacity)).to_pylist())) == outline.capacity


def test_what_is_above_follows_from_the_number_alone() -> None:
    """NULL at the top."""
    above = Above("code", form_of({"root": ["digits", 2], "child": ["digits", 2]}))
    codes = pa.array(["07", "07.01", "07.01.99"])
    assert above.draw(1, np.arange(3), {"code": codes}, 0).to_pylist() == [None, "07", "07.01"]


@pytest.mark.parametrize("options", [{"root": ["digits", 77]}, {"depth": 0}, {"separator": ""}])
def test_an_outline_that_cannot_be_written_is_refused(options: dict[str, object]) -> None:
    """Parts of an unknown kind, no level at all, parts that nothing tells apart."""
    with pytest.raises(OptionInvalid):
        form_of(options)
