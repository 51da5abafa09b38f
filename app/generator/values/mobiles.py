"""Mobile numbers that reach nobody."""

from collections.abc import Sequence

# Mobile numbers that reach nobody, where a country tells them apart from others: Ofcom's and ARCEP's for drama, the
# Bundesnetzagentur's for media; in Brazil, Japan and the Netherlands the subscriber's number begins with 0, which
# their plans give to nobody.
_MOBILES = {
    "GB": "07700 900###", "FR": "06 39 98 ## ##", "DE": "0176 040690##", "JP": "090-0###-####", "NL": "06 0### ####",
}  # fmt: skip


def mobile_patterns(patterns: Sequence[str], countries: Sequence[str]) -> list[str]:
    """The patterns with those of mobile numbers in their place, where the country has such."""
    return [
        p[:5] + "9 " + p[5:] if code == "BR" and p.startswith("(") else _MOBILES.get(code, p) if p[:1] != "+" else p
        for p, code in zip(patterns, countries, strict=True)
    ]
