"""The noun that decides, in languages that put it first: an importe, a valor or a montant is money whatever follows.

`nouns/*.txt` hold the nouns of each language: by kind of column and concept, and with the few things that it is one of,
after `list`, or after `codes` where those are codes.
They are written as names are looked up, without the small words between: reste_payer for reste_a_payer.
A noun written with `=` decides only where it is the whole name, one with `+` only where more words follow.
"""

from bisect import bisect_left
from collections import Counter
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from app.generator.meaning.naming import canonical, raw_tokens, singular
from app.generator.meaning.wordforms import masculines, singulars
from app.generator.meaning.words import ALIASES, ENGLISH, LANGUAGE_OF, PLAIN

Words = tuple[str, ...]

LANGUAGES = ("fr", "es", "pt", "it")
# `cents` are numbers that have room for amounts with cents.
_KINDS = ("text", "number", "cents", "moment")
# Lines with what a column is one of, and what it then is: a few well-known codes are codes still.
_LISTS = {"list": "listed", "codes": "code"}
_WIDEST = 3
_LEAST_MARKING = 5
_LINKS = frozenset(
    "de du des d la le les l a au aux en et del los las el y para por da do das dos e di della dello dei degli delle "
    "al alla con sur pour".split()
)
# What is said of the thing that a name begins with, which then is whose it is: tuteur_telephone.
_ATTRIBUTES = frozenset(
    "email phone mobile fax name first last date code number id address street city postal country status type amount "
    "total price comment note url photo image gender age count reason file uuid key order birth account branch "
    "job occupation".split()
)
# What is no longer the sum, the share or the measure that a number's name begins with.
_ATTRIBUTES_OF_NUMBERS = frozenset("phone code number id year age date day month".split())
# Nouns that are written alike in English, and so speak for no language.
_ENGLISH_TOO = frozenset(
    """absences accord acquisitions actions adjoint admin aerodrome affection allocations altitude amphitheatre
    analyse annot annotation areas assignee assistance audit auditor automate barman benefactor blogger broker
    cadence calories camping captures caregiver categories catering causal causes central centre certification
    chapo charges cheque classification clauses clones coach collision comma commandant commune competition
    complement computer concierge conclusion conclusions conditions connexions consequences consul copies
    corners corps correspondant credits croupier cycles database decisions declarant denom designation director
    disposition division doses download editorial engage engagement entrepreneur essence estimation evaluation
    expose expression facade familiar feedback final fiscal follower forma formation franco gains general
    hectares hippodrome hostess hypotheses impressions incidents informations infos inspector instance
    instructions instructor instrument interpretation interventions invite isolation jackpot jaime justification
    kilos lance laptop leasing legal licence licences local manager mandat manga marco marie master mentions
    mentor minutes missions modal modulo molecule monitor motivation motivations netto nomenclature normal
    notebook nuance obligations occupant occurrence optional ordinal orientation pages palette pallets
    participants participation passes pastor patron pension periode pieces places plants plomb pompe portable
    poste precautions precedent preferences prejudice preparation prepare presents president primer primo prior
    private profession professor prolongations promotion provisions qualification quart quotient raster
    receptionist recluse refuge regard regiment reporter reprise reserves restaurateur reunion rival robot
    router royalties salon salons scenario scoring sergent sessions smartphone solution sommelier speaker
    specifications spectacle sphere sprint stelle steward stewart structure substance suggestions surcharge
    synopsis tablet tarif techno telephone tenure terrain tester textile texture theatre tickets torque total
    tours tractor transcription triage tutor validation variable verbatim verdict verso villa vista votes
    wagons""".split()
)
# Units at a number's end, which say how it is measured.
_UNITS = frozenset(
    """pct percent porc perc porcentaje percentual percentuale pourcentage pourcent km kg g mg cm mm m m2 m3 ml l h hl
    t w kw kwh v ma hz min mins minutes minutos minuti seg sec sek s ms jours jour dias giorni mois meses mesi semaines
    semanas settimane j jrs horas heures ore ans anos anni c pa bar ppm ha mb gb mq mc smc kml""".split()
)

