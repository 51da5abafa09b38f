"""The noun that decides where it stands last, as in German, Dutch and English: a Zuschlag is money whatever precedes.

`nouns/de.txt` and the like hold them in the form of `heads.py`. One of German or Dutch decides alone or at the end of a
compound, the longest first; one written with `=` only alone. It decides before the rules at the end of a word that the
lexicon does not have, and after them where they say nothing. One of English does so too; before the rules it decides
only where it is of two words.
"""

import re
from bisect import bisect_left
from functools import lru_cache
from pathlib import Path

from app.generator.meaning.heads import Nouns, nouns_of
from app.generator.meaning.naming import canonical, raw_tokens, singular
from app.generator.meaning.shortened import bones
from app.generator.meaning.towards import said_last
from app.generator.meaning.words import ALIASES, ENGLISH, PLAIN

Words = tuple[str, ...]

LANGUAGES = ("de", "nl")
_SHORTEST_HEAD = 3
_SHORTEST_START, _LONGEST_START = 5, 16
_SHORTEST_BONES = _SHORTEST_CUT = 4
_MOST_LACKING = 5
_SHORTEST_END = 4
# What a table in no language that is known, or in English, has to have of a noun.
_SHORTEST_FOREIGN, _SHORTEST_FOREIGN_END = 5, 6
# Words of the lexicon so long are not found at the end of others by chance, but for these.
_LEAST_KNOWN = 5
_PART_OF_OTHERS = frozenset({"stelle", "stellen"})
# What says nothing of the thing before it.
_ASIDE = frozenset(
    """alt neu aktuell aktuelle aktueller gesamt intern extern vorher nachher oud nieuw huidig huidige totaal origineel
    bisher tatsaechlich laag hoog dal piek mtl monatl monatlich jaehrl jaehrlich maandelijks jaarlijks haupt neben ht
    nt hoch niedrig""".split()
)
# Nouns that stand before what they are of even there: staat_artikel, grund_absage.
_FIRST = {
    "staat": "condition", "zustand": "condition", "status": "status", "soort": "kind", "art": "kind", "reden": "reason",
    "grund": "reason", "grd": "reason", "oorzaak": "reason", "ursache": "reason", "kleur": "color", "farbe": "color",
    "omschrijving": "description", "beschreibung": "description", "opmerking": "note", "bemerkung": "note",
    "tel": "phone", "telefon": "phone", "telefoon": "phone", "telnr": "phone", "handy": "phone", "mobil": "phone",
    "mobiel": "phone", "gsm": "phone", "fax": "phone", "email": "email", "mail": "email", "iban": "iban", "bic": "bic",
    "type": "kind", "typ": "kind", "toelichting": "note", "hinweis": "note", "anmerkung": "note",
    "merk": "brand", "marke": "brand", "rel": "relationship",
}  # fmt: skip
# What a share's name ends in where there is no room for an amount.
_SHARES = frozenset({"p", "prz", "pct", "proz", "perc", "vh"})
# What stands before a part of somebody's name.
_PARTS_OF_NAMES = frozenset("geb fam vor nach ruf voor achter roep meisjes gesl bei zweit tweede".split())
# What is written, whatever of.
_WRITTEN = frozenset("description note reason comment content message headline summary status task".split())
# Letters that German names end in for costs and values: FrachtK, BuchW.
_AMOUNTS = frozenset("kw")
# In Dutch an art is an article.
_NEVER_FIRST = {"nl": frozenset({"art"})}
_ATTRIBUTES = frozenset("code number id date name type status text url email phone count amount key label".split())
# What a number is counted in.
_IN = frozenset({"mnd", "mon", "min", "eur", "euro"})
# What has come about, whatever was to come.
_BEHIND = frozenset("werkelijke werkelijk tatsaechliche tatsaechlicher tatsaechlich reele laatste letzte ist".split())
_TEXTS = frozenset({"txt", "text", "tekst"})
# Words of the lexicon that mean more things elsewhere.
_SURE = frozenset(
    {
        "kenteken",
        "kentekennummer",
        "kfzkennzeichen",
        "vakantiegeld",
        "urlaubsgeld",
        "klacht",
        "klachten",
        "stand",
        "zzp",
    }
)
_NAMED = frozenset("name nam nm naam bez bezeichnung bezeichn".split())
_UMLAUT = re.compile(r"(?<![aeq])([aou])e")
# Nouns cut short at the end of another, or alone.
_CUT = {
    "de": """sachverh=sachverhalt
        pkt=punkt spr=sprache stdn=stunden std=stunden betr=betrag hinw=hinweis beschr=beschreibung bem=bemerkung
        bemerk=bemerkung schl=schluessel vers=versicherung flae=flaeche leist=leistung verbr=verbrauch temp=temperatur
        gew=gewicht kst=kosten geb=gebuehr kl=klasse kat=kategorie grp=gruppe abt=abteilung
        verh=verhaeltnis verf=verfahren entf=entfernung empf=empfaenger inh=inhaber betreu=betreuer
        stat=status zust=zustand geschw=geschwindigkeit ausw=ausweis
        zuschl=zuschlag beitr=beitrag fakt=faktor eink=einkommen
        einn=einnahmen ausg=ausgaben komm=kommentar verm=vermerk antr=antragsteller eigent=eigentuemer mitgl=mitglied
        vertr=vertreter taet=taetigkeit mng=menge einh=einheit g=ung ref=referenz ltr=leiter ltg=leitung
        begr=begruendung erl=erlaeuterung massn=massnahme gst=gegenstand gewinng=gewinnung kont=kontakt
        lz=laufzeit grd=grad txt=text anl=anlage unt=unternehmen dienstl=dienstleister
        rueckst=rueckstand gutsch=gutschrift abschl=abschlag versich=versicherung belast=belastung anm=anmerkung
        zeitr=zeitraum eingr=eingruppierung qualif=qualifikation bemerkg=bemerkung stellv=stellvertreter""",
    "nl": """oms=omschrijving omschr=omschrijving opm=opmerking bedr=bedrag cat=categorie opl=opleiding kst=kosten
        prs=prijs hvh=hoeveelheid eenh=eenheid opp=oppervlakte gew=gewicht verg=vergoeding afd=afdeling grp=groep
        perc=percentage pct=percentage toel=toelichting verz=verzekeraar bijdr=bijdrage lev=leverancier adv=adviseur
        beh=behandelaar medew=medewerker temp=temperatuur wrd=waarde kmr=kamer vrd=voorraad srt=soort
        verl=verlener aanvr=aanvrager bijz=bijzonderheden bijl=bijlage opdrg=opdrachtgever uitv=uitvoerder
        vest=vestiging voorw=voorwaarden tar=tarief mdw=medewerker gebr=gebruiker eig=eigenaar hoev=hoeveelheid
        omz=omzet behand=behandeling contrib=contributie vergoed=vergoeding gem=gemeente beoord=beoordeling
        cond=conditie aand=aanduiding mt=maat gr=graad mij=maatschappij vrm=vorm wz=wijze srt=soort nv=niveau
        fact=factor cmp=component niv=niveau geh=gehalte knst=kenmerk kmk=kenmerk hfd=hoofd
        opdr=opdrachtgever leverc=leverancier bel=belasting verantw=verantwoordelijke vertegenw=vertegenwoordiger""",
}
# Ends of plurals, and of the cases of those who are called by what they did, with what stands there instead.
_PLURALS = {
    "de": (("en", ""), ("n", ""), ("e", ""), ("er", ""), ("s", ""), ("en", "er"), ("en", "e"), ("er", "e")),
    "nl": (("en", ""), ("s", ""), ("n", "")),
}


