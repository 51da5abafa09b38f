"""Foreign keys before any row: which ones matter, in what order tables load, where cycles are broken."""

from collections.abc import Callable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from app.generator.plan import Pick, RelationPlan
from app.generator.planning.cycles import Edge, cut_cycles
from app.generator.planning.selection import root_of
from app.generator.snapshot.model import ForeignKey, QName, Table, TypeRef

if TYPE_CHECKING:
    from app.generator.expressions import Expr

# One in ten optional references is empty, where nothing says otherwise.
OPTIONAL_NULL_PPM = 100_000


def effective_keys(table: Table, by_name: Mapping[QName, Table]) -> tuple[ForeignKey, ...]:
    """The foreign keys that are enforced, pointed at partition roots, each once."""
    keys: dict[tuple[Any, ...], ForeignKey] = {}
    for key in sorted(table.foreign_keys, key=lambda k: k.name):
        # A key that refers to itself by the same columns holds for every row.
        if key.enforced and not (key.ref_table == table.name and key.columns == key.ref_columns):
            rooted = replace(key, ref_table=root_of(by_name, key.ref_table))
            pairs = tuple(sorted(zip(rooted.columns, rooted.ref_columns, strict=True)))
            keys.setdefault((pairs, rooted.ref_table), rooted)
    return tuple(keys.values())


def without_implied(
    table: Table, served: Mapping[QName, tuple[ForeignKey, ...]], broken: set[tuple[QName, str]]
) -> tuple[ForeignKey, ...]:
    """A table's keys without those that another one implies.

    (a) -> t(a) holds by itself where (a, b) -> u(a, b) and u(a) -> t(a) do. A reference to the table itself or one
    that closes a cycle proves nothing: what it copies would have to be right already. Nor does one that is left out
    where b is NULL, while a has to be there.
    """
    name = table.name
    proofs = [k for k in served[name] if k.ref_table != name and (name, k.name) not in broken]

    def implied(key: ForeignKey) -> bool:
        needed = not all(table.column(c).nullable for c in key.columns)
        loose = {c for p in proofs for c in p.columns if needed and table.column(c).nullable} - set(key.columns)
        sure = [p for p in proofs if p is not key and loose.isdisjoint(p.columns)]
        return any(_implies(p, key, served, broken, 4) for p in sure)

    return tuple(key for key in served[name] if not implied(key))


def _implies(
    other: ForeignKey, key: ForeignKey, served: Mapping[QName, tuple[ForeignKey, ...]],
    broken: set[tuple[QName, str]], depth: int,
) -> bool:  # fmt: skip
    places = dict(zip(other.columns, other.ref_columns, strict=True))
    if depth == 0 or not set(key.columns) <= places.keys() or other.ref_table not in served:
        return False
    mapped = tuple(places[c] for c in key.columns)
    if other.ref_table == key.ref_table:
        return mapped == key.ref_columns and len(other.columns) > len(key.columns)
    above = replace(key, columns=mapped)
    wanted = dict(zip(mapped, key.ref_columns, strict=True))
    for candidate in served[other.ref_table]:
        if candidate.ref_table == other.ref_table or (other.ref_table, candidate.name) in broken:
            continue
        if candidate.ref_table == key.ref_table and wanted == dict(
            zip(candidate.columns, candidate.ref_columns, strict=True)
        ):
            return True
        if _implies(candidate, above, served, broken, depth - 1):
            return True
    return False


def load_order(
    tables: Mapping[QName, Table], edges: list[Edge], warnings: list[str]
) -> tuple[list[QName], set[Edge], set[Edge]]:
    """Tables with parents first, the edges that had to be broken, and those among them that had to be forced.

    A cycle is broken at an optional edge (left NULL) or a deferrable one. Where there is neither, a constraint has to
    be made deferrable for the load, and a warning spells the cycle out. Ties go by name, so that the order of the DDL
    never matters.
    """
    needed = [e for e in edges if e.table in tables and e.parent != e.table]
    cuts = cut_cycles(needed)
    for choice in sorted(cuts.forced, key=lambda e: (e.table, e.key.name)):
        cycle = cuts.cycles[choice]
        path = " -> ".join([str(e.table) for e in cycle] + [str(cycle[0].table)])
        warnings.append(
            f"the foreign keys {', '.join(f'{e.table}.{e.key.name}' for e in cycle)} form a cycle ({path}) without "
            f"an optional or a deferrable one, so that no row can come first: {choice.table}.{choice.key.name} has "
            "to be deferrable during the load, which seedbed load and the scripts of sql, copy and zip see to"
        )
    waiting: dict[QName, set[QName]] = {n: set() for n in tables}
    for edge in needed:
        if edge not in cuts.broken:
            waiting[edge.table].add(edge.parent)
    order: list[QName] = []
    placed: set[QName] = set()
    while waiting:
        for name in sorted(n for n, needs in waiting.items() if needs <= placed):
            order.append(name)
            placed.add(name)
            del waiting[name]
    return order, set(cuts.broken), set(cuts.forced)


