"""Rules for row counts and ratios: `10k customers`, `3-5 orders each`, `jeder Kunde hat 2 Bestellungen`."""

import math
from dataclasses import replace
from decimal import Decimal

from app.generator.prompt.items import Amount, Item
from app.generator.prompt.notes import Notes, is_weak
from app.generator.prompt.overrides import Ratio, RowCount
from app.generator.snapshot.model import QName

_ADJECTIVES = 3
_MOST_ROWS = 10**10
_MOST_EACH = 1_000_000
_EVERY_OTHER = "*"


def read_rows(notes: Notes) -> None:
    """Reads every count that goes with a table, and those for all tables."""
    for place, item in enumerate(notes.items):
        amount = item.amount
        if amount is None or item.used or amount.percent or amount.years_old:
            continue
        found = _noun(notes, place)
        if found is not None and not amount.money:
            _counted(notes, place, found)
        elif not amount.money and (above := _each_of(notes, place)) is not None:
            _unnamed(notes, place, above)
        elif not amount.money and (rows := _rows_word(notes, place)) is not None:
            _all_rows(notes, place, rows)
        elif not amount.money and (named := _labelled(notes, place)) is not None:
            table = notes.items[named].table
            assert table is not None
            _set_rows(notes, table, amount, [notes.items[named], item])


def _noun(notes: Notes, place: int) -> int | None:
    """The table that a number counts: the next noun, a few adjectives on."""
    skipped = 0
    for at in notes.after(place, 6):
        item = notes.items[at]
        if item.tables and not (item.roles & {"each"}):
            # `3 customer reviews`: the second noun is what is counted.
            after = at + 1
            if after < len(notes.items) and notes.items[after].tables and not item.text.endswith("s"):
                return after
            return at
        if item.roles & {"rows", "have", "each", "is", "between", "upto", "null"} or not is_weak(item):
            return None
        if item.columns and not (item.values or item.flags or item.land):
            return None
        if not item.roles & {"of", "filler"}:
            skipped += 1
            if skipped > _ADJECTIVES:
                return None
    return None


def _each_of(notes: Notes, place: int) -> int | None:
    """`4 per customer`: the table that a number without a noun is for each row of."""
    seen = False
    for at in notes.after(place, 4):
        if notes.has(at, "each"):
            seen = True
        elif seen and notes.items[at].table is not None:
            return at
        elif not notes.items[at].roles & {"filler", "of"}:
            return None
    return None


def _unnamed(notes: Notes, place: int, above: int) -> None:
    """The last table named before that refers to that one has so many rows for each."""
    parent, amount = notes.items[above].table, notes.items[place].amount
    assert parent is not None
    assert amount is not None
    child = notes.table_before(place, lambda name: name != parent and _refers(notes, name, parent))
    table = notes.items[child].table if child is not None else None
    if table is None:
        return
    low, high = _each(amount)
    if high <= _MOST_EACH:
        written = notes.schema.written(table)
        notes.ratios[written] = Ratio(written, notes.schema.written(parent), low, high)
        _use(notes.items[place : above + 1])


def _rows_word(notes: Notes, place: int) -> int | None:
    for at in notes.after(place, 3):
        if notes.has(at, "rows"):
            return at
        if not is_weak(notes.items[at]) or notes.items[at].means:
            return None
    return None


def _labelled(notes: Notes, place: int) -> int | None:
    """`customers: 500`, `customers = 500`, `customers (500)`."""
    before = place - 1
    if before >= 1 and notes.items[before].text in (":", "=", "("):
        return before - 1 if notes.items[before - 1].table is not None else None
    return None