@lru_cache(maxsize=len(LANGUAGES))
def _cut(language: str) -> list[tuple[str, str]]:
    """The ends that stand for nouns, with these, the longest first."""
    pairs = [(short, long) for short, _, long in (pair.partition("=") for pair in _CUT[language].split())]
    return sorted(pairs, key=lambda pair: -len(pair[0]))


@lru_cache(maxsize=len(LANGUAGES) + 1)
def _nouns(language: str) -> Nouns:
    """The nouns of a language, with those that have an umlaut also as they are written without it."""
    read = nouns_of(language)
    if language != "de":
        return read
    meant = {
        kind: {**{_UMLAUT.sub(r"\1", noun): concept for noun, concept in nouns.items()}, **nouns}
        for kind, nouns in read.meant.items()
    }
    lists = {**{_UMLAUT.sub(r"\1", noun): values for noun, values in read.listed.items()}, **read.listed}
    return Nouns(meant, lists)


@lru_cache(maxsize=16_384)
def ended(kind: str, name: str, language: str | None, *, known: bool = False) -> tuple[str, Words] | None:
    """The concept of the noun that a name ends with, and the key of its list for those that have one.

    `language` is the table's. Where nothing tells it, or it seems to be English, longer nouns of German and Dutch are
    asked for, and they must not disagree. `known` is whether words count that the lexicon has, of which rules know
    more, and what stands before a word that says nothing.
    """
    if language not in (None, "en", *LANGUAGES):
        return None
    pieces = list(raw_tokens(name))
    asked = known and len(pieces) > 1
    if kind == "number" and language in LANGUAGES and len(pieces) > 1 and pieces[-1] in _SHARES:
        return "percentage", ()
    aside = _ASIDE | (_TEXTS if kind == "text" else _IN)
    while len(pieces) > 1 and (pieces[-1].isdigit() or pieces[-1] in aside):
        known = known or not pieces[-1].isdigit()
        pieces.pop()
    in_months = kind == "number" and raw_tokens(name)[-1:] in (("mnd",), ("mon",)) and len(raw_tokens(name)) > 1
    named = kind == "text" and len(pieces) > 1 and pieces[-1] in _NAMED
    if named and (together := _together(kind, pieces, language)):
        return together
    if named:
        pieces.pop()
        known = known or language in LANGUAGES
    elif kind == "text" and language in LANGUAGES and pieces and (stem := _stem(pieces[-1])):
        named, known, pieces[-1] = True, True, stem
    if not pieces:
        return None
    last = pieces[-1]
    if kind == "cents" and language == "de" and len(pieces) > 1 and last in _AMOUNTS:
        return "money", ()
    if language in LANGUAGES and (towards := said_last(kind, pieces, language)):
        return towards
    known = known or last in _SURE
    first = (
        _FIRST.get(pieces[0]) if kind == "text" and language in LANGUAGES and len(pieces) > 1 and not named else None
    )
    if pieces[0] in _NEVER_FIRST.get(language or "", ()):
        first = None
    if first is not None and not _ATTRIBUTES & set(canonical(last)):
        if len(pieces) == 2 and (together := _together(kind, pieces, language)):
            return together  # soort_obj
        return first, (f"{language}:{pieces[0]}",)
    left = last in ALIASES and not known and kind != "moment"
    if left or language in (None, "en"):
        together = _together(kind, pieces, language)
        if together is not None or left:
            return together
    if language in LANGUAGES:
        found = _found(kind, pieces, language, _SHORTEST_END) or _begun(kind, last, language)
        if kind == "moment" and found is not None and found[0] == "future" and not _BEHIND.isdisjoint(pieces):
            return "moment", found[1]
        while found is None and known and len(pieces) > 1 and not named:
            pieces.pop()
            found = _found(kind, pieces, language, _SHORTEST_END) or _begun(kind, pieces[-1], language)
        if found is None and not named and len(last) == 1 and len(raw_tokens(name)) > 1:
            written = "".join(raw_tokens(name)[-2:])  # RechtsF
            found = _found(kind, [written], language, _SHORTEST_END) or _begun(kind, written, language)
        if found is None and known and not named:
            found = _begun_after(kind, last, language) or _cut_short(kind, last, language)
        if found is None and named:
            found = _owner(last, language)
        if found is None and in_months:
            return "duration", ()
    elif len(last) < _SHORTEST_FOREIGN or last in ENGLISH or last in PLAIN or singular(last) in PLAIN:
        return None
    else:
        both = [one for tongue in LANGUAGES if (one := _found(kind, pieces, tongue, _SHORTEST_FOREIGN_END))]
        found = both[0] if both and len({concept for concept, _ in both}) == 1 else None
    if named and found is not None and found[0] not in ("full_name", "company", "venue", "school"):
        return None
    if asked and language in LANGUAGES and kind == "text" and raw_tokens(name)[-1] in _TEXTS:
        # What is written of somebody is not who they are: beh_txt.
        return found if found is not None and found[0] in _WRITTEN else ("description", ())
    return found