def kept_columns(table: Table, key: ForeignKey) -> frozenset[str]:
    """Columns that a reference to the table itself takes over unchanged: tenant in (tenant, boss) -> (tenant, id).

    The first row has nobody to take it from, so the column is made by itself, and the reference looks for an earlier
    row that has the same.
    """
    if key.ref_table != table.name:
        return frozenset()
    return frozenset(c for c, ref in zip(key.columns, key.ref_columns, strict=True) if c == ref)


def by_own_columns(
    table: Table, key: ForeignKey, computed: AbstractSet[str], parsed: Callable[[str], "Expr | None"]
) -> ForeignKey | None:
    """A key with `computed` columns as one over those that these are computed from.

    (post_id, post_kind), where the kind is 'post' whenever there is an id, is picked by the id. The one column of
    upper(code) takes the parent's code as it stands. None where neither can be said.
    """
    places = dict(zip(key.columns, key.ref_columns, strict=True))
    own = tuple(c for c in key.columns if c not in computed)
    if own:
        return replace(key, columns=own, ref_columns=tuple(places[c] for c in own))
    if len(key.columns) > 1:
        return None
    from app.generator.expressions import columns_of

    made = table.column(key.columns[0])
    expr = parsed(made.generated or "")
    sources = columns_of(expr) if expr is not None else frozenset()
    source = table.column(min(sources)) if len(sources) == 1 and sources <= {c.name for c in table.columns} else None
    if source is None or source.generated is not None or not _alike(source.type, made.type):
        return None
    return replace(key, columns=(source.name,))


_TEXTS = frozenset({"text", "varchar", "bpchar", "citext"})
_WHOLE = frozenset({"int2", "int4", "int8"})


def _alike(one: TypeRef, other: TypeRef) -> bool:
    """Whether what one column holds may stand in the other."""
    if one.array_dims or other.array_dims:
        return False
    return one == other or any({one.name, other.name} <= family for family in (_TEXTS, _WHOLE))


def with_computed(plan: RelationPlan, key: ForeignKey, computed: AbstractSet[str]) -> RelationPlan:
    """The relation, with the columns of its key that are computed from those that it fills."""
    pairs = [(c, ref) for c, ref in zip(key.columns, key.ref_columns, strict=True) if c in computed]
    return replace(plan, computed=tuple(c for c, _ in pairs), computed_refs=tuple(ref for _, ref in pairs))


def relation(
    table: Table, key: ForeignKey, filled: set[str], *, broken: bool, forced: bool, made: bool
) -> RelationPlan:
    """The plan of one foreign key, after those that have filled the columns `filled`.

    `broken` for an edge that a cycle was cut at, `made` when the parent is part of the export.
    """
    own = tuple(c for c in key.columns if c not in filled | kept_columns(table, key))
    nullable = tuple(c for c in own if table.column(c).nullable)
    if key.match == "full" and len(nullable) < len(key.columns):
        nullable = ()  # MATCH FULL: all NULL or none
    shared = tuple(c for c in key.columns if c not in own)
    left_out = not made or (broken and not key.deferrable and not forced)
    if left_out:
        # Nothing to refer to: the columns that may be NULL are, the others get values of their own.
        places = dict(zip(key.columns, key.ref_columns, strict=True))
        refs = tuple(places[c] for c in nullable)
        return RelationPlan(key.name, nullable, key.ref_table, refs, pick="null", null_columns=nullable)
    pick: Pick = "earlier" if key.ref_table == table.name and not shared else "uniform"
    return RelationPlan(
        name=key.name,
        columns=key.columns,
        ref_table=key.ref_table,
        ref_columns=key.ref_columns,
        pick=pick,
        shared=shared,
        null_ppm=OPTIONAL_NULL_PPM if nullable else 0,
        null_columns=nullable,
        deferred=broken and (key.deferrable or forced),
        forced=forced,
    )
