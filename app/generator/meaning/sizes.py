"""How much things usually are, by what their names say: rents, kilometres, bank fees.

`sizes.txt` has the ranges for French, Spanish, Portuguese and Italian names: concepts, marks of tables or `-`, lowest
and highest, and the pieces of names that say so, all of those joined by `+`. The first line that holds decides.
`sizes_joined.txt` has them for English, German and Dutch, where a part with `~` may also stand within a compound. What
the English words of a name say is elsewhere.
"""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from app.generator.meaning.bounds import span
from app.generator.meaning.naming import raw_tokens
from app.generator.meaning.surroundings import Surroundings

_LANGUAGES = frozenset({"fr", "es", "pt", "it"})
_JOINING = frozenset({"en", "de", "nl"})
# From so many times the lowest on, more are low than high.
_WIDE = 5
_MOST_WHOLE = 10
# By what a table's names say besides its entities where it is.
_PLACES = {
    "+realty": frozenset(
        """dpe hab mandat mandats imobiliaria imobiliario imovel imoveis inmueble inmuebles inmobiliaria immobili
        immobile immobiliare bien biens locataire locatario locatarios locador inquilino inquilini conduttore bailleur
        bail baux iptu ibi fincas finca catastro catastral catastrale catasto cadastre logement logements annonces
        lots copropriete vivienda viviendas alquileres affitti aluguel alugueis locatif""".split()
    ),
    "+haul": frozenset(
        """trasporti trasporto spedizioni transporte transportes fletes fretes flete frete camion rimorchio motrice
        remolque tractora semirremolque semiremorque remorque tracteur reboque carreta nolo cmr porteur
        affretement""".split()
    ),
    "+lodging": frozenset(
        """hotel albergo camera camere habitacion habitaciones hab noches notti nuits nuitees noites hospede huesped
        ospite hospedes reservas soggiorno sejour chambre chambres quarto""".split()
    ),
    "+table": frozenset(
        """plato piatto prato plat camarero cameriere garcom comensales coperti couverts mesa tavolo comanda carta menu
        cozinha cocina""".split()
    ),
    "+wheels": frozenset(
        """matricula placa targa immat immatriculation vehiculo vehiculos veiculo veiculos veicolo veicoli vehicule
        vehicules flota frota coche automezzi""".split()
    ),
    "+home": frozenset(
        """wohnung wohnungen miete mieter mieten mietvertrag mietvertraege mietobjekte immobilien immobilie kaltmiete
        wohneinheit wohneinheiten woning woningen huur huurder huurders huurcontract huurcontracten verhuureenheden vhe
        huurprijs kalehuur panden pand tenant tenancy tenancies lease leases dwelling dwellings flat flats
        apartment apartments property properties rent rental rentals housing landlord""".split()
    ),
    "+herd": frozenset(
        """rebanho gado bovinos bovin bovins cheptel troupeau ganado ganaderia brinco crotal allevamento bovini mandria
        boucle vaches vacas vacche vacuno""".split()
    ),
    "+loan": frozenset(
        """pret prets emprunt emprunts prestamo prestamos emprestimo emprestimos prestito prestiti mutuo mutui
        hipoteca hipotecas loan loans mortgage lending kredit kredite darlehen krediet lening leningen""".split()
    ),
    "+stay": frozenset(
        """hotelbuchungen hotelbuchung hotel hotels hotelreserveringen zimmer zi zinr zikat zimmernr kamer kmr kmrnr
        kamernr uebernachtungen naechte nachten nights gast gastname gastnm reservations reservation guest guests
        pension campingplatz camping ferienwohnung vakantiewoning""".split()
    ),
    "+care": frozenset(
        """pflegedokumentation pflege bewohner bewnr rr puls dekubitus sturzrisiko zorgdossiers zorgdossier client kamer
        zzp pols patient patienten patients residents resident""".split()
    ),
    "+claim": frozenset(
        """schadenfaelle schadensfaelle schaden schadedossiers schadedossier schade schades claims claim schadennr
        schdat""".split()
    ),
    "+library": frozenset(
        """leihausweise ausleihen ausleihe uitleningen uitlening lener leners isbn leser bibliotheek bibliothek library
        borrowers borrower""".split()
    ),
    "+workshop": frozenset(
        """werkstatt werkstattauftraege reparatur reparaturen mech mechaniker monteur arbwerte ersatzteile garage
        garageopdrachten opdrachten werkbon werkbonnen werkorders onderdelen servicejobs repair repairs wartung
        wartungen""".split()
    ),
    "+freight": frozenset(
        """transportorder transportorders transport transporte transporten sendung sendungen zending zendingen vracht
        vrachten fracht frachten shipment shipments consignment consignments freight loads kenteken laadplaats losplaats
        ladeort entladeort""".split()
    ),
    "+body": frozenset(
        """paciente pacientes paziente pazienti patient patients imc tension pressao diagnostico diagnosi consulta
        consultas historia prontuario socio talla_cm atleta""".split()
    ),
}


