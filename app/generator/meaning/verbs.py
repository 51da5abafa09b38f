"""What has been done at a moment, and which amount one is, by French, Spanish, Portuguese and Italian nouns for it.

`verbs.txt` has the English words by which moments are put in order, and the pieces of names that say so: dt_surv.
"""

from functools import lru_cache

from app.generator.meaning.naming import raw_tokens
from app.generator.meaning.spellings import by_language

Words = tuple[str, ...]


@lru_cache(maxsize=1)
def _verbs() -> dict[str, dict[str, str]]:
    return by_language("verbs.txt")


def done_at(name: str, language: str | None, words: Words) -> Words:
    """The words of a moment's name, with what its pieces say has been done in the table's language."""
    own = _verbs().get(language or "")
    if own is None:
        return words
    found = [own[piece] for piece in raw_tokens(name) if piece in own and own[piece] not in words]
    return (*words, *found) if found else words


# What an amount is whose other words mislead: all the pieces, in these languages.
_AMOUNTS: tuple[tuple[str, str, Words], ...] = (
    ("es", "cuota iva", ("tax", "amount")), ("es", "base imp", ("net", "amount")),
    ("es", "base imponible", ("net", "amount")), ("es", "bi", ("net", "amount")), ("es", "base iva", ("net", "amount")),
    ("es", "ret", ("withheld", "amount")), ("es", "retencion", ("withheld", "amount")),
    ("it", "rit acc", ("withheld", "amount")), ("it", "ritenuta", ("withheld", "amount")),
    ("it", "rit acconto", ("withheld", "amount")), ("it", "imponibile", ("net", "amount")),
    ("pt", "ret", ("withheld", "amount")), ("pt", "retencao", ("withheld", "amount")),
    ("fr", "net payer", ("payable", "amount")), ("fr", "nap", ("payable", "amount")),
    ("it", "netto pag", ("payable", "amount")), ("it", "netto pagare", ("payable", "amount")),
    ("es", "liquido pagar", ("payable", "amount")), ("es", "total pagar", ("payable", "amount")),
    ("pt", "liquido pagar", ("payable", "amount")), ("pt", "vl liq", ("payable", "amount")),
    ("pt", "vl prod", ("subtotal", "amount")), ("pt", "vl produtos", ("subtotal", "amount")),
    ("pt", "vl tot", ("total", "amount")), ("pt", "vl desc", ("discount", "amount")), ("fr", "acompte", ("deposit",)),
    ("fr", "arrhes", ("deposit",)), ("es", "anticipo", ("deposit",)),
    ("es", "senal", ("deposit",)), ("pt", "sinal", ("deposit",)), ("pt", "adiantamento", ("deposit",)),
    ("it", "acconto", ("deposit",)), ("it", "caparra", ("deposit",)),
    ("fr", "solde du", ("due", "amount")), ("fr", "reste payer", ("due", "amount")),
    ("fr", "reste du", ("due", "amount")),
    ("es", "saldo pendiente", ("due", "amount")), ("es", "pendiente", ("due", "amount")),
    ("it", "saldo dovuto", ("due", "amount")), ("it", "residuo", ("due", "amount")),
    ("pt", "saldo devedor", ("due", "amount")), ("pt", "vl restante", ("due", "amount")),
)  # fmt: skip
_PERCENT = frozenset("pct porc perc pourc tx taux tipo tp aliq aliquota percent porcentaje".split())


@lru_cache(maxsize=8192)
def amount_of(name: str, language: str | None, words: Words) -> Words:
    """The words of a number's name, or others that say better which amount it is: cuota_iva is a tax."""
    pieces = frozenset(raw_tokens(name))
    for tongue, wanted, meant in _AMOUNTS:
        if tongue == language and pieces.issuperset(wanted.split()):
            return (meant[0], "percent") if pieces & _PERCENT else meant
    return words
