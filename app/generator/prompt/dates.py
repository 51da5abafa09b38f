"""Spans of time in prompts: `2023 to 2024`, `last two years`, `Q1 2024`, `seit März 2022`."""

import calendar
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from app.generator.prompt.lexicon import roles
from app.generator.prompt.text import Token

_MONTHS: dict[str, int] = {}
for _number, _spellings in enumerate(
    (
        "january jan januar janvier enero ene janv", "february feb februar fevrier febrero fevr",
        "march mar maerz mars marzo mrz", "april apr avril abril avr", "may mai mayo", "june jun juni juin junio",
        "july jul juli juillet julio juil", "august aug aout agosto ago",
        "september sep sept septembre septiembre", "october oct oktober okt octobre octubre",
        "november nov novembre noviembre", "december dec dezember dez decembre diciembre dic",
    ),
    start=1,
):  # fmt: skip
    _MONTHS |= dict.fromkeys(_spellings.split(), _number)
_SINCE = frozenset("since seit depuis desde starting".split())
_INTRODUCES_YEAR = frozenset(
    "in im en during for of year jahr annee ano fuer pour para de del from since seit depuis desde durante waehrend "
    "pendant calendar only fiscal the calendar-year orders".split()
)
_HISTORY = frozenset("of history data worth von de d daten donnees datos historie historique historial back".split())
_UNITS = ("day", "week", "month", "quarter", "year")
_FIRST_YEAR, _LAST_YEAR = 1900, 2100


@dataclass(frozen=True, slots=True)
class Span:
    """Days from `start` to `end`, both included; `length` is how many tokens said it."""

    start: date
    end: date
    length: int


def read_span(tokens: Sequence[Token], place: int, reference: date, follows_thing: bool = False) -> Span | None:
    """The span of time that begins at a token; None when none does. `follows_thing` says that the word after a lone
    year would be the name of a table: `2000 customers` are no year."""
    return (
        _between(tokens, place)
        or _since(tokens, place, reference)
        or _relative(tokens, place, reference)
        or _alone(tokens, place, reference, follows_thing)
    )


def _role(token: Token | None, role: str) -> bool:
    return token is not None and role in roles().get((token.word,), frozenset())


def _at(tokens: Sequence[Token], place: int) -> Token | None:
    return tokens[place] if 0 <= place < len(tokens) else None


def _between(tokens: Sequence[Token], place: int) -> Span | None:
    start = place
    opened = _role(_at(tokens, place), "between")
    if opened or _role(_at(tokens, place), "from"):
        start += 1
    if start > place and (word := _at(tokens, start)) and word.word in ("the", "year", "years"):
        start += 1
    first = _point(tokens, start)
    if first is None:
        return None
    middle = start + first.length
    joint = _at(tokens, middle)
    joined = joint is not None and (joint.word in ("-", "/") or _role(joint, "to") or (_role(joint, "and") and opened))
    # `July and August 2025`: the year of the second is that of both.
    if not joined and not (_role(joint, "and") and first.start.year == _FIRST_YEAR):
        return None
    second = _point(tokens, middle + 1)
    if second is None:
        # "January to March 2024": the first takes the year of the second.
        return None
    if first.start.year == _FIRST_YEAR and second.start.year != _FIRST_YEAR:
        first = _point(tokens, start, second.start.year) or first
    if (
        second.end < first.start
        or first.start.year == _FIRST_YEAR
        or (first.length == second.length == 1 and _is_amount(tokens, middle + 2))
    ):
        return None
    return Span(first.start, second.end, middle + 1 + second.length - place)


def _is_amount(tokens: Sequence[Token], after: int) -> bool:
    """Two bare numbers that could be years are a range of amounts before a unit of money or a percent sign."""
    token = _at(tokens, after)
    return _role(token, "money") or _role(token, "percent")


def _since(tokens: Sequence[Token], place: int, reference: date) -> Span | None:
    token = _at(tokens, place)
    if token is None or token.word not in _SINCE:
        return None
    skip = 2 if (word := _at(tokens, place + 1)) is not None and word.word in ("from", "the", "in") else 1
    point = _point(tokens, place + skip)
    if point is None or point.start > reference or point.start.year == _FIRST_YEAR:
        return None
    return Span(point.start, reference, skip + point.length)


def _alone(tokens: Sequence[Token], place: int, reference: date, follows_thing: bool) -> Span | None:
    point = _point(tokens, place)
    if point is None or point.start.year == _FIRST_YEAR:
        return None
    if point.length == 1 and tokens[place].kind == "number":
        before, after = _at(tokens, place - 1), _at(tokens, place + 1)
        if follows_thing or _is_amount(tokens, place + 1) or (before is not None and _role(before, "money")):
            return None
        introduced = before is not None and before.word in _INTRODUCES_YEAR
        # `orders: 2000` is a count.
        free = before is None or (before.kind in ("stop", "comma") and before.word not in (":", "="))
        ended = after is None or after.kind in ("stop", "comma")
        if not introduced and not (free and ended):
            return None
    return point


def _relative(tokens: Sequence[Token], place: int, reference: date) -> Span | None:
    """last two years, les 2 dernières années, this year, next 6 months, two years of orders."""
    at, count, direction, unit = place, None, 0, None
    while at < min(place + 6, len(tokens)):
        token = tokens[at]
        if unit is None and token.kind == "number" and count is None and token.number is not None:
            if token.number != int(token.number) or not 1 <= token.number <= 1000:
                return None
            count = int(token.number)
        elif direction == 0 and (found := _direction(token)):
            direction = found
        elif unit is None and (count is not None or direction) and (named := _unit(token)):
            unit = named
            at += 1
            if direction == 0 and (after := _at(tokens, at)) is not None and (found := _direction(after)):
                direction = found
                at += 1
            break
        elif token.word in ("the", "los", "las", "les", "den", "die", "der", "full", "few", "calendar", "couple", "of"):
            if at == place:
                return None
        else:
            return None
        at += 1
    if unit is None:
        return None
    if direction == 0:
        following = _at(tokens, at)
        if following is None or (following.word not in _HISTORY) or (count or 0) < 1:
            return None
        direction = -1
    return _reckoned(reference, direction, count, unit, at - place)


