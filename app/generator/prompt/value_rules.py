"""Rules for ranges of numbers, lists of values and currencies."""

from collections.abc import Sequence
from decimal import Decimal

from app.generator.plan import ColumnPlan
from app.generator.prompt.items import Amount
from app.generator.prompt.notes import Notes
from app.generator.prompt.schema_words import ColumnName
from app.generator.prompt.share_rules import is_number
from app.generator.snapshot.model import EnumType, QName
from app.generator.values.kinds import TEXT_TYPES

_PRICES = (("price",), ("amount",), ("total",), ("salary",))
_WORTH = (("total",), ("amount",), ("price",))
_INTRODUCE = frozenset(
    "is are in of : = ( from either such as like including include wie comme como namely among one only the sein sind "
    "aus parmi entre can be values value either-or soit ist est son sont available range options option with".split()
)
_TIMES = tuple((word,) for word in "minutes minute minuten min mins hours hour stunden heures horas minutos".split())
_LASTING = (("duration",), ("length",), ("minute",), ("hour",))
_CURRENCIES = {
    "eur": "EUR", "euro": "EUR", "euros": "EUR", "€": "EUR", "usd": "USD", "dollar": "USD", "dollars": "USD",
    "$": "USD", "gbp": "GBP", "pounds": "GBP", "£": "GBP", "chf": "CHF",
    "jpy": "JPY", "yen": "JPY", "brl": "BRL", "mxn": "MXN", "aud": "AUD", "cad": "CAD", "franken": "CHF",
    "francs": "CHF",
}  # fmt: skip
_BREAKS_LIST = frozenset({"have", "each", "between", "rest", "null", "upto", "atleast", "never_null"})
_LONGEST_ELEMENT = 4


def read_numbers(notes: Notes) -> None:
    """`prices between 10 and 100 euros`, `aged 18 to 65`, `quantity up to 5`, `10-30 % discount`."""
    for place, item in enumerate(notes.items):
        amount = item.amount
        if amount is None or item.used:
            continue
        found = _columns_of_number(notes, place, amount)
        if not found:
            continue
        columns, used = found
        for column in columns:
            _bound(notes, column, amount)
        for at in (place, *used):
            notes.items[at].used = True


def _columns_of_number(notes: Notes, place: int, amount: Amount) -> tuple[Sequence[ColumnName], list[int]] | None:
    for at in notes.before(place, 6):
        item = notes.items[at]
        if item.amount or item.span or (item.comma and item.text not in (":", "(", "=")):
            break
        columns = [c for c in item.columns if _is_bounded(notes, c, amount)]
        if columns:
            return of_table(notes, at, columns), [at]
        if item.tables and amount.money:
            return (found, [at]) if (found := _money_of(notes, item.table)) else None
    for at in notes.after(place, 4):
        item = notes.items[at]
        if item.amount or item.span or item.comma:
            break
        columns = [c for c in item.columns if _is_bounded(notes, c, amount)]
        if columns:
            return of_table(notes, at, columns), [at]
        if item.tables and amount.money:
            return (found, [at]) if (found := _money_of(notes, item.table)) else None
        if item.tables:
            break
    if amount.years_old or _of_age(notes, place, amount):
        columns = [c for c in notes.schema.columns(("age",)) if is_number(notes, c)] or _birth_dates(notes)
        return (of_table(notes, place, columns), []) if columns else None
    if (lasting := _durations(notes, place)) is not None:
        return lasting
    if amount.money:
        table = notes.context_table(place)
        found = _money_of(notes, table) if table else None
        found = found or next((f for words in _PRICES if (f := _numbers(notes, words))), None)
        return (found, []) if found else None
    return None


def _durations(notes: Notes, place: int) -> tuple[Sequence[ColumnName], list[int]] | None:
    """`sessions last 30 to 90 minutes`: the column of the table that says how long."""
    following = notes.items[place + 1] if place + 1 < len(notes.items) else None
    if following is None or following.words[:1] not in _TIMES:
        return None
    table = notes.context_table(place)
    found = [c for words in _LASTING for c in _all_columns(notes, words) if c.table == table]
    return (found[:1], [place + 1]) if found else None


