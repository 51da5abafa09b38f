"""Which states the rows of a table go through, by what the table is about."""

from collections.abc import Iterable

from app.generator.meaning.naming import is_foreign, raw_tokens, tokens
from app.generator.meaning.surroundings import Surroundings
from app.generator.values.state_words import LANGUAGES, translated

STATUSES = {
    "order": ["pending", "processing", "shipped", "delivered", "cancelled", "returned"],
    "task": ["todo", "in_progress", "in_review", "done", "cancelled"],
    "ticket": ["open", "in_progress", "waiting", "resolved", "closed"],
    "person": ["active", "inactive", "pending", "suspended"],
    "article": ["draft", "in_review", "published", "archived"],
    "project": ["planned", "active", "on_hold", "completed", "cancelled"],
    "event": ["scheduled", "completed", "cancelled"],
    "payments": ["pending", "paid", "failed", "refunded"],
    "invoice": ["draft", "sent", "paid", "overdue", "void"],
    "booking": ["pending", "confirmed", "checked_in", "completed", "cancelled", "no_show"],
    "plan": ["trialing", "active", "past_due", "cancelled"],
    "message": ["queued", "sent", "delivered", "failed"],
    "vehicle": ["available", "in_use", "maintenance", "retired"],
    "device": ["online", "offline", "maintenance"],
    "return": ["requested", "approved", "received", "refunded", "rejected"],
    "admission": ["admitted", "discharged", "transferred"],
    "shipment": ["pending", "in_transit", "out_for_delivery", "delivered", "returned"],
    "claim": ["submitted", "in_review", "approved", "rejected", "paid"],
    "loan": ["active", "paid_off", "overdue", "defaulted"],
    "contract": ["draft", "active", "expired", "terminated"],
    "application": ["submitted", "screening", "interview", "offered", "hired", "rejected"],
    "lead": ["new", "contacted", "qualified", "proposal", "won", "lost"],
    "listing": ["draft", "active", "under_offer", "sold", "withdrawn"],
    "leave": ["requested", "approved", "rejected", "cancelled"],
}
# Words of a table's name, or of the column's, by which its states are found; the first line that holds decides.
_WORDS = (
    ("return", {"return", "rma", "retoure", "retouren", "retour", "devolucion", "devolucao", "reso"}),
    ("invoice", {"invoice"}),
    ("admission", {"admission", "hospitalization", "inpatient"}),
    ("leave", {"leave", "absence", "vacation"}),
    ("shipment", {"shipment", "consignment", "parcel", "shipping"}),
    ("booking", {"booking", "reservation", "appointment", "termin", "termine", "consultation"}),
    ("claim", {"claim", "reimbursement"}),
    ("application", {"application", "candidate", "applicant"}),
    ("lead", {"lead", "opportunity", "deal", "prospect"}),
    ("listing", {"listing", "property"}),
    ("loan", {"loan", "mortgage"}),
    (
        "payments",
        {
            "payment",
            "transaction",
            "receber",
            "titulo",
            "cobranca",
            "boleto",
            "recibo",
            "mensalidade",
            "cuota",
            "rata",
            "echeance",
            "receivable",
            "cobro",
            "scadenza",
            "refund",
            "charge",
            "payout",
            "fee",
            "installment",
            "instalment",
            "tuition",
        },
    ),
    ("order", {"order", "bestellung", "commande", "pedido", "bestelling"}),
    ("contract", {"contract", "lease", "policy"}),
    ("plan", {"subscription", "plan", "trial"}),
    ("message", {"message", "email", "notification", "delivery"}),
)
_OTHERS = ["active", "inactive", "pending", "archived"]


def states_of(around: Surroundings, words: Iterable[str]) -> list[str]:
    """The states of a column whose name has those words, as a table of its language says them.

    Where the columns do not tell a language, it is the locale's if the table's name is of another than English.
    """
    found = _states(around, words)
    if around.language in LANGUAGES:
        return translated(found, around.language or "")
    language = around.context.locale[:2]
    return translated(found, language) if language in LANGUAGES and is_foreign(around.context.table.name) else found


def _states(around: Surroundings, words: Iterable[str]) -> list[str]:
    """The states in English."""
    table = around.context.table.name
    pieces = {piece.rstrip("s") for piece in raw_tokens(table)} | set(tokens(table)) | set(words) | around.entities
    if "_estate" in around.entities:
        return STATUSES["listing"]
    for key, known in _WORDS:
        if known & pieces:
            return STATUSES[key]
    return next((STATUSES[entity] for entity in sorted(around.entities) if entity in STATUSES), _OTHERS)