@dataclass(frozen=True, slots=True)
class _Line:
    concepts: frozenset[str]
    mark: str
    low: float
    high: float
    said: tuple[frozenset[str], ...]
    # What a name has to have in it, written together.
    within: tuple[tuple[str, ...], ...] = ()

    def holds(self, raw: frozenset[str], joined: str) -> bool:
        """Whether a name of these pieces, and written together, says so."""
        return any(said <= raw for said in self.said) or any(
            all(part in joined for part in parts) for parts in self.within
        )


def size_range(around: Surroundings) -> tuple[float, float] | None:
    """The lowest and the highest that a number usually is, by its name in its table's language."""
    language = around.language
    if language not in _LANGUAGES and language not in _JOINING:
        return None
    room = _most(around)
    file = "sizes.txt" if language in _LANGUAGES else "sizes_joined.txt"
    for line in _held(file, around.concept.name, around.context.column.name):
        if line.low < room and (line.mark == "-" or _is_marked(line.mark, around)):
            return line.low, min(line.high, room)
    return None


# What has no person's body.
_BEASTS = frozenset("animal raca raza razza race especie specie espece pelagem bovin brinco".split())
# How the first and the last of what is read or driven are told apart.
_LAST = frozenset(
    "att nuevo nueva nuovo nuova novo nova fin finale finali final finais finales act actual atual attuale nouv "
    "nouvel nouveau llegada chegada arrivo arrivee".split()
)
_FIRST = frozenset(
    "deb debut ini inicio iniz iniziale iniziali inicial iniciais iniciales ant anterior precedente prec anc "
    "ancien initial salida saida partenza depart".split()
)
_ON = [1.005, 1.01, 1.02, 1.04, 1.07]


def _further(around: Surroundings) -> tuple[str, dict[str, Any]] | None:
    """What is read last, a little more than what was read first: lett_fin beside lett_iniz."""
    own = raw_tokens(around.context.column.name)
    if around.concept.name not in ("measure", "count") or around.context.unique:
        return None
    if _LAST.isdisjoint(own):
        return _used(around, own)
    rest = [piece for piece in own if piece not in _LAST]
    for name in around.numbers():
        pieces = raw_tokens(name)
        if not _FIRST.isdisjoint(pieces) and [piece for piece in pieces if piece not in _FIRST] == rest:
            return "share_of", {"of": name, "rates": list(_ON)}
    return _used(around, own)


_USED = frozenset("conso consommation consumo consumi consumption kms recorridos percorsi parcourus".split())
_READ = frozenset("idx index lect lectura leitura lett lettura km compteur contador contatore hodometro".split())


def _used(around: Surroundings, own: tuple[str, ...]) -> tuple[str, dict[str, Any]] | None:
    """What was used between two readings of the row: the last less the first."""
    if _USED.isdisjoint(own):
        return None
    read = [(name, set(raw_tokens(name))) for name in around.numbers() if _READ & set(raw_tokens(name))]
    first = next((name for name, pieces in read if pieces & _FIRST), None)
    last = next((name for name, pieces in read if pieces & _LAST), None)
    return ("sum_of", {"plus": [last], "minus": [first]}) if first and last else None


def size_of(around: Surroundings) -> tuple[str, dict[str, Any]] | None:
    """How large a number usually is, as options of a generator; None where no line says it."""
    if around.language in _LANGUAGES and (further := _further(around)):
        return further
    found = size_range(around)
    if found is None:
        return None
    low, high = found
    whole = around.concept.name in ("count", "year", "level") or around.context.type.name.startswith("int")
    return "number", span(low, high, "skewed" if high > _WIDE * max(low, 1) else "", 0 if whole else None)


