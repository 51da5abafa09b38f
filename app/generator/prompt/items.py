"""A prompt as a row of things that mean something: amounts, spans of time, tables, columns, values, countries."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from app.generator.prompt.countries import Land, atlas
from app.generator.prompt.dates import Span, read_span
from app.generator.prompt.lexicon import longest_role, roles
from app.generator.prompt.schema_words import ColumnName, SchemaWords, ValueName
from app.generator.prompt.text import Token, tokenize
from app.generator.prompt.trades import Trade, trade_of
from app.generator.snapshot.model import QName

_LONGEST_NAME = 3
_TELLING = 4
_ABBREVIATED = frozenset("mio tsd mrd ca approx no nr e.g i.e z.b bzw max min avg st dr vs etc inkl ggf".split())
_FRACTIONS = {
    "half": 50, "haelfte": 50, "moitie": 50, "mitad": 50, "halb": 50, "halbe": 50, "thirds": 33.3, "third": 33.3,
    "drittel": 33.3, "tiers": 33.3, "tercio": 33.3, "tercios": 33.3, "quarter": 25, "quarters": 25, "viertel": 25,
    "quart": 25, "quarts": 25, "cuarto": 25, "fifth": 20, "fuenftel": 20, "cinquieme": 20, "quinto": 20,
    "tenth": 10, "zehntel": 10, "dixieme": 10, "decimo": 10,
}  # fmt: skip

_CURRENCY_SIGNS = frozenset("$€£¥")
_ARTICLES = frozenset("a an one ein eine die the la un une le".split())


@dataclass(frozen=True, slots=True)
class Amount:
    """A number, or a range of them. `bound` says that only one end was told: `upto` or `atleast`."""

    low: Decimal
    high: Decimal
    percent: bool = False
    money: bool = False
    years_old: bool = False
    bound: str | None = None
    loose: bool = False

    @property
    def is_range(self) -> bool:
        """Whether two ends were told."""
        return self.low != self.high

    @property
    def middle(self) -> Decimal:
        """The number, or the middle of the range."""
        return (self.low + self.high) / 2


@dataclass(slots=True)
class Item:
    """One thing of a prompt, with every reading that it may have. `used` is set by the rule that it served."""

    text: str
    words: tuple[str, ...]
    start: int
    end: int
    roles: frozenset[str] = frozenset()
    amount: Amount | None = None
    span: Span | None = None
    tables: Sequence[QName] = ()
    columns: Sequence[ColumnName] = ()
    values: Sequence[ValueName] = ()
    flags: Sequence[ColumnName] = ()
    moments: Sequence[ColumnName] = ()
    land: Land | None = None
    language: str | None = None
    trade: Trade | None = None
    denies: bool = False
    stop: bool = False
    comma: bool = False
    used: bool = field(default=False)

    @property
    def table(self) -> QName | None:
        """The one table that is meant."""
        return self.tables[0] if len(self.tables) == 1 else None

    @property
    def means(self) -> bool:
        """Whether it stands for something by itself."""
        return bool(
            self.amount or self.span or self.tables or self.columns or self.values or self.flags or self.moments
            or self.land or self.language or self.trade
        )  # fmt: skip


def itemize(text: str, words: SchemaWords, reference: date) -> list[Item]:
    """The items of a prompt, in order."""
    tokens = tokenize(text)
    found: list[Item] = []
    place = 0
    while place < len(tokens):
        item, length = _next(tokens, place, words, reference)
        item.text = text[item.start : item.end]
        found.append(item)
        place += length
    return found


def _next(tokens: Sequence[Token], place: int, words: SchemaWords, reference: date) -> tuple[Item, int]:
    token = tokens[place]
    if token.kind in ("stop", "comma"):
        abbreviation = token.word == "." and place > 0 and tokens[place - 1].word in _ABBREVIATED
        bracket = token.word not in ";.!?\n,"
        item = _item(tokens, place, 1)
        item.stop = token.kind == "stop" and not abbreviation
        item.comma = (token.kind == "comma" or bracket) and not abbreviation
        return item, 1
    thing_follows = place + 1 < len(tokens) and bool(_tables_at(tokens, place + 1, words))
    span = read_span(tokens, place, reference, thing_follows)
    if span is not None:
        item = _item(tokens, place, span.length)
        item.span = span
        return item, span.length
    amount = _amount(tokens, place)
    if amount is not None:
        item = _item(tokens, place, amount[1])
        item.amount = amount[0]
        return item, amount[1]
    return _name(tokens, place, words)


def _item(tokens: Sequence[Token], place: int, length: int) -> Item:
    parts = tokens[place : place + length]
    return Item("", tuple(part.word for part in parts), parts[0].start, parts[-1].end)


def _tables_at(tokens: Sequence[Token], place: int, words: SchemaWords) -> Sequence[QName]:
    token = tokens[place]
    return words.tables((token.word,)) if token.kind == "word" else ()


def _name(tokens: Sequence[Token], place: int, words: SchemaWords) -> tuple[Item, int]:
    """The longest phrase that names something; else a word by itself."""
    lone = longest_role(tuple(t.word for t in tokens[place : place + 4]))
    for length in range(min(_LONGEST_NAME, len(tokens) - place), 0, -1):
        parts = tokens[place : place + length]
        if any(part.kind != "word" for part in parts):
            continue
        phrase = tuple(part.word for part in parts)
        if length > 1 and any(longest_role((w,))[0] for w in (phrase[0], phrase[-1])) and not _is_known(phrase, words):
            # A phrase with a word like `of` or `with` at its end is two things.
            continue
        item = _item(tokens, place, length)
        if lone[0] > length and not words.tables(phrase):
            continue
        if length == 1 and _says_nothing(phrase[0], words):
            break
        if length > 1 and _is_of_table(phrase, words):
            continue
        _read(item, phrase, words, length, parts[0].text)
        if item.means:
            item.roles = roles().get(phrase, frozenset())
            return item, length
    length = max(lone[0], 1)
    item = _item(tokens, place, length)
    item.roles = lone[1]
    return item, length


def _is_of_table(phrase: tuple[str, ...], words: SchemaWords) -> bool:
    """`subscriptions cancelled`: a table and a value of its, though some column has a value of both words."""
    tables = words.tables(phrase[:1], kin=False)
    return any(value.place.table in tables for value in words.values(phrase[1:]))


def _is_known(phrase: tuple[str, ...], words: SchemaWords) -> bool:
    """Whether the schema itself has a phrase, small words and all: interest rate, in transit."""
    return bool(words.values(phrase) or words.columns(phrase) or words.tables(phrase, kin=False))


def _says_nothing(word: str, words: SchemaWords) -> bool:
    """Whether a small word is only small: `is`, `a`, `last`; unless a table or a country goes by it."""
    parts = roles().get((word,), frozenset())
    if not parts or parts & {"language", "years_old"}:
        return False
    if len(word) >= _TELLING and words.values((word,)):
        return False  # a plan may be called `plus`
    if len(word) < _TELLING and not words.tables((word,), kin=False) and (word,) not in atlas().lands:
        return True
    known = (word,) in atlas().lands
    return not known and not words.tables((word,)) and "filler" in parts | {"filler"} and not words.columns((word,))


def _read(item: Item, phrase: tuple[str, ...], words: SchemaWords, length: int, written: str) -> None:
    known = atlas()
    item.land = known.lands.get(phrase)
    if phrase == ("us",) and written != "US":
        item.land = None  # the pronoun
    item.language = known.languages.get(phrase)
    item.trade = trade_of(phrase)
    item.tables = words.tables(phrase)
    if length > 1 and item.tables and len(words.tables(phrase[-1:])) and words.tables(phrase[-1:]) == item.tables:
        # The last word would do: the first is an adjective of its own.
        item.tables = ()
    item.columns = words.columns(phrase)
    if item.columns and not words.tables(phrase, kin=False):
        item.tables = ()
    item.values = words.values(phrase)
    item.flags = words.flags(phrase)
    item.moments = words.moments(phrase)
    if not (item.values or item.flags or item.tables or item.columns) and (rest := words.denied(phrase)):
        item.flags, item.values = words.flags(rest), words.values(rest)
        item.denies = bool(item.flags or item.values)


def _role(tokens: Sequence[Token], place: int, *names: str) -> int:
    """How many tokens from here on are a phrase that plays one of the parts; 0 for none."""
    if place >= len(tokens):
        return 0
    length, parts = longest_role(tuple(t.word for t in tokens[place : place + 4]))
    if parts & set(names):
        return length
    return 1 if roles().get((tokens[place].word,), frozenset()) & set(names) else 0


def _amount(tokens: Sequence[Token], place: int) -> tuple[Amount, int] | None:
    """[between | up to | about] number [to number] [% | euros | years old]."""
    at, bound, loose, between = place, None, False, False
    while at < len(tokens) and tokens[at].kind != "number":
        if length := _role(tokens, at, "upto", "atleast"):
            if bound is not None and tokens[at].word not in ("to", "than", "zu"):
                return None
            bound = "upto" if _role(tokens, at, "upto") else "atleast"
        elif length := _role(tokens, at, "about", "average"):
            loose = loose or bool(_role(tokens, at, "average")) or tokens[at].word not in ("exactly", "exact", "genau")
        elif length := _role(tokens, at, "between", "from"):
            between = between or bool(_role(tokens, at, "between"))
        elif tokens[at].word in _CURRENCY_SIGNS or (at > place and tokens[at].word in ("of", "von", "de", "a", "an")):
            length = 1
        elif at == place and (fraction := _fraction(tokens, at)):
            return fraction
        else:
            return None
        at += length
    low = tokens[at].number if at < len(tokens) else None
    if low is None:
        return None
    fraction = _fraction(tokens, at)
    if fraction:
        return fraction[0], fraction[1] + at - place
    money = at > 0 and tokens[at - 1].word in _CURRENCY_SIGNS
    at += 1
    percent = years_old = False
    at, (money, percent, years_old) = _unit(tokens, at, money)
    high = low
    joint = tokens[at] if at < len(tokens) else None
    if joint is not None and (
        joint.word in ("-", "or", "oder", "ou", "o", "bzw")
        or _role(tokens, at, "to")
        or (between and _role(tokens, at, "and"))
    ):
        after = at + 1
        if after < len(tokens) and tokens[after].word in _CURRENCY_SIGNS:
            money, after = True, after + 1
        number = tokens[after].number if after < len(tokens) else None
        if number is not None and number >= low:
            high, at = number, after + 1
            at, units = _unit(tokens, at, money)
            money, percent, years_old = money or units[0], percent or units[1], years_old or units[2]
            low = _scaled_like(low, tokens[after])
    if low > high:
        low, high = high, low
    if low != high:
        bound = None
    return Amount(low, high, percent, money, years_old, bound, loose), at - place


def _scaled_like(low: Decimal, token: Token) -> Decimal:
    """`40-90k`: the first number is in thousands as well."""
    unit = token.text[-1:].lower()
    if unit in ("k", "m") and token.number is not None:
        scaled = low.scaleb(3 if unit == "k" else 6)
        if low < 1000 and scaled <= token.number:
            return scaled
    return low


def _unit(tokens: Sequence[Token], at: int, money: bool) -> tuple[int, tuple[bool, bool, bool]]:
    if length := _role(tokens, at, "percent"):
        return at + length, (money, True, False)
    if length := _role(tokens, at, "money"):
        return at + length, (True, False, False)
    if at < len(tokens) and tokens[at].word not in ("age", "ages", "aged", "alter", "edad", "edades", "yo"):
        length = longest_role(tuple(t.word for t in tokens[at : at + 4]))[0]
        if length > 1 and _role(tokens, at, "years_old"):
            return at + length, (money, False, True)
    return at, (money, False, False)


def _fraction(tokens: Sequence[Token], place: int) -> tuple[Amount, int] | None:
    """half, a third, two thirds, 1 in 10 - as a percentage."""
    token = tokens[place]
    following = tokens[place + 1] if place + 1 < len(tokens) else None
    if token.number is not None and following is not None and following.word in ("in", "von", "sur", "de", "out"):
        skip = 3 if following.word == "out" else 2
        whole = tokens[place + skip] if place + skip < len(tokens) else None
        if whole is not None and whole.number and 0 < token.number < whole.number <= 1000 and skip + place:
            share = token.number * 100 / whole.number
            return Amount(share, share, percent=True), skip + 1
        return None
    if token.number is not None and following is not None and following.word in _FRACTIONS:
        if token.number > 9:
            return None
        share = min(Decimal(100), token.number * Decimal(str(_FRACTIONS[following.word])))
        return Amount(share, share, percent=True), 2
    if token.word in _ARTICLES and following is not None and following.word in _FRACTIONS:
        after = tokens[place + 2].word if place + 2 < len(tokens) else ""
        # A third and a quarter are also places in a row and parts of a year.
        if following.word in ("quarter", "third") and after not in ("of", "are", "is", "have", "were"):
            return None
        share = Decimal(str(_FRACTIONS[following.word]))
        return Amount(share, share, percent=True), 2
    if token.kind == "word" and token.word in ("half", "haelfte", "moitie", "mitad"):
        return Amount(Decimal(50), Decimal(50), percent=True), 1
    return None
