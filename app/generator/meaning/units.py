"""Units at the end of a number's name: what they say where the words before them say nothing."""

import re
from functools import lru_cache

from app.generator.meaning.naming import raw_tokens

_MEASURES = frozenset(
    """wm2 wm ugm3 mgm3 mgl gpt kgm3 lmin lpm lps m3h m3s kgha tha mm cm dm m km mi mile miles ft feet in inch inches
    yd um nm g mg kg t lb lbs oz ug ng pg l ml ul nl cl dl hl gal m2 m3 sqm sqft sqkm km2 ha ac acre acres hectares
    cbm cuft c f k celsius fahrenheit kelvin pa kpa hpa mpa mbar bar psi mmhg w kw mw gw va kva wh kwh mwh gwh j kj
    kcal cal
    v mv kv volt volts a ma ah mah amp amps ohm ohms hz khz mhz ghz rpm db dba dbm dbi lux lx lm lumen lumens cd ppm
    ppb umol nmol mmol mol meq iu bpm grt nrt teu
    kmh kph mph mps ms2 kn kt kts knots deg degrees rad bps kbps mbps gbps px dpi ntu psu ph
    gkm kwhm kwhan uv pct nit nits tons tonnes ppi mp cc dl sf lf sy cf cfu mpn bbl bu cwt gpm cfs mgd
    liters litres meters metres""".split()
)
# Those of one letter, and what is a word too, say nothing where the name's words do.
_LONG = frozenset(unit for unit in _MEASURES if len(unit) > 1).difference("in mi pct ph cd mp cal px".split())
_TIMES = frozenset(
    """s sek seg secondes segundos sekunden sec secs second seconds ms us ns msec usec min mins minutes h hr hrs d
    days wk wks mo mos mths yr yrs jr jrn mnd wkn dgn std stdn tge""".split()
)
_SIZES = frozenset("b kb mb gb tb kib mib gib bytes".split())
# Money for a unit is money.
_PRICED = frozenset(
    "price cost rate fee charge tariff amount value salary wage preis prix precio preco prijs tarif tarifa".split()
)


def measured(found: str | None, name: str, words: tuple[str, ...]) -> str | None:
    """A number's concept by the unit that its name ends in; `found` is what its words say."""
    pieces = raw_tokens(name)
    if len(pieces) < 2:
        return found
    unit = pieces[-1] if not (len(pieces[-1]) == 1 and pieces[-1].isdigit()) else "".join(pieces[-2:])
    if found == "money" and (unit not in _LONG or _PRICED & set(words)):
        return found
    if found == "count" and unit in _LONG:
        return "measure"
    if found not in (None, "number", "money", "quantity", "percentage", "level"):
        return found
    if unit in _MEASURES and (found in (None, "percentage", "level") or unit in _LONG) and unit != "pct":
        return "measure"
    if unit in _TIMES and found == "quantity" and len(unit) > 1:
        return "duration"
    if found is None and unit in _TIMES:
        return "duration"
    if found is None and unit in _SIZES:
        return "file_size"
    return "percentage" if unit == "pct" else found


# What a comment says a number is counted in, and which concepts that leaves as they are.
_IN = r"(?:^|[(\[,;]\s*|\b(?:in|as|als)\s+(?:full\s+|whole\s+|ganzen\s+|hele\s+)?)"
_SAID = (
    ("percentage", r"(?:%|per ?cent\b|percentage\b|prozent\b|procent(?:en)?\b|pct\b)"),
    ("duration", r"(?:milliseconds|seconds|minutes|hours|days|weeks|months|years|sekunden|minuten|stunden|tagen?\b|"
     r"wochen|monaten?\b|jahren?\b|seconden|uren\b|dagen\b|weken\b|maanden\b|jaren\b|msec?\b)"),
    ("money", r"(?:eur\b|euros?\b|usd\b|gbp\b|chf\b|dollars?\b|pounds\b|pence\b|eurocents?\b|€)"),
    ("measure", r"(?:kg|g|mg|t|tonnen|tonnes|m|cm|mm|km|m2|m²|qm|m3|m³|ha|kwh|mwh|kw|w|v|a|l|ml|liter|litres?|bar|hpa|"
     r"hz|rpm|km/h|kn|knots|°c|lux|ppm|db)(?![\w/])"),
)  # fmt: skip
_SAID_PATTERNS = tuple((concept, re.compile(_IN + unit, re.IGNORECASE)) for concept, unit in _SAID)
_LEFT_BY = {
    "percentage": frozenset({None, "number", "measure", "money", "level", "score", "quantity"}),
    "duration": frozenset({None, "number", "measure", "percentage", "quantity"}),
    "money": frozenset({None, "number", "measure", "percentage", "count", "quantity"}),
    "measure": frozenset({None, "number", "percentage"}),
}


@lru_cache(maxsize=4096)
def said_in(found: str | None, comment: str) -> str | None:
    """A number's concept by the unit that its comment names: `burn`, in percent; `found` is what its name says."""
    for concept, pattern in _SAID_PATTERNS:
        if pattern.search(comment):
            return concept if found in _LEFT_BY[concept] else found
    return found