@lru_cache(maxsize=16_384)
def last_noun(kind: str, name: str) -> tuple[str, Words] | None:
    """The concept of the English noun that a name ends with."""
    pieces = raw_tokens(name)
    while len(pieces) > 1 and pieces[-1].isdigit():
        pieces = pieces[:-1]
    meant = _nouns("en").meant.get(kind, {})
    if kind == "text" and len(pieces) > 1 and pieces[-1] in _NAMED and "_".join(pieces[-2:]) not in meant:
        return _called(pieces[-2])
    if kind == "text" and len(pieces) > 1 and pieces[-1] in ("co", "coy"):
        return "company", ()  # client_co
    for width in (2, 1):
        joined = "_".join(pieces[-width:])
        for noun in (f"={joined}" if width >= len(pieces) else joined, joined, singular(joined)):
            if len(pieces) >= width and noun in meant:
                return meant[noun], (f"en:{noun}",)
    return _begun(kind, pieces[-1], "en") or _boned(kind, pieces[-1]) if pieces else None


@lru_cache(maxsize=1)
def _ends() -> dict[str, Words]:
    """The languages of the nouns that are long enough to speak for one at the end of a word."""
    found: dict[str, Words] = {}
    english = {noun for meant in _nouns("en").meant.values() for noun in meant}
    for language in LANGUAGES:
        nouns = {noun for meant in _nouns(language).meant.values() for noun in meant}
        for noun in nouns - english:
            if len(noun) >= _SHORTEST_FOREIGN_END and noun[0] != "=" and "_" not in noun:
                found[noun] = (*found.get(noun, ()), language)
    return found