def _all_rows(notes: Notes, place: int, rows: int) -> None:
    """`1000 rows per table`, `500 rows of orders`."""
    amount = notes.items[place].amount
    assert amount is not None
    used = notes.items[place : rows + 1]
    for at in notes.after(rows, 4):
        item = notes.items[at]
        if item.table is not None:
            _set_rows(notes, item.table, amount, [*used, item])
            return
        if notes.has(at, "table") or not (item.roles or item.comma):
            break
    named = notes.context_table(place)
    begin, _ = notes.clause(place)
    if named is not None and any(notes.items[at].table == named for at in range(begin, place)):
        _set_rows(notes, named, amount, used)
        return
    notes.rows[_EVERY_OTHER] = RowCount(_EVERY_OTHER, _whole(amount))
    _use(used)
    for at in notes.after(rows, 3):
        if notes.items[at].roles & {"each", "table", "all"}:
            notes.items[at].used = True


def _counted(notes: Notes, place: int, noun: int) -> None:
    item, thing = notes.items[place], notes.items[noun]
    table = thing.table
    if table is None:
        names = ", ".join(sorted(notes.schema.written(name) for name in thing.tables))
        notes.refuse(notes.items[place : noun + 1], f"several tables may be meant: {names}")
        return
    parent = _parent(notes, place, noun, table)
    amount = item.amount
    assert amount is not None
    if parent is None:
        _set_rows(notes, table, amount, [item, thing])
        _adjectives(notes, place, noun, table)
        return
    used = notes.items[place : noun + 1]
    if parent == _UNCLEAR:
        reason = f"there is no foreign key that says of what {notes.schema.written(table)} there would be so many each"
        notes.refuse(used, reason)
        return
    assert isinstance(parent, QName)
    bridge = None if _refers(notes, table, parent) else _bridge(notes, table, parent)
    if bridge is not None:
        table = bridge
    if not _refers(notes, table, parent):
        above, below = notes.schema.written(parent), notes.schema.written(table)
        notes.refuse(used, f"{below} has no foreign key to {above}")
        return
    if any(notes.has(at, "average") for at in notes.after(noun, 6)):
        amount = replace(amount, loose=True)
    low, high = _each(amount)
    if high > _MOST_EACH:
        notes.refuse(used, f"more than {_MOST_EACH:,} for each are not made")
        return
    written = notes.schema.written(table)
    notes.ratios[written] = Ratio(written, notes.schema.written(parent), low, high)
    notes.rows.pop(written, None)
    _use([item, thing])
    _adjectives(notes, place, noun, table)


_UNCLEAR = "unclear"


def _parent(notes: Notes, place: int, noun: int, table: QName) -> "QName | str | None":
    """The table whose rows each have so many; None when the number is the whole table's."""
    each = next((at for at in notes.after(noun, 3) if notes.has(at, "each")), None)
    if each is not None and each + 1 < len(notes.items) and notes.items[each + 1].amount:
        each = None  # `customers with each 3 orders`: it goes with what follows
    between = range(noun + 1, each) if each is not None else ()
    if each is not None and all(notes.items[at].roles & {"filler", "of", "have"} for at in between):
        notes.items[each].used = True
        for at in notes.after(each, 3):
            found = notes.items[at].table
            if found is not None and found != table:
                notes.items[at].used = True
                return found
            if notes.items[at].comma or notes.items[at].amount or notes.items[at].roles & {"and"}:
                break
            if notes.items[at].means and not notes.items[at].tables:
                break
            if notes.items[at].words and not notes.items[at].roles:
                # `5 orders per month`, `per widget`: not of a table.
                return _UNCLEAR
        return _named_parent(notes, place, table)
    return _parent_before(notes, place, table)