# Those that nothing is paid for each of.
_UNITS_OF_NO_PRICE = frozenset(
    """pct percent porc perc porcentaje percentual percentuale pourcentage pourcent min mins minutes minutos minuti seg
    sec sek jours dias giorni mois meses mesi semaines semanas settimane heures horas ore ans anos anni""".split()
)
_NAMES = frozenset({"nom", "nombre", "nome", "nm", "nomb"})
_WITH_NAMES = frozenset(
    """full_name company product city region country school team hotel course project bank carrier brand medication
    service venue store warehouse department district pet_name device""".split()
)
# What has a least, so that `min` after it is no minutes; and amounts of money that may be lost by weight as well.
_WITH_A_LEAST = frozenset({"quantity", "money", "temperature", "score", "grade_points"})
_LOST = frozenset("perda perdas perte pertes perdita perdite perdida perdidas merma mermas debit debito".split())
_TIMES = frozenset("h hr hrs min mins mn s seg sec j jours dias giorni mois meses mesi ore horas heures".split())
_PEOPLE = frozenset({("person",), ("customer",), ("employee",), ("user",), ("patient",), ("member",), ("student",)})
_SAID_OF_THEM = frozenset(
    """principal principale final finale actual actuel actuelle atual attuale anterior precedent precedente asignado
    asignada assigne atribuido assegnato responsable responsavel responsabile titular titulaire titolare suplente
    suppleant supplente referent referente adjunto adjoint legal legale externo externe esterno interno interne
    autorizado autorise autorizzato invitado invite convidado nuevo nouveau novo nuovo secundario""".split()
)
# Rates and shares that are amounts where there is room for cents of thousands.
_CHARGED = frozenset(
    "taxa tasa comision comissao commission part participation participacion participacao baja".split()
)
# Ends of words for those who do something, and words that end so and are things.
_DOERS = {
    "fr": ("ateur", "atrice", "isseur", "euse", "iste", "ologue", "ienne", "icien", "tairesse", "andier", "issier"),
    "es": ("ador", "adora", "edor", "edora", "idor", "idora", "ista", "ologo", "ologa", "tor", "tora", "ero", "era"),
    "pt": ("ador", "adora", "edor", "edora", "idor", "idora", "ista", "ologo", "ologa", "eiro", "eira", "ente"),
    "it": ("atore", "atrice", "itore", "itrice", "ista", "ologo", "ologa", "aiolo", "iere", "iera", "aio"),
}
_SHORTEST_DOER = 7
# Shorter words are nouns in tables of their language alone.
_SHORTEST_ALONE = 4
_SHORTEST_START, _LONGEST_START = 4, 9
_SHORTEST_CALLED, _MOST_BEGUN = 3, 40
# Words before what is called something, and before what has a type.
_NAMING = {
    "fr": frozenset("nom lib libelle lbl designation intitule".split()),
    "es": frozenset("nombre nom nomb nmb desc descripcion denominacion".split()),
    "pt": frozenset("nm nome nom no ds dsc desc descricao denominacao".split()),
    "it": frozenset("nome nom desc des descr denominazione den ds".split()),
}
_TYPING = frozenset("type typ tp tipo tip tipologia nature nat natura naturaleza natureza clase classe".split())
# What is known by what it is, and not by a name.
_NEVER_CALLED = frozenset(
    """code serial vat ssn phone email hash token account_number iban url file_path license_plate vin passport tracking
    room_number house_number postal_code""".split()
)
_NUMBERING = frozenset("num nr nro no n numero nb".split())
# What has numbers that are no serial ones.
_NUMBERS_OF_THEIR_OWN = frozenset(
    """phone mobile fax card street house account room seat floor social passport plate iban tax vat door apartment
    building tracking flight version page postal""".split()
)
_NUMBERING_LAST = frozenset("num nro numero nr".split())
_CODING = frozenset("cod cd code codice codigo ref rif".split())
_CODES_OF_THEIR_OWN = frozenset(
    """postal zip country region state province language currency locale tax fiscal social ssn vat ean barcode bar color
    promo promotion discount diagnosis icd security verification phone calling bank airport access activation pin
    coupon tracking iban swift bic serial""".split()
)
_SHARES = frozenset(
    """pct perc porc porcentaje pourc prct pourcentage pc percentual porcentagem percentuale aliq aliquota
    alicuota""".split()
)
_QUANTITIES = frozenset("qt qtd qtde qte qta cant quant quantidade quantite cantidad quantita".split())
_AMOUNTS = frozenset("imp impte importe importo mnt montant mto monto prezzo prz precio preco prix".split())
# What says of a day that it is still to come.
_AHEAD = frozenset(
    """prev prevue prevu prevista previsto previsionnelle prevision previsao estimada estimado stimata presunta probable
    vto vcto vencto venc vencimento vencimiento scad scadenza ech echeance cad caducidad validade proch prochain
    prochaine prox proxima proximo pross prossima prossimo limite butoir expiration expiracion expiracao peremption
    compromiso souhaitee souhaite deseada deseado desejada desejado desiderata prometida prometido
    jusqu jusque valable est estim planif planifiee programada programado programmata prog""".split()
)


