"""Rules for what the data are set in: spans of time, countries, languages, and the trade."""

from collections.abc import Sequence
from dataclasses import replace

from app.generator.prompt.countries import atlas
from app.generator.prompt.items import Item
from app.generator.prompt.notes import Notes
from app.generator.prompt.overrides import CountryShare, DateRange
from app.generator.prompt.schema_words import ColumnName, name_words, stem_of
from app.generator.prompt.trades import Trade, filled_by
from app.generator.prompt.value_rules import of_table
from app.generator.snapshot.model import QName
from app.generator.values.kinds import MOMENT_TYPES


def read_dates(notes: Notes) -> None:
    """Spans of time: of a column, of the table that they stand with, or of everything."""
    for place, item in enumerate(notes.items):
        if item.span is None or item.used:
            continue
        start, end = item.span.start.isoformat(), item.span.end.isoformat()
        item.used = True
        column_at, columns = _moments_near(notes, place)
        if columns:
            for column in columns:
                notes.want(column, from_=start, to=end)
            notes.items[column_at].used = True
            continue
        table = _dated_table(notes, place)
        named = None if table is None else notes.schema.written(table)
        notes.dates.append(DateRange(start, end, named))


def _moments_near(notes: Notes, place: int) -> tuple[int, list[ColumnName]]:
    """`hired between 2015 and 2020`, `birth dates from 1950 to 2000`."""
    for at in notes.before(place, 4):
        item = notes.items[at]
        if item.comma or item.amount or item.span:
            break
        if item.tables:
            continue
        found = [c for c in (*item.columns, *item.moments, *_started(notes, item)) if _is_moment(notes, c)]
        if found:
            return at, of_table(notes, at, list(dict.fromkeys(found)))
    return -1, []


def _started(notes: Notes, item: Item) -> list[ColumnName]:
    """Moments that may not be null as well: hired_on of every employee."""
    if not item.words or item.roles - {"filler"} or item.tables:
        return []
    stem = stem_of(item.words[-1])
    return [
        ColumnName(t.name, c.name)
        for t in notes.schema.plan.tables
        for c in t.columns
        if any(stem_of(word) == stem for word in name_words(c.name)[:1]) and len(stem) >= 4
    ]


def _is_moment(notes: Notes, place: ColumnName) -> bool:
    column = notes.schema.column(place)
    return column.base.name in MOMENT_TYPES and not column.base.array_dims


def _dated_table(notes: Notes, place: int) -> QName | None:
    """The table right before a span, or right after it (`two years of orders`); None when it is on its own."""
    for at in notes.before(place, 6):
        item = notes.items[at]
        if item.comma or item.roles & {"and"}:
            break
        if item.table is not None:
            return item.table if _has_moments(notes, item.table) else None
    for at in notes.after(place, 3):
        item = notes.items[at]
        if item.table is not None:
            notes.items[at].used = True
            return item.table if _has_moments(notes, item.table) else None
        if not item.roles & {"of", "filler"}:
            break
    return None


def _has_moments(notes: Notes, table: QName) -> bool:
    return any(c.base.name in MOMENT_TYPES for c in notes.schema.plan.table(table).columns)


def read_places(notes: Notes) -> None:
    """Countries and languages: the mix of places, and the locale of words and names."""
    spoken: str | None = None
    lands: list[tuple[Item, QName | None]] = []
    for place, item in enumerate(notes.items):
        if item.used and item.land is None:
            continue
        if item.language is not None and not item.used and _is_language(notes, place):
            spoken, item.used = item.language, True
            if place + 1 < len(notes.items) and "language" in notes.items[place + 1].roles:
                notes.items[place + 1].used = True
        elif item.land is not None and not item.used:
            lands.append((item, _table_of_land(notes, place)))
            item.used = True
    tables = {table for _, table in lands if table is not None}
    for land_item, table in lands:
        assert land_item.land is not None
        for code in land_item.land.codes:
            named = notes.schema.written(table) if table is not None and len(tables) > 1 else None
            notes.countries.append(CountryShare(code, table=named))
    notes.countries = _distinct(notes.countries)
    locale = spoken or _locale_of(notes.countries)
    if locale is not None:
        notes.locale = locale


def _distinct(countries: Sequence[CountryShare]) -> list[CountryShare]:
    found: dict[tuple[str, str | None], CountryShare] = {}
    for country in countries:
        found.setdefault((country.code, country.table), country)
    return list(found.values())


def _locale_of(countries: Sequence[CountryShare]) -> str | None:
    known = [c for c in countries if c.code in atlas().locales]
    if not known:
        return None
    return atlas().locales[max(known, key=lambda c: c.weight).code]


def _is_language(notes: Notes, place: int) -> bool:
    """`in German`, `auf Deutsch`, `German names`; a `German shop` is a country's."""
    item = notes.items[place]
    if item.land is None:
        return True
    following = notes.items[place + 1] if place + 1 < len(notes.items) else None
    if following is not None and "language" in following.roles and not following.tables:
        return True
    before = notes.items[place - 1] if place else None
    ends = following is None or following.stop or following.comma
    return before is not None and before.words[-1:] in (("in",), ("auf",), ("en",)) and ends


def _table_of_land(notes: Notes, place: int) -> QName | None:
    following = notes.items[place + 1] if place + 1 < len(notes.items) else None
    if following is not None and following.table is not None:
        return following.table
    for at in notes.before(place, 3):
        item = notes.items[at]
        if item.table is not None:
            return item.table
        if not item.roles & {"from", "filler", "of"} and item.land is None:
            break
    return None


def read_trades(notes: Notes) -> None:
    """What the business is: its vocabularies for the columns that nothing else was said of."""
    found: dict[str, Trade] = {}
    for item in notes.items:
        if item.trade is not None and not (item.used and item.tables):
            found.setdefault(item.trade.name, item.trade)
            item.used = True
    parents = {trade.parent for trade in found.values()}
    for trade in found.values():
        if trade.name in parents:
            continue
        for filled in filled_by(trade, notes.schema.plan):
            column = ColumnName(filled.table.name, filled.column.name)
            wish = notes.wish(column)
            if wish.values is not None or wish.shares is not None:
                continue
            if filled.column.unique and filled.table.rows > len(filled.values):
                continue
            notes.columns[column] = replace(wish, values=filled.values)
