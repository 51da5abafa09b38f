"""Names taken apart: snake_case, camelCase, abbreviations and words written together, in several languages."""

import re
import unicodedata
from functools import lru_cache

from app.generator.meaning.words import ALIASES, ENGLISH, KNOWN, PLAIN

_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
# Units that are one word, though they are written as two.
_UNITS = re.compile(
    r"(?:^|(?<=[_a-z0-9]))(kWh|kWp|MWh|MWp|GWh|kVA|kHz|MHz|GHz|kPa|hPa|MPa|mAh|dBm|mSv)(?=$|[_A-Z0-9])"
    r"|(?:^|(?<=[_0-9]))(kW|kV|mV|mA|dB|kN|kJ|pH)(?=$|[_0-9])"
)
_PIECE = re.compile(r"[a-z]+|[0-9]+")
_SPELLED = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "œ": "oe", "æ": "ae", "ø": "o", "ñ": "n"})
_SHORTEST_PART = 3
_SHORTEST_COMPOUND = 7
_SHORTEST_END = 4
# Endings of many words that are no part of a compound: coverage is neither cover nor age.
_NO_PARTS = frozenset(
    "age art ort tag rang tel cap con sex del loc add end men ein tip pin one ing ion port por cor".split()
)
# Words that begin or end others by chance: an Amtsbezeichnung is no amount, a produtividade no idade.
_NO_HEADS = frozenset({"amt", "cover"})
_NO_TAILS = frozenset(
    "stelle stellen poste pass idade edad alter talen rate nome nombre data mittel gehalt telnummer telnr".split()
)
# Endings of those who do something, in the languages that build such words.
_DOERS = (
    "keeper", "worker", "writer", "holder", "owner", "leader", "dealer", "ologist", "iatrist", "grapher", "woman",
    "maker", "cleaner", "seeker", "bearer", "ador", "adora", "ateur", "atrice", "ista", "ologo", "ologa", "ologue",
    "ologe", "ologin", "leiter", "leiterin", "fuehrer", "fuehrerin", "beauftragter", "pfleger", "pflegerin", "berater",
    "beraterin", "haendler", "geber", "nehmer", "houder", "gever", "nemer", "meester", "tore", "trice",
    "wright", "smith", "berechtigte", "berechtigter", "pflichtige", "pflichtiger", "beauftragte", "verantwortliche",
    "bevollmaechtigter", "gerechtigde", "verantwoordelijke", "meisterin", "ician", "istin", "iste", "isten",
)  # fmt: skip
# Endings by which French, Spanish, Portuguese and Italian make one word of another: a comunicazione is no comune.
_DERIVED = (
    "zione", "zioni", "cion", "ciones", "cao", "coes", "mento", "menti", "mentos", "idad", "idades", "encia",
    "enza", "aggio", "iere", "ivo", "iva", "ente", "atore", "itore",
)  # fmt: skip
# Words that end so and are no persons.
_NO_DOERS = frozenset(
    """indicador marcador elevador refrigerador computador procesador processador ordenador ordinateur indicateur
    calculateur revista entrevista conquista generador gerador contador localizador localizadora motore settore
    vettore fattore matrice""".split()
)
# What ends like those who do something in English and German, and is a thing.
_THINGS = frozenset(
    """header footer filter folder buffer layer marker trigger adapter adaptor router meter counter center chapter
    cover paper newsletter letter banner sticker charter cluster register answer weather tier carrier color floor
    sensor motor vendor factor sector door error mirror vector monitor processor connector indicator printer scanner
    server browser container transformer boiler controller generator calculator elevator accelerator refrigerator
    radiator compressor amplifier parameter identifier modifier qualifier specifier pointer integer character
    disclaimer reminder voucher order other another former latter further higher lower upper outer inner under over
    after never however minor major prior junior senior interior exterior superior inferior behavior flavor humor
    armor rumor tumor terminator separator operator descriptor selector iterator decorator constructor timer laser
    fiber rubber timber tower shower flower cylinder ladder shoulder finger disaster poster roster master semester
    trimester quarter number member layover popover takeover turnover handover leftover fenster muster zimmer nummer
    theater wasser alter zaehler ordner drucker rechner keller futter kalender fehler ticker launcher installer
    loader handler parser wrapper helper provider retainer feeder fertilizer sweetener container atelier chantier
    dossier papier panier palier quartier escalier courrier calendrier clavier loyer foyer cahier planter tanker
    cruiser trailer steamer freezer cooler heater burner charger breaker blower mixer dryer washer scooter digger
    loafer primer polymer thinner provider supplier retailer manufacturer employer insurer
    advertiser importer exporter forwarder charterer wholesaler""".split()
)
_SHORTEST_DOER = 6
_THINGS_LONG = tuple(thing for thing in _THINGS if len(thing) >= _SHORTEST_DOER)
# What compounds of German and Dutch end in that is too short to look for everywhere.
_GERMAN_ENDS = (
    ("soort", "type"), ("typ", "type"), ("art", "type"), ("ort", "city"), ("tag", "day"), ("dag", "day"),
    ("mittel", "resource"), ("middel", "resource"), ("zone", "zone"), ("wijze", "type"), ("weise", "type"),
    ("verfahren", "type"), ("vorm", "type"), ("form", "type"), ("kosten", "cost"), ("zahl", "count"),
)  # fmt: skip
# Those that no English word has, and English words that end like a German kind: a chart is no Ch-art.
_CLEAR_ENDS = frozenset({"typ", "soort", "wijze", "weise", "vorm", "middel", "zone"})
_ENGLISH_ARTS = ("start", "chart", "heart", "smart", "part", "cart", "quart", "mart", "dart", "wart")
# Moments written together, as names are where no quotes kept their capitals: enddate, validfrom, createdon.
_MOMENT_TAILS = ("timestamp", "datetime", "date", "time")
_MOMENT_HEADS = frozenset(
    "start end begin from to open close issue change report onset stop finish arrive depart post value".split()
)
_MAYBE_MOMENT = re.compile(r"^(?:date|is|from|to)|(?:date|time|stamp|from|until|till|thru|to|at|on)$")
_NO_DATES = frozenset("update mandate candidate antedate backdate predate postdate sedate".split())
_SPANS = ("from", "until", "till", "thru", "to")
_SPANNED = frozenset("valid effective available active date period time employed range".split())
_MEASURED = frozenset("amount value range quantity qty age days day price weight rate slab limit year month".split())
# Plurals whose singular ends in -ie.
_IE = frozenset("calories movies cookies zombies selfies hoodies brownies ties pies".split())
# Words that end like a plural and are none.
_SINGULAR = frozenset(
    "status address business class process bus gps sms news series species address pass canvas basis analysis bonus "
    "campus virus corpus lens bias alias atlas https os rss css js dns tls ips ssn access success business is was this "
    "has progress express loss less plus".split()
)


