"""Rules for percentages: `5 % returned`, `30 % of customers are inactive`, `20 % without a phone`, `60 % Germany`."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from app.generator.prompt.items import Item
from app.generator.prompt.notes import Notes
from app.generator.prompt.overrides import CountryShare
from app.generator.prompt.schema_words import ColumnName, ValueName
from app.generator.snapshot.model import QName
from app.generator.values.kinds import NUMBER_TYPES, TEXT_TYPES

_REACH = 8
_STATES = frozenset({"status", "state"})


def read_shares(notes: Notes) -> None:
    """Reads every percentage that goes with a value, a flag, a moment, a country or missing values."""
    for place, item in enumerate(notes.items):
        if item.amount is None or not item.amount.percent or item.used:
            continue
        if not any(rule(notes, place) for rule in _rules(notes, place)):
            continue
        item.used = True
    _read_all_of(notes)


def _rules(notes: Notes, place: int) -> "Sequence[Callable[[Notes, int], bool]]":
    """The ways to read a percentage, the likeliest first."""
    if _of_open_list(notes, place):
        return (_new_value, _forward, _backward)
    following = notes.items[place + 1] if place + 1 < len(notes.items) else None
    if following is None or following.stop or following.comma:
        return (_backward, _forward, _new_value)  # `urgent 5 %, high 15 %`
    return (_forward, _backward, _new_value)


def _of_open_list(notes: Notes, place: int) -> bool:
    """`plans: 70 % free, 20 % pro`: of a column whose values the schema does not fix."""
    begin, _ = notes.sentence(place)
    for at in range(place - 1, begin - 1, -1):
        columns = [c for c in notes.items[at].columns if _is_text(notes, c)]
        if columns and not notes.items[at].tables:
            marked = at + 1 < len(notes.items) and notes.items[at + 1].text in (":", "=", "(")
            return marked and not any(notes.schema.is_listed(c) for c in columns)
    return False


def _share(item: Item) -> float:
    assert item.amount is not None
    share = float(round(item.amount.middle, 4))
    return int(share) if share == int(share) else share


def _forward(notes: Notes, place: int) -> bool:
    negated = False
    null_at: int | None = None
    columns: Sequence[ColumnName] = ()
    column_at: int | None = None
    comma = False
    has = False
    for at in notes.after(place, _REACH):
        item = notes.items[at]
        if item.amount is not None or item.span is not None:
            break
        if item.comma:
            if comma or null_at is not None or columns:
                break
            comma = True
            continue
        if comma and at > place + 2 and not (item.values or item.flags or item.land):
            break
        if item.roles & {"and", "each", "rest"} and not item.means:
            break
        if "not" in item.roles and "null" not in item.roles:
            negated, item.used = True, True
            continue
        if "null" in item.roles:
            null_at = at
            if columns:
                return _nulls(notes, place, columns, [column_at, at])
            continue
        if null_at is not None and (flags := _near(notes, place, item.flags)) and not item.used:
            for flag in flags:  # `without insurance`: not insured
                notes.want(flag, true_rate=_rate(100 - _share(notes.items[place])))
            item.used = notes.items[null_at].used = True
            return True
        if null_at is not None and (keys := _references(notes, place, item)):
            return _nulls(notes, place, keys, [null_at, at])
        if null_at is not None and item.columns and not _names_only_table(notes, item, place):
            return _nulls(notes, place, item.columns, [null_at, at])
        if _counts(notes, place, at, negated):
            return True
        if "have" in item.roles:
            has = True
        if item.columns and not item.tables:
            if (
                has
                and not columns
                and (optional := [c for c in _near(notes, place, item.columns) if _optional(notes, c)])
            ):
                return _nulls(notes, place, optional, [at], present=not negated)
            columns, column_at = item.columns, at
    return False


def _names_only_table(notes: Notes, item: Item, place: int) -> bool:
    return bool(item.tables) and not any(_optional(notes, c) for c in item.columns)


def _references(notes: Notes, place: int, item: Item) -> list[ColumnName]:
    """`shipments without a driver`: the columns by which the table refers to the other, where they may be null."""
    table = next(
        (t for at in notes.after(place, _REACH) if (t := notes.items[at].table) not in (None, item.table)), None
    )
    if table is None or item.table is None:
        return []
    return [
        ColumnName(table, column)
        for relation in notes.schema.plan.table(table).relations
        if relation.ref_table == item.table
        for column in relation.null_columns
    ]


def _optional(notes: Notes, place: ColumnName) -> bool:
    return notes.schema.column(place).nullable


def _counts(notes: Notes, place: int, at: int, negated: bool) -> bool:
    """Whether the item there is something that a percentage is of."""
    item, share = notes.items[at], _share(notes.items[place])
    following = notes.items[at + 1] if at + 1 < len(notes.items) else None
    if item.used or (item.denies and following is not None and (following.values or following.flags)):
        return False  # `unpaid drafts`: the noun says what it is
    negated = negated != item.denies
    # `5 % of products`: the table, although a column may have a value of that name.
    values = [] if item.tables else _chosen_values(notes, place, item.values)
    if values:
        for value in values:
            known = dict(notes.wish(value.place).shares or {})
            known[value.value] = 100 - share if negated else share
            notes.want(value.place, shares=known)
        item.used = True
        return True
    flags = _near(notes, place, item.flags)
    if flags:
        for flag in flags:
            notes.want(flag, true_rate=_rate(100 - share if negated else share))
        item.used = True
        return True
    if item.land is not None and not negated:
        for code in item.land.codes:
            notes.countries.append(
                CountryShare(code, share if len(item.land.codes) == 1 else share / len(item.land.codes))
            )
        item.used = True
        return True
    moments = _near(notes, place, item.moments)
    if moments and not item.tables:
        for moment in moments:
            notes.want(moment, null_rate=_rate(share if negated else 100 - share))
        item.used = True
        return True
    return False


def _backward(notes: Notes, place: int) -> bool:
    """`returned: 5 %`, `a return rate of 5 %`, `phone missing 20 %`, `discount 10 %`."""
    columns: Sequence[ColumnName] = ()
    column_at: int | None = None
    null_at: int | None = None
    for at in notes.before(place, 5):
        item = notes.items[at]
        if item.amount is not None or (item.comma and item.text not in (":", "(")):
            break
        if item.used:
            continue
        if "null" in item.roles:
            null_at = at
            if columns:
                return _nulls(notes, place, columns, [column_at, at])
            continue
        if null_at is not None and item.columns:
            return _nulls(notes, place, item.columns, [null_at, at])
        if _counts(notes, place, at, negated=False):
            return True
        if item.columns and not columns:
            columns, column_at = item.columns, at
    return False


def _new_value(notes: Notes, place: int) -> bool:
    """`plans: 70 % free, 20 % pro`: values that the schema does not know, of a column that was named before."""
    at = next((at for at in notes.before(place, 16) if _listable(notes, notes.items[at])), None)
    if at is None or not _introduces(notes, at, place):
        return False
    words = _words_beside(notes, place, at)
    if not words:
        return False
    text = notes.text[words[0].start : words[-1].end].strip()
    columns = [c for c in notes.items[at].columns if _is_text(notes, c)]
    share = _share(notes.items[place])
    for column in columns:
        wish = notes.wish(column)
        notes.want(column, values=(*(wish.values or ()), text), weights=(*(wish.weights or ()), share))
    for item in (*words, notes.items[at]):
        item.used = True
    return bool(columns)


def _words_beside(notes: Notes, place: int, column: int) -> list[Item]:
    """The name of a value: after its percentage, or before one that ends its part of the list."""
    following = notes.items[place + 1] if place + 1 < len(notes.items) else None
    ends = following is None or following.stop or following.comma
    places = range(place - 1, max(column, place - 5), -1) if ends else notes.after(place, 4)
    found = []
    for at in places:
        item = notes.items[at]
        if item.comma or item.stop or item.amount or item.span or item.roles & {"and"} or item.used:
            break
        found.append(item)
    return found[::-1] if ends else found


def _introduces(notes: Notes, at: int, place: int) -> bool:
    """Whether a column is followed by a list of percentages that this one belongs to."""
    first = notes.items[at + 1]
    if first.text not in (":", "=", "(") and not first.roles & {"is"} and at + 1 != place:
        return False
    following = notes.items[place + 1] if place + 1 < len(notes.items) else None
    return following is None or not following.roles & {"of", "have", "is", "not", "null"}


def _listable(notes: Notes, item: Item) -> bool:
    return any(_is_text(notes, column) for column in item.columns)


def _is_text(notes: Notes, place: ColumnName) -> bool:
    base = notes.schema.column(place).base
    return base.name in TEXT_TYPES and not base.array_dims


def _nulls(
    notes: Notes, place: int, columns: Sequence[ColumnName], used: list[int | None], *, present: bool = False
) -> bool:
    """A share of missing values; of values that are there, with `present`."""
    found = _near(notes, place, columns)
    share = _share(notes.items[place])
    for column in found:
        notes.want(column, null_rate=_rate(100 - share if present else share))
    for at in used:
        if at is not None:
            notes.items[at].used = True
    return bool(found)


def _rate(share: float) -> float:
    rate = round(share / 100, 6)
    return int(rate) if rate == int(rate) else rate


def _near(notes: Notes, place: int, columns: Sequence[ColumnName]) -> list[ColumnName]:
    """Of the columns that a word may mean those of the table that the clause is about; all where it is about none."""
    table = notes.context_table(place)
    own = [column for column in columns if column.table == table]
    return own or ([] if _whole(notes, place) else list(columns))


def _whole(notes: Notes, place: int) -> QName | None:
    """`7 % of orders`: the table that the percentage is of, where it says so."""
    for at in notes.after(place, 3):
        item = notes.items[at]
        if item.table is not None:
            return item.table
        if not item.roles & {"of", "filler", "all"}:
            break
    return None


def _chosen_values(notes: Notes, place: int, values: Sequence[ValueName]) -> list[ValueName]:
    """Of the columns with that value those of the table that is spoken of; states before others."""
    if not values:
        return []
    table = notes.context_table(place)
    own = [value for value in values if value.place.table == table]
    if not own and _whole(notes, place):
        return []
    named = own or _of_named_column(notes, place, values) or list(values)
    states = [v for v in named if set(v.place.column.lower().split("_")) & _STATES]
    chosen = states or named
    first: dict[QName, ValueName] = {}
    for value in chosen:
        first.setdefault(value.place.table, value)
    return list(first.values())


def _of_named_column(notes: Notes, place: int, values: Sequence[ValueName]) -> list[ValueName]:
    begin, end = notes.sentence(place)
    said = {column for item in notes.items[begin:end] for column in item.columns}
    return [value for value in values if value.place in said]


def _read_all_of(notes: Notes) -> None:
    """`only paid orders`, `all customers are active`: a hundred percent of it."""
    for place, item in enumerate(notes.items):
        if not item.roles & {"only", "all"} or item.used:
            continue
        for at in notes.after(place, 5):
            target = notes.items[at]
            if target.comma or target.amount or target.used or target.roles & {"and"}:
                break
            values = _chosen_values(notes, at, target.values)
            flags = _near(notes, at, target.flags)
            if values and not (target.tables and not any(v.place.table in target.tables for v in values)):
                for value in values:
                    known = dict(notes.wish(value.place).shares or {})
                    notes.want(value.place, shares={**known, value.value: 0 if target.denies else 100})
            elif flags:
                for flag in flags:
                    notes.want(flag, true_rate=0 if target.denies else 1)
            else:
                continue
            target.used = item.used = True
            break


def read_full_columns(notes: Notes) -> None:
    """`no missing values`: nothing is null."""
    for place, item in enumerate(notes.items):
        if "never_null" not in item.roles or item.used:
            continue
        item.used = True
        named = [c for at in notes.after(place, 4) for c in notes.items[at].columns]
        table = notes.context_table(place)
        every = [
            ColumnName(t.name, c.name)
            for t in notes.schema.plan.tables
            for c in t.columns
            if c.null_ppm and c.generator not in ("reference", "generated", "slot") and table in (None, t.name)
        ]
        for column in named or every:
            notes.columns[column] = replace(notes.wish(column), null_rate=0)


def is_number(notes: Notes, place: ColumnName) -> bool:
    """Whether a column holds numbers."""
    base = notes.schema.column(place).base
    return base.name in NUMBER_TYPES and not base.array_dims
