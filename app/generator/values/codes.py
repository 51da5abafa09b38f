"""Codes and numbers that identify: with check digits, prefixes, versions, hashes, colours."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from app.generator.keys import Rows, draw
from app.generator.pools import pool, resolve_locale, table
from app.generator.values.check_digits import (
    ean13_digits,
    isbn10_digits,
    issn_digits,
    luhn_digits,
    mod11_10_digits,
    mod97_check,
    routing_digits,
    weighted_digits,
    with_vin_check,
)
from app.generator.values.context import ColumnContext
from app.generator.values.entries import Entry, Option, invalid
from app.generator.values.extensions import SemanticVersions
from app.generator.values.fitting import text_limits
from app.generator.values.generator import Generator, Indexed, Siblings, pick
from app.generator.values.identifiers import HexDigests, Uuids
from app.generator.values.national import COMPANIES, PERSONS, written
from app.generator.values.people import distinct
from app.generator.values.strings import (
    HEX_DIGITS,
    LOWER_CODE,
    UPPER_CODE,
    Bytes,
    code,
    digits,
    from_matrix,
    join,
    number,
    padded,
)
from app.generator.values.templates import Patterns
from app.generator.values.texts import Codes, Phrases, short_codes

_MIX = 0xC0DE5
_MOST_DIGITS = 18


class Coded(Indexed):
    """Text that a function writes for a number below `capacity`; drawn ones take any number."""

    arrow_type = pa.string()

    def __init__(self, capacity: int, width: int, write: Callable[[Rows], pa.Array], block: int | None = None) -> None:
        self.capacity = capacity
        self.block = min(block or capacity, capacity)
        self.longest = self.shortest = width
        self._write = write

    def at(self, index: Rows) -> pa.Array:
        """The code of `index`."""
        return self._write(index)

    def draw(self, key: int, rows: Rows, siblings: Siblings, salt: int) -> pa.Array:
        """The code of a drawn number."""
        return self._write(pick(key, rows, salt, self.capacity))


class Serials(Indexed):
    """A prefix and a number with leading zeros: `ORD-000123`. Numbers that outgrow the zeros are longer."""

    arrow_type = pa.string()

    def __init__(self, prefix: str, width: int, most_digits: int) -> None:
        self._prefix, self._width = prefix, width
        self.capacity = 10**most_digits - 1
        self.block = min(10**width - 1, 10**5)
        self.longest, self.shortest = len(prefix) + most_digits, len(prefix) + width

    def at(self, index: Rows) -> pa.Array:
        """The number `index + 1`."""
        values = index + 1
        if len(values) and int(values.max()) >= 10**self._width:
            return join(self._prefix, pc.utf8_lpad(number(values), self._width, "0"))
        return join(self._prefix, padded(values, self._width))


class FilledPatterns(Indexed):
    """One pattern with `#` for digits and `?` for capital letters."""

    arrow_type = pa.string()

    def __init__(self, pattern: str) -> None:
        self._patterns = Patterns((pattern,))
        self.capacity = self.block = int(self._patterns.sizes[0])
        self.longest = self.shortest = len(pattern)

    def at(self, index: Rows) -> pa.Array:
        """The pattern filled from `index`."""
        return self._patterns.fill(np.zeros(len(index), np.int64), index)


# National account numbers as `?` letters, `0` fixed digits and `#` free digits, at the length that the registry gives.
_IBAN_FORMS = {
    "DE": "00000000##########", "FR": "0000000000###########00", "ES": "00000000############",
    "NL": "TEST##########", "IT": "X0000000000############", "GB": "TEST000000########",
    "BR": "00000000###############C1",
}  # fmt: skip


def iban(country: str) -> Coded:
    """IBANs with valid check digits at bank codes that are all zero, which no bank has (ISO 13616)."""
    form = _IBAN_FORMS.get(country, _IBAN_FORMS["DE"])
    country = country if country in _IBAN_FORMS else "DE"
    free = [place for place, c in enumerate(form) if c == "#"]
    width = min(len(free), 10)
    places = free[-width:]

    def write(index: Rows) -> pa.Array:
        body = np.tile(np.frombuffer(form.replace("#", "0").encode(), np.uint8), (len(index), 1)).copy()
        body[:, places] = digits(index, width)
        # Letters count as two digits; the country and two zeros move behind.
        tail = "".join(str(ord(c) - 55) for c in country) + "00"
        values = np.concatenate([_spelled(body), np.tile([int(c) for c in tail], (len(index), 1))], axis=1)
        check = digits(mod97_check(values), 2)
        head = np.tile(np.frombuffer(country.encode(), np.uint8), (len(index), 1))
        return from_matrix(np.concatenate([head, check, body], axis=1))

    return Coded(10**width, len(form) + 4, write)


def _spelled(body: Bytes) -> np.ndarray:
    columns = []
    for place in range(body.shape[1]):
        column = body[:, place].astype(np.int64)
        if len(column) and column[0] >= ord("A"):
            value = column - 55
            columns += [value // 10, value % 10]
        else:
            columns.append(column - ord("0"))
    return np.stack(columns, axis=1)


def card_number() -> Coded:
    """Card numbers with a valid check digit below 4000 00, which payment providers keep for tests."""
    return Coded(10**9, 16, lambda index: from_matrix(luhn_digits(index, "400000", 9)))


def ean13() -> Coded:
    """EAN-13 of the range 200-299, which shops give to goods of their own."""
    return Coded(10**9, 13, lambda index: from_matrix(ean13_digits(index, "200", 9)))


def upc() -> Coded:
    """UPC-A of the number system 4, for use within shops."""
    return Coded(10**10, 12, lambda index: from_matrix(ean13_digits(index, "04", 10)[:, 1:]))


def isbn13() -> Coded:
    """ISBN-13 with valid check digit."""
    return Coded(10**9, 13, lambda index: from_matrix(ean13_digits(index, "978", 9)))


def isbn10() -> Coded:
    """ISBN-10 with valid check digit."""
    return Coded(10**9, 10, lambda index: from_matrix(isbn10_digits(index)))


def issn() -> Coded:
    """ISSN, with the hyphen."""

    def write(index: Rows) -> pa.Array:
        body = issn_digits(index)
        return from_matrix(np.insert(body, 4, ord("-"), axis=1))

    return Coded(10**7, 9, write)


def imei() -> Coded:
    """IMEI of the reporting body 00, kept for tests, with its check digit."""
    return Coded(10**12, 15, lambda index: from_matrix(luhn_digits(index, "00", 12)))


def vin() -> Coded:
    """Vehicle numbers whose maker's code is all zero, which is no region's, with their check digit (ISO 3779)."""

    def write(index: Rows) -> pa.Array:
        head = np.full((len(index), 9), ord("0"), np.uint8)
        return from_matrix(with_vin_check(np.concatenate([head, code(index, _VIN, 8)], axis=1)))

    return Coded(33**8, 17, write)


def routing() -> Coded:
    """American routing numbers that begin with a 9, which is no Federal Reserve district's, with their check digit."""
    return Coded(10**7, 9, lambda index: from_matrix(routing_digits(index, "9", 7)))


