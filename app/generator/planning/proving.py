"""Trying rows out while the plan is made, where nothing but making them tells how many there can be."""

from collections.abc import Iterable

import numpy as np

from app.errors import Fault, PlanRefused
from app.generator.engine.program import TableProgram
from app.generator.engine.programs import Programs
from app.generator.snapshot.model import QName

_MOST_PROOFS = 8


def rows_that_hold(program: TableProgram, columns: Iterable[str], most: int) -> tuple[int, list[Fault]]:
    """How many of the first `most` rows can be made in these columns, and why not the next one.

    What becomes of a row does not depend on the others, so that the first one that fails is found by halving.
    """
    wanted = frozenset(columns)

    def faults_of(start: int, stop: int) -> list[Fault]:
        try:
            program.evaluate(np.arange(start, stop, dtype=np.int64), wanted)
        except PlanRefused as refusal:
            return list(refusal.faults)
        return []

    holding, failing = 0, most
    faults = faults_of(holding, failing)
    if not faults:
        return most, []
    # The first row that fails is one of holding..failing.
    while failing - holding > 1:
        middle = (holding + failing) // 2
        found = faults_of(holding, middle)
        if found:
            failing, faults = middle, found
        else:
            holding = middle
    return holding, faults


def room_that_stays(programs: Programs, table: QName, room: int) -> int:
    """How many rows of a table have keys of their own when it has no more of them; `programs` is left with so many.

    With fewer rows a row may have other parents, and find no key any more: it is looked at again.
    """
    for _ in range(_MOST_PROOFS):
        programs.shorten(table, room)
        ledger = programs.of(table).salts if room else None
        if ledger is None or (left := ledger.room()) == room:
            break
        room = left
    programs.shorten(table, room)
    return room
