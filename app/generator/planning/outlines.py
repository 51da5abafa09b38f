"""Keys that begin with the key of what stands above them: `code LIKE parent || '.%'` and the like.

Such a tree is numbered like an outline (see `values.outlines`): the key follows from the row's number, and so does the
key above it, which an earlier row has. Nothing is looked up, and no row waits for another.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import pyarrow as pa

from app.generator.engine.constraints import Constraints
from app.generator.engine.contexts import base_type
from app.generator.meaning import Choice
from app.generator.snapshot.model import ForeignKey, Table
from app.generator.types import TypeCatalog
from app.generator.values.outlines import DEEPEST, NUMBERS, PARENTS, STYLES, Form, size_of

_TEXTS = frozenset({"text", "varchar", "bpchar", "citext", "ltree"})
_SEPARATORS = (".", "/", "-", ":", "_", " > ", "")
_SAMPLES = 12


@dataclass(frozen=True, slots=True)
class Tree:
    """A reference of a table to itself that is kept so: `number` begins with `above`, which refers to it."""

    foreign_key: str
    number: str
    above: str
    form: Form

    def choices(self) -> dict[str, Choice]:
        """What makes the two columns."""
        why = f"numbered like an outline, for {self.foreign_key}"
        options = self.form.options()
        return {
            self.number: Choice(NUMBERS, options, why),
            self.above: Choice(PARENTS, {"of": self.number, **options}, why),
        }


def tree_of(table: Table, keys: tuple[ForeignKey, ...], constraints: Constraints, types: TypeCatalog) -> Tree | None:
    """The table's tree, where a check ties its key to the key above; None where there is none, or no form fits."""
    for key in keys:
        if key.ref_table != table.name:
            continue
        pairs = [(c, ref) for c, ref in zip(key.columns, key.ref_columns, strict=True) if c != ref]
        if len(pairs) != 1 or not _is_told(constraints, *pairs[0]):
            continue
        above, number = pairs[0]
        columns = [table.column(name) for name in (above, number)]
        bases = [base_type(types, column.type) for column in columns]
        if any(base.name not in _TEXTS or base.array_dims for base in bases) or not columns[0].nullable:
            continue
        if any(column.generated is not None for column in columns) or _is_used_besides(table, key, above, number):
            continue
        alone = {number, *(set(key.columns) - {above})}
        if not any(k.columns is not None and k.predicate is None and set(k.columns) == alone for k in table.keys):
            continue
        width = min((base.modifiers[0] for base in bases if base.modifiers and base.name != "ltree"), default=2000)
        form = _form(constraints, number, above, width)
        if form is not None:
            return Tree(key.name, number, above, form)
    return None


def _is_told(constraints: Constraints, above: str, number: str) -> bool:
    """Whether a check shapes one of the two columns after the other, and none computes the key of something else."""
    if not constraints.molds and not constraints.equations:
        return False
    if number in constraints.equations:
        return False
    tied = any(m.column == number and m.value.columns == {above} for m in constraints.molds)
    equation = constraints.equations.get(above)
    return tied or (equation is not None and equation.columns == {number})


def _is_used_besides(table: Table, key: ForeignKey, above: str, number: str) -> bool:
    others = (k for k in table.foreign_keys if k.name != key.name)
    return any({above, number} & set(k.columns) for k in others)


def _form(constraints: Constraints, number: str, above: str, width: int) -> Form | None:
    """The first form whose numbers pass the checks of both columns, as deep as they do."""
    for separator in _SEPARATORS:
        for lead in dict.fromkeys(("", separator)):
            forms = {root: Form(root, root, lead, separator, 1) for root in STYLES}
            roots = [root for root, form in forms.items() if _passes(constraints, number, above, form, 1)]
            for root, child in _likely(roots):
                form = Form(root, child, lead, separator, DEEPEST)
                if (separator or (root[1] and child[1])) and _passes(constraints, number, above, form, 2):
                    return _as_deep(constraints, number, above, form, width)
    return None


def _likely(roots: Sequence[tuple[str, int]]) -> Iterator[tuple[tuple[str, int], tuple[str, int]]]:
    """The styles of parts at the top and below, first such as are the same."""
    yield from ((root, root) for root in roots)
    yield from ((root, child) for root in roots for child in STYLES if child != root)


def _as_deep(constraints: Constraints, number: str, above: str, form: Form, width: int) -> Form | None:
    depth = 1
    for level in range(2, DEEPEST + 1):
        longest = len(form.written([size_of(form.root) - 1, *[size_of(form.child) - 1] * (level - 1)]))
        if longest > width or not _passes(constraints, number, above, form, level):
            break
        depth = level
    return Form(form.root, form.child, form.lead, form.separator, depth) if depth > 1 else None


def _passes(constraints: Constraints, number: str, above: str, form: Form, level: int) -> bool:
    """Whether numbers at that level, small and large, pass the checks of the two columns and what follows from them."""
    roots, children = size_of(form.root), size_of(form.child)
    made = []
    for sample in range(_SAMPLES):
        spread = [sample * (children - 1) // (_SAMPLES - 1)] * (level - 1)
        made.append(form.written([sample * (roots - 1) // (_SAMPLES - 1), *spread]))
    arrays = {number: pa.array(made), above: pa.array([form.above(text) for text in made], pa.string())}
    for name, value in constraints.equations.items():
        if name not in arrays and value.columns <= {number, above}:
            arrays[name] = value.evaluate(arrays, _SAMPLES)
    tests = constraints.tests_of(frozenset(arrays))
    return all(test.accepts({name: arrays[name] for name in test.columns}).all() for test in tests)
