"""Amounts of invoices, stays, claims and loans in French, Spanish, Portuguese and Italian tables, which add up.

What is taxed, kept back, paid in advance and still to be paid are known by pieces of their names; the rules for all
languages then find them by the English words for those.
"""

from typing import Any

from app.generator.meaning.heads import LANGUAGES
from app.generator.meaning.naming import raw_tokens
from app.generator.meaning.surroundings import Surroundings

Chosen = tuple[str, dict[str, Any]]

_RETAINED = {"es": [0.15, 0.15, 0.07, 0.19], "it": [0.2], "pt": [0.015, 0.11, 0.0465], "fr": [0.05]}
_ADVANCED = [0, 0.2, 0.3, 0.3, 0.5]
# Units of time by the starts of the words for them, of which a price is for one and a count says how many.
_SPANS = (
    ("nuit", "noche", "nott", "noite", "diaria", "pernott"),
    ("jour", "dia", "giorn"),
    ("heure", "horaire", "hora", "ore", "orari", "hr"),
    ("mois", "mensu", "mes", "mens"),
)
# What guests pay a town for their nights, whatever those cost.
_OF_GUESTS = frozenset("sogg soggiorno sejour turistica turistico".split())
_TARIFFS = ("tarif", "prezzo", "prix", "precio", "preco")
_CLAIMS = frozenset("sinistre sinistres siniestro siniestros sinistro sinistros sinistri".split())
_PAID_FOR = frozenset(
    "indem indemnise indemnisation indemnite indemnizado indemnizacion indeniz indenizado indenizacao liquidato".split()
)
_THOUGHT = frozenset(
    "estime estimation estimado estimada stimato stimata evalue reclamado reclame richiesto danno".split()
)
_LOANS = frozenset("pret prets emprunt emprunts prestamo prestamos emprestimo emprestimos prestito mutui mutuo".split())
_LENT = frozenset(
    """capital emprunte capitale montant principal financiado importo finanz finanziato financ emprunt prestado
    concedido conced erogato""".split()
)
_OWED = frozenset("crd restant restante pendiente pdte residuo devedor res rest pend dev".split())
_EARNED = frozenset("rev revenu revenus chg charges renda reddito ingresos sal salaire".split())
_EACH_MONTH = frozenset("mensualite mens echeance cuota cuota parcela prestacao rata".split())


def billed(around: Surroundings, subtotal: str | None, total: str | None) -> Chosen | None:
    """What an amount is of the row's subtotal or total; None where the rules for all languages say it."""
    if around.language not in LANGUAGES or around.context.unique:
        return None
    words = set(around.words)
    if "tax" in words and around.raw & _OF_GUESTS:
        return "number", {"min": 1, "max": 12}
    if "withheld" in words and subtotal is not None:
        rate = around.number_named("withheld", "percent") or around.number_named("withheld", "rate")
        return "share_of", {"of": subtotal, **({"rate": rate} if rate else {"rates": _RETAINED[around.language]})}
    if "deposit" in words and total is not None:
        return "share_of", {"of": total, "rates": _ADVANCED}
    if words & {"payable", "due"} and total is not None:
        kept = (around.amount_named("withheld", without=("percent", "rate")) if "payable" in words else None,
                around.amount_named("deposit"), around.amount_named("paid"))  # fmt: skip
        minus = [name for name in kept if name]
        return ("sum_of", {"plus": [total], "minus": minus}) if minus else None
    return _of_claims(around) or _of_loans(around) or _of_homes(around) or _late(around)


def withheld(around: Surroundings) -> str | None:
    """What is kept back of a Spanish invoice, whose total is what is left."""
    return around.amount_named("withheld", without=("percent", "rate")) if around.language == "es" else None