_THINGS = frozenset(
    """generateur ventilateur radiateur indicateur calculateur ordinateur accumulateur transformateur regulateur
    alternateur refrigerateur operateur_logique separateur isolateur connecteur compteur capteur moteur liste poste
    piste congelador refrigerador generador ventilador transformador contador indicador localizador identificador
    comparador separador procesador elevador computador interruptor conector sensor motor sector factor vector
    tractor reactor extractor inversor inversora computadora impresora calculadora lavadora secadora cosechadora
    calendario numero genero tablero casillero fichero cabecera carretera madera cartera escalera frontera bandera
    manera cantera espera primera primero primeiro primeira tercero tercera terceiro terceira dinheiro dinero
    gerador indicador_valor liquidificador processador computador_pessoal carteira geladeira cadeira bandeira
    madeira roteiro tabuleiro banheiro chuveiro janeiro fevereiro fronteira corrente componente recipiente
    ambiente continente expediente frequente presente ausente vigente pendente diferente permanente excelente
    generatore ventilatore indicatore contatore calcolatore trasformatore refrigeratore radiatore processore
    separatore contenitore cartiera bandiera cantiere quartiere bicchiere calendiere scadenziario revista lista vista
    pista entrevista conquista listino gennaio febbraio macellaio_negozio rivista riviera bolletta""".split()
)


@dataclass(frozen=True, slots=True)
class Nouns:
    """A language's nouns. `meant` has concepts by kind and noun; `listed` what a column is one of, by noun."""

    meant: dict[str, dict[str, str]]
    listed: dict[str, tuple[str, ...]]


@lru_cache(maxsize=8)
def nouns_of(language: str) -> Nouns:
    """The nouns of a language, read once."""
    text = (Path(__file__).parent / "nouns" / f"{language}.txt").read_text("utf-8").replace("\n    ", " ")
    meant: dict[str, dict[str, str]] = {kind: {} for kind in _KINDS}
    lists: dict[str, tuple[str, ...]] = {}
    for line in text.splitlines():
        head, _, tail = line.partition(": ")
        kind, _, concept = head.partition(" ")
        if kind in _KINDS:
            meant[kind].update(dict.fromkeys(tail.split(), concept))
        elif kind in _LISTS:
            for noun in concept.split():
                meant["text"][noun] = _LISTS[kind]
                lists[noun] = tuple(tail.split("; "))
    charged = {
        noun: "money" if concept == "percentage" and noun.partition("_")[0] in _CHARGED else concept
        for noun, concept in meant["number"].items()
    }
    meant["cents"] = {**charged, **meant["cents"]}
    return Nouns(meant, lists)


