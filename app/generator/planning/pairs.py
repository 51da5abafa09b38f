"""Which unique keys are of pairs: two columns, or two references to one table, that a check puts in order."""

from collections.abc import Callable, Iterable

from app.generator.engine.axes import Axis
from app.generator.engine.constraints import Constraints
from app.generator.engine.pairs import PairKind, PairSpace, pairs_of_axis, pairs_of_columns
from app.generator.plan import RelationPlan
from app.generator.snapshot.model import UniqueKey
from app.generator.values.generator import Generator

_KINDS: dict[str, PairKind] = {"<": "below", "<=": "at_most", "<>": "differ"}
_UNORDERED: dict[PairKind | None, PairKind] = {"differ": "either", None: "either_or_same"}


class Pairs:
    """The pairs among one table's keys.

    `generator` gives that of a column once it is distinct, None for one that has none; `parent_rows` all rows of a
    relation's parent.
    """

    def __init__(
        self,
        constraints: Constraints,
        keys: Iterable[UniqueKey],
        generator: Callable[[str], Generator | None],
        parent_rows: Callable[[RelationPlan], int],
    ) -> None:
        self._constraints = constraints
        self._twins = {key.name: constraints.twins([e.expression for e in key.elements]) for key in keys}
        self._generator = generator
        self._parent_rows = parent_rows

    def twins(self, key: UniqueKey) -> tuple[str, str] | None:
        """The columns a and b of a key over least(a, b) and greatest(a, b)."""
        return self._twins.get(key.name)

    def kind(self, first: tuple[str, ...], second: tuple[str, ...]) -> PairKind | None:
        """What the checks say of two columns, each of which is all that an axis fills; None for nothing."""
        if len(first) != 1 or len(second) != 1:
            return None
        kind = _KINDS.get(self._constraints.compared(first[0], second[0]) or "")
        mirrored = self._constraints.compared(second[0], first[0])
        if kind in (None, "differ") and mirrored not in ("<", "<=") and self._is_twin(first[0], second[0]):
            return _UNORDERED[kind]
        return kind

    def _is_twin(self, first: str, second: str) -> bool:
        return any(found is not None and {*found} == {first, second} for found in self._twins.values())

    def space(self, relations: tuple[RelationPlan, RelationPlan] | None, axes: tuple[str, str], kind: PairKind,
              choices: Callable[[str], Axis]) -> PairSpace | None:  # fmt: skip
        """The pairs of two references or two columns; None where they cannot be numbered."""
        if relations is None:
            makers = self._generator(axes[0]), self._generator(axes[1])
            return None if None in makers else pairs_of_columns(makers[0], makers[1], kind)  # type: ignore[arg-type]
        whole = Axis(*(self._parent_rows(relations[0]),) * 2)
        # A reference of which checks leave some parents only has numbers of its own for them.
        return pairs_of_axis(whole, kind) if all(choices(axis) == whole for axis in axes) else None