# What has a least and a most.
_BOUNDED = frozenset(
    """temperature price salary amount quantity stock age weight height value level size rate pressure humidity area
    budget cost order score damage power range threshold voltage limit person maximum depth width length reading
    altitude""".split()
)


@lru_cache(maxsize=8192)
def raw_tokens(name: str) -> tuple[str, ...]:
    """The pieces of a name in lower case, without accents: `CustomerAddr_line2` -> customer, addr, line, 2."""
    separated = _CAMEL.sub(" ", _UNITS.sub(lambda unit: f" {unit[0].lower()} ", name))
    plain = separated.lower().translate(_SPELLED)
    plain = unicodedata.normalize("NFKD", plain).encode("ascii", "ignore").decode()
    return tuple(_PIECE.findall(plain))


@lru_cache(maxsize=8192)
def tokens(name: str) -> tuple[str, ...]:
    """The name in canonical English words: `geburtsdatum` -> birth, date; `qty` -> quantity; `zip` -> postal, code."""
    pieces = raw_tokens(name)
    whole = "".join(pieces)
    if whole in ALIASES and len(pieces) > 1:
        return ALIASES[whole]
    found: list[str] = []
    place = 0
    if "min" in pieces and len(pieces) > 1:
        pieces = _least(pieces)
    if pieces[:1] == ("arr",) and len(pieces) > 1:
        pieces = ("arrival", *pieces[1:])
    while place < len(pieces):
        # Two or three pieces may be one word of the list: date_of_birth is not, but code_postal and mot_de_passe are.
        for width in (3, 2):
            joined = "".join(pieces[place : place + width])
            if len(pieces) - place >= width and joined in ALIASES:
                found += ALIASES[joined]
                place += width
                break
        else:
            found += canonical(pieces[place])
            place += 1
    return tuple(found)


