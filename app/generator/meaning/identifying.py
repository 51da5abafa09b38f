"""Generators for what tells one thing from another: running numbers, codes, keys and sums of bytes."""

from collections.abc import Callable, Mapping
from typing import Any

from app.generator.meaning.heads import LANGUAGES, values_of
from app.generator.meaning.naming import raw_tokens
from app.generator.meaning.rooms import text_room
from app.generator.meaning.spoken import table_words
from app.generator.meaning.surroundings import Surroundings
from app.generator.meaning.vocabulary import CODE_PATTERNS, SERIAL_PREFIXES

Chosen = tuple[str, dict[str, Any]]

_ENOUGH = 7
# What papers and people are numbered with; tables of no such language take the English letters.
_PREFIXES = {
    "de": {
        "order": "AU-", "invoice": "RE-", "customer": "KD-", "person": "PE-", "receipt": "BE-", "contract": "VT-",
        "policy": "VS-", "payment": "ZA-", "shipping": "SE-", "delivery": "LS-", "batch": "CH-", "lot": "CH-",
        "employee": "MA-", "personnel": "MA-", "product": "AR-", "quote": "AN-", "return": "RT-", "claim": "SN-",
        "booking": "BU-", "reservation": "RV-", "case": "VG-", "project": "PR-", "supplier": "LF-",
    },
    "nl": {
        "order": "O-", "invoice": "F-", "customer": "K-", "person": "P-", "receipt": "B-", "contract": "C-",
        "policy": "PL-", "payment": "BT-", "delivery": "PB-", "employee": "M-", "personnel": "M-", "product": "A-",
        "quote": "OF-", "return": "R-", "claim": "S-", "booking": "BK-", "case": "Z-", "supplier": "L-",
    },
    "fr": {
        "order": "CDE-", "invoice": "FAC-", "customer": "CLI-", "person": "P-", "receipt": "RE-", "contract": "CTR-",
        "policy": "POL-", "payment": "PAY-", "delivery": "BL-", "shipping": "EXP-", "batch": "LOT-", "lot": "LOT-",
        "employee": "M-", "personnel": "M-", "product": "ART-", "quote": "DEV-", "return": "RET-", "claim": "SIN-",
        "booking": "RES-", "reservation": "RES-", "case": "DOS-", "project": "PRJ-", "supplier": "FRN-",
    },
    "es": {
        "order": "PED-", "invoice": "FAC-", "customer": "CLI-", "person": "P-", "receipt": "REC-", "contract": "CTO-",
        "policy": "POL-", "payment": "PAG-", "delivery": "ALB-", "shipping": "ENV-", "batch": "LOT-", "lot": "LOT-",
        "employee": "E-", "personnel": "E-", "product": "ART-", "quote": "PRE-", "return": "DEV-", "claim": "SIN-",
        "booking": "RES-", "reservation": "RES-", "case": "EXP-", "project": "PRY-", "supplier": "PRV-",
    },
    "pt": {
        "order": "PED-", "invoice": "NF-", "customer": "CLI-", "person": "P-", "receipt": "REC-", "contract": "CT-",
        "policy": "AP-", "payment": "PAG-", "delivery": "ENT-", "shipping": "ENV-", "batch": "LT-", "lot": "LT-",
        "employee": "F-", "personnel": "F-", "product": "PRD-", "quote": "ORC-", "return": "DEV-", "claim": "SIN-",
        "booking": "RES-", "reservation": "RES-", "case": "PRC-", "project": "PRJ-", "supplier": "FRN-",
    },
    "it": {
        "order": "ORD-", "invoice": "FT-", "customer": "CLI-", "person": "P-", "receipt": "RIC-", "contract": "CTR-",
        "policy": "POL-", "payment": "PAG-", "delivery": "DDT-", "shipping": "SP-", "batch": "L-", "lot": "L-",
        "employee": "D-", "personnel": "D-", "product": "ART-", "quote": "PRV-", "return": "RES-", "claim": "SIN-",
        "booking": "PRE-", "reservation": "PRE-", "case": "PRA-", "project": "PRG-", "supplier": "FOR-",
    },
}  # fmt: skip
# Types and classes by a short code, of which a table has few.
_OF_FEW = frozenset(
    "type kind category class group reason status condition mode level grade race ethnicity segment rate shift hold "
    "isolation".split()
)
FEW = {1: ["A", "B", "C", "D", "E"], 2: ["01", "02", "03", "04", "05", "09"], 3: ["STD", "PRM", "BAS", "INT", "EXT"]}
_EMPLOYED = {1: ["F", "P", "C", "T"], 2: ["FT", "PT", "CT", "TP", "IN"], 3: ["FT", "PT", "CT", "TMP", "INT"]}
# Places and partners of a firm by a short code.
_PLACES = (
    ("warehouse", "WH"), ("branch", "BR"), ("department", "D"), ("store", "ST"), ("site", "S"), ("plant", "P"),
    ("location", "L"), ("carrier", "C"), ("vendor", "V"), ("supplier", "V"), ("region", "R"), ("zone", "Z"),
)  # fmt: skip
_LET = frozenset("lease property tenant rental apartment unit building miete wohnung huur woning".split())
# What payment providers put before the numbers of things.
_PROVIDED = (
    ("customer", "cus_"), ("subscription", "sub_"), ("invoice", "in_"), ("charge", "ch_"), ("product", "prod_"),
    ("price", "price_"), ("payment", "pi_"), ("refund", "re_"), ("account", "acct_"), ("session", "cs_"),
    ("event", "evt_"),
)  # fmt: skip
_TOKENS = (("api", "key_"), ("secret", "sk_"), ("transaction", "txn_"), ("session", "ses_"), ("device", "dev_"))
_LENGTHS = (("md5", 32), ("sha512", 128), ("sha256", 64), ("crc32", 8), ("sha", 40), ("commit", 40))
_REGISTER = 8
# What firms are registered by in Germany.
_REGISTERED = frozenset("hrnr hrb hrbnr handelsregnr handelsregisternr handelsregisternummer hregnr".split())
_ROOM_OF_TERMS = 3