def _of_age(notes: Notes, place: int, amount: Amount) -> bool:
    """`aged 18 to 65`, `ages between 20 and 40`, `entre 18 et 65 ans`."""
    if amount.money or amount.percent or amount.high > 120:
        return False
    for at in notes.before(place, 2):
        if notes.has(at, "years_old"):
            notes.items[at].used = True
            return True
    following = place + 1
    unit = notes.has(following, "year", "years_old") and not notes.has(following + 1, "of")
    if unit and (amount.is_range or amount.bound):
        notes.items[following].used = True
        return True
    return False


def _is_bounded(notes: Notes, column: ColumnName, amount: Amount) -> bool:
    if is_number(notes, column):
        return True
    return amount.years_old and notes.schema.column(column).generator == "birth_date"


def _numbers(notes: Notes, words: tuple[str, ...]) -> list[ColumnName]:
    return [c for c in notes.schema.columns(words) if is_number(notes, c)]


def _money_of(notes: Notes, table: QName | None) -> list[ColumnName] | None:
    """The column that says what a row of a table is worth."""
    for words in _WORTH:
        own = [c for c in _all_columns(notes, words) if c.table == table]
        if own:
            return own
    priced = [
        ColumnName(t.name, c.name) for t in notes.schema.plan.tables if t.name == table for c in t.columns
        if c.generator == "price" or (c.base.name in ("numeric", "money") and c.base.modifiers[1:] == (2,))
    ]  # fmt: skip
    return priced[:1] or None


def _all_columns(notes: Notes, words: tuple[str, ...]) -> list[ColumnName]:
    from app.generator.prompt.schema_words import name_words

    return [
        column
        for t in notes.schema.plan.tables
        for c in t.columns
        if words[0] in name_words(c.name) and is_number(notes, column := ColumnName(t.name, c.name))
        and c.generator not in ("reference", "generated", "slot")
    ]  # fmt: skip


def _birth_dates(notes: Notes) -> list[ColumnName]:
    return [
        ColumnName(t.name, c.name) for t in notes.schema.plan.tables for c in t.columns if c.generator == "birth_date"
    ]


def of_table(notes: Notes, place: int, columns: Sequence[ColumnName]) -> list[ColumnName]:
    table = notes.context_table(place)
    own = [column for column in columns if column.table == table]
    if own:
        begin, end = notes.clause(place)
        for item in notes.items[begin:end]:
            if item.table == table:
                item.used = True
    return own or list(columns)


def _bound(notes: Notes, column: ColumnName, amount: Amount) -> None:
    low, high = _scaled(notes, column, amount.low, amount), _scaled(notes, column, amount.high, amount)
    if amount.bound == "upto":
        notes.want(column, max=high)
    elif amount.bound == "atleast":
        notes.want(column, min=low)
    else:
        notes.want(column, min=low, max=high)


def _scaled(notes: Notes, column: ColumnName, value: Decimal, amount: Amount) -> float:
    """The number in the column's own unit: cents, or a fraction of one for percentages."""
    base = notes.schema.column(column).base
    if column.column.lower().endswith(("_cents", "_cent", "cents")) and amount.money:
        value *= 100
    elif amount.percent and base.name == "numeric" and _is_fraction(base.modifiers):
        value /= 100
    whole = value.normalize()
    return int(whole) if whole == int(whole) else float(whole)


def _is_fraction(modifiers: tuple[int, ...]) -> bool:
    """numeric(3,2) has room for 0.15 and not for 15."""
    return len(modifiers) == 2 and modifiers[0] - modifiers[1] <= 1


def read_lists(notes: Notes) -> None:
    """`sizes S, M, L`, `colours: red, green and blue`, `status is paid or shipped`."""
    for place, item in enumerate(notes.items):
        columns = [c for c in item.columns if _is_listed(notes, c)]
        if not columns or item.used:
            continue
        start, marked = _list_start(notes, place)
        elements, used = _elements(notes, start)
        if len(elements) < (1 if marked else 2):
            continue
        chosen = of_table(notes, place, columns)
        for column in chosen:
            notes.want(column, values=tuple(_known(notes, column, text) for text in elements))
        for at in (place, *used):
            notes.items[at].used = True


