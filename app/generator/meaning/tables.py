"""What a table is about, as far as its columns' meaning depends on it: its entity, and marks of what it deals with."""

from functools import lru_cache

from app.generator.meaning.entities import entity_of
from app.generator.meaning.naming import raw_tokens, tokens
from app.generator.meaning.readings import Words
from app.generator.values.context import ColumnContext

# What is noted of a table under these.
_NAMES, _ENTITIES = "names", "entities"
# Columns of what is read, rather than sold.
_READ = frozenset({"body", "content", "slug", "excerpt", "published", "headline", "summary"})
# Who is graded, whatever the table is called.
_STUDENTS = frozenset("student aluno alumno alunno eleve schueler leerling estudiante estudante studente pupil".split())
# What is sold or let by its rooms, and what it has of them.
_HOMES = frozenset(
    """property properties listing listings apartment apartments house houses home homes flat flats immobilie immobilien
    wohnung wohnungen bien biens imovel imoveis inmueble inmuebles vivienda viviendas piso pisos casa casas woning
    woningen immobile immobili appartamento appartamenti appartements annonce annonces residence unit units""".split()
)
_ROOMS = frozenset("bedroom bathroom bed bath room area living square sqft floor piece pieces surface".split())
# Columns of events that people go to, rather than of what has been noted, and of those who are ill.
_GATHERING = frozenset("ticket tickets venue speaker organizer attendee fundraising raised stage doors keynote".split())
_SICK = frozenset(
    """paz paziente pazienti referto ordonnance ordo anamnesi diagnosis allergy prescription symptom icd paciente
    patienten patientenname""".split()
)
# Columns of firms that use a service together with others, rather than of those who rent a home.
_RENTED_SOFTWARE = frozenset(
    "slug domain subdomain plan sso schema billing subscription mrr seats storage quota".split()
)
# Menus have allergies as well.
_EATEN = frozenset({"dish", "menu", "recipe", "ingredient", "calorie"})
# Columns of what is written to a blockchain.
_CHAIN = frozenset({"gas", "wei", "gwei", "nonce", "block", "blockchain", "txhash", "erc20", "calldata"})
# How a table's words may mark it beside its entity: `@_address` in the rules.
_MARKS = {
    "_address": ("address",),
    "_ledger": (
        "journal",
        "ledger",
        "posting",
        "buchung",
        "buchungen",
        "buchungssaetze",
        "boekingen",
        "grootboek",
        "gl",
        "journaal",
        "boekingsregels",
        "journalposten",
    ),
    "_course": ("course", "courses", "cursus", "cursussen", "kurs", "kurse"),
    "_insurance": ("insurance", "insured", "policy", "subscriber", "versicherung", "versicherungen", "verzekering"),
    "_requests": ("request", "http", "access", "api", "pageview"),
    "_log": ("log", "audit", "history", "activity", "event", "trail"),
    "_menu": ("menu",),
    "_player": ("player", "players", "roster", "lineup"),
    "_payments": ("payment", "payments", "transaction", "transactions", "refund", "charge"),
    "_commits": ("commit", "build", "pipeline", "deployment", "merge"),
    "_code": ("repository", "repositories", "repo", "repos", "package", "packages", "gist"),
    "_phone": ("phone", "mobile"),
    "_school": (
        "grade",
        "grades",
        "exam",
        "exams",
        "marks",
        "transcript",
        "student",
        "students",
        "pupil",
        "enrollment",
        "school",
        "class",
        "aluno",
        "alunos",
        "alumno",
        "alumnos",
        "eleve",
        "eleves",
        "etudiant",
        "etudiants",
        "estudiante",
        "estudiantes",
        "matricula",
        "matriculas",
        "escola",
        "escuela",
        "schueler",
        "leerling",
        "leerlingen",
        "studenti",
        "alunni",
        "inscripcion",
    ),
    "_ticket": ("ticket", "tickets", "seat", "seats", "billet", "biglietti", "entradas", "ingressos"),
    "_jobs": (
        "job",
        "jobs",
        "application",
        "applications",
        "candidate",
        "candidates",
        "resume",
        "career",
        "vacancy",
        "applicant",
        "recruitment",
        "profile",
        "profiles",
    ),
    "_medical": (
        "patient",
        "patients",
        "consultation",
        "diagnosis",
        "hospital",
        "clinic",
        "medical",
        "doctor",
        "visit",
        "visits",
        "vet",
        "clinico",
        "clinica",
        "clinique",
        "ricovero",
        "ricoveri",
        "internacao",
        "internacoes",
        "prontuario",
        "prontuarios",
    ),
    "_account": ("account", "bank", "konto", "conta", "cuenta", "compte", "rekening"),
    "_travel": (
        "shipment",
        "shipping",
        "route",
        "trip",
        "flight",
        "ride",
        "journey",
        "voyage",
        "travel",
        "freight",
        "consignment",
        "transport",
        "train",
        "leg",
        "delivery",
        "tour",
        "touren",
        "fahrt",
        "fahrten",
        "strecke",
    ),
    "_dining": ("restaurant", "dining", "menu", "waiter", "table"),
    "_crypto": ("wallet", "blockchain", "crypto", "onchain", "nft", "erc20", "ledger"),
    "_workflow": ("workflow", "task", "job", "order", "issue", "ticket", "pedido", "transition"),
}


def names_of(context: ColumnContext) -> Words:
    """The table's column names, sorted: what tells which pieces of a name only repeat themselves."""
    found: Words | None = context.notes.get(_NAMES)
    if found is None:
        found = context.notes[_NAMES] = tuple(sorted({*context.siblings, context.column.name}))
    return found


def entities_of(context: ColumnContext) -> frozenset[str]:
    """What the table is about, with its marks."""
    found: frozenset[str] | None = context.notes.get(_ENTITIES)
    if found is None:
        found = context.notes[_ENTITIES] = _marked(context)
    return found


def _marked(context: ColumnContext) -> frozenset[str]:
    found = _entities(context.table.name, context.table_comment)
    words = _words(names_of(context))
    if words & _GATHERING:
        found |= {"_gathering"}
    if words & _SICK and not words & _EATEN:
        found |= {"_medical"}
    if words & {"bank", "agency", "iban"}:
        found |= {"_banked"}
    if len(words & _CHAIN) > 1:
        found |= {"_crypto"}
    if words & _STUDENTS:
        found |= {"_school"}
    if "person" in found and {"tenant", "tenants"} & set(raw_tokens(context.table.name)) and words & _RENTED_SOFTWARE:
        found = found - {"person"} | {"company"}
    if words & _ROOMS and set(raw_tokens(context.table.name)) & _HOMES:
        return found - {"product", "hotel"} | {"_estate"}
    if "product" in found and {"article", "articles"} & set(raw_tokens(context.table.name)):
        # Articles are goods in other languages, and in English what is read.
        return found - {"product"} | {"article"} if words & _READ else found
    return found


@lru_cache(maxsize=1024)
def _words(names: Words) -> frozenset[str]:
    """All the words of a table's columns, as they are written and in canonical words."""
    return frozenset(word for name in names for word in (*raw_tokens(name), *tokens(name)))


@lru_cache(maxsize=4096)
def _entities(table: str, comment: str | None) -> frozenset[str]:
    found = {entity_of(table)} - {None}
    pieces = set(raw_tokens(table))
    singulars = pieces | {piece.rstrip("s") for piece in pieces} | set(tokens(table))
    found |= {mark for mark, words in _MARKS.items() if singulars & set(words)}
    if not found and comment:
        found |= {entity_of(comment.split(".")[0])} - {None}
    return frozenset(str(name) for name in found)