def bsn() -> Coded:
    """Dutch citizen numbers that pass their test, of two leading zeros too many to be anybody's."""
    return Coded(10**5, 9, lambda index: from_matrix(weighted_digits(index, "000", 5, 1)))


def nhs() -> Coded:
    """Numbers of the British health service that begin with 999, which is kept for tests, with their check digit."""
    return Coded(10**6, 10, lambda index: from_matrix(weighted_digits(index, "999", 6, -1)))


def tax_id() -> Coded:
    """German tax numbers of persons that begin with 0, as only those of tests do, with their check digit."""
    return Coded(10**9, 11, lambda index: from_matrix(mod11_10_digits(index, "0", 9)))


# Number plates by country, with a letter in the first place that the country never puts there.
_PLATES = {"NL": "Q?-###-?", "DE": "XX-?? ###", "GB": "Z?## ?ZZ", "FR": "UU-###-??", "ES": "#### A??", "IT": "QQ###??"}
_PLATE = "??-####-?"

_FORMS: dict[str, Callable[[str], Generator]] = {
    "iban": iban,
    "card": lambda _: card_number(),
    "ean13": lambda _: ean13(),
    "upc": lambda _: upc(),
    "isbn13": lambda _: isbn13(),
    "isbn10": lambda _: isbn10(),
    "issn": lambda _: issn(),
    "imei": lambda _: imei(),
    "bic": lambda country: FilledPatterns(f"TEST{country}??"),
    "vin": lambda _: vin(),
    "card_last4": lambda _: Coded(10**4, 4, lambda index: padded(index, 4)),
    "cvv": lambda _: Coded(10**3, 3, lambda index: padded(index, 3)),
    "pin": lambda _: Coded(10**6, 6, lambda index: padded(index, 6)),
    "account": lambda _: Coded(10**10, 10, lambda index: padded(index, 10)),
    "routing": lambda _: routing(),
    "license_plate": lambda country: FilledPatterns(_PLATES.get(country, _PLATE)),
    "tracking": lambda _: Coded(10**12, 18, lambda index: join("TRK000", padded(index, 12))),
    "passport": lambda _: FilledPatterns("X0#######"),
    "flight": lambda _: FilledPatterns("XX####"),
    "tax_id": lambda _: tax_id(),
}
_VIN = "0123456789ABCDEFGHJKLMNPRSTUVWXYZ"