def speaking(piece: str) -> Words:
    """The languages that a piece speaks for by the noun that it ends with: Raupenschlepper, rupsentrekker."""
    ends = _ends()
    for start in (0, *range(_SHORTEST_HEAD, len(piece) - _SHORTEST_FOREIGN_END + 1)):
        if piece[start:] in ends:
            return ends[piece[start:]]
    return ()


def _called(piece: str) -> tuple[str, Words] | None:
    """Who or what firm has the name that stands after a piece which may be cut short: prscr_nm."""
    meant = _nouns("en").meant["text"]
    if piece in _owners("en"):
        return _owners("en")[piece], ()
    found = _begun("text", piece, "en", _SHORTEST_CUT) or _boned("text", piece)
    noun = piece if piece in meant else found[1][0].removeprefix("en:") if found else ""
    return (meant[noun], (f"en:{noun}",)) if meant.get(noun) in ("full_name", "company", "venue", "school") else None


def is_several(name: str) -> bool:
    """Whether a German or Dutch name that nothing else reads ends like a plural: Attrappen, but not Beliebtheit."""
    return raw_tokens(name)[-1].endswith(("en", "ern", "eln")) if raw_tokens(name) else False


def ended_values(words: Words) -> tuple[str, ...]:
    """What a column is one of, by the key that `ended` or `last_noun` gave; () for other words."""
    language, _, noun = words[0].partition(":") if len(words) == 1 else ("", "", "")
    if language == "en":
        return _nouns("en").listed.get(noun, ())
    return _nouns(language).listed.get(noun, ()) if language in LANGUAGES else ()


def _together(kind: str, pieces: list[str], language: str | None) -> tuple[str, Words] | None:
    """The concept of the noun of the last two pieces together."""
    noun = "_".join(pieces[-2:])
    for tongue in ("en", *LANGUAGES) if len(pieces) > 1 else ():
        meant = _nouns(tongue).meant.get(kind, {}) if language in (None, tongue) else {}
        if noun in meant and (tongue != "en" or meant[noun] != "kind"):  # Of some kinds there are lists.
            return meant[noun], (f"{tongue}:{noun}",)
        written = "".join(pieces[-2:])  # FachAmt
        if language == tongue != "en" and written in meant and len(pieces[-1]) >= _SHORTEST_HEAD:
            return meant[written], (f"{tongue}:{written}",)
    return None


