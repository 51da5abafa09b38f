"""Keys that are kept by looking: each row has the first value that no row before it has, however it is found."""

from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from app.generator.engine import ledger
from app.generator.engine.ledger import Ledger, LedgerKey
from app.generator.engine.program import TableProgram
from app.generator.keys import Rows, bounded, draw


class _Column:
    """The key's one element: the column itself."""

    columns = frozenset({"x"})

    def evaluate(self, arrays: Mapping[str, pa.Array], length: int) -> pa.Array:
        return arrays["x"]


class _Program:
    """Rows of one column with so many values."""

    def __init__(self, rows: int, values: int) -> None:
        self.table = SimpleNamespace(rows=rows, name="t")
        self.values, self.calls = values, 0

    def drawn(self, rows: Rows, salt: int) -> Rows:
        return bounded(draw(7, rows, salt), self.values)

    def evaluate_at(self, rows: Rows, wanted: frozenset[str], salt: int) -> dict[str, pa.Array]:
        self.calls += 1
        return {"x": pa.array(self.drawn(rows, salt))}


def _ledger(rows: int, values: int) -> tuple[Ledger, Any]:
    program: Any = _Program(rows, values)
    made: TableProgram = program
    return Ledger(made, [LedgerKey("t_x", [_Column()], None, nulls_not_distinct=False)]), program


@pytest.mark.parametrize(("rows", "values"), [(300, 330), (60, 62)])
def test_each_row_has_the_first_value_that_none_before_it_has(rows: int, values: int) -> None:
    """Made together or one after the other."""
    kept, program = _ledger(rows, values)
    salts = kept.at(np.arange(rows, dtype=np.int64)).tolist()
    taken: set[int] = set()
    for row in range(rows):
        salt = next(s for s in range(400) if int(program.drawn(np.array([row]), s)[0]) not in taken)
        taken.add(int(program.drawn(np.array([row]), salt)[0]))
        assert salts[row] == salt


@pytest.mark.parametrize(("rows", "values"), [(500, 200), (900, 222), (400, 410)])
def test_rows_that_keep_losing_are_made_together(rows: int, values: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same comes of it with a few hundred evaluations, where it takes thousands row by row."""
    together, few = _ledger(rows, values)
    found = together._settle()
    monkeypatch.setattr(ledger, "_MOST_TOGETHER", -1)
    alone, many = _ledger(rows, values)
    expected = alone._settle()
    assert [part.tolist() for part in found] == [part.tolist() for part in expected]
    assert few.calls * 2 < many.calls


def test_what_no_row_comes_to_is_no_reason_to_refuse(monkeypatch: pytest.MonkeyPatch) -> None:
    """An attempt that fails for a row that never comes to it is made for the others alone."""
    from app.errors import PlanRefused

    plain, _ = _ledger(300, 330)
    kept, program = _ledger(300, 330)
    salts = plain.at(np.arange(300, dtype=np.int64))
    inner = program.evaluate_at

    def refusing(rows: Rows, wanted: frozenset[str], salt: int) -> dict[str, pa.Array]:
        if (salt > salts[rows]).any():
            raise PlanRefused([])
        made: dict[str, pa.Array] = inner(rows, wanted, salt)
        return made

    monkeypatch.setattr(program, "evaluate_at", refusing)
    assert kept.at(np.arange(300, dtype=np.int64)).tolist() == salts.tolist()


class _Looking(_Program):
    """Rows of which each has a value that follows the attempt of an earlier row, to which it refers."""

    kept: Ledger

    def evaluate_at(self, rows: Rows, wanted: frozenset[str], salt: int) -> dict[str, pa.Array]:
        attempts = np.where(rows > 0, self.kept.at(rows // 2), 0)
        return {"x": pa.array((self.drawn(rows, salt) + 7 * attempts) % self.values)}


@pytest.mark.parametrize(("rows", "values"), [(60, 90), (120, 150)])
def test_rows_that_follow_redrawn_rows_are_looked_at_again(rows: int, values: int) -> None:
    """Where a key reads what a row refers to in its own table, what it read may have been redrawn since."""
    program: Any = _Looking(rows, values)
    program.kept = Ledger(program, [LedgerKey("t_x", [_Column()], None, nulls_not_distinct=False)])
    salts = program.kept.at(np.arange(rows, dtype=np.int64))
    found = [
        program.evaluate_at(np.array([row]), frozenset("x"), int(salts[row]))["x"][0].as_py() for row in range(rows)
    ]
    assert len(set(found)) == rows


def test_a_key_that_some_rows_cannot_have_is_told_whole() -> None:
    """The table, the key as the schema has it, and which columns to override."""
    from app.errors import PlanRefused

    program: Any = _Program(300, 20)
    key = LedgerKey("t_x", [_Column()], None, nulls_not_distinct=False, sql="UNIQUE (lower(x)) WHERE open")
    with pytest.raises(PlanRefused) as refusal:
        Ledger(program, [key]).at(np.arange(300, dtype=np.int64))
    facts = refusal.value.faults[0].facts
    assert facts == {"table": "t", "constraint": "t_x", "expression": "UNIQUE (lower(x)) WHERE open", "columns": "x"}
    assert "UNIQUE (lower(x)) WHERE open; ask for fewer rows or override x" in refusal.value.faults[0].message


def test_whole_numbers_days_and_moments_are_told_apart_without_their_texts() -> None:
    """No two values have one digest, equal ones have the same in every array, and NULL is a value of its own."""
    days = pa.array([*range(-50_000, 50_000)], pa.int32())
    moments = days.cast(pa.int64()).cast(pa.timestamp("us", "UTC"))
    for values in (days, days.cast(pa.int64()), days.cast(pa.date32()), moments, pa.array([0, 1, 255], pa.uint8())):
        digests = ledger._digest(values)
        assert np.unique(digests).size == len(values)
        assert (digests[2:3] == ledger._digest(values.slice(2, 1))).all()
        nulls = ledger._digest(pa.concat_arrays([values, pa.nulls(2, values.type)]))
        assert nulls[-1] == nulls[-2]
        assert nulls[-1] not in digests
