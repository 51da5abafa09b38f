"""The order of a table's steps, and which of them are redrawn together."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations

import pyarrow as pa

from app.generator.engine.nodes import ColumnNode, Node, OrderedNode, RelationNode
from app.generator.engine.program import Bendable, Predicate, Stage
from app.generator.values.choice import OVERRIDE


def stages_of(
    nodes: Sequence[Node],
    predicates: Sequence[Predicate],
    ties: Sequence[frozenset[int]],
    ledger_columns: frozenset[str],
    anchors: frozenset[str],
    sought: frozenset[str],
    pairs: Sequence[tuple[Bendable, Bendable]],
) -> list[Stage]:
    """The steps in the order of their needs; those that a check ties together are one stage, redrawn as one.

    A stage holds the makers of a check's columns and all that those need, so that a redraw moves every value that
    the check can depend on. Steps that share a key's index (`ties`) move together or not at all. The steps that
    `ledger_columns` depend on follow the ledger's attempts. A step that every attempt leaves as it is stays outside.
    So does, where there are others to redraw, what makes the `anchors`: the table's own rows are found by them, so
    that they have to be known of every row before the first of those steps. And so does what makes the columns that
    are `sought` in the table's own rows: else each row would wait for a whole line of others to be settled.
    """
    maker = {o: i for i, node in enumerate(nodes) for o in node.outputs}
    group = list(range(len(nodes)))

    def find(i: int) -> int:
        while group[i] != i:
            i = group[i]
        return i

    anchored = _upstream(anchors, nodes, maker, ties)
    # What waits for others itself is redrawn with them.
    found_there = {maker[c] for c in sought if c in maker and not nodes[maker[c]].needs}
    own = {i for i, node in enumerate(nodes) if isinstance(node, RelationNode) and node.picker.is_self}
    homes: list[tuple[int, Predicate]] = []
    for predicate in predicates:
        members = _upstream(predicate.columns, nodes, maker, ties)
        free = members - anchored - found_there
        looking = sorted(own & {maker[c] for c in predicate.columns if c in maker})
        # What the table's own rows are asked for waits for no other row.
        members = free if free or looking else members - anchored or members
        if not members:
            # Nothing to redraw: it holds as it is, or is refused.
            makers = looking or sorted(maker[c] for c in predicate.columns if c in maker)
            homes += [(makers[0], predicate)] if makers else []
            continue
        first = find(min(members))
        for i in members:
            group[find(i)] = first
        homes.append((min(members), predicate))
    redrawn = _upstream(ledger_columns, nodes, maker, ties) - anchored
    waits: dict[int, set[str]] = {}
    for home, predicate in homes:
        waits.setdefault(find(home), set()).update(predicate.columns)
    order = _topological(nodes, maker, [find(i) for i in range(len(nodes))], waits)
    salted_homes = {find(i) for i in redrawn}
    return [
        Stage(
            tuple(nodes[i] for i in stage),
            tuple(p for home, p in homes if find(home) == find(stage[0])),
            find(stage[0]) in salted_homes,
            tuple(pair for pair in pairs if find(maker[pair[0].name]) == find(stage[0])),
        )
        for stage in order
    ]


def _upstream(
    columns: Iterable[str], nodes: Sequence[Node], maker: Mapping[str, int], ties: Sequence[frozenset[int]]
) -> set[int]:
    found: set[int] = set()
    todo = [maker[c] for c in columns if c in maker]
    while todo:
        i = todo.pop()
        if i not in found and not nodes[i].fixed:
            found.add(i)
            todo += [maker[n] for n in nodes[i].needs if n in maker]
            todo += [other for tie in ties if i in tie for other in tie]
    return found


def _topological(
    nodes: Sequence[Node], maker: Mapping[str, int], home: Sequence[int], waits: Mapping[int, set[str]]
) -> list[list[int]]:
    """Groups of nodes, each after the groups it needs, and the nodes of a group in the order of their needs.

    `waits` are the columns that a group's checks read.
    """
    order: list[int] = []
    needs = _acyclic_needs(nodes, maker)
    seen: set[int] = set()

    def visit(i: int) -> None:
        if i in seen:
            return
        seen.add(i)
        for other in needs[i]:
            visit(other)
        order.append(i)

    # By name, so that the order of the columns never matters.
    for i in sorted(range(len(nodes)), key=lambda i: nodes[i].outputs):
        visit(i)
    groups: dict[int, list[int]] = {}
    for i in order:
        groups.setdefault(home[i], []).append(i)
    done: set[int] = set()
    out: list[list[int]] = []

    def place(g: int) -> None:
        if g in done:
            return
        done.add(g)
        wanted = {maker[column] for column in waits.get(g, ()) if column in maker}
        for other in sorted(wanted.union(*(needs[i] for i in groups[g])), key=lambda i: nodes[i].outputs):
            if home[other] != g:
                place(home[other])
        out.append(groups[g])

    for i in order:
        place(home[i])
    return out


def _acyclic_needs(nodes: Sequence[Node], maker: Mapping[str, int]) -> list[list[int]]:
    """The steps that each step waits for.

    A step that can do without a column does without it where waiting would go round in a circle.
    """
    needs: list[list[int]] = [[] for _ in nodes]

    def leads(start: int, end: int) -> bool:
        seen, todo = set(), [start]
        while todo:
            i = todo.pop()
            if i == end:
                return True
            if i not in seen:
                seen.add(i)
                todo += needs[i]
        return False

    by_name = sorted(range(len(nodes)), key=lambda i: nodes[i].outputs)
    for firmly in (True, False):
        for i in by_name:
            for need in sorted(nodes[i].needs) if nodes[i].needs_all is firmly else ():
                other = maker.get(need)
                if other is not None and other != i and not leads(other, i):
                    needs[i].append(other)
    return needs


def chains(after: Mapping[str, set[str]]) -> list[list[str]]:
    """Connected columns, each list in an order that all the `low <= high` pairs agree with."""
    neighbours: dict[str, set[str]] = {}
    for low, highs in after.items():
        for high in highs:
            neighbours.setdefault(low, set()).add(high)
            neighbours.setdefault(high, set()).add(low)
    chains: list[list[str]] = []
    seen: set[str] = set()
    for start in sorted(neighbours):
        if start in seen:
            continue
        members, todo = set(), [start]
        while todo:
            name = todo.pop()
            if name not in members:
                members.add(name)
                todo += neighbours[name]
        seen |= members
        chain: list[str] = []
        left = set(members)
        while left:
            free = sorted(n for n in left if not any(n in after.get(other, ()) for other in left))
            if not free:
                break  # a <= b and b <= a: equal or nothing, which is for the redraw to find
            chain += free
            left -= set(free)
        if not left:
            chains.append(chain)
    return chains


def compared_pairs(predicates: Iterable[Predicate], nodes: Iterable[Node]) -> list[tuple[Bendable, Bendable]]:
    """Pairs of columns of one type that a check reads together, of which one may be moved.

    What a key or a reference gives stays: others move towards it.
    """
    free: dict[str, tuple[pa.DataType, Bendable]] = {}
    for node in nodes:
        if isinstance(node, RelationNode):
            free.update({name: (kind, Bendable(name, None)) for name, _, kind in node.columns})
            continue
        for column in node.members if isinstance(node, OrderedNode) else (node,):
            if not isinstance(column, ColumnNode):
                continue
            if column.index is not None:
                free[column.plan.name] = (column.generator.arrow_type, Bendable(column.plan.name, None))
            elif column.bend is not None or column.plan.why == OVERRIDE:
                free[column.plan.name] = (column.generator.arrow_type, Bendable(column.plan.name, column.bend))
    pairs: dict[tuple[str, str], tuple[Bendable, Bendable]] = {}
    for predicate in predicates:
        names = sorted(n for n in predicate.columns if n in free)
        for first, second in combinations(names, 2):
            if free[first][0] == free[second][0] and (free[first][1].bend or free[second][1].bend):
                pairs[first, second] = (free[first][1], free[second][1])
    return list(pairs.values())