def _serial(around: Surroundings) -> Chosen:
    if {"kvk", "chamber"} & (around.raw | set(around.words)):
        return "pattern", {"pattern": "#" * _REGISTER}
    if _REGISTERED & {"".join(raw_tokens(around.context.column.name))}:
        return "pattern", {"pattern": "HRB #####"}
    pieces = [*around.words, *(piece.rstrip("s") for piece in raw_tokens(around.context.table.name))]
    prefixes = _PREFIXES.get(around.language or "", SERIAL_PREFIXES)
    prefix = next((prefixes[word] for word in pieces if word in prefixes), "N-" if prefixes is SERIAL_PREFIXES else "")
    return "serial", {"prefix": prefix, "digits": 6}


def _sku(around: Surroundings) -> Chosen:
    room = text_room(around.context)
    if room is not None and room < 8:
        return "code", {"length": room}
    return "pattern", {"pattern": "???-#####" if room is None or room >= 9 else "??-#####"}


# What says that something is a code, and nothing of what it is of.
_CODING = frozenset(
    """cod code codes cd codice codigo ref reference referencia riferimento rif num no nr interne interno interna
    externe externo esterno de del di da id""".split()
)
_LETTERS, _DIGITS = 3, 4
_ROOM_OF_DIGITS = 3


def _of_its_thing(around: Surroundings, room: int | None) -> Chosen | None:
    """A code that begins like the thing that it is of: CLI0412 of a cod_cliente; None where keys would run out."""
    if around.language not in LANGUAGES or around.context.unique:
        return None
    of = [piece for piece in raw_tokens(around.context.column.name) if piece.isalpha() and piece not in _CODING]
    if not of or len(of[0]) < _LETTERS or (room is not None and room < _LETTERS + _DIGITS):
        return None
    return "pattern", {"pattern": of[0][:_LETTERS].upper() + "#" * _DIGITS}


def _few_codes(around: Surroundings, room: int | None) -> Chosen | None:
    """The codes that everybody uses, where a list has them and all fit."""
    few = () if around.context.unique else values_of(around.words)
    fits = bool(few) and (room is None or room >= max(map(len, few)))
    return ("one_of", {"values": list(few)}) if fits else None


def _code(around: Surroundings) -> Chosen:
    room = text_room(around.context)
    if (known_codes := _few_codes(around, room)) is not None:
        return known_codes
    known = around.raw | set(around.words)
    pattern = next((pattern for words, pattern in CODE_PATTERNS if words & known), None)
    if pattern is None and "cost" in known and {"center", "place"} & known:
        pattern = "####"
    if pattern is not None and room is not None and room < len(pattern):
        pattern = "".join(c for c in pattern if c not in ".-/ ")
    free = pattern.count("#") + pattern.count("?") if pattern else 0
    if pattern is not None and (room is None or room >= len(pattern)) and (free > _ENOUGH or not around.context.unique):
        return "pattern", {"pattern": pattern}
    if len(around.words) > 1 and _OF_FEW & set(around.words) and not around.context.unique:
        few = _EMPLOYED if known & {"employee", "employment"} and "type" in known else FEW
        return "one_of", {"values": list(few[min(room or 3, 3)])}
    if {"unit", "apt", "apartment"} & around.raw and table_words(around) & _LET and not around.context.unique:
        return "numbered", {"words": [""], "start": 101, "count": 300}
    taught = around.entities & {"_school", "_course", "course"}
    if "term" in around.words and taught and not around.context.unique and (room is None or room > 3):
        return "one_of", {"values": ["FA24", "SP25", "SU25", "FA25"]}
    if (
        "term" in around.words
        and not taught
        and len(around.words) > 1
        and not around.context.unique
        and (room is None or room > 2)
    ):
        return "one_of", {"values": ["N30", "N60", "N14", "COD", "PIA"]}
    place = next((letters for word, letters in _PLACES if word in around.words), None)
    if place is not None and len(around.words) > 1 and not around.context.unique:
        wanted = f"{place}0#"
        return "pattern", {"pattern": wanted if room is None or room >= len(wanted) else "0#"[-room:]}
    if around.language in LANGUAGES and room is not None and room <= _ROOM_OF_DIGITS and not around.context.unique:
        return "pattern", {"pattern": "#" * room}
    return _of_its_thing(around, room) or ("code", {"length": min(room or 6, 6)})


def _hash(around: Surroundings) -> Chosen:
    room = text_room(around.context)
    name = around.context.column.name.lower().replace("_", "")
    wanted = next((length for word, length in _LENGTHS if word in name), None)
    if wanted is None and room in (32, 40, 64, 128):
        wanted = room
    return "hash", {"length": wanted or 64}


def _token(around: Surroundings) -> Chosen:
    if "stripe" in around.raw:
        words = (*around.words, *raw_tokens(around.context.table.name), "customer")
        prefix = next(prefix for word in words for of, prefix in _PROVIDED if word.rstrip("s") == of)
        return "token", {"length": 14, "prefix": prefix}
    prefix = next((prefix for word, prefix in _TOKENS if word in around.raw), "")
    return "token", {"length": 24, **({"prefix": prefix} if prefix else {})}


IDENTIFYING: Mapping[str, Callable[[Surroundings], Chosen]] = {
    "serial": _serial,
    "sku": _sku,
    "code": _code,
    "promo_code": lambda around: ("code", {"length": 8}),
    "hash": _hash,
    "token": _token,
}