def _direction(token: Token) -> int:
    if _role(token, "last"):
        return -1
    if _role(token, "future"):
        return 1
    return 2 if _role(token, "this") and token.word not in ("ce",) else 0


def _unit(token: Token) -> str | None:
    return next((unit for unit in _UNITS if _role(token, unit)), None)


def _reckoned(reference: date, direction: int, count: int | None, unit: str, length: int) -> Span:
    today = reference
    if direction == 2:
        start = {
            "day": today, "week": today - timedelta(days=today.weekday()), "month": today.replace(day=1),
            "quarter": today.replace(month=(today.month - 1) // 3 * 3 + 1, day=1),
            "year": today.replace(month=1, day=1),
        }[unit]  # fmt: skip
        return Span(start, max(start, _shifted(start, 1, unit) - timedelta(days=1)), length)
    if count is None and direction == -1 and unit in ("year", "month", "quarter"):
        this = _reckoned(reference, 2, None, unit, length).start
        start = _shifted(this, -1, unit)
        return Span(start, this - timedelta(days=1), length)
    moved = _shifted(today, direction * (count or 1), unit)
    return Span(min(today, moved), max(today, moved), length)


def _shifted(day: date, count: int, unit: str) -> date:
    if unit in ("day", "week"):
        return day + timedelta(days=count * (7 if unit == "week" else 1))
    months = count * {"month": 1, "quarter": 3, "year": 12}[unit]
    whole = day.year * 12 + day.month - 1 + months
    year, month = divmod(whole, 12)
    if not 1 <= year <= 9998:
        return date(1, 1, 1) if year < 1 else date(9998, 12, 31)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def _year(token: Token) -> int | None:
    if token.kind != "number" or len(token.text) != 4 or not token.text.isdigit():
        return None
    return int(token.text) if _FIRST_YEAR <= int(token.text) <= _LAST_YEAR else None


def _point(tokens: Sequence[Token], place: int, year: int | None = None) -> Span | None:
    """One date, month, quarter or year."""
    token = _at(tokens, place)
    if token is None:
        return None
    try:
        return _iso(token) or _named(tokens, place, year) or _whole_year(token)
    except ValueError:
        return None  # 31 February


def _iso(token: Token) -> Span | None:
    if token.kind == "iso":
        parts = [int(part) for part in token.text.split("-")]
        if len(parts) == 2:
            return _month_span(parts[0], parts[1], 1)
        day = date(*parts)
        return Span(day, day, 1)
    if token.kind == "dmy":
        separator = "/" if "/" in token.text else "."
        first, second, written = (int(part) for part in token.text.split(separator))
        # With slashes the month comes first where the numbers allow it, with dots the day does.
        month, number = (first, second) if separator == "/" and first <= 12 else (second, first)
        day = date(written, month, number)
        return Span(day, day, 1)
    return None


def _named(tokens: Sequence[Token], place: int, year: int | None) -> Span | None:
    """March 2024, 5 March 2024, March 5th, 2024, 5. März 2024, Q2 2024."""
    words = [tokens[at] for at in range(place, min(place + 5, len(tokens)))]
    head = words[0].word
    if len(head) == 2 and head[0] in "qht" and head[1] in "1234" and len(words) > 1 and (found := _year(words[1])):
        if head[0] == "h":
            first = 1 if head[1] == "1" else 7
            return Span(date(found, first, 1), _month_span(found, first + 5, 1).end, 2)
        first = (int(head[1]) - 1) * 3 + 1
        return Span(date(found, first, 1), _month_span(found, first + 2, 1).end, 2)
    day: int | None = None
    at = 0
    if words[0].kind in ("number", "ord") and len(words) > 1:
        day = _day_number(words[0])
        at = 1 if day is not None else 0
        while at and at < len(words) - 1 and words[at].word in (".", "of", "de", "del"):
            at += 1
    month = _MONTHS.get(words[at].word) if at < len(words) else None
    if month is None or (day is None and at):
        return None
    at += 1
    if day is None and at < len(words) and words[at].kind in ("number", "ord") and _year(words[at]) is None:
        day = _day_number(words[at])
        at += day is not None
    rest = at
    while rest < len(words) and words[rest].word in (",", "of", "de", "del"):
        rest += 1
    found = _year(words[rest]) if rest < len(words) else None
    if found is not None:
        at = rest + 1
    elif year is None:
        # Without a year it is no date by itself; the caller may know the year from the other end.
        return Span(date(_FIRST_YEAR, month, 1), date(_FIRST_YEAR, month, 1), at)
    whole = found if found is not None else year
    assert whole is not None
    if day is not None:
        exact = date(whole, month, day)
        return Span(exact, exact, at)
    return _month_span(whole, month, at)


def _day_number(token: Token) -> int | None:
    digits = "".join(c for c in token.text if c.isdigit())
    return int(digits) if 0 < len(digits) <= 2 and 1 <= int(digits) <= 31 else None


def _whole_year(token: Token) -> Span | None:
    found = _year(token)
    return None if found is None else Span(date(found, 1, 1), date(found, 12, 31), 1)


def _month_span(year: int, month: int, length: int) -> Span:
    return Span(date(year, month, 1), date(year, month, calendar.monthrange(year, month)[1]), length)