def _found(kind: str, pieces: list[str], language: str, shortest: int) -> tuple[str, Words] | None:
    """The concept of the noun that the pieces end with, also in the plural or with its own end cut short."""
    meant = _nouns(language).meant.get(kind)
    if meant is None:
        return None
    together = _together(kind, pieces, language)
    if together is not None:
        return together
    last = pieces[-1]
    noun = f"={last}" if len(pieces) == 1 and f"={last}" in meant else _end(meant, last, shortest, kind)
    if noun is None:
        for end, instead in _PLURALS[language] if kind == "text" else ():
            if last.endswith(end) and (noun := _end(meant, last.removesuffix(end) + instead, shortest + 1, kind)):
                break
    begun = noun is None and _begun(kind, last, language) is not None
    for short, long in _cut(language) if noun is None else ():
        head = last.removesuffix(short)  # A Zweigst, which begins a noun, is no Zweigegenstand.
        if head != last and (not head or (len(head) >= _SHORTEST_HEAD and not begun)):
            noun = _end(meant, head + long, shortest, kind)
            break
    return (meant[noun], (f"{language}:{noun}",)) if noun else None


def _end(meant: dict[str, str], word: str, shortest: int, kind: str) -> str | None:
    """The longest noun that a word ends with; None where rules know what it ends with, unless they only say when."""
    if word in meant:
        return word
    for start in range(_SHORTEST_HEAD, len(word) - shortest + 1):
        tail = word[start:]
        if tail in meant:
            return tail
        if kind != "moment" and len(tail) >= _LEAST_KNOWN and tail in ALIASES and tail not in _PART_OF_OTHERS:
            return None
    return None


def _begun(kind: str, piece: str, language: str, least: int = _SHORTEST_START) -> tuple[str, Words] | None:
    """The concept of the nouns that a piece is the start of, where they agree: vooropl, beanstand."""
    if not least <= len(piece) <= _LONGEST_START or piece in ALIASES or piece in PLAIN or piece in ENGLISH:
        return None
    nouns, meant = _sorted(kind, language), _nouns(language).meant.get(kind, {})
    first = end = bisect_left(nouns, piece)
    while end < len(nouns) and nouns[end].startswith(piece):
        end += 1
    if kind == "moment" and any(noun[len(piece) :].startswith("_") for noun in nouns[first:end]):
        return None  # Bewilligt_am is not bewilligt_bis.
    if kind == "moment" and first < end and len(nouns[first]) - len(piece) > _MOST_LACKING:
        return None  # What begins with a word is not what that word is short for: an Annahme is no Annahmeschluss.
    # What begins with a noun that is found is made of it: a Zweigstellenleiter beside a Zweigstelle.
    found = [nouns[first]] if first < end else []
    for noun in nouns[first + 1 : end]:
        if not (kind == "text" and noun.startswith(found[-1]) and len(found[-1]) > len(piece) + 1):
            found.append(noun)
    if len({meant[noun] for noun in found}) != 1:
        return None
    return meant[found[0]], (f"{language}:{found[0]}",)


def _begun_after(kind: str, word: str, language: str) -> tuple[str, Words] | None:
    """The concept of the nouns that the end of a compound is the start of, after a part that is known: jahreseink."""
    for cut in range(_SHORTEST_HEAD + 1, len(word) - _SHORTEST_CUT + 1):
        first = word[:cut]
        if any(
            part in ALIASES or part in _ends() for part in (first, *map(first.removesuffix, ("s", "n", "en", "es")))
        ):
            found = _begun(kind, word[cut:], language, _SHORTEST_CUT)
            # A Bild is no Bildhauer: what is left of one noun only lacks little of it.
            if found is not None and len(found[1][0]) - len("de:") - len(word[cut:]) <= _MOST_LACKING:
                return found
    return None


def _cut_short(kind: str, piece: str, language: str) -> tuple[str, Words] | None:
    """The concept of the nouns that a piece which nothing else reads is the start of, or has the consonants of."""
    return (
        _begun(kind, piece, language, _SHORTEST_CUT)
        or _boned(kind, piece, language, _SHORTEST_HEAD)
        or _left_out(kind, piece, language)
    )


