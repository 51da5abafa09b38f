"""What somebody is paid for a month in French, Spanish, Portuguese and Italian tables: pay, additions, what is kept.

The row adds up: gross is the base with its additions, net is gross without what is kept of it.
"""

from collections.abc import Mapping
from typing import Any

from app.generator.meaning.naming import raw_tokens
from app.generator.meaning.sizes import wage_of
from app.generator.meaning.surroundings import Surroundings

Chosen = tuple[str, dict[str, Any]]

_TABLES = frozenset(
    """nomina nominas bulletin bulletins paie paies paye payes folha folhas holerite holerites contracheque
    contracheques cedolino cedolini busta buste paghe remuneracoes liquidaciones fiche fiches recibos""".split()
)
_PAID = frozenset(
    """nomina nominas paie paies paye payes salaire salaires pagamento salario salarios sueldo sueldos holerite
    holerites contracheque contracheques cedolino cedolini paga paghe""".split()
)
# By what a name says which part it is: the first of these that has a piece of it.
_PARTS: Mapping[str, frozenset[str]] = {
    "net": frozenset("net neto netto liquido liq nap percibir percepir nets".split()),
    "employer": frozenset("pat patronal patronale patronales empresa employeur fgts azienda empleador ditta".split()),
    "all": frozenset("deducciones descuentos descontos trattenute retenues deduc deducoes ritenute".split()),
    "kept": frozenset(
        """irpf irpef ss inss irrf ir cot cotis cotisation cotisations csg crds pas ret retenue retencion rit tratt inps
        contributi contr mutuelle descuento desc embargo pensao adiantamento acompte anticipo acconto sindicato
        seguridad vt vr consignado""".split()
    ),
    "gross": frozenset("brut bruto brute lordo lorda devengado devengos proventos brt".split()),
    "added": frozenset(
        """prime primes plus complemento complementos compl antig antiguedad adicional hextra extra extras bonus straord
        straordinario straordinari indennita indemnite indemnites comision comissao premio dsr insalubridade
        periculosidade gratif hs sup supp""".split()
    ),
    "base": frozenset("base sal salaire salario sueldo stipendio paga salarial vencimento".split()),
}
_NO_PAY = frozenset("percentage duration count quantity day month year code level position".split())
# How much of the pay is kept, by words for it; of the social insurance elsewhere.
_SUMMED = frozenset({"tot", "total", "totale"})
_TAXES = frozenset("irpf irpef irrf ir pas".split())
_TAXED = [0.02, 0.06, 0.09, 0.12, 0.15, 0.19]
_INSURED = {"fr": [0.21, 0.22, 0.23], "es": [0.0635, 0.065], "pt": [0.075, 0.09, 0.11], "it": [0.0919, 0.0949]}
_OTHERWISE = frozenset("descuento desc embargo pensao adiantamento acompte anticipo acconto sindicato mutuelle".split())
_LEFT = [0.76, 0.77, 0.78, 0.8]


def paid_out(around: Surroundings) -> Chosen | None:
    """What a column of a payslip is in proportion to the others; None in other tables, and for what is no amount."""
    tables = frozenset(raw_tokens(around.context.table.name))
    if around.language not in _INSURED or tables.isdisjoint(_TABLES) or tables.isdisjoint(_PAID):
        return None
    own = _part(around.context.column.name)
    if around.concept.name not in ("money", "salary") or own is None or around.context.unique:
        return None
    parts: dict[str, list[str]] = {}
    for name in around.numbers():
        if around.concepts[name] not in _NO_PAY and (part := _part(name)) is not None:
            parts.setdefault(part, []).append(name)
    return _made(own, parts, around)


def _part(name: str) -> str | None:
    pieces = frozenset(raw_tokens(name))
    if pieces & _SUMMED and pieces & _PARTS["kept"]:
        return "all"  # tot_desc
    return next((part for part, words in _PARTS.items() if words & pieces), None)


def _made(own: str, parts: Mapping[str, list[str]], around: Surroundings) -> Chosen | None:
    base, gross, added = parts.get("base", []), parts.get("gross", []), parts.get("added", [])
    start = base[:1] or gross[:1]
    if own == "base" or not start:
        return wage_of(around, monthly=True) if own in ("base", "gross") else None
    match own:
        case "gross":
            return "sum_of", {"plus": [*base[:1], *added]}
        case "added":
            return "share_of", {"of": start[0], "rates": [0, 0, 0.02, 0.04, 0.06, 0.1]}
        case "employer":
            return "share_of", {"of": start[0], "rates": [0.29, 0.3, 0.31]}
        case "kept":
            return "share_of", {"of": start[0], **_rate(around)}
        case "all" if parts.get("kept"):
            return "sum_of", {"plus": parts["kept"]}
        case "all":
            return "share_of", {"of": start[0], "rates": [0.18, 0.2, 0.22]}
        case _:
            kept = parts.get("all", [])[:1] or parts.get("kept", [])
            paid = gross[:1] or [*base[:1], *added]
            if kept:
                return "sum_of", {"plus": paid, "minus": kept}
            return "share_of", {"of": start[0], "rates": _LEFT}


def _rate(around: Surroundings) -> dict[str, Any]:
    """How much is kept: by the row's own rate of it, or what is usual."""
    pieces = around.raw
    for name in around.numbers():
        if around.concepts[name] == "percentage" and pieces & set(raw_tokens(name)) & _PARTS["kept"]:
            return {"rate": name}
    if pieces & _TAXES:
        return {"rates": _TAXED}
    return {"rates": [0, 0, 0, 0.02, 0.03] if pieces & _OTHERWISE else _INSURED[around.language or "fr"]}
