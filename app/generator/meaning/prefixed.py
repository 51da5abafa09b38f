"""What a cut word before a thing makes of it, whatever the thing is: id_cde, obs_serv, n_plazos, st_conv, resp_art.

In languages that put the noun first. Where the two are a noun of their own, that is meant: est_civil is no state.
"""

from functools import lru_cache

from app.generator.meaning.heads import LANGUAGES, nouns_of, unlinked
from app.generator.meaning.naming import raw_tokens
from app.generator.snapshot.model import TypeRef
from app.generator.values.kinds import INTEGER_LIMITS

Words = tuple[str, ...]

_COUNTING = frozenset("n nb nbr nbre".split())
_TIMES = frozenset(
    """j jr jrs jours h hrs heures min mn minutes mois sem semaines an ans annees d dias horas hs meses semanas anos
    gg giorni ore settimane mesi anni""".split()
)
# What has numbers without being counted.
_NUMBERED = frozenset("ord orden ordre ordem ordine exp exped dossier prat proc cta conto rue calle voie via".split())
_YEARS = frozenset("annee anio ano anno".split())
_TEXTS = {
    "note": "obs observ observation observations observacion observaciones observacao observacoes osservazioni oss",
    "reason": "motif motiv motivo mot",
    "full_name": "resp respons responsable responsavel responsabile",
}
_SAID = {word: concept for concept, words in _TEXTS.items() for word in words.split()}
_STATES = {"fr": frozenset({"statut", "stat"}), "es": frozenset({"est"}), "pt": frozenset({"st", "sit", "situac"}),
           "it": frozenset({"stato"})}  # fmt: skip
# Words after a responsible one that say what of them, or of which kind.
_NOT_SOMEBODY = frozenset(
    "legal legale financ civil civile technique tecnica limitee lien qual qualite tipo type".split()
)
# What is no state, though it follows one; and words that a reason does not come before.
_NO_STATES = frozenset("civil civ civile familiar fam nutric saude sante".split())
_NO_REASONS = frozenset("resp nome nom nombre cle passe cles ref".split())
_DESCRIBING = frozenset("ds dsc desc descr descrip descripcion descricao descrizione".split())
# Of what describes something, what it is not.
_NEVER_DESCRIBED = frozenset(
    "full_name password serial room_number money url_path operating_system code device first_name".split()
)
_LONGEST_STATE, _SHORTEST_REASON, _ROOM_OF_NAMES = 30, 20, 40
_WIDEST = 3


@lru_cache(maxsize=16_384)
def prefixed(kind: str, ref: TypeRef, name: str, language: str | None) -> str | None:
    """The concept that a name's first piece decides; None for other names, and for nouns of several words.

    `kind` is text, number, cents or moment.
    """
    if language not in LANGUAGES:
        return None
    pieces = tuple(unlinked("_".join(raw_tokens(name))).split("_"))
    if len(pieces) < 2 or pieces[1].isdigit():
        return None
    meant = nouns_of(language).meant.get(kind, {})
    if any("_".join(pieces[:width]) in meant for width in range(2, min(_WIDEST, len(pieces)) + 1)):
        return None
    if kind == "text":
        return _of_text(pieces, ref, language)
    return _of_whole_number(pieces) if kind in ("number", "cents") and ref.name in INTEGER_LIMITS else None


def _of_text(pieces: Words, ref: TypeRef, language: str) -> str | None:
    room = ref.modifiers[0] if ref.modifiers else None
    first, second = pieces[:2]
    said = _SAID.get(first)
    if (first, language) == ("ref", "it") and room is not None and room >= _ROOM_OF_NAMES:
        return "full_name"  # a referente
    if said == "full_name":
        return None if second in _NOT_SOMEBODY or (room is not None and room < _SHORTEST_REASON) else said
    if said == "reason":
        if second in _NO_REASONS or (first == "mot" and language not in ("es", "pt")):
            return None
        return said if room is None or room >= _SHORTEST_REASON else None
    if said is not None:
        return said
    short = room is not None and 1 < room <= _LONGEST_STATE
    return "status" if first in _STATES[language] and second not in _NO_STATES and short else None


def described(found: str, ref: TypeRef, name: str, language: str | None) -> str:
    """What a column of a noun is that a name begins to describe: ds_ped is no customer."""
    pieces = raw_tokens(name)
    if language not in LANGUAGES or len(pieces) < 2 or pieces[0] not in _DESCRIBING:
        return found
    return "description" if found in _NEVER_DESCRIBED or (ref.name == "text" and found != "listed") else found


def _of_whole_number(pieces: Words) -> str | None:
    first, second = pieces[:2]
    if "id" in (first, pieces[-1]):
        return "code"
    if first in _YEARS:
        return "year"
    if first in _COUNTING and second not in _NUMBERED and second not in _TIMES and pieces[-1] not in _TIMES:
        return "count"
    return None
