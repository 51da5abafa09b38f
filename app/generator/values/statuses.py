"""States: how common each is, and which moments a state implies."""

from collections.abc import Sequence

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
    "ended": "completed complete done finished ended succeeded success failed cancelled canceled expired error closed",
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
    "won": "won closed_won",
    "lost": "lost closed_lost",
    "active": "active enabled current trialing online live",
    "enabled": "active enabled",
    "deactivated": "inactive deactivated disabled suspended blocked banned",
    "checked_in": "checked_in checked_out completed",
    "checked_out": "checked_out completed",
}  # fmt: skip
# States as other languages write them.
_WRITTEN = {
    "paid": "bezahlt payé payée pagado pagada pago paga betaald",
    "processing": "in_bearbeitung en_cours en_proceso em_processamento processando in_behandeling en_traitement",
    "shipped": "versendet versandt verschickt expédié expédiée envoyé envoyée enviado enviada despachado verzonden",
    "in_transit": "unterwegs en_transit en_tránsito em_trânsito onderweg en_camino",
    "delivered": "geliefert zugestellt livré livrée entregado entregada entregue geleverd afgeleverd bezorgd",
    "returned": "retourniert zurückgesendet retourné retournée devuelto devuelta devolvido devolvida geretourneerd",
    "refunded": "erstattet remboursé remboursée reembolsado reembolsada terugbetaald",
    "cancelled": "storniert abgebrochen annulé annulée cancelado cancelada anulado anulada geannuleerd",
    "completed": "abgeschlossen erledigt fertig terminé terminée completado completada concluído concluída finalizado "
                 "finalizada voltooid afgerond",
    "in_progress": "in_arbeit en_cours en_progreso en_curso em_andamento bezig mee_bezig",
    "published": "veröffentlicht publié publiée publicado publicada gepubliceerd",
    "approved": "genehmigt freigegeben approuvé approuvée aprobado aprobada aprovado aprovada goedgekeurd",
    "rejected": "abgelehnt refusé refusée rechazado rechazada rejeitado rejeitada recusado afgewezen geweigerd",
    "confirmed": "bestätigt confirmé confirmée confirmado confirmada bevestigd",
    "closed": "geschlossen fermé fermée cerrado cerrada fechado fechada gesloten",
    "resolved": "gelöst résolu résolue resuelto resuelta resolvido resolvida opgelost",
    "active": "aktiv actif active activo activa ativo ativa actief",
    "inactive": "inaktiv inactif inactive inactivo inactiva inativo inativa inactief",
    "sent": "gesendet envoyé envoyée enviado enviada verstuurd verzonden",
    "expired": "abgelaufen expiré expirée expirado expirada vencido vencida verlopen",
}  # fmt: skip


def status_weights(words: Sequence[str]) -> list[int]:
    """A natural share for each state."""
    return [_WEIGHTS.get(word.lower().replace(" ", "_").replace("-", "_"), _OTHER) for word in words]


def states_after(verb: str, known: Sequence[str] | None) -> tuple[str, ...]:
    """The states in which the moment of `verb` has come; () when none of the known states is one."""
    implied = tuple(
        dict.fromkeys(
            word for state in _IMPLIED_BY.get(verb, "").split() for word in (state, *_WRITTEN.get(state, "").split())
        )
    )
    if known is None:
        return implied
    plain = {state.lower().replace(" ", "_").replace("-", "_"): state for state in known}
    return tuple(plain[state] for state in implied if state in plain)