def times(around: Surroundings) -> tuple[str, str] | None:
    """How many nights, days or hours at which price for each; None where the row has not both."""
    if around.language not in LANGUAGES:
        return None
    for span in _SPANS:
        named = [name for name in around.numbers() if any(piece.startswith(span) for piece in raw_tokens(name))]
        price = next((name for name in named if around.concepts[name] in ("money", "salary")), None)
        count = next((name for name in named if around.concepts[name] in ("count", "quantity", "duration")), None)
        if price is None and count and span is _SPANS[0]:  # A tariff beside nights is for one of them.
            money = [name for name in around.numbers() if around.concepts[name] == "money"]
            price = next((n for n in money if raw_tokens(n)[0].startswith(_TARIFFS) and len(raw_tokens(n)) == 1), None)
        if price and count:
            return count, price
    return None


def _of_claims(around: Surroundings) -> Chosen | None:
    if around.raw.isdisjoint(_PAID_FOR) or _CLAIMS.isdisjoint(raw_tokens(around.context.table.name)):
        return None
    thought = next((name for name in around.numbers() if _THOUGHT & set(raw_tokens(name))), None)
    return ("share_of", {"of": thought, "rates": [0, 0.5, 0.7, 0.8, 0.9, 1]}) if thought else None


def _of_loans(around: Surroundings) -> Chosen | None:
    if _LOANS.isdisjoint(raw_tokens(around.context.table.name)) or around.raw & _EARNED:
        return None
    lent = next((name for name in around.numbers() if _is_lent(frozenset(raw_tokens(name)))), None)
    if _is_lent(around.raw):
        return "number", {"min": 3_000, "max": 250_000, "distribution": "skewed"}
    if lent is None:
        return None
    if around.raw & _OWED:
        return "share_of", {"of": lent, "rates": [0.1, 0.25, 0.4, 0.6, 0.75, 0.9, 0.97]}
    return ("share_of", {"of": lent, "rates": [0.008, 0.012, 0.018, 0.025]}) if around.raw & _EACH_MONTH else None


_RENT = frozenset("renta loyer aluguel alug canone alquiler affitto arriendo".split())
_HELD = frozenset("fianza caucao caution dg cauzione deposito".split())


def _of_homes(around: Surroundings) -> Chosen | None:
    """What is held of a home's rent, and what its seller has of the price."""
    names = {name: frozenset(raw_tokens(name)) for name in around.numbers()}
    if around.raw & _HELD:
        rent = next((name for name, pieces in names.items() if pieces & _RENT and not pieces & _HELD), None)
        return ("share_of", {"of": rent, "rates": [1, 1, 2, 2, 3]}) if rent else None
    if around.raw >= {"net", "vendeur"}:
        price = next((name for name, pieces in names.items() if pieces & {"fai", "affiche"}), None)
        fee = next((name for name, pieces in names.items() if pieces & {"honoraires", "commission"}), None)
        return ("sum_of", {"plus": [price], "minus": [fee]}) if price and fee else None
    return None


_INTEREST = frozenset("juros mora intereses interets interessi".split())
_FINE = frozenset("multa penalite penalites recargo".split())
_PAID = frozenset("pago paye cobrado pagado pagato recebido".split())
_AT_FIRST = frozenset("orig original originale principal nominal valor titulo parcela documento doc importe".split())


def _late(around: Surroundings) -> Chosen | None:
    """What is charged on top of a bill that is paid late, and what was paid of all that."""
    names = {name: frozenset(raw_tokens(name)) for name in around.numbers()}
    extra = _INTEREST | _FINE | _PAID
    first = next((name for name, pieces in names.items() if pieces & _AT_FIRST and not pieces & extra), None)
    added = [name for name, pieces in names.items() if pieces & (_INTEREST | _FINE)]
    if first is None or around.raw.isdisjoint(extra):
        return None
    if around.raw & _PAID:
        off = [name for name in (around.amount_named("discount", without=("percent", "rate")),) if name]
        return ("sum_of", {"plus": [first, *added], **({"minus": off} if off else {})}) if added else None
    return "share_of", {"of": first, "rates": [0, 0, 0, 0.01, 0.02] if around.raw & _INTEREST else [0, 0, 0, 0.02]}


def _is_lent(pieces: frozenset[str]) -> bool:
    return bool(pieces & _LENT) and not pieces & (_OWED | _EACH_MONTH)