def _least(pieces: tuple[str, ...]) -> tuple[str, ...]:
    """The pieces with `min` written out where it is the least of something rather than a minute."""
    around = {word for piece in pieces if piece != "min" for word in canonical(piece)}
    if pieces[0] == "min" or (pieces[-1] == "min" and around & _BOUNDED):
        return tuple("minimum" if piece == "min" else piece for piece in pieces)
    return pieces


@lru_cache(maxsize=8192)
def canonical(piece: str) -> tuple[str, ...]:
    """One piece of a name in canonical words."""
    if piece in ALIASES:
        return ALIASES[piece]
    single = singular(piece)
    if single in ALIASES:
        return ALIASES[single]
    if piece in KNOWN or single in KNOWN:
        return (single,)
    if piece.endswith("nr") and _SHORTEST_PART <= len(piece) < _SHORTEST_COMPOUND - 1:
        return ("number",) if piece in ("nr", "hnr", "hsnr", "lfnr") else (piece[:-2], "number")
    if piece.endswith("nr") and len(piece) > _SHORTEST_COMPOUND - 2:
        # kundennr, rechnungsnr: German and Dutch write it on.
        return (*canonical(piece[:-2]), "number")
    if piece.startswith("tipo") and len(piece) > _SHORTEST_COMPOUND:
        return (*canonical(piece[4:]), "type")  # tipodocumento
    moment = _moment_parts(piece)
    if moment:
        return tuple(word for part in moment for word in canonical(part))
    if piece in PLAIN or single in PLAIN:
        return (single,)
    if len(piece) >= _SHORTEST_COMPOUND:
        parts = _cut(piece)
        if parts:
            return tuple(word for part in parts for word in _part_words(part))
        if piece.endswith("edby"):
            return (*canonical(piece[:-2]), "by")  # lastupdatedby
        if single.endswith(_DOERS) and single not in _NO_DOERS:
            return ("person",)
        return _german_end(piece) or (single,)
    return (single,)


def _moment_parts(piece: str) -> tuple[str, ...]:
    """A moment's name, or a state's, that is written together, in its parts; () for other words."""
    if not _MAYBE_MOMENT.search(piece):
        return ()
    for tail in _MOMENT_TAILS:
        head = piece.removesuffix(tail)
        if head != piece and (
            head in _MOMENT_HEADS
            or (tail != "time" and len(head) > _SHORTEST_PART and (head in KNOWN or head in PLAIN or _is_done(head)))
        ):
            return () if piece in _NO_DATES else (head, tail)
    if piece.startswith("date") and (rest := piece[4:]) in {*_MOMENT_HEADS, *_SPANS}:
        return "date", rest
    for span in _SPANS:
        head = piece.removesuffix(span)
        if head != piece and (head in _SPANNED or (len(head) > _SHORTEST_PART and head in KNOWN)):
            return head, span
    for span in ("from", "to"):
        if piece.startswith(span) and piece.removeprefix(span) in _MEASURED and piece != "today":
            return span, piece.removeprefix(span)
    head = piece[:-2]
    if piece.endswith(("at", "on")) and head.endswith(("ed", "es")) and (head in KNOWN or head in PLAIN):
        return head, piece[-2:]
    rest = piece[2:]
    if piece.startswith("is") and (_is_done(rest) or rest in ("active", "valid", "default", "primary", "public")):
        return "is", rest
    return ()


def _is_done(word: str) -> bool:
    """Whether a word is a participle: closed, approved."""
    return len(word) > _SHORTEST_PART + 2 and word.endswith("ed") and not word.endswith("eed")


