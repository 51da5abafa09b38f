"""States: how common each is, and which moments a state implies."""

from collections.abc import Sequence
from functools import lru_cache

from app.generator.values.state_words import meanings, written

# Relative shares by word; a word that is not listed has the share _OTHER.
_SHARES = {
    60: "active enabled completed complete done paid delivered published approved confirmed succeeded success verified "
        "open available sent resolved fulfilled finished accepted live online valid current operational ok healthy "
        "aktiv bezahlt geliefert abgeschlossen actif payé livré terminé activo pagado entregado completado ativo pago "
        "entregue concluído actief betaald geleverd voltooid attivo pagato consegnato completato",
    20: "pending shipped processing in_progress inprogress scheduled new running queued ready assigned in_review "
        "review in_transit trialing trial draft created submitted offen neu versendet entwurf nouveau nuevo novo nieuw",
    8: "cancelled canceled inactive closed archived refunded returned expired on_hold paused disabled suspended "
       "storniert annulé cancelado geannuleerd annullato inaktiv inactif inactivo inativo",
    4: "failed rejected deleted blocked banned overdue past_due unpaid declined error abandoned bounced spam disputed "
       "terminated lost void",
}  # fmt: skip
_OTHER = 15
_WEIGHTS = {word: share for share, words in _SHARES.items() for word in words.split()}

# What must have happened for a row in the state to have the moment: verb of the column -> states that imply it.
_IMPLIED_BY = {
    "paid": "paid processing shipped in_transit out_for_delivery delivered completed complete fulfilled refunded "
            "partially_refunded settled returned received",
    "shipped": "shipped in_transit out_for_delivery delivered completed complete fulfilled returned received",
    "dispatched": "shipped dispatched in_transit out_for_delivery delivered completed complete returned received",
    "delivered": "delivered completed complete returned received fulfilled",
    "received": "received completed complete",
    "returned": "returned refunded",
    "refunded": "refunded partially_refunded",
    "cancelled": "cancelled canceled terminated void voided",
    "canceled": "cancelled canceled terminated void voided",
    "completed": "completed complete done finished succeeded success fulfilled delivered closed resolved",
    "finished": "completed complete done finished succeeded success failed cancelled canceled error",
    "ended": "completed complete done finished ended succeeded success failed cancelled canceled expired error closed "
             "discharged terminated delivered returned",
    "started": "started running in_progress inprogress active processing completed complete done finished succeeded "
               "success failed error paused",
    "closed": "closed resolved done completed lost won",
    "resolved": "resolved closed done completed",
    "published": "published archived unpublished live",
    "archived": "archived",
    "deleted": "deleted removed",
    "approved": "approved accepted active paid completed published",
    "rejected": "rejected declined denied refused",
    "declined": "declined rejected",
    "accepted": "accepted active completed confirmed approved",
    "confirmed": "confirmed checked_in checked_out completed shipped delivered active",
    "failed": "failed error",
    "suspended": "suspended blocked banned",
    "expired": "expired",
    "verified": "verified active approved completed",
    "activated": "active activated suspended",
    "sent": "sent delivered opened clicked bounced read paid overdue",
    "submitted": "submitted in_review approved rejected accepted graded completed",
    "scheduled": "scheduled confirmed completed",
    "paused": "paused on_hold",
    "read": "read replied",
    "opened": "opened clicked",
    "resumed": "active",
    "graded": "graded completed",
    "hired": "hired",
    "sold": "sold",
    "discharged": "discharged", "termination": "discharged terminated", "terminated": "terminated",
    "requested": "requested approved received refunded rejected",
    "won": "won closed_won",
    "lost": "lost closed_lost",
    "active": "active enabled current trialing online live",
    "enabled": "active enabled",
    "deactivated": "inactive deactivated disabled suspended blocked banned",
    "checked_in": "checked_in checked_out completed",
    "checked_out": "checked_out completed",
}  # fmt: skip


def status_weights(words: Sequence[str]) -> list[int]:
    """A natural share for each state."""
    return [_share(word.lower().replace(" ", "_").replace("-", "_")) for word in words]


def _share(word: str) -> int:
    """A word's share: its own, or that of what it means."""
    return _WEIGHTS.get(word) or next((_WEIGHTS[known] for known in meanings(word) if known in _WEIGHTS), _OTHER)


@lru_cache(maxsize=4_096)
def _implied_by(verb: str) -> tuple[str, ...]:
    return tuple(
        dict.fromkeys(word for state in _IMPLIED_BY.get(verb, "").split() for word in (state, *written(state)))
    )


def states_after(verb: str, known: Sequence[str] | None) -> tuple[str, ...]:
    """The states in which the moment of `verb` has come; () when none of the known states is one."""
    implied = _implied_by(verb)
    if known is None:
        return implied
    plain = {state.lower().replace(" ", "_").replace("-", "_"): state for state in known}
    return tuple(plain[state] for state in implied if state in plain)