def _is_listed(notes: Notes, place: ColumnName) -> bool:
    column = notes.schema.column(place)
    if column.base.array_dims:
        return False
    user = notes.schema.plan.catalog.get(QName(column.base.schema, column.base.name))
    return column.base.name in TEXT_TYPES or isinstance(user, EnumType)


def _list_start(notes: Notes, place: int) -> tuple[int, bool]:
    at, marked = place + 1, False
    while at < len(notes.items):
        item = notes.items[at]
        if item.text in (":", "=", "(") or "only" in item.roles:
            marked = marked or item.text != "(" or "only" in item.roles
        elif not (item.words and item.words[0] in _INTRODUCE and not item.means):
            break
        at += 1
    return at, marked


def _elements(notes: Notes, start: int) -> tuple[list[str], list[int]]:
    """The texts of a list that begins at an item, and the places that it takes up."""
    elements: list[str] = []
    used: list[int] = []
    current: list[int] = []

    def close() -> None:
        if current:
            first, last = notes.items[current[0]], notes.items[current[-1]]
            elements.append(notes.text[first.start : last.end].strip("'\"“”„«» "))
            used.extend(current)
            current.clear()

    at = start
    separators = 0
    while at < len(notes.items):
        item = notes.items[at]
        if item.stop or item.used or (item.amount and item.amount.percent) or item.span:
            break
        if item.text in ("'", '"', "“", "”", "„", "«", "»"):
            at += 1
            continue
        if item.text == ")":
            break
        if item.comma or "and" in item.roles:
            if not current and not elements:
                break
            close()
            separators += 1
        elif _ends_list(notes, at):
            break
        elif item.columns and not (item.values or item.land or item.trade or len(item.text) <= 3):
            if not elements or current or not _ends_element(notes, at):
                break
            current.append(at)
        elif "filler" in item.roles and len(item.text) > 1 and not item.values:
            if current or not _ends_element(notes, at):
                break
            current.append(at)
        else:
            current.append(at)
            if len(current) > _LONGEST_ELEMENT:
                current.clear()
                break
        at += 1
    close()
    return (elements, used) if separators or len(elements) <= 1 else ([], [])


def _ends_list(notes: Notes, at: int) -> bool:
    item = notes.items[at]
    if item.amount and (item.amount.is_range or not item.text.isalnum() or _counts_table(notes, at)):
        return True
    return bool(item.roles & _BREAKS_LIST or (item.tables and not item.values))


def _ends_element(notes: Notes, at: int) -> bool:
    """`email, sms or phone`: a word of the schema may be the last of a list, when nothing follows that it goes with."""
    after = notes.items[at + 1] if at + 1 < len(notes.items) else None
    return after is None or after.stop or after.comma or "and" in after.roles


def _counts_table(notes: Notes, place: int) -> bool:
    return any(notes.items[at].tables for at in notes.after(place, 3))


def _known(notes: Notes, column: ColumnName, text: str) -> str:
    """A value as the schema spells it, where it lists one of that name."""
    if notes.schema.column(column).generator == "pool":
        return text
    for value in notes.schema.values(tuple(text.lower().split())):
        if value.place == column:
            return value.value
    return text


def read_currencies(notes: Notes) -> None:
    """`accounts in EUR and CHF`: currencies that stand with no amount."""
    said = [item for item in notes.items if not item.used and item.words[:1] and item.words[0] in _CURRENCIES]
    codes = list(dict.fromkeys(_CURRENCIES[item.words[0]] for item in said))
    columns = [
        ColumnName(t.name, c.name)
        for t in notes.schema.plan.tables
        for c in t.columns
        if _holds_currencies(c) and c.base.name in TEXT_TYPES
    ]
    if not codes or not columns:
        return
    for column in columns:
        notes.want(column, values=tuple(codes))
    for item in said:
        item.used = True


def _holds_currencies(column: ColumnPlan) -> bool:
    """Whether its values are codes of currencies, by its generator or as those of a list."""
    values = column.options.get("values", ())
    listed = column.generator == "one_of" and bool(values) and set(values) <= set(_CURRENCIES.values())
    return listed or (column.generator in ("currency", "currency_code") and not column.options.get("part"))