def unlinked(name: str) -> str:
    """A name as nouns are written: reste_a_payer as reste_payer, but consegnato_a as it is."""
    first, *rest = name.split("_")
    return "_".join((first, *(piece for piece in rest[:-1] if piece not in _LINKS), *rest[-1:])) if rest else name


@lru_cache(maxsize=1)
def marks() -> dict[str, tuple[str, ...]]:
    """The languages of the first words of all nouns that English does not have."""
    found: dict[str, tuple[str, ...]] = {}
    for language in LANGUAGES:
        # Amounts are numbers too: those with room for cents have all nouns of those without.
        nouns = set().union(*(nouns_of(language).meant[kind] for kind in _KINDS if kind != "number"))
        firsts = {noun.lstrip("=").partition("_")[0] if not noun.isalpha() else noun for noun in nouns}
        for noun in firsts.difference(_ENGLISH_TOO, PLAIN, ENGLISH, LANGUAGE_OF):
            if len(noun) >= _LEAST_MARKING:
                found[noun] = (*found.get(noun, ()), language)
    return found


@lru_cache(maxsize=16_384)
def headed(kind: str, name: str, language: str | None) -> tuple[str, Words] | None:
    """The concept of the noun that a name begins with, and the key of its list for those that have one.

    `language` is the table's; where nothing tells it, the nouns of those that have one have to agree.
    """
    if kind not in _KINDS or (language is not None and language not in LANGUAGES):
        return None
    pieces = tuple(unlinked("_".join(raw_tokens(name))).split("_")) if name else ()
    while len(pieces) > 1 and pieces[-1].isdigit():
        pieces = pieces[:-1]
    if not pieces:
        return None
    if kind != "text" and len(pieces) > 1 and pieces[-1] in _UNITS:
        if language is None:
            return None
        exact = nouns_of(language).meant[kind].get("_".join(pieces))
        held = (exact, pieces) if exact else _found(kind, pieces[:-1], language)
        return held if held is not None and (exact or _is_of_unit(held[0], pieces)) else None
    if language is not None:
        return _found(kind, pieces, language) or (_by_its_name(pieces, language) if kind == "text" else None)
    if len(pieces[0]) < _SHORTEST_ALONE or pieces[0] in ENGLISH or pieces[0] in PLAIN or pieces[0] in _ENGLISH_TOO:
        return None  # `an` is a year where the table is French.
    found = [one for tongue in LANGUAGES if (one := _found(kind, pieces, tongue))]
    return found[0] if found and len({concept for concept, _ in found}) == 1 else None


def _by_its_name(pieces: Words, language: str) -> tuple[str, Words] | None:
    """Who or what a name is of that ends in that word: dirigeant_nom, banco_nombre."""
    if len(pieces) < 2 or pieces[-1] not in _NAMES:
        return None
    found = _found("text", pieces[:-1], language)
    return found if found is not None and found[0] in _WITH_NAMES else None


def _is_of_unit(concept: str, pieces: Words) -> bool:
    """Whether a noun's concept stays as it is before a unit, which says how something is measured.

    What is paid for each of a unit is paid, the least of a stock is one.
    """
    if pieces[-1] == "min" and concept in _WITH_A_LEAST:
        return True
    if concept == "duration" and pieces[-1] in _TIMES:
        return True  # tempo_total_h
    return concept == "money" and pieces[-1] not in _UNITS_OF_NO_PRICE and pieces[0] not in _LOST


@lru_cache(maxsize=4096)
def is_somebody(name: str) -> bool:
    """Whether a name begins with somebody whom the vocabulary knows, and nothing after that says what of them.

    patient_transporte is a patient, cliente_direccion is not a customer.
    """
    pieces = [piece for place, piece in enumerate(raw_tokens(name)) if not place or piece not in _LINKS]
    first = canonical(pieces[0]) if pieces else ()
    if len(pieces) < 2 or pieces[0] in ENGLISH or first not in _PEOPLE:
        return False
    return all(
        piece in _SAID_OF_THEM or (piece not in ALIASES and canonical(piece) in ((piece,), (singular(piece),)))
        for piece in pieces[1:]
    )


