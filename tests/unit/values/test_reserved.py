"""A check says how a contact is written: it is nobody's in that spelling too."""

import re

import numpy as np
import pytest

from app.generator.domain import Domain, Pattern
from app.generator.values.choice import Choice
from app.generator.values.registry import build
from tests.unit.values.columns import column

_ROWS = np.arange(400)
# Kept for fiction, or given to nobody: an exchange of North America that begins with 0 or 1, a subscriber that begins
# with 0 behind the code of a country, a code that no country has.
_NO_PHONE = re.compile(
    r"""\+?1?[2-9]\d\d(55501\d\d|[01]\d{6}) | (\+?44|0)(7700900|2079460)\d{3} | 000\d+ | \+?999\d+
    | (\+?49|0)(3023125|4066969|6990009|8999998)\d{3} | (\+?33|0)(19900|26191|35301|46571|53649|63998)\d{4}
    | (\+?34)?555\d{6} | (\+?55)?[1-9]\d0555\d{4} | (\+?31|0)[1-9]\d055\d{4} | (\+?39)?0[2-9]0555\d{3}
    | (\+?81|0)[3-9]0\d{7} | \+(1|7|\d\d)0\d+ | 0(1713920|17604069)\d+""",
    re.VERBOSE,
)
_NO_HOST = re.compile(r"(^|\.)(example\.(com|org|net)|example|test)$")


def _texts(choice: Choice, regex: str, locale: str) -> list[str]:
    """Free text of a checked column and distinct text of a unique one, which matches and is distinct."""
    domain = Domain(patterns=(Pattern(regex),))
    free: list[str] = build(choice, column("text", domain, locale=locale)).draw(7, _ROWS, {}, 0).to_pylist()
    keyed = build(choice, column("text", domain, locale=locale, unique=True))
    assert keyed.capacity is not None
    assert keyed.capacity > 1_000_000
    index = np.unique(np.linspace(0, float(min(keyed.capacity, 1 << 50) - 1) * 0.99, 400).astype(np.int64))
    counted: list[str] = keyed.at(index).to_pylist()
    assert len(set(counted)) == len(counted)
    assert all(re.search(regex, text) for text in free + counted)
    return free + counted


@pytest.mark.parametrize("locale", ["en_US", "en_GB", "de_DE", "pt_BR", "ja_JP"])
@pytest.mark.parametrize(
    "regex",
    [r"^\+[1-9]\d{1,14}$", r"^\+?[1-9][0-9]{7,14}$", r"^\d{10}$", r"^[0-9]{10,15}$", r"^\(\d{3}\) \d{3}-\d{4}$",
     r"^\d{3}[-.]\d{3}[-.]\d{4}$", r"^\+1\d{10}$", r"^\+49\d{6,13}$", r"^0\d{9}$", r"^\+\d{1,3} \d{4,14}$"],
)  # fmt: skip
def test_phone_numbers_are_nobodys_in_any_spelling(regex: str, locale: str) -> None:
    """E.164 and what else people ask for, whatever the locale."""
    for text in _texts(Choice("phone"), regex, locale):
        assert _NO_PHONE.fullmatch(re.sub(r"[ ().-]", "", text)), text


@pytest.mark.parametrize(
    ("generator", "regex"),
    [
        ("url", r"^https://[^/]+$"),
        ("url", r"^http://"),
        ("url", r"^https?://([a-z0-9-]+\.)+[a-z]{2,6}/?$"),
        ("url", r"^ftp://[a-z.]+/$"),
        ("domain_name", r"^[a-z0-9-]+\.[a-z]{2,}$"),
        ("email", r"^[a-z0-9]+@[a-z]+\.com$"),
        ("email", r"^[A-Z]+@"),
    ],
)
def test_hosts_are_nobodys_in_any_spelling(generator: str, regex: str) -> None:
    """Whether a check wants no path, no TLS, a short ending or capital letters."""
    for text in _texts(Choice(generator), regex, "en_US"):
        host = re.sub(r"^.*@|^[a-z]+://|[/:].*$", "", text)
        assert _NO_HOST.search(host.lower()), text


@pytest.mark.parametrize(
    ("choice", "regex", "nobodys"),
    [
        (Choice("checked_number", {"kind": "ssn"}), r"^\d{9}$", r"9\d{8}"),
        (Choice("checked_number", {"kind": "ssn"}), r"^\d{3}-\d{2}-\d{4}$", r"9\d\d-\d\d-\d{4}"),
        (Choice("checked_number", {"kind": "card"}), r"^\d{4}( \d{4}){3}$", r"4000 00.*"),
        (Choice("mac_address"), r"^([0-9A-F]{2}-){5}[0-9A-F]{2}$", r"02-.*"),
        (Choice("ip_address"), r"^\d+(\.\d+){3}:\d+$", r"(192\.0\.2|198\.51\.100|203\.0\.113|10\.\d+\.\d+)\.\d+:\d+"),
    ],
)
def test_numbers_and_addresses_are_nobodys_in_any_spelling(choice: Choice, regex: str, nobodys: str) -> None:
    """Areas that are never given out, cards for tests, cards of networks that their owner numbers, documentation."""
    for text in _texts(choice, regex, "en_US"):
        assert re.fullmatch(nobodys, text), text


def test_what_a_check_leaves_no_choice_of_is_as_it_says() -> None:
    """A short number, or an address at a certain host: the check is kept."""
    for choice, regex in ((Choice("phone"), r"^\d{4}$"), (Choice("url"), r"^https://git\.internal/[a-z]+$")):
        texts = build(choice, column("text", Domain(patterns=(Pattern(regex),)))).draw(7, _ROWS, {}, 0).to_pylist()
        assert all(re.search(regex, text) for text in texts)
