"""Which of a check's alternatives a row follows."""

import numpy as np
import pyarrow as pa

from app.generator.domain import Domain
from app.generator.engine.modes import ModeChoice, given_of
from app.generator.spelling import Columns

KINDS = ("single", "multi", "text")
ALTERNATIVES = [
    {"kind": Domain(values=("single",)), "choice": Domain(nullable=False)},
    {"kind": Domain(values=("multi",)), "choice": Domain(null_only=True)},
    {"kind": Domain(excluded=("single", "multi")), "choice": Domain(null_only=True)},
    {"choice": Domain(null_only=True)},
]
ROWS = np.arange(600, dtype=np.int64)


def test_a_row_follows_an_alternative_that_agrees_with_what_is_given() -> None:
    """By value, by what is left out, and where the alternative says nothing; each of them in some row."""
    kinds = [KINDS[row % 3] for row in ROWS]
    choice = ModeChoice(7, 4, given_of(["kind"], ALTERNATIVES))
    chosen = choice.at(ROWS, 0, Columns({"kind": pa.array(kinds)}))
    found = {(kind, int(mode)) for kind, mode in zip(kinds, chosen, strict=True)}
    assert found == {("single", 0), ("multi", 1), ("text", 2), *((kind, 3) for kind in KINDS)}


def test_a_row_that_agrees_with_none_follows_any() -> None:
    """A value that nobody listed is for the check to refuse."""
    choice = ModeChoice(7, 3, given_of(["kind"], [*ALTERNATIVES[:2], {"kind": Domain(values=("text",))}]))
    chosen = choice.at(ROWS, 0, Columns({"kind": pa.array(["other"] * ROWS.size)}))
    assert set(chosen.tolist()) == {0, 1, 2}


def test_what_others_give_changes_no_row_that_may_follow_all() -> None:
    """A row draws as if nothing were given where everything agrees with it."""
    free, bound = ModeChoice(7, 4), ModeChoice(7, 4, given_of(["kind"], [{"kind": Domain(excluded=("x",))}] * 4))
    there = Columns({"kind": pa.array(["single"] * ROWS.size)})
    assert free.at(ROWS, 3, there).tolist() == bound.at(ROWS, 3, there).tolist()


def test_columns_of_which_more_is_said_than_their_values_are_not_given() -> None:
    """A range of numbers is no list to choose by."""
    assert given_of(["n"], [{"n": Domain(low=1)}, {"n": Domain(values=("1",))}]) == ()