@lru_cache(maxsize=4096)
def does_something(name: str, language: str | None) -> bool:
    """Whether a name that nothing else reads begins like somebody who does something: appelant, almacenista."""
    pieces = raw_tokens(name)
    ends = _DOERS.get(language or "")
    if not pieces or ends is None or len(pieces[0]) < _SHORTEST_DOER or pieces[0] in _THINGS:
        return False
    return pieces[0].endswith(ends)


def values_of(words: Words) -> tuple[str, ...]:
    """What a column is one of, by the key that `headed` gave; () for other words."""
    language, _, noun = words[0].partition(":") if len(words) == 1 else ("", "", "")
    return nouns_of(language).listed.get(noun, ()) if language in LANGUAGES else ()


def _found(kind: str, pieces: Words, language: str) -> tuple[str, Words] | None:
    meant = nouns_of(language).meant[kind]
    if kind == "moment" and len(pieces) > 1 and _is_ahead(pieces, language):
        return "future", pieces
    for width in range(min(_WIDEST, len(pieces)), 0, -1):
        if width == 1 < len(pieces) and (called := _said_before(kind, pieces, language)):
            return called
        noun = _noun(meant, pieces[:width], language, whole=width == len(pieces), text=kind == "text")
        if noun is None:
            continue
        attributes = _ATTRIBUTES if kind in ("text", "moment") else _ATTRIBUTES_OF_NUMBERS
        referred = meant[noun] == "full_name" and pieces[-1] in ("ref", "rif")  # familiar_ref is the one to ask
        if width < len(pieces) and attributes & set(canonical(pieces[-1])) and not referred:
            return None
        return meant[noun], (f"{language}:{noun}",)
    return None


def _is_ahead(pieces: Words, language: str) -> bool:
    """Whether a moment's words say that it is to come; a cadastro is no caducidad."""
    return any(piece in _AHEAD and (piece, language) != ("cad", "pt") for piece in pieces)


def _said_before(kind: str, pieces: Words, language: str) -> tuple[str, Words] | None:
    """What a word before a noun makes of it: nm_vistoriador, tp_telhado, nr_apolice, perc_iva, qt_peso."""
    if kind == "text":
        return _called(pieces, language) or _numbered(pieces, language) or _coded(pieces)
    if kind in ("number", "cents"):
        if pieces[0] in _SHARES:
            return "percentage", pieces
        if kind == "cents" and pieces[-1] in _AMOUNTS:
            held = _found("number", pieces[:-1], language)
            return ("money", pieces) if held is None or held[0] in ("count", "quantity", "percentage") else held
        measured = _found("number", pieces[1:], language) if pieces[0] in _QUANTITIES else None
        return measured if measured and measured[0] in ("measure", "duration", "temperature") else None
    return None


def _called(pieces: Words, language: str) -> tuple[str, Words] | None:
    """What somebody or something is called, or its type, by what it is: nm_vistoriador, lib_chantier, tp_telhado."""
    named, typed = _NAMING[language], _TYPING
    if pieces[0] not in named and pieces[0] not in typed:
        return None
    found = _found("text", pieces[1:], language) or begun("_".join(pieces[1:]), language)
    if found is None and pieces[0] in named and len(pieces) == 2:
        return ("full_name", pieces) if _is_mostly_somebody(pieces[1], language) else None
    if found is None:
        return None
    if found[0] == "label" and pieces[0].startswith(("desc", "dsc", "des")):
        return "description", pieces  # descr_impianto
    wanted = found[0] == "listed" if pieces[0] in typed else found[0] not in _NEVER_CALLED
    return found if wanted else None


