"""Trades (retail, health, logistics, ...): the words for them, and the vocabularies they bring along."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from itertools import product
from pathlib import Path

from app.generator.plan import ColumnPlan, Plan, TablePlan
from app.generator.prompt.schema_words import is_free, name_words
from app.generator.values.kinds import TEXT_TYPES


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The values of a column, by the last noun of its table's name and the last of its own."""

    table: str
    column: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Trade:
    """A trade; one that is a kind of another (bikes of retail) has that one's vocabularies after its own."""

    name: str
    parent: str | None
    vocabularies: tuple[Vocabulary, ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Filled:
    """A column that a trade has words for."""

    table: TablePlan
    column: ColumnPlan
    values: tuple[str, ...]


@cache
def _trades() -> tuple[Mapping[str, Trade], Mapping[tuple[str, ...], str]]:
    trades: dict[str, Trade] = {}
    words: dict[tuple[str, ...], str] = {}
    text = Path(__file__).with_name("trades.txt").read_text(encoding="utf-8")
    for line in text.splitlines():
        if line.startswith("@"):
            head, _, said = line[1:].partition(":")
            name, _, parent = (part.strip() for part in head.partition("<"))
            trades[name] = Trade(name, parent or None, ())
            for word in (name, *said.split()):
                words.setdefault(tuple(word.split("*")), name)
        elif line.startswith("  "):
            current = trades[name]
            places, _, listed = line.partition("=")
            found = tuple(_vocabulary(place, listed) for place in places.split())
            trades[name] = Trade(name, current.parent, (*current.vocabularies, *found))
    return trades, words


def _vocabulary(place: str, listed: str) -> Vocabulary:
    table, _, column = place.partition(".")
    lists = [[value.strip() for value in part.split(",")] for part in listed.split("*")]
    return Vocabulary(table, column, tuple(" ".join(parts) for parts in product(*lists)))


def trade_of(words: tuple[str, ...]) -> Trade | None:
    """The trade that a phrase names."""
    trades, known = _trades()
    name = known.get(words) or (known.get((words[0].removesuffix("s"),)) if len(words) == 1 else None)
    return trades[name] if name else None


def filled_by(trade: Trade, plan: Plan) -> Iterator[Filled]:
    """The columns of a plan that a trade has a vocabulary for, each once."""
    trades, _ = _trades()
    vocabularies = list(trade.vocabularies)
    if trade.parent:
        vocabularies += trades[trade.parent].vocabularies
    for table in plan.tables:
        nouns = name_words(table.name.name)
        for column in table.columns:
            if not is_free(table, column) or column.base.name not in TEXT_TYPES or column.base.array_dims:
                continue
            # What the schema itself enumerates stays as it is.
            if column.generator in ("status", "constant", "one_of") and "values" not in column.options:
                continue
            own = name_words(column.name)
            match = next((v for v in vocabularies if _meant(v, nouns, own)), None)
            if match is not None:
                yield Filled(table, column, match.values)


def _meant(vocabulary: Vocabulary, table: tuple[str, ...], column: tuple[str, ...]) -> bool:
    wanted = name_words(vocabulary.table)
    if table != wanted and table[-len(wanted) :] != wanted:
        return False
    own = name_words(vocabulary.column)
    # product_name of products is its name.
    bare = column[1:] if len(column) > 1 and column[0] == wanted[-1] else column
    return own in (column, bare)
