"""Trees whose rows name their root too: `FOREIGN KEY (parent, root) REFERENCES t (id, root)`.

Where a check says that a row at the top is its own root, the roots are rows of the table, each of the few after it.
"""

from collections.abc import Iterator, Sequence

from app.generator.engine.constraints import Constraints
from app.generator.plan import RelationPlan
from app.generator.planning.references import kept_columns
from app.generator.snapshot.model import ForeignKey, Table


def with_roots(
    table: Table, keys: Sequence[ForeignKey], relations: Sequence[RelationPlan], constraints: Constraints
) -> list[RelationPlan]:
    """The relations, before them those that give each row its root."""
    filled = {c for r in relations for c in r.columns if c not in r.shared}
    roots = [root for root in _roots(table, keys, constraints) if root.columns[0] not in filled]
    return [*roots[:1], *relations]


def _roots(table: Table, keys: Sequence[ForeignKey], constraints: Constraints) -> Iterator[RelationPlan]:
    for key in keys:
        handed_on = sorted(kept_columns(table, key))
        refs = [ref for ref in key.ref_columns if ref not in handed_on]
        if len(handed_on) != 1 or len(refs) != 1 or not constraints.has_checks:
            continue
        root, own = handed_on[0], refs[0]
        alone = any(k.columns == (own,) and k.predicate is None for k in table.keys)
        if alone and table.column(root).generated is None and constraints.equates(root, own):
            yield RelationPlan(f"{key.name}: root", (root,), table.name, (own,), pick="root")