def _parent_before(notes: Notes, place: int, table: QName) -> "QName | str | None":
    """`each customer has 3 orders`, `pro Kunde 3 Bestellungen`, `je 3`, `customers with 3 to 5 orders`."""
    has = False
    above: int | None = None
    for at in notes.before(place, 7):
        item = notes.items[at]
        if notes.has(at, "each"):
            item.used = True
            if above is not None:
                notes.items[above].used = True
                return notes.items[above].table
            if has or at == place - 1 or all(notes.items[b].roles for b in range(at + 1, place)):
                return _named_parent(notes, place, table)
            return None
        if item.amount or item.span:
            break
        if item.table is not None and item.table != table:
            if above is None:
                above = at
                continue
            break
        if item.comma:
            if above is not None or not has:
                break
            continue
        if notes.has(at, "have") or (
            above is None and at == place - 1 and notes.has(at, "of") and _ranges(notes, place)
        ):
            has = above is None
        elif above is not None and not item.roles & {"filler", "of", "all"}:
            break
    if above is None or not has:
        return None
    parent = notes.items[above].table
    amount = notes.items[place].amount
    assert parent is not None
    assert amount is not None
    if not _refers(notes, table, parent):
        return None
    known = notes.rows.get(notes.schema.written(parent))
    few = amount.high <= 20 or (known is not None and amount.high * 10 < known.rows and amount.high <= 100)
    singular = _is_single(notes.items[above])
    if amount.is_range or amount.loose or amount.bound or (few and not singular):
        notes.items[above].used = True
        return parent
    return None


def _ranges(notes: Notes, place: int) -> bool:
    """`shipments of 1 to 5 packages`: a range after `of` is what each has."""
    amount = notes.items[place].amount
    return amount is not None and amount.is_range


def _is_single(item: Item) -> bool:
    """`a shop with 50 products`: the shop is a scene, not a table of rows."""
    from app.generator.meaning.naming import singular

    return bool(item.words) and singular(item.words[-1]) == item.words[-1]


def _named_parent(notes: Notes, place: int, table: QName) -> "QName | str":
    """The last table named before that this one refers to; else its only parent."""
    at = notes.table_before(place, lambda name: name != table and _refers(notes, table, name))
    if at is not None:
        found = notes.items[at].table
        assert found is not None
        return found
    parents = {r.ref_table for r in notes.schema.plan.table(table).relations if r.pick != "null"} - {table}
    return parents.pop() if len(parents) == 1 else _UNCLEAR


def _refers(notes: Notes, child: QName, parent: QName) -> bool:
    return any(r.ref_table == parent and r.pick != "null" for r in notes.schema.plan.table(child).relations)


def _bridge(notes: Notes, table: QName, parent: QName) -> QName | None:
    """The table between the two: enrollments, where each student takes so many courses."""
    found = [
        t.name for t in notes.schema.plan.tables
        if t.name not in (table, parent) and _refers(notes, t.name, table) and _refers(notes, t.name, parent)
    ]  # fmt: skip
    return found[0] if len(found) == 1 else None


def _adjectives(notes: Notes, place: int, noun: int, table: QName) -> None:
    """`10k active customers`: what stands between is said of all of them."""
    for item in notes.items[place + 1 : noun]:
        for value in item.values:
            if value.place.table == table:
                notes.want(value.place, shares={value.value: 0 if item.denies else 100})
                item.used = True
        for flag in item.flags:
            if flag.table == table and not item.used:
                notes.want(flag, true_rate=0 if item.denies else 1)
                item.used = True


def _set_rows(notes: Notes, table: QName, amount: Amount, used: list[Item]) -> None:
    if amount.high > _MOST_ROWS:
        notes.refuse(used, f"a table has at most {_MOST_ROWS:,} rows")
        return
    written = notes.schema.written(table)
    notes.rows[written] = RowCount(written, _whole(amount))
    _use(used)


def _use(items: list[Item]) -> None:
    for item in items:
        item.used = True


def _whole(amount: Amount) -> int:
    return max(0, min(_MOST_ROWS, round(amount.middle)))


def _each(amount: Amount) -> tuple[int, int]:
    """Lowest and highest count for each."""
    low, high = amount.low, amount.high
    if low != high:
        return math.ceil(low), max(math.ceil(low), math.floor(high))
    if amount.bound == "upto":
        return 0, math.floor(high)
    if amount.bound == "atleast":
        return math.ceil(low), math.ceil(low) * 2
    if amount.loose or low != int(low):
        # An average: as far below as above.
        spread = min(low, max(Decimal(1), (low / 2).to_integral_value()))
        least = math.floor(low - spread)
        return least, max(least, round(2 * low) - least)
    return int(low), int(low)