def _left_out(kind: str, piece: str, language: str) -> tuple[str, Words] | None:
    """The concept of the nouns of which a piece lacks letters after its first ones, but not the last: opdrgvr."""
    if len(piece) < _SHORTEST_START or piece in ALIASES or piece in PLAIN or piece in ENGLISH:
        return None
    nouns, meant = _sorted(kind, language), _nouns(language).meant.get(kind, {})
    start = piece[:_SHORTEST_HEAD]
    found = [
        noun
        for noun in nouns[bisect_left(nouns, start) : bisect_left(nouns, start + "~")]
        if noun[-1] == piece[-1] and len(noun) > len(piece) and _is_within(piece, noun)
    ]
    return (meant[found[0]], (f"{language}:{found[0]}",)) if len({meant[noun] for noun in found}) == 1 else None


def _is_within(piece: str, word: str) -> bool:
    """Whether a word has a piece's letters in their order."""
    letters = iter(word)
    return all(letter in letters for letter in piece)


@lru_cache(maxsize=len(LANGUAGES) + 1)
def _owners(language: str) -> dict[str, str]:
    """Who and what firms have names that are cut so short that nothing else tells, with their concepts."""
    text = (Path(__file__).parent / "owners.txt").read_text("utf-8").replace("\n    ", " ")
    parted = (line.partition(": ") for line in text.splitlines() if line.startswith(f"{language} "))
    return {short: head.partition(" ")[2] for head, _, shorts in parted for short in shorts.split()}


def _owner(piece: str, language: str) -> tuple[str, Words] | None:
    """Who or what firm has the name that stands after a piece cut short: deb_naam, RA_Name."""
    if piece in _owners(language):
        return _owners(language)[piece], ()
    found = _cut_short("text", piece, language)
    if found is not None and found[0] in ("full_name", "company", "venue", "school"):
        return found
    return None if piece in ALIASES or piece in PLAIN or piece in ENGLISH else _likelier(piece, language)


def _likelier(piece: str, language: str) -> tuple[str, Words] | None:
    """Whether more people or more firms are called by nouns that a piece is the start of; None where neither are."""
    if len(piece) < _SHORTEST_HEAD or piece in _PARTS_OF_NAMES:
        return None
    nouns, meant = _sorted("text", language), _nouns(language).meant["text"]
    begun = [meant[noun] for noun in nouns[bisect_left(nouns, piece) : bisect_left(nouns, piece + "~")]]
    people, firms = begun.count("full_name"), begun.count("company")
    return ("full_name" if people >= firms else "company", ()) if people or firms else None


def _stem(word: str) -> str:
    """A word without the `name` that is written onto it; "" for others: medewnaam, vereinsname."""
    for end in ("naam", "name", "nm"):
        if word.endswith(end) and word not in ALIASES and len(word) - len(end) >= _SHORTEST_HEAD:
            return word.removesuffix(end)
    return ""


def _boned(kind: str, piece: str, language: str = "en", least: int = _SHORTEST_BONES) -> tuple[str, Words] | None:
    """The concept of a language's nouns that have a piece's consonants and no others, where they agree: prscrbr."""
    if len(piece) < least or bones(piece) != piece or piece in ALIASES or piece in PLAIN or piece in ENGLISH:
        return None
    by_bones, meant = _by_bones(kind, language), _nouns(language).meant.get(kind, {})
    nouns = by_bones.get(piece) or (
        [noun for key, some in by_bones.items() if key.startswith(piece) for noun in some]
        if len(piece) >= _SHORTEST_BONES
        else []
    )
    return (meant[nouns[0]], (f"{language}:{nouns[0]}",)) if len({meant[noun] for noun in nouns}) == 1 else None


@lru_cache(maxsize=12)
def _by_bones(kind: str, language: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for noun in _sorted(kind, language):
        found.setdefault(bones(noun), []).append(noun)
    return found


@lru_cache(maxsize=16)
def _sorted(kind: str, language: str) -> list[str]:
    return sorted(noun for noun in _nouns(language).meant.get(kind, {}) if noun[0] != "=")
