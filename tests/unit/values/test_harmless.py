"""Nothing that is made reaches anybody: what is known of single generators; of all of them, see test_safety.py."""

import ipaddress
import re

import numpy as np
import pyarrow as pa
import pytest

from app.generator.domain import Domain, Pattern
from app.generator.pools import table
from app.generator.values.choice import Choice
from app.generator.values.containers import element_text
from app.generator.values.generator import Tagging
from app.generator.values.registry import build
from tests.unit.values.columns import LOCALES, column, made, sibling_arrays

_ROWS = np.arange(1000)
_SIBLINGS = sibling_arrays(_ROWS)
_RESERVED = re.compile(r"(^|[.@])(example\.(com|org|net)|example|test|invalid|localhost)$")


def _texts(name: str, locale: str = "en_US") -> list[str]:
    generator = made(name, locale)
    arrays = [generator.draw(3, _ROWS, _SIBLINGS, 0)]
    if generator.capacity is not None:
        arrays.append(generator.at(np.arange(min(generator.capacity, 1000))))
    if isinstance(generator, Tagging):
        arrays.append(generator.tag(_ROWS, 3, _ROWS, _SIBLINGS))
    return [text for array in arrays if pa.types.is_string(array.type) for text in element_text(array).to_pylist()]


@pytest.mark.parametrize(
    "regex", [r"^[+]?[0-9]{5,12}$", r"^[-+]?\d+$", "^[[:punct:]]{2}$", "^@?[a-z]{2,5}$", "^.{3,9}$"]
)
def test_text_of_a_pattern_is_no_formula_where_it_need_not_be(regex: str) -> None:
    """A sign that may be left out is left out; one that must be there stays."""
    generator = build(Choice("type"), column("text", Domain(patterns=(Pattern(regex),))))
    assert not any(text[0] in "=+-@\t\r" for text in generator.draw(1, _ROWS, {}, 0).to_pylist())
    signed = build(Choice("type"), column("text", Domain(patterns=(Pattern("^[+][0-9]{5}$"),))))
    assert all(text[0] == "+" for text in signed.draw(1, _ROWS, {}, 0).to_pylist())


@pytest.mark.parametrize("regex", ["@", r"^\+\d{10}$|@", "^[-+]?.{4}$", "^[[:punct:]]{2}", r"^[\s\w]{5}$"])
def test_text_of_a_pattern_has_no_control_characters(regex: str) -> None:
    """What keeps a formula from being the beginning brings no tab into the middle."""
    generator = build(Choice("type"), column("text", Domain(patterns=(Pattern(regex),))))
    assert generator.capacity is not None
    far = np.linspace(0, float(min(generator.capacity, 1 << 50) - 1) * 0.99, 1000).astype(np.int64)
    for array in (generator.draw(1, _ROWS, {}, 0), generator.at(far)):
        assert not any(ord(sign) < 32 for text in array.to_pylist() for sign in text)


def test_addresses_are_at_reserved_domains() -> None:
    """RFC 2606 and RFC 6761."""
    for locale in LOCALES:
        for text in _texts("email", locale):
            assert _RESERVED.search(text)
            assert re.fullmatch(r"[a-z0-9._]+@[a-z0-9.]+", text)
        assert all(_RESERVED.search(text) for text in _texts("domain_name", locale))
        assert all(_RESERVED.search(text.split("/")[2]) for text in _texts("url", locale))


@pytest.mark.parametrize("least", [20, 25, 26, 27, 40, 63])
@pytest.mark.parametrize("name", ["email", "url", "domain_name", "host_name"])
@pytest.mark.parametrize("unique", [False, True])
def test_contacts_that_a_check_wants_longer_keep_their_domain(name: str, least: int, unique: bool) -> None:
    """What is filled up grows before the domain or behind it, and stays one word; distinct ones stay distinct."""
    generator = build(Choice(name), column("text", Domain(min_length=least), unique=unique))
    drawn = generator.draw(3, _ROWS, _SIBLINGS, 0).to_pylist()
    counted = generator.at(_ROWS).to_pylist() if unique else []
    assert len(set(counted)) == len(counted)
    for text in drawn + counted:
        assert len(text) >= least
        host = re.sub(r"^.*@|^https?://|/.*$", "", text)
        assert "." not in host or _RESERVED.search(host), text
    if name == "email":
        assert all("@example." in text for text in drawn + counted)