_NATIONAL = {"ssn": PERSONS, "vat": COMPANIES}


def _checked(context: ColumnContext, options: Mapping[str, Any]) -> Generator:
    kind = str(options["kind"])
    country = str(options.get("country") or resolve_locale(context.locale)[3:])
    most = text_limits(context).most
    # Those whose check digit leaves some numbers out are not told apart, so a key has the form without it.
    if kind == "nhs" and not context.unique:
        return nhs()
    if kind == "nhs":
        return FilledPatterns("999#######")
    if kind == "ssn" and country == "NL" and not context.unique:
        return bsn()
    if kind in _NATIONAL:
        forms = _NATIONAL[kind]
        return FilledPatterns(written(forms.get(country, forms["US"]), most))
    if kind == "license_plate":
        return FilledPatterns(written(_PLATES.get(country, _PLATE), most))
    found = _FORMS[kind](country)
    if kind == "isbn13" and most is not None and most < 13:
        return isbn10()
    return found


def _serials(context: ColumnContext, options: Mapping[str, Any]) -> Generator:
    prefix, width = str(options.get("prefix", "")), int(options.get("digits", 6))
    if not 1 <= width <= 18:
        raise invalid("serial: digits must be 1 to 18")
    most = text_limits(context).most
    if most is None:
        return Serials(prefix, width, _MOST_DIGITS)
    if most < len(prefix) + width:
        prefix = prefix if most >= len(prefix) + 4 else ""
        width = max(1, min(width, most - len(prefix)))
    return Serials(prefix, width, min(_MOST_DIGITS, most - len(prefix)))


def _patterns(context: ColumnContext, options: Mapping[str, Any]) -> Generator:
    pattern = str(options["pattern"])
    if not pattern.isascii() or not pattern or "\0" in pattern:
        raise invalid("pattern: only ASCII characters, please")
    if (most := text_limits(context).most) is not None and len(pattern) > most:
        raise invalid(f"pattern: it has {len(pattern):,} characters, and the column takes {most:,}")
    return FilledPatterns(pattern)


def _codes(context: ColumnContext, options: Mapping[str, Any]) -> Generator:
    limits = text_limits(context)
    width = int(options.get("length", 8))
    if limits.most is not None:
        width = min(width, limits.most)
    width = max(width, limits.least, 1)
    if width < 3:
        return short_codes(width, limits.least)
    upper = options.get("case", "upper") == "upper"
    return Codes(width, UPPER_CODE if upper else LOWER_CODE, UPPER_CODE[:24] if upper else "abcdefghijklmnopqrstuvwxyz")


def _hashes(context: ColumnContext, options: Mapping[str, Any]) -> Generator:
    limits = text_limits(context)
    width = int(options.get("length", 64))
    if limits.most is not None:
        width = min(width, limits.most)
    return HexDigests(max(1, width, limits.least))


def _tokens(context: ColumnContext, options: Mapping[str, Any]) -> Generator:
    limits = text_limits(context)
    prefix = str(options.get("prefix", ""))
    width = int(options.get("length", 32))
    if limits.most is not None:
        prefix = prefix if len(prefix) + 8 <= limits.most else ""
        width = max(1, min(width, limits.most - len(prefix)))
    return Coded(min(1 << 62, 36**width), len(prefix) + width, lambda index: join(prefix, _base36(index, width)))


