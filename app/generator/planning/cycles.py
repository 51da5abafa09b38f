"""Where cycles of foreign keys are cut: at as few keys as need be, and rather at those that mean least."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from app.generator.snapshot.model import ForeignKey, QName

# Who wrote the row, and which one of its children it likes best: of a cycle's keys the ones a reader misses least.
_ASIDE = frozenset(
    "by author creator editor owner change changed create created update updated modify modified delete deleted review"
    " reviewed approve approved verified last latest recent newest current active default preferred primary main head"
    " best accepted first next previous prev featured selected cover avatar logo thumbnail picture image photo".split()
)
_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+")


@dataclass(frozen=True, slots=True)
class Edge:
    """A foreign key between two tables that are made. `table` refers to `parent`."""

    table: QName
    parent: QName
    key: ForeignKey
    optional: bool


@dataclass(frozen=True, slots=True)
class Cuts:
    """`broken` are left out of the order of tables; `forced` are those among them that can be neither NULL nor late.

    `cycles` are the ways around, one for each that is forced.
    """

    broken: frozenset[Edge]
    forced: frozenset[Edge]
    cycles: Mapping[Edge, tuple[Edge, ...]]


def cut_cycles(edges: Iterable[Edge]) -> Cuts:
    """The edges without which no cycle is left, a table's reference to itself aside.

    Each knot of tables is cut by what is in it alone, so that a table beside it changes nothing there. Edges are kept
    one after the other where they close no cycle: those that have to be, those that may be NULL, and last those
    that are deferrable, which lose nothing by being late.
    """
    broken: set[Edge] = set()
    cycles: dict[Edge, tuple[Edge, ...]] = {}
    for knot in _knots([e for e in edges if e.parent != e.table]):
        asked: dict[QName, int] = {}
        for edge in knot:
            asked[edge.parent] = asked.get(edge.parent, 0) + 1
        kept: dict[QName, list[Edge]] = {}
        for edge in sorted(knot, key=lambda e: _last_to_keep(e, asked)):
            # What is cut of one way around may leave another.
            while way := _way(kept, edge.parent, edge.table):
                choice = edge
                if not (edge.optional or edge.key.deferrable):
                    cycle = (edge, *way)
                    choice = min(cycle, key=lambda e: (e.table, e.key.name))
                    cycles[choice] = _from_first(cycle)
                broken.add(choice)
                if choice is edge:
                    break
                kept[choice.table].remove(choice)
            else:
                kept.setdefault(edge.table, []).append(edge)
    return Cuts(frozenset(broken), frozenset(cycles), cycles)


def circular(edges: list[Edge]) -> set[tuple[QName, str]]:
    """The foreign keys, by table and name, over which a table refers to itself by way of others."""
    return {(e.table, e.key.name) for knot in _knots([e for e in edges if e.parent != e.table]) for e in knot}


def _last_to_keep(edge: Edge, asked: Mapping[QName, int]) -> tuple[bool, bool, bool, int, str, str]:
    words = {word.lower() for column in edge.key.columns for word in _WORD.findall(column)}
    # What many in the knot refer to comes first: its own few references are what is cut.
    return (
        edge.key.deferrable,
        edge.optional,
        not _ASIDE.isdisjoint(words),
        -asked[edge.parent],
        str(edge.table),
        edge.key.name,
    )


def _way(kept: Mapping[QName, list[Edge]], start: QName, end: QName) -> tuple[Edge, ...] | None:
    """Edges that lead from one table to another; None where none do."""
    came: dict[QName, Edge | None] = {start: None}
    todo = [start]
    while todo:
        at = todo.pop()
        if at == end:
            way: list[Edge] = []
            while (edge := came[at]) is not None:
                way.append(edge)
                at = edge.table
            return tuple(reversed(way))
        for edge in kept.get(at, ()):
            if edge.parent not in came:
                came[edge.parent] = edge
                todo.append(edge.parent)
    return None


def _from_first(cycle: tuple[Edge, ...]) -> tuple[Edge, ...]:
    """The same way around, from its first table by name."""
    first = min(range(len(cycle)), key=lambda i: cycle[i].table)
    return cycle[first:] + cycle[:first]


def _knots(edges: list[Edge]) -> list[list[Edge]]:
    """The edges that are on some cycle, by strongly connected tables (Tarjan's algorithm, without recursion)."""
    out: dict[QName, list[QName]] = {}
    for edge in edges:
        out.setdefault(edge.table, []).append(edge.parent)
    # Tables that refer to nothing left are in no cycle, and most schemas have no others.
    while loose := [name for name, needs in out.items() if not any(need in out for need in needs)]:
        for name in loose:
            del out[name]
    number: dict[QName, int] = {}
    low: dict[QName, int] = {}
    part: dict[QName, QName] = {}
    stack: list[QName] = []
    for start in sorted(out):
        calls = [(start, iter(out[start]))] if start not in number else []
        while calls:
            at, needs = calls[-1]
            if at not in number:
                number[at] = low[at] = len(number)
                stack.append(at)
            following = next((n for n in needs if n in out and n not in part), None)
            if following is None:
                calls.pop()
                if calls:
                    low[calls[-1][0]] = min(low[calls[-1][0]], low[at])
                if low[at] == number[at]:
                    while True:
                        member = stack.pop()
                        part[member] = at
                        if member == at:
                            break
            elif following not in number:
                calls.append((following, iter(out[following])))
            else:
                low[at] = min(low[at], number[following])
    knots: dict[QName, list[Edge]] = {}
    for edge in edges:
        if edge.table in part and part[edge.table] == part.get(edge.parent):
            knots.setdefault(part[edge.table], []).append(edge)
    return [knots[name] for name in sorted(knots)]