def test_ip_addresses_are_for_documentation() -> None:
    """RFC 5737 and RFC 3849, and private ones where a column must be IPv4 and unique."""
    nets = [ipaddress.ip_network(n) for n in ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "2001:db8::/32")]
    generator = build(Choice("ip_address"), column("inet"))
    for text in [*generator.draw(1, _ROWS, {}, 0).to_pylist(), *generator.at(_ROWS).to_pylist()]:
        assert any(
            ipaddress.ip_address(text) in net for net in nets if net.version == ipaddress.ip_address(text).version
        )


def test_phone_numbers_are_fictional() -> None:
    """Ranges that regulators keep for fiction, and subscriber numbers that begin with a zero, which none does."""
    fiction = {
        "en_US": r"\(\d{3}\) 555-01\d\d",
        "en_GB": r"0\d{2,4} (7946 0|496 0|498 0|960|2018 0|9649 6)\d*",
        "de_DE": r"(030 23125|040 66969|0221 4710|069 90009|089 99998) \d{3}|(0171 39200|0176 040690)\d\d",
        "fr_FR": r"0(1 99 00|2 61 91|3 53 01|4 65 71|5 36 49)( \d\d){2}",
        "es_ES": r"555 \d{3} \d{3}",
        "pt_BR": r"\(\d\d\) 0555-\d{4}",
        "nl_NL": r"0\d{2,3} 055 [\d ]+",
        "it_IT": r"0\d{1,3} 0555 \d{3}",
        "ja_JP": r"0\d{1,3}-0\d{2,3}-\d{4}",
    }
    for locale, regex in fiction.items():
        generator = build(Choice("phone"), column("text", locale=locale))
        for text in generator.draw(1, _ROWS, {}, 0).to_pylist():
            assert re.fullmatch(regex, text), (locale, text)


def test_phone_numbers_of_the_world_are_nobodys() -> None:
    """Every pattern of every city: a range that its country keeps for fiction, or a subscriber that begins with 0."""
    fiction = {
        "US": r"\+1 \d{3}-555-01##",
        "CA": r"\+1 \d{3}-555-01##",
        "AU": r"\+61 [2378] 5550 ####",
        "GB": r"\+44 (20 7946|117 496|131 496|161 496) 0###",
        "IE": r"\+353 20 91[34] ####",
        "SE": r"\+46 (31 390 06|8 465 004) ##?",
        "ES": r"\+34 555 ### ###",
        "DE": r"\+49 (30 23125|40 66969|221 4710|69 90009|89 99998) ###",
        "FR": r"\+33 (1 99 00|4 65 71|5 36 49)( ##)+",
    }
    world = table("en_US", "world")
    for country, pattern in zip(world["country_code"].to_pylist(), world["phone"].to_pylist(), strict=True):
        assert re.fullmatch(fiction.get(country, r"\+\d{1,3} (\d{1,3} )?0[\d -]*[# -]+"), pattern), (country, pattern)


def test_national_numbers_have_their_countrys_form_and_are_nobodys() -> None:
    """Each locale's own, without separators where the column has no room for them."""
    forms = {
        "en_US": r"9\d\d-\d\d-\d{4}",
        "en_GB": r"QQ\d{6}[A-Z]",
        "de_DE": r"00\d{6}[A-Z]\d{3}",
        "fr_FR": r"0\d{14}",
        "es_ES": r"\d{8}U",
        "pt_BR": r"000\.\d{3}\.\d{3}-\d\d",
        "nl_NL": r"000\d{6}",
        "it_IT": r"[A-Z]{6}\d\dZ\d\d[A-Z]\d{3}[A-Z]",
        "ja_JP": r"0{6}\d{6}",
    }
    for locale, regex in forms.items():
        generator = build(Choice("checked_number", {"kind": "ssn"}), column("text", locale=locale))
        assert all(re.fullmatch(regex, text) for text in generator.draw(1, _ROWS, {}, 0).to_pylist()), locale
    narrow = build(Choice("checked_number", {"kind": "ssn"}), column("bpchar(11)", locale="pt_BR"))
    assert all(re.fullmatch(r"000\d{8}", text) for text in narrow.draw(1, _ROWS, {}, 0).to_pylist())


def test_nasty_text_has_all_that_programs_trip_over() -> None:
    """Quotes, line breaks, formulas, right to left and emoji, and still nothing that Postgres cannot store."""
    texts = set(made("nasty").draw(1, np.arange(5000), {}, 0).to_pylist())
    assert any("\n" in t for t in texts)
    assert any("'" in t for t in texts)
    assert any(t.startswith("=") for t in texts)
    assert any("\u202e" in t for t in texts)
    assert {"", " "} <= texts
    assert max(map(len, texts)) >= 500
    assert any(ord(c) > 0xFFFF for t in texts for c in t)
    assert not any("\0" in t for t in texts)
    assert all(t.encode().decode() == t for t in texts)