def _base36(index: Rows, width: int) -> pa.Array:
    """Letters and digits: the mixed index first, more of the mix behind."""
    if width <= 12:
        return from_matrix(code(index % (36 ** min(width, 12)), LOWER_CODE, width))
    parts = [code(index, LOWER_CODE, 12)]
    left = width - 12
    for n in range(-(-left // 12)):
        word = (draw(_MIX, index, n) >> np.uint64(2)).view(np.int64) % 36**12
        parts.append(
            code(word, LOWER_CODE, min(12, left - 12 * n)) if left - 12 * n < 12 else code(word, LOWER_CODE, 12)
        )
    return from_matrix(np.concatenate(parts, axis=1)[:, :width])


def _password_hashes(context: ColumnContext, options: Mapping[str, Any]) -> Generator:
    limits = text_limits(context)
    if limits.most is not None and limits.most < 60:
        return _hashes(context, {"length": limits.most})

    def write(index: Rows) -> pa.Array:
        return join("$2b$12$", _base36(index, 53))

    return Coded(1 << 62, 60, write)


def _versions(context: ColumnContext, options: Mapping[str, Any]) -> Generator:
    return SemanticVersions()


def _colour_codes(context: ColumnContext, options: Mapping[str, Any]) -> Generator:
    limits = text_limits(context)
    if limits.most is not None and limits.most < 7:
        return Coded(16**6, 6, lambda index: from_matrix(code(index, HEX_DIGITS, 6)))
    return Coded(16**6, 7, lambda index: join("#", from_matrix(code(index, HEX_DIGITS, 6))))


def _currencies(context: ColumnContext, options: Mapping[str, Any]) -> Generator:
    if options.get("part") == "name":
        return Phrases([distinct(table("en_US", "currencies")["name"])])
    if context.unique:
        return Phrases([table("en_US", "currencies")["code"]])
    return Phrases([pool("en_US", "currency_codes")])


def _languages(context: ColumnContext, options: Mapping[str, Any]) -> Generator:
    if options.get("part") == "name":
        return Phrases([pool(resolve_locale(context.locale), "language_names")])
    return Phrases([table("en_US", "languages")["code"]])


def _uuids(context: ColumnContext, options: Mapping[str, Any]) -> Generator:
    return Uuids()


ENTRIES = (
    Entry(
        "checked_number",
        "Numbers with check digits, from ranges that nobody has",
        ("text",),
        _checked,
        {
            "kind": Option("string", "which one", True, tuple(sorted({*_FORMS, *_NATIONAL, "nhs"}))),
            "country": Option("string", "two-letter country code, for iban, vat, ssn and bic"),
        },
        {"kind": "iban", "country": "NL"},
    ),
    Entry(
        "serial",
        "A prefix and a number with leading zeros",
        ("text",),
        _serials,
        {"prefix": Option("string", "what stands before"), "digits": Option("integer", "how many digits, 1 to 18")},
        {"prefix": "INV-", "digits": 6},
    ),
    Entry(
        "pattern",
        "A pattern: # stands for a digit, ? for a capital letter",
        ("text",),
        _patterns,
        {"pattern": Option("string", "the pattern", True)},
        {"pattern": "??-####"},
    ),
    Entry(
        "code",
        "A code of letters and digits",
        ("text",),
        _codes,
        {
            "length": Option("integer", "how many characters"),
            "case": Option("string", "of the letters", False, ("upper", "lower")),
        },
        {"length": 6},
    ),
    Entry(
        "hash",
        "Hexadecimal digits, like a digest",
        ("text",),
        _hashes,
        {"length": Option("integer", "how many digits; 64 is the length of SHA-256")},
        {"length": 40},
    ),
    Entry(
        "token",
        "A long random word, like an API key",
        ("text",),
        _tokens,
        {"prefix": Option("string", "what stands before"), "length": Option("integer", "how many characters")},
        {"prefix": "key_", "length": 24},
    ),
    Entry("password_hash", "Text in the form of a bcrypt hash, of no password", ("text",), _password_hashes),
    Entry("version", "Version number such as 2.14.3", ("text",), _versions),
    Entry("colour_code", "Colour as #rrggbb", ("text",), _colour_codes),
    Entry(
        "currency_code",
        "Currency, by code (ISO 4217) or name",
        ("text",),
        _currencies,
        {"part": Option("string", "what of it", False, ("code", "name"))},
        {"part": "name"},
    ),
    Entry(
        "language",
        "Language, by code (ISO 639-1) or name",
        ("text",),
        _languages,
        {"part": Option("string", "what of it", False, ("code", "name"))},
        {"part": "name"},
    ),
    Entry("uuid", "UUID of version 4", ("any",), _uuids),
)
