"""The text of arrays, ranges and composite values."""

import re
from dataclasses import dataclass


def read_array(text: str) -> list[str | None]:
    """The elements of a one-dimensional array's text; None for NULL. Raises ValueError."""
    plain = text.strip()
    found = re.match(r"\[\d+:\d+\]=", plain)
    if found:
        plain = plain[found.end() :]
    if not (plain.startswith("{") and plain.endswith("}")):
        raise ValueError("an array's text stands in braces")
    items = _split(plain[1:-1], ",")
    if any(item.text.startswith("{") and not item.quoted for item in items):
        raise ValueError("arrays of several dimensions")
    return [None if not item.quoted and item.text.upper() == "NULL" else item.text for item in items]


@dataclass(frozen=True, slots=True)
class _Item:
    text: str
    quoted: bool


def _split(text: str, separator: str) -> list[_Item]:
    """Splits at separators outside quotes; \\x and, within quotes, "" stand for themselves."""
    if not text.strip():
        return []
    items: list[_Item] = []
    current: list[str] = []
    inside = quoted = False
    i = 0
    while i < len(text):
        char = text[i]
        if char == "\\" and i + 1 < len(text):
            i += 1
            current.append(text[i])
        elif char == '"':
            if inside and text[i + 1 : i + 2] == '"':
                i += 1
                current.append('"')
            else:
                inside, quoted = not inside, True
        elif char == separator and not inside:
            items.append(_item(current, quoted))
            current, quoted = [], False
        else:
            current.append(char)
        i += 1
    if inside:
        raise ValueError("a quote that is not closed")
    items.append(_item(current, quoted))
    return items


def _item(characters: list[str], quoted: bool) -> _Item:
    text = "".join(characters)
    return _Item(text if quoted else text.strip(), quoted)


_PLAIN_ITEM = re.compile(r'[^\s{},"\\]+')


def write_array(items: list[str | None]) -> str:
    """The text of a one-dimensional array."""
    return "{" + ",".join(_quoted(item) for item in items) + "}"


def _quoted(item: str | None) -> str:
    if item is None:
        return "NULL"
    if _PLAIN_ITEM.fullmatch(item) and item.upper() != "NULL":
        return item
    return '"' + item.replace("\\", "\\\\").replace('"', '\\"') + '"'


@dataclass(frozen=True, slots=True)
class RangeText:
    """A range as it was written: bounds as text, None for unbounded. An empty range has no bounds."""

    low: str | None
    high: str | None
    low_inclusive: bool = False
    high_inclusive: bool = False
    empty: bool = False


def read_range(text: str) -> RangeText:
    """A range's text. Raises ValueError."""
    plain = text.strip()
    if plain.lower() == "empty":
        return RangeText(None, None, empty=True)
    if len(plain) < 3 or plain[0] not in "[(" or plain[-1] not in "])":
        raise ValueError("a range's text stands in brackets")
    items = _split(plain[1:-1], ",")
    if len(items) != 2:
        raise ValueError("a range has two bounds")
    low, high = (item.text if item.text or item.quoted else None for item in items)
    return RangeText(low, high, plain[0] == "[" and low is not None, plain[-1] == "]" and high is not None)


def read_multirange(text: str) -> list[RangeText]:
    """The ranges of a multirange's text. Raises ValueError."""
    plain = text.strip()
    if not (plain.startswith("{") and plain.endswith("}")):
        raise ValueError("a multirange's text stands in braces")
    found = re.findall(r'[\[(](?:"(?:[^"\\]|\\.|"")*"|[^\])"])*[\])]|empty', plain[1:-1])
    return [read_range(part) for part in found]


def read_composite(text: str) -> list[str | None]:
    """The fields of a composite value's text; None for NULL. Raises ValueError."""
    plain = text.strip()
    if not (plain.startswith("(") and plain.endswith(")")):
        raise ValueError("a composite's text stands in parentheses")
    items = _split_fields(plain[1:-1])
    return [item.text if item.text or item.quoted else None for item in items]


def _split_fields(text: str) -> list[_Item]:
    return _split(text, ",") if text.strip() else [_Item("", quoted=False)]
