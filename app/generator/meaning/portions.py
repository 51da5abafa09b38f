"""What is a part of what stands beside it, in French, Spanish, Portuguese and Italian tables, so that rows add up.

A lorry's tare and its load, a budget that is voted, committed, spent and paid, a debt and what came back of it, what
the land and the house are worth together, and postings that are a debit or a credit.
"""

from typing import Any

from app.generator.meaning.heads import LANGUAGES
from app.generator.meaning.naming import raw_tokens
from app.generator.meaning.surroundings import Surroundings

Chosen = tuple[str, dict[str, Any]]
Named = dict[str, frozenset[str]]

_WEIGHT = frozenset("peso poids pds ps".split())
_GROSS = frozenset("bruto brut lordo total totale".split())
_TARE = frozenset("tara tare".split())
_NET = frozenset("neto net netto liquido util utile".split())
# What is done with a budget, in this order; each is a part of the one before that the row has.
_BUDGET = (
    frozenset(
        """stanziamento stanziato stanz presupuesto presupuestado presup dotacion dotacao dotac orcado orcamento budget
        budgete vote votes bp previsto prevision prev_iniz credito creditos credits credit""".split()
    ),
    frozenset("impegnato impegno impeg engage engages comprometido comprom dispuesto empenhado empenho".split()),
    frozenset(
        """liquidato liquid liquidado mandate mandates realise realises realizado obligado obligaciones reconocido
        ejecutado ejec accertato""".split()
    ),
    frozenset("pagato paye payes pagado pago".split()),
)
_OF_BUDGETS = 2
_SHARES = ([0.5, 0.7, 0.85, 0.95, 1], [0.4, 0.6, 0.8, 0.9, 1, 1], [0.7, 0.9, 1, 1, 1])
_LEFT = frozenset(
    """residuo residuos resto reste restant restedu disponible disponibile disponivel dispon solde saldo sld pendiente
    pdte remanente sobra""".split()
)
_OWED = frozenset("principal principale capital capitale creance debito dette divida deuda credito importe".split())
_CAME_BACK = frozenset(
    "encaisse enc recouvre recouv incassato recuperado recuperato recup recobrado cobrado recebido pago pagado".split()
)
_ON_TOP = frozenset(
    "interets interet intereses interessi juros int frais gastos costas spese multa mora penalites penalite".split()
)
_DEBIT, _CREDIT = (
    frozenset("debit deb debe dare debito".split()),
    frozenset("credit cred haber avere credito".split()),
)
_PLAIN_POSTING = frozenset("mt mnt montant imp importe importo vl valor mvt mov mt_mvt eur".split())


def portion(around: Surroundings) -> Chosen | None:
    """What a number is of others of its row; None where nothing beside it says so."""
    if around.language not in LANGUAGES or around.context.unique:
        return None
    if around.concept.name in ("measure", "quantity"):
        return _of_weights(around)
    if around.concept.name != "money":
        return None
    found = _of_postings(around) or _of_budgets(around) or _of_debts(around) or _of_land(around)
    return found or _of_fees(around) or _of_taxed(around)


def _named(around: Surroundings) -> Named:
    return {name: frozenset(raw_tokens(name)) for name in around.numbers()}


def _with(names: Named, wanted: frozenset[str], unwanted: frozenset[str] = frozenset()) -> str | None:
    return next((name for name, pieces in names.items() if pieces & wanted and not pieces & unwanted), None)


def _of_weights(around: Surroundings) -> Chosen | None:
    weights = {name: pieces for name, pieces in _named(around).items() if pieces & (_WEIGHT | _TARE)}
    gross = _with(weights, _GROSS, _TARE | _NET)
    if gross is None or not around.raw & (_WEIGHT | _TARE):
        return None
    if around.raw & _TARE:
        return "share_of", {"of": gross, "rates": [0.04, 0.08, 0.12, 0.2, 0.3, 0.35]}
    if not around.raw & _NET:
        return None
    tare = _with(weights, _TARE)
    return (
        ("sum_of", {"plus": [gross], "minus": [tare]})
        if tare
        else ("share_of", {"of": gross, "rates": [0.8, 0.88, 0.92, 0.96]})
    )


def _of_budgets(around: Surroundings) -> Chosen | None:
    names = {n: pieces for n, pieces in _named(around).items() if around.concepts[n] == "money"}
    names[around.context.column.name] = around.raw
    steps = [_with(names, words, _LEFT) for words in _BUDGET]
    own = around.context.column.name
    if sum(step is not None for step in steps) < _OF_BUDGETS or steps[0] is None or steps[1:3] == [None, None]:
        return None
    if around.raw & _LEFT:
        spent = next((step for step in reversed(steps[1:3]) if step), None) if steps[1] is None else steps[1]
        return ("sum_of", {"plus": [steps[0]], "minus": [spent]}) if spent else None
    if own == steps[0]:
        return "number", {"min": 2_000, "max": 400_000, "distribution": "skewed"}
    place = next((place for place, step in enumerate(steps) if place and step == own), 0)
    before = next((step for step in reversed(steps[:place]) if step), None)
    return ("share_of", {"of": before, "rates": _SHARES[place - 1]}) if before and place else None


