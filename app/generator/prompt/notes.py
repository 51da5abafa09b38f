"""What the rules have read of a prompt so far, and the moves over its items that they share."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from app.generator.prompt.items import Item
from app.generator.prompt.overrides import (
    ColumnWish,
    Correlation,
    CountryShare,
    DateRange,
    NotApplied,
    PlanOverrides,
    Ratio,
    RowCount,
)
from app.generator.prompt.schema_words import ColumnName, SchemaWords
from app.generator.snapshot.model import QName


@dataclass(slots=True)
class Notes:
    """Overrides while they are gathered; `items` are marked as used by the rules they served."""

    text: str
    items: list[Item]
    schema: SchemaWords
    rows: dict[str, RowCount] = field(default_factory=dict)
    ratios: dict[str, Ratio] = field(default_factory=dict)
    dates: list[DateRange] = field(default_factory=list)
    columns: dict[ColumnName, ColumnWish] = field(default_factory=dict)
    countries: list[CountryShare] = field(default_factory=list)
    correlations: list[Correlation] = field(default_factory=list)
    not_applied: list[NotApplied] = field(default_factory=list)
    locale: str | None = None

    def wish(self, place: ColumnName) -> ColumnWish:
        """What is wanted of a column so far."""
        return self.columns.get(place) or ColumnWish(self.schema.written(place.table), place.column)

    def want(self, place: ColumnName, **changes: object) -> None:
        """Adds to what is wanted of a column."""
        self.columns[place] = replace(self.wish(place), **changes)  # type: ignore[arg-type]  # names are ColumnWish's own

    def refuse(self, items: Sequence[Item], reason: str) -> None:
        """Notes a part of the prompt that has no effect."""
        text = self.text[items[0].start : items[-1].end].strip()
        self.not_applied.append(NotApplied(text[:1000], reason[:1000]))
        for item in items:
            item.used = True

    def overrides(self) -> PlanOverrides:
        """All of it."""
        return PlanOverrides(
            rows=tuple(self.rows.values()),
            ratios=tuple(self.ratios.values()),
            dates=tuple(self.dates),
            locale=self.locale,
            countries=tuple(self.countries),
            columns=tuple(self.columns.values()),
            correlations=tuple(self.correlations),
            not_applied=tuple(self.not_applied),
        )

    # -- moving about ------------------------------------------------------------------------------------------------

    def after(self, place: int, most: int = 8) -> Iterator[int]:
        """The places after one, up to the end of the sentence."""
        for at in range(place + 1, min(place + 1 + most, len(self.items))):
            if self.items[at].stop:
                return
            yield at

    def before(self, place: int, most: int = 8) -> Iterator[int]:
        """The places before one, back to the beginning of the sentence."""
        for at in range(place - 1, max(place - 1 - most, -1), -1):
            if self.items[at].stop:
                return
            yield at

    def has(self, place: int, *roles: str) -> bool:
        """Whether the item there plays one of the parts."""
        return 0 <= place < len(self.items) and bool(self.items[place].roles & set(roles))

    def table_before(self, place: int, fits: Callable[[QName], bool]) -> int | None:
        """The nearest table that was named before, in the whole prompt."""
        for at in range(place - 1, -1, -1):
            table = self.items[at].table
            if table is not None and fits(table):
                return at
        return None

    def clause(self, place: int) -> tuple[int, int]:
        """Bounds of the clause around a place: between commas and the ends of the sentence."""
        start = place
        while start > 0 and not (self.items[start - 1].stop or self.items[start - 1].comma):
            start -= 1
        stop = place + 1
        while stop < len(self.items) and not (self.items[stop].stop or self.items[stop].comma):
            stop += 1
        return start, stop

    def sentence(self, place: int) -> tuple[int, int]:
        """Bounds of the sentence around a place."""
        start = place
        while start > 0 and not self.items[start - 1].stop:
            start -= 1
        stop = place + 1
        while stop < len(self.items) and not self.items[stop].stop:
            stop += 1
        return start, stop

    def context_table(self, place: int) -> QName | None:
        """The table that a clause is about: one named in it, else the last one named in the sentence before it."""
        start, stop = self.clause(place)
        near = [at for at in range(start, stop) if self.items[at].table is not None]
        if near:
            best = min(near, key=lambda at: (abs(at - place), at))
            return self.items[best].table
        begin, _ = self.sentence(place)
        for at in range(start - 1, begin - 1, -1):
            if self.items[at].table is not None:
                return self.items[at].table
        return None


def is_weak(item: Item) -> bool:
    """Whether an item may stand between a number and its noun: an adjective, an article, a country."""
    return not (item.stop or item.comma or item.amount or item.span or item.tables)