@lru_cache(maxsize=4096)
def _is_mostly_somebody(piece: str, language: str) -> bool:
    """Whether most nouns that begin so are of people: nm_morad, nom_benef."""
    if len(piece) < _SHORTEST_CALLED or piece in ALIASES or piece in PLAIN or piece in ENGLISH:
        return False
    nouns, meant = _sorted(language), nouns_of(language).meant["text"]
    first = bisect_left(nouns, piece)
    begun_so = [noun for noun in nouns[first : first + _MOST_BEGUN] if noun.startswith(piece)]
    people = sum(meant[noun] == "full_name" for noun in begun_so)
    return people > 0 and people * 3 >= len(begun_so) * 2


def _numbered(pieces: Words, language: str) -> tuple[str, Words] | None:
    """The number of something, which is its serial one where it has none of another kind: nr_apolice, num_telephone."""
    rest = pieces[1:] if pieces[0] in _NUMBERING else pieces[:-1] if pieces[-1] in _NUMBERING_LAST else ()
    if not rest or _NUMBERS_OF_THEIR_OWN & {word for piece in rest for word in canonical(piece)}:
        return None
    found = _found("text", rest, language)
    return found if found is not None and found[0] in _NEVER_CALLED - {"code"} else ("serial", pieces)


def _coded(pieces: Words) -> tuple[str, Words] | None:
    """The code of something that has none that everybody knows: cod_utente, but not cod_postal."""
    own = _CODES_OF_THEIR_OWN & {word for piece in pieces[1:] for word in canonical(piece)}
    return ("code", pieces) if pieces[0] in _CODING and not own else None


def _noun(meant: dict[str, str], pieces: Words, language: str, *, whole: bool, text: bool) -> str | None:
    """The noun that the pieces are; in a text its plural or its feminine too: several credits are no sum."""
    joined = "_".join(pieces)
    for noun in (f"={joined}", joined) if whole else (joined, f"{joined}+"):
        if noun in meant:
            return noun
    if not text:
        return None
    before, last = pieces[:-1], pieces[-1]
    for form in (singular(last), *singulars(last, language)):
        noun = "_".join((*before, form))
        if noun in meant:
            return noun
    for form in masculines(last, language):
        noun = "_".join((*before, form))
        for written in (noun,) if whole else (noun, f"{noun}+"):
            if meant.get(written) == "full_name":
                return written
    return None


@lru_cache(maxsize=len(LANGUAGES))
def _sorted(language: str) -> list[str]:
    """A language's nouns of texts that are one word and decide wherever they stand first, sorted."""
    return sorted(noun for noun in nouns_of(language).meant["text"] if noun.isalpha())


@lru_cache(maxsize=4096)
def begun(name: str, language: str | None) -> tuple[str, Words] | None:
    """The concept of the nouns that a name's first piece is the start of, where they agree: propiet, fornec, pavim.

    For names that nothing else reads.
    """
    piece = next(iter(raw_tokens(name)), "")
    known = piece in ALIASES or piece in PLAIN or piece in ENGLISH
    if language not in LANGUAGES or not _SHORTEST_START <= len(piece) <= _LONGEST_START or known:
        return None
    nouns, meant = _sorted(language), nouns_of(language).meant["text"]
    first = end = bisect_left(nouns, piece)
    while end < len(nouns) and nouns[end].startswith(piece):
        end += 1
    begun_so = nouns[first:end]
    several = len(piece) > _SHORTEST_START or len(begun_so) > 1
    if not begun_so or not several:
        return None
    most, count = Counter(meant[noun] for noun in begun_so).most_common(1)[0]
    if count * 3 < len(begun_so) * 2:
        return None  # What two thirds of them mean is meant.
    noun = min((noun for noun in begun_so if meant[noun] == most), key=lambda noun: (len(noun), noun))
    return meant[noun], (f"{language}:{noun}" if meant[noun] == "listed" else noun,)