def _of_debts(around: Surroundings) -> Chosen | None:
    names = {n: pieces for n, pieces in _named(around).items() if around.concepts[n] == "money"}
    owed = _with(names, _OWED, _LEFT | _ON_TOP)
    if owed is None:
        return None
    own = around.raw
    if own & _CAME_BACK and not own & _LEFT and any(pieces & _ON_TOP for pieces in names.values()):
        return "share_of", {"of": owed, "rates": [0, 0, 0.25, 0.5, 0.8, 1]}
    back = _with(names, _CAME_BACK, _LEFT)
    if not own & _LEFT or back is None:
        return None
    added = [name for name, pieces in names.items() if pieces & _ON_TOP and not pieces & (_CAME_BACK | _LEFT)]
    return "sum_of", {"plus": [owed, *added], "minus": [back]}


_LAND = frozenset("suelo sol terrain terreno suolo".split())
_HOUSE = frozenset("construccion constr construcao bati fabbricato edificio benfeitorias".split())
_TOGETHER = frozenset("catastral cadastral cadastrale catastale total totale venal".split())


def _of_land(around: Surroundings) -> Chosen | None:
    """What the land and the house are worth, and both together."""
    names = {n: pieces for n, pieces in _named(around).items() if around.concepts[n] == "money"}
    if around.raw & (_LAND | _HOUSE) and _with(names, _TOGETHER):
        low, high = (8_000, 120_000) if around.raw & _LAND else (15_000, 220_000)
        return "number", {"min": low, "max": high, "distribution": "skewed"}
    if not around.raw & _TOGETHER:
        return None
    land, house = _with(names, _LAND), _with(names, _HOUSE)
    return ("sum_of", {"plus": [land, house]}) if land and house else None


_FEES = frozenset("hono honoraires comm commission comision comissao corretagem corret provv provvigione".split())
_RATES = frozenset("tx taux pct perc porc porcentaje percentuale percentual tipo".split())
_PRICES = frozenset("px prix precio preco prezzo pvp vente venta venda vendita vl valor importe".split())


def _of_fees(around: Surroundings) -> Chosen | None:
    """What an agent takes of a price, by the row's own rate."""
    if not around.raw & _FEES:
        return None
    names = _named(around)
    if around.raw & _RATES:
        return None
    rate = next((name for name, pieces in names.items() if pieces & _FEES and pieces & _RATES), None)
    price = _with(names, _PRICES, _FEES | _RATES)
    return ("share_of", {"of": price, "rate": rate}) if rate and price else None


_TAXES = {"fr": frozenset({"tva"}), "es": frozenset({"iva"}), "it": frozenset({"iva"})}
_WITH_TAX = frozenset("ttc tot total totale".split())
_WITHOUT_TAX = frozenset("ht base net neto netto imponibile impon bi hors subtotal".split())
# Of what is paid with the tax, the tax at the usual rates.
_OF_ALL = {"fr": [0.1667, 0.1667, 0.0909, 0.0521], "es": [0.1736, 0.1736, 0.0909], "it": [0.1803, 0.1803, 0.0909]}


def _of_taxed(around: Surroundings) -> Chosen | None:
    """The tax in what is paid with it, where the row has no amount without."""
    if not around.raw & _TAXES.get(around.language or "", frozenset()) or around.raw & (_WITH_TAX | _WITHOUT_TAX):
        return None
    names = {n: pieces for n, pieces in _named(around).items() if around.concepts[n] == "money"}
    whole = _with(names, _WITH_TAX)
    if whole is None or any(pieces & _WITHOUT_TAX for pieces in names.values()):
        return None
    return "share_of", {"of": whole, "rates": _OF_ALL[around.language or "fr"]}


def _of_postings(around: Surroundings) -> Chosen | None:
    """A posting is a debit or a credit: where the one may be null, it is there where the other is not."""
    own = around.raw - _PLAIN_POSTING
    if not around.nullable or len(own) != 1 or not own & (_DEBIT | _CREDIT):
        return None
    others = {name: pieces - _PLAIN_POSTING for name, pieces in _named(around).items()}
    other = next(
        (n for n, rest in others.items() if len(rest) == 1 and rest & (_CREDIT if own & _DEBIT else _DEBIT)), None
    )
    if other is None:
        return None
    amount = {"min": 15, "max": 6_000, "distribution": "skewed"}
    if own & _DEBIT:
        return "number", {**amount, "null_rate": 0.5}
    return "number", {**amount, "when": {"column": other, "words": [], "not": True}}
