"""Numbers that check themselves pass their checks."""

import numpy as np
import pytest

from app.generator.values.choice import Choice
from app.generator.values.registry import build, entries
from tests.unit.values.columns import column

_INDEX = np.unique(np.linspace(0, 9e8, 500).astype(np.int64))


def _numbers(kind: str, country: str | None = None) -> list[str]:
    options = {"kind": kind, **({"country": country} if country else {})}
    generator = build(Choice("checked_number", options), column("text"))
    assert generator.capacity is not None
    return list(generator.at(_INDEX % generator.capacity).to_pylist())


def _gs1(text: str) -> bool:
    return sum(int(c) * (3 if n % 2 else 1) for n, c in enumerate(reversed(text))) % 10 == 0


def _luhn(text: str) -> bool:
    digits = [int(c) for c in reversed(text)]
    return (sum(digits[::2]) + sum(sum(divmod(2 * d, 10)) for d in digits[1::2])) % 10 == 0


def _mod11(text: str) -> bool:
    digits = [10 if c == "X" else int(c) for c in text.replace("-", "")]
    return sum(d * w for d, w in zip(digits, range(len(digits), 0, -1), strict=True)) % 11 == 0


@pytest.mark.parametrize("country", ["DE", "FR", "ES", "NL", "IT", "GB", "BR"])
def test_iban(country: str) -> None:
    """ISO 13616: the rearranged number is 1 modulo 97, and as long as the registry says."""
    lengths = {"DE": 22, "FR": 27, "ES": 24, "NL": 18, "IT": 27, "GB": 22, "BR": 29}
    for text in _numbers("iban", country):
        assert len(text) == lengths[country]
        assert text.startswith(country)
        assert int("".join(str(int(c, 36)) for c in text[4:] + text[:4])) % 97 == 1


def test_goods_and_books() -> None:
    """EAN-13, UPC-A, ISBN and ISSN."""
    assert all(len(t) == 13 and t.startswith("2") and _gs1(t) for t in _numbers("ean13"))
    assert all(len(t) == 12 and _gs1(t) for t in _numbers("upc"))
    assert all(len(t) == 13 and t.startswith("978") and _gs1(t) for t in _numbers("isbn13"))
    assert all(len(t) == 10 and _mod11(t) for t in _numbers("isbn10"))
    assert all(len(t) == 9 and t[4] == "-" and _mod11(t) for t in _numbers("issn"))


def test_cards_and_devices() -> None:
    """The Luhn digit of ISO/IEC 7812, in ranges kept for tests."""
    assert all(len(t) == 16 and t.startswith("400000") and _luhn(t) for t in _numbers("card"))
    assert all(len(t) == 15 and t.startswith("00") and _luhn(t) for t in _numbers("imei"))


def test_vehicles() -> None:
    """ISO 3779 and 49 CFR 565.15: the ninth sign checks the others; the maker's code is nobody's."""
    values = dict(zip("ABCDEFGHJKLMNPRSTUVWXYZ", [1, 2, 3, 4, 5, 6, 7, 8, 1, 2, 3, 4, 5, 7, 9, 2, 3, 4, 5, 6, 7, 8, 9],
                      strict=True))  # fmt: skip
    weights = (8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2)
    signs = set()
    for text in _numbers("vin"):
        total = sum(w * (values[c] if c in values else int(c)) for c, w in zip(text, weights, strict=True))
        assert text[8] == "0123456789X"[total % 11]
        assert text.startswith("00000000")
        signs.add(text[8])
    assert len(signs) == 11


def test_routing_numbers() -> None:
    """Threes, sevens and ones come to a multiple of ten; no district of the Federal Reserve begins with a 9."""
    for text in _numbers("routing"):
        assert sum(int(c) * w for c, w in zip(text, (3, 7, 1) * 3, strict=True)) % 10 == 0
        assert len(text) == 9
        assert text.startswith("9")


def test_tax_numbers_of_persons_check_and_are_of_tests() -> None:
    """ISO 7064, modulo 11 and 10, after a zero."""
    for text in _numbers("tax_id"):
        product = 10
        for c in text[:-1]:
            product = ((int(c) + product) % 10 or 10) * 2 % 11
        assert (11 - product) % 10 == int(text[-1])
        assert len(text) == 11
        assert text.startswith("0")


def test_health_numbers_check_and_are_of_tests() -> None:
    """Weights from ten down, modulo 11."""
    for text in _numbers("nhs"):
        assert sum(int(c) * w for c, w in zip(text, (*range(10, 1, -1), 1), strict=True)) % 11 == 0
        assert text.startswith("999")


def test_dutch_citizen_numbers_check() -> None:
    """Weights from nine down to two, and minus one."""
    made = build(Choice("checked_number", {"kind": "ssn"}), column("text", locale="nl_NL"))
    for text in made.draw(7, np.arange(500), {}, 0).to_pylist():
        assert sum(int(c) * w for c, w in zip(text, (*range(9, 1, -1), -1), strict=True)) % 11 == 0
        assert text.startswith("000")


# What has no check digit, with the reason; all others are tested above.
_UNCHECKED = {
    "account", "card_last4", "cvv", "pin",  # plain digits of no standard
    "bic", "flight", "license_plate", "passport", "tracking",  # forms without one
    "ssn", "vat",  # of every country's form, and wrong on purpose: a right one could be somebody's
}  # fmt: skip


def test_every_kind_of_number_is_tested_or_has_nothing_to_check() -> None:
    """A kind that is added stands here or above."""
    kinds = set(entries()["checked_number"].options["kind"].choices)
    checked = {"iban", "ean13", "upc", "isbn13", "isbn10", "issn", "card", "imei", "vin", "routing", "nhs", "tax_id"}
    assert kinds == checked | _UNCHECKED


def test_social_security_numbers_were_never_given_out() -> None:
    """The area 9xx is no one's."""
    assert all(t.startswith("9") and t[3] == t[6] == "-" for t in _numbers("ssn"))