def _german_end(piece: str) -> tuple[str, ...] | None:
    """Compounds that end in a word too short to look for everywhere: Rentenart, Vertragstyp, Einsatzort."""
    for end, meaning in _GERMAN_ENDS:
        head = piece[: -len(end)]
        if piece.endswith(end) and (
            end in _CLEAR_ENDS
            or (end == "art" and not piece.endswith(_ENGLISH_ARTS))
            or (end == "ort" and head.endswith(("en", "ungs", "ts", "es", "gs")))
            or _bare(head)
        ):
            return (*(_bare(head) or (head,)), meaning)
    return None


def _bare(head: str) -> tuple[str, ...]:
    """The first part of a compound without the letters that join it to the next; () where it is unknown."""
    for link in ("", "s", "n", "en", "e", "es"):
        if head.endswith(link) and (found := ALIASES.get(head.removesuffix(link) if link else head)):
            return found
    return ()


def _is_part(word: str) -> bool:
    return word in KNOWN and len(word) >= _SHORTEST_PART and word not in _NO_PARTS and word not in _NO_TAILS


def _part_words(part: str) -> tuple[str, ...]:
    """A part of a compound; German and Dutch ones may carry the s that joins them."""
    return ALIASES.get(part) or ALIASES.get(part.removesuffix("s")) or (part,)


def _cut(piece: str) -> tuple[str, ...] | None:
    """A word cut into known ones, as few as possible; German and Dutch join them by an s, n or en at times."""
    best: tuple[str, ...] | None = None
    for end in range(len(piece) - _SHORTEST_PART, _SHORTEST_PART - 1, -1):
        head = piece[:end]
        if head not in KNOWN or head in _NO_PARTS or head in _NO_HEADS:
            continue
        for link in ("", "s", "n", "en", "e"):
            rest = piece[end:]
            if not rest.startswith(link):
                continue
            rest = rest[len(link) :]
            tail: tuple[str, ...] | None = (rest,) if _is_part(rest) else None
            if tail is None and len(rest) >= 2 * _SHORTEST_PART:
                tail = _cut(rest)
            if tail is not None and (best is None or len(tail) + 1 < len(best)):
                best = (head, *tail)
    return best


@lru_cache(maxsize=8192)
def loose(piece: str) -> tuple[str, ...]:
    """A piece that no rule knows, by the longest known word at its end or at its start: openbedrag is an amount."""
    known = canonical(piece)
    plain = piece in PLAIN or singular(piece) in PLAIN
    if known != (singular(piece),) or piece in KNOWN or plain or len(piece) < _SHORTEST_COMPOUND:
        return known
    if piece.endswith(_DERIVED):
        return known
    for length in range(len(piece) - 2, _SHORTEST_END - 1, -1):
        tail = piece[-length:]
        if tail in ALIASES and tail not in _NO_PARTS and tail not in _NO_TAILS:
            return (piece[:-length], *ALIASES[tail])
    for length in range(len(piece) - 2, _SHORTEST_END, -1):
        head = piece[:length]
        if head in ALIASES and head not in _NO_PARTS and head not in _NO_HEADS:
            return (piece[length:], *ALIASES[head])
    return known


def doer(piece: str) -> bool:
    """Whether a word that nothing else knows names someone who does something: preparer, recruiter."""
    return (
        len(piece) >= _SHORTEST_DOER
        and piece.endswith(("er", "or"))
        and not piece.endswith((*_THINGS_LONG, "meter", "motor", "wandler", "messer"))
        and piece not in _THINGS
        and loose(piece) == (piece,)
        and piece not in KNOWN
    )


def singular(word: str) -> str:
    """An English noun in the singular, as far as endings tell."""
    if word in _SINGULAR or len(word) < 4 or word.endswith(("ss", "us", "is")):
        return word
    if word in _IE:
        return word[:-1]
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith("es") and word[:-2] in _SINGULAR:
        return word[:-2]
    if word.endswith(("sses", "shes", "ches", "xes", "zes")):
        return word[:-2]
    return word[:-1] if word.endswith("s") else word


@lru_cache(maxsize=8192)
def is_foreign(name: str) -> bool:
    """Whether a name's last piece is a word of the list that English does not have: rechnungen, but not orders."""
    last = raw_tokens(name)[-1:]
    return (
        bool(last) and singular(last[0]) not in ENGLISH and canonical(last[0]) not in ((last[0],), (singular(last[0]),))
    )
