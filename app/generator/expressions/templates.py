"""Texts that to_date and to_timestamp read: how they are spelt, and what they mean."""

import re
from calendar import monthrange
from functools import lru_cache

_FIELDS = {
    "YYYY": "(?:19[5-9][0-9]|20[0-4][0-9])",
    "YY": "[0-4][0-9]",
    "MM": "(?:0[1-9]|1[0-2])",
    # Every month has 28 days.
    "DD": "(?:0[1-9]|1[0-9]|2[0-8])",
    "HH24": "(?:[01][0-9]|2[0-3])",
    "HH12": "(?:0[1-9]|1[0-2])",
    "HH": "(?:0[1-9]|1[0-2])",
    "MI": "[0-5][0-9]",
    "SS": "[0-5][0-9]",
}
_TEMPLATE = re.compile(r'(?P<field>YYYY|YY|MM|DD|HH24|HH12|HH|MI|SS)|"(?P<quoted>[^"]*)"|(?P<other>[^A-Za-z0-9"])')

_WIDTHS = {"YYYY": 4}


@lru_cache(maxsize=256)
def _read(template: str) -> tuple[tuple[str | None, str], ...] | None:
    """The template's fields and what stands between them; None for one with other fields."""
    parts: list[tuple[str | None, str]] = []
    position = 0
    while position < len(template):
        found = _TEMPLATE.match(template.upper(), position)
        if found is None:
            return None
        quoted = found["quoted"]
        text = template[position : found.end()].strip('"') if quoted is not None else found["other"] or ""
        parts.append((found["field"], text))
        position = found.end()
    names = [name for name, _ in parts if name]
    return tuple(parts) if names and len(names) == len(set(names)) else None


def spelling_of(template: str) -> str | None:
    """A pattern of texts that the template reads without doubt; None for a template that is not understood."""
    parts = _read(template)
    if parts is None:
        return None
    return "^" + "".join(_FIELDS[name] if name else re.sub(r"([\W_])", r"\\\1", text) for name, text in parts) + "$"


def read_moment(text: str, template: str) -> tuple[int, int, int, int, int, int] | None:
    """Year, month, day, hour, minute and second of a text that is spelt as the template has it, digit by digit.

    None where it is spelt in another way: Postgres is lenient in ways that are not followed here. Raises ValueError
    for a day that there is not, and KeyError for a template that is not understood.
    """
    parts = _read(template)
    if parts is None:
        raise KeyError(template)
    fields: dict[str, int] = {}
    at = 0
    for name, between in parts:
        if name is None:
            if text[at : at + len(between)] != between:
                return None
            at += len(between)
            continue
        width = _WIDTHS.get(name, 2)
        digits = text[at : at + width]
        if len(digits) < width or not (digits.isascii() and digits.isdigit()):
            return None
        fields[name] = int(digits)
        at += width
    if at != len(text):
        return None
    return _moment(fields)


def _moment(fields: dict[str, int]) -> tuple[int, int, int, int, int, int]:
    short = fields.get("YY")
    year = fields.get("YYYY", 1 if short is None else short + (2000 if short < 70 else 1900))
    month, day = fields.get("MM", 1), fields.get("DD", 1)
    hour = fields.get("HH24", fields.get("HH12", fields.get("HH", 0)) % 12)
    minute, second = fields.get("MI", 0), fields.get("SS", 0)
    if not (year >= 1 and 1 <= month <= 12 and 1 <= day <= monthrange(year, month)[1]):
        raise ValueError("a day that there is not")
    if not (hour < 24 and minute < 60 and second < 60):
        raise ValueError("a time that there is not")
    return year, month, day, hour, minute, second
