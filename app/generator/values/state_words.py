"""States as other languages write them: the one that stands in rows, and all that are understood.

`state_words.txt` has a line for each state, with the word of each language between bars.
"""

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

# Those that the file has words of.
LANGUAGES = frozenset({"de", "fr", "es", "pt", "nl", "it"})
# Forms beside those of the file, by state.
_FORMS = {
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


@lru_cache(maxsize=1)
def _words() -> dict[str, dict[str, str]]:
    """By language, what each state is called."""
    lines = (Path(__file__).parent / "state_words.txt").read_text("utf-8").splitlines()
    header, *rows = (line.split("|") for line in lines)
    return {
        language: {row[0]: row[place] for row in rows}
        for place, language in enumerate(header)
        if place  # not English
    }


def written(state: str) -> Sequence[str]:
    """Every word for a state in another language than English."""
    return (*(words[state] for words in _words().values() if state in words), *_FORMS.get(state, "").split())


def meanings(word: str) -> Sequence[str]:
    """The states that a word of another language means."""
    return [state for words in _words().values() for state, other in words.items() if other == word]


def translated(states: Sequence[str], language: str) -> list[str]:
    """The states in a language, each once; as they are where it has no words for them all."""
    words = _words().get(language, {})
    return list(dict.fromkeys(words[state] for state in states)) if all(s in words for s in states) else list(states)