# What is earned in a month, by languages, and in a year, which Spain and Italy speak of where a table is of people or
# posts rather than of what was paid; elsewhere it is a month's where nothing says that it is a year's.
_MONTHLY = {
    "pt": (1_600, 15_000), "es": (1_100, 3_800), "fr": (1_800, 5_800), "it": (1_200, 3_900), "de": (2_300, 7_400),
    "nl": (2_200, 6_900),
}  # fmt: skip
_ANNUAL = {
    "pt": (20_000, 180_000), "es": (16_000, 52_000), "fr": (22_000, 70_000), "it": (18_000, 52_000),
    "de": (28_000, 95_000), "nl": (26_000, 90_000),
}  # fmt: skip
_YEARLY = frozenset(
    "anual anuales annuel annuelle annuo annua annuale annui ral an ano anno annual yearly annee jahr jaar".split()
)
_BY_MONTH = frozenset(
    """mensual mensuales mensuel mensuelle mensile mensili mensal mensais mes mese mois mens mensualidad base sal neto
    net netto liquido sueldo stipendio paga paie""".split()
)
_NET, _LEFT_OVER = frozenset("net neto netto liquido".split()), 0.75
_SPOKEN_OF_BY_YEAR = {"es": frozenset({"salario", "retribucion", "bruto"}), "it": frozenset({"retribuzione", "ral"})}
_POSTS = frozenset(
    """offre offres annonce annonces emploi candidat candidats candidature candidatures oferta ofertas candidatos
    vacante vacantes offerta offerte candidati candidature""".split()
)


def wage_of(around: Surroundings, *, monthly: bool = False) -> tuple[str, dict[str, Any]] | None:
    """What somebody earns in a month, or in a year where the name or the country's custom says so.

    None in other languages.
    """
    language = around.language or ""
    if language not in _MONTHLY:
        return None
    raw, room = around.raw, _most(around)
    wages = _MONTHLY if monthly or not _is_of_year(raw, language, around) else _ANNUAL
    low, high = (wages if wages[language][0] < room else _MONTHLY)[language]
    if raw & _NET:
        low, high = int(low * _LEFT_OVER), int(high * _LEFT_OVER)
    return "number", span(low, min(high, room), "skewed")


def _is_of_year(raw: frozenset[str], language: str, around: Surroundings) -> bool:
    if not raw.isdisjoint(_YEARLY) or any(piece.startswith(("jahr", "jaar")) for piece in raw):
        return True
    if not raw.isdisjoint(_BY_MONTH):
        return False
    posts = language in ("fr", "es", "it") and not _POSTS.isdisjoint(raw_tokens(around.context.table.name))
    return posts or not raw.isdisjoint(_SPOKEN_OF_BY_YEAR.get(language, frozenset()))


def _is_marked(mark: str, around: Surroundings) -> bool:
    """Whether a table is what a line's mark says: an entity, or one whose names have words of a place."""
    words = _PLACES.get(mark)
    if words is None:
        return mark in around.entities
    names = (around.context.table.name, around.context.column.name, *around.context.siblings)
    pieces = {piece for name in names for piece in raw_tokens(name)}
    return not words.isdisjoint(pieces) and (mark != "+body" or _BEASTS.isdisjoint(pieces))


def _most(around: Surroundings) -> float:
    """The largest number that the column's type takes."""
    modifiers = around.context.type.modifiers
    if around.context.type.name != "numeric" or not modifiers:
        return 32_767 if around.context.type.name == "int2" else 10.0**_MOST_WHOLE
    return float(10 ** (modifiers[0] - (modifiers[1] if len(modifiers) > 1 else 0)) - 1)


@lru_cache(maxsize=16_384)
def _held(file: str, concept: str, name: str) -> tuple[_Line, ...]:
    """The lines that a name of a concept makes hold, in tables of any kind."""
    pieces = raw_tokens(name)
    raw, joined = frozenset(pieces), "".join(pieces)
    return tuple(line for line in _lines(file).get(concept, ()) if line.holds(raw, joined))


@lru_cache(maxsize=2)
def _lines(file: str) -> dict[str, tuple[_Line, ...]]:
    """The lines of a file by the concepts that they are of."""
    text = (Path(__file__).parent / file).read_text("utf-8").replace("\n    ", " ")
    found: dict[str, list[_Line]] = {}
    for line in text.splitlines():
        if line.startswith("#"):
            continue
        head, _, tail = line.partition(": ")
        concepts, mark, low, high = head.split()
        said = tuple(frozenset(parts.split("+")) for parts in tail.split() if "~" not in parts)
        within = tuple(tuple(parts.replace("~", "").split("+")) for parts in tail.split() if "~" in parts)
        read = _Line(frozenset(concepts.split(",")), mark, float(low), float(high), said, within)
        for concept in read.concepts:
            found.setdefault(concept, []).append(read)
    return {concept: tuple(lines) for concept, lines in found.items()}
