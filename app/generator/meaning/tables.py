"""What a table is about, as far as its columns' meaning depends on it: its entity, and marks of what it deals with."""

from functools import lru_cache

from app.generator.meaning.entities import entity_of
from app.generator.meaning.naming import raw_tokens, tokens
from app.generator.meaning.readings import Words
from app.generator.values.context import ColumnContext

# Columns of what is read, rather than sold.
_READ = frozenset({"body", "content", "slug", "excerpt", "published", "headline", "summary"})
# How a table's words may mark it beside its entity: `@_address` in the rules.
_MARKS = {
    "_address": ("address",),
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
    return tuple(sorted({*context.siblings, context.column.name}))


def entities_of(context: ColumnContext) -> frozenset[str]:
    """What the table is about, with its marks."""
    found = _entities(context.table.name, context.table_comment)
    if "product" in found and {"article", "articles"} & set(raw_tokens(context.table.name)):
        # Articles are goods in other languages, and in English what is read.
        words = {word for name in names_of(context) for word in tokens(name)}
        return found - {"product"} | {"article"} if words & _READ else found
    return found


@lru_cache(maxsize=4096)
def _entities(table: str, comment: str | None) -> frozenset[str]:
    found = {entity_of(table)} - {None}
    pieces = set(raw_tokens(table))
    singulars = pieces | {piece.rstrip("s") for piece in pieces} | set(tokens(table))
    found |= {mark for mark, words in _MARKS.items() if singulars & set(words)}
    if not found and comment:
        found |= {entity_of(comment.split(".")[0])} - {None}
    return frozenset(str(name) for name in found)
