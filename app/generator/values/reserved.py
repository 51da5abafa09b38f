"""Contacts as a check wants them written that are nobody's all the same.

A check that no contact of a generator passes (`phone ~ '^\\+[1-9]\\d{7,14}$'`, `url ~ '^https://[^/]+$'`) says how one
is written, and not whose it is. So text is made that matches it and one of these expressions too.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.generator.values.national import PERSONS


@dataclass(frozen=True, slots=True)
class Reserved:
    """Regular expressions of what is nobody's, the first that agrees with a check counts.

    `natural` ones look like others of their kind; `ample` ones are enough for a key.
    """

    natural: tuple[str, ...]
    ample: tuple[str, ...]


# By country, in any spelling: what its regulator keeps for fiction, else a subscriber's number that begins with 0.
_FICTION = {
    "US": r"(\+?1[ .-]?)?(\([2-9][0-9]{2}\) ?|[2-9][0-9]{2}[ .-]?)555[ .-]?01[0-9]{2}",
    "GB": r"(\+?44 ?|0)(7700 ?900|20 ?7946 ?0)[0-9]{3}",
    "DE": r"(\+?49 ?|0)(30 ?23125|40 ?66969|69 ?90009|89 ?99998) ?[0-9]{3}",
    "FR": r"(\+?33 ?|0)(1 ?99 ?00|2 ?61 ?91|3 ?53 ?01|4 ?65 ?71|5 ?36 ?49|6 ?39 ?98) ?[0-9]{2} ?[0-9]{2}",
    "ES": r"(\+?34 ?)?555 ?[0-9]{3} ?[0-9]{3}",
    "BR": r"(\+?55 ?)?(\([1-9][0-9]\) ?|[1-9][0-9] ?)0555[ -]?[0-9]{4}",
    "NL": r"(\+?31 ?|0)[1-9][0-9] ?055 ?[0-9]{4}",
    "IT": r"(\+?39 ?)?0[2-9] ?0555 ?[0-9]{3}",
    "JP": r"(\+?81 ?|0)[3-9]-?0[0-9]{3}-?[0-9]{4}",
}
# Exchanges of North America begin with 2 to 9; behind these codes of countries no national number begins with 0; no
# country has the code 999, and none a code that begins with 0.
_UNASSIGNED = {
    "US": r"(\+?1[ .-]?)?(\([2-9][0-9]{2}\) ?|[2-9][0-9]{2}[ .-]?)[01][0-9]{2}[ .-]?[0-9]{4}",
    "": r"\+(1|7|20|27|3[0-46]|4[013-9]|5[1-8]|6[0-6]|8[1246]|9[0-58])[ -]?0[ -]?[0-9]{3}[ -]?[0-9]{2,8}",
    "999": r"(\+?999|000)[ .-]?[0-9]{1,4}[ .-]?[0-9]{3}[ .-]?[0-9]{1,8}",
}
_HOST = r"([a-z][a-z0-9]{2,9}\.)?(example\.(com|org|net)|[a-z][a-z0-9]{3,9}\.(test|example))"
_SITE = rf"[a-z][a-z0-9]{{1,7}}://(www\.)?{_HOST}(/[a-z]{{3,8}})?/?"
_MAIL = rf"[A-Za-z][A-Za-z0-9._+-]{{1,14}}[A-Za-z0-9]@{_HOST}"
# Locally administered, of one card; RFC 5737; and private where those are too few.
_MAC = r"02([:.-]?[0-9A-Fa-f]{2}){5}"
_OCTET = r"(25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])"
_DOCUMENTED = rf"(192\.0\.2|198\.51\.100|203\.0\.113)\.{_OCTET}(/32|:[0-9]{{4}})?"
_PRIVATE = rf"10(\.{_OCTET}){{3}}(/32|:[0-9]{{4}})?"
_ALIKE = {
    "email": _MAIL, "url": _SITE, "domain_name": _HOST, "host_name": _HOST, "mac_address": _MAC,
}  # fmt: skip
# The bank and the sort code that there is none of; the range for tests of cards.
_CHECKED = {
    "iban": r"DE[0-9]{2} ?0000 ?0000 ?[0-9]{4} ?[0-9]{4} ?[0-9]{2}",
    "card": r"4000[ -]?00[0-9]{2}[ -]?[0-9]{4}[ -]?[0-9]{4}",
}
_COUNTRY_OF = {"ja": "JP"}


def reserved_text(generator: str, options: Mapping[str, Any], locale: str) -> Reserved | None:
    """What a generator's text may be where a check wants it written in another way; None for what is no contact."""
    country = locale.replace("-", "_").partition("_")[2][:2].upper() or _COUNTRY_OF.get(locale[:2], "US")
    if generator == "phone":
        natural = dict.fromkeys((country, *_FICTION))
        unassigned = dict.fromkeys((country, "", "999", "US"))
        return Reserved(
            tuple(_FICTION[name] for name in natural if name in _FICTION),
            tuple(_UNASSIGNED[name] for name in unassigned if name in _UNASSIGNED),
        )
    if generator == "ip_address":
        return Reserved((_DOCUMENTED,), (_PRIVATE,))
    if generator == "checked_number" and options.get("kind") == "ssn":
        forms = tuple(_spelt(PERSONS[name]) for name in dict.fromkeys((country, "US")) if name in PERSONS)
        return Reserved(forms, forms)
    found = _CHECKED.get(str(options.get("kind"))) if generator == "checked_number" else _ALIKE.get(generator)
    return None if found is None else Reserved((found,), (found,))


def _spelt(form: str) -> str:
    """A form of # and ? as an expression, in which what stands between may be left out."""
    signs = {"#": "[0-9]", "?": "[A-Z]", ".": "[.]?", "-": "[ -]?"}
    return "".join(signs.get(sign, sign) for sign in form)
