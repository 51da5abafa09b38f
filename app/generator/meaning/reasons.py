"""Why somebody came, stays away, leaves, sends something back or refuses it."""

from typing import Any

from app.generator.meaning.spoken import by_language, table_words
from app.generator.meaning.surroundings import Surroundings

Chosen = tuple[str, dict[str, Any]]

_MEDICAL = frozenset({"patient", "consultation", "visit", "appointment", "admission", "doctor", "termin", "termine"})
_LEAVES = frozenset({"leave", "absence", "vacation", "holiday", "urlaub", "conge", "ausencia", "verlof", "assenza"})
_LOSSES = {
    "en": ["Price too high", "Chose a competitor", "No budget", "No response", "Bad timing", "Missing feature"],
    "de": ["Preis zu hoch", "Für Mitbewerber entschieden", "Kein Budget", "Keine Rückmeldung", "Projekt verschoben"],
    "fr": ["Prix trop élevé", "Concurrent retenu", "Pas de budget", "Sans réponse", "Projet reporté"],
    "es": ["Precio demasiado alto", "Eligió a la competencia", "Sin presupuesto", "Sin respuesta", "Proyecto aplazado"],
    "pt": ["Preço alto demais", "Escolheu o concorrente", "Sem orçamento", "Sem resposta", "Projeto adiado"],
    "nl": ["Prijs te hoog", "Koos voor concurrent", "Geen budget", "Geen reactie", "Project uitgesteld"],
    "it": ["Prezzo troppo alto", "Scelto un concorrente", "Nessun budget", "Nessuna risposta", "Progetto rinviato"],
}
_CANCELS = {
    "en": ["No longer needed", "Too expensive", "Found something better", "Changed plans", "Booked by mistake"],
    "de": ["Nicht mehr benötigt", "Zu teuer", "Besseres gefunden", "Pläne geändert", "Versehentlich gebucht"],
    "fr": ["Plus besoin", "Trop cher", "Trouvé mieux", "Changement de programme", "Réservé par erreur"],
    "es": ["Ya no lo necesita", "Demasiado caro", "Encontró algo mejor", "Cambio de planes", "Reservado por error"],
    "pt": ["Não precisa mais", "Caro demais", "Encontrou algo melhor", "Mudança de planos", "Reservado por engano"],
    "nl": ["Niet meer nodig", "Te duur", "Iets beters gevonden", "Plannen gewijzigd", "Per ongeluk geboekt"],
    "it": ["Non più necessario", "Troppo caro", "Trovato di meglio", "Cambio di programma", "Prenotato per errore"],
}
# Why something was asked for, refused or ended where it is no order.
_REASONS = {
    "en": ["Requested by the customer", "Duplicate entry", "Details incorrect", "Documents missing", "Expired",
           "Change of policy", "Technical problem", "Other"],
    "de": ["Auf Wunsch des Kunden", "Doppelt erfasst", "Angaben fehlerhaft", "Unterlagen fehlen", "Frist abgelaufen",
           "Geänderte Vorgaben", "Technisches Problem", "Sonstiges"],
    "fr": ["À la demande du client", "Doublon", "Données incorrectes", "Documents manquants", "Délai dépassé",
           "Problème technique", "Autre"],
    "es": ["A petición del cliente", "Duplicado", "Datos incorrectos", "Falta documentación", "Plazo vencido",
           "Problema técnico", "Otro"],
    "pt": ["A pedido do cliente", "Duplicado", "Dados incorretos", "Faltam documentos", "Prazo expirado",
           "Problema técnico", "Outro"],
    "nl": ["Op verzoek van de klant", "Dubbel ingevoerd", "Gegevens onjuist", "Documenten ontbreken",
           "Termijn verlopen", "Gewijzigd beleid", "Technisch probleem", "Overig"],
    "it": ["Su richiesta del cliente", "Duplicato", "Dati errati", "Documenti mancanti", "Termine scaduto",
           "Problema tecnico", "Altro"],
}  # fmt: skip
_DISCHARGES = {
    "en": ["Treatment completed", "Transferred to another hospital", "Against medical advice", "Rehabilitation"],
    "de": ["Behandlung regulär beendet", "Verlegung", "Gegen ärztlichen Rat", "Rehabilitation"],
    "nl": ["Behandeling afgerond", "Overplaatsing", "Tegen medisch advies", "Revalidatie"],
}
_SOLD = frozenset(
    """order return refund shipment shipping delivery line item cart product exchange rma credit bestellung retoure
    retour lieferung order_item levering bestelling auftrag commande pedido devolucion devolucao ordine reso""".split()
)
# Why somebody left, travelled or was away, in languages that put the noun first, by the starts of words that say so.
_LEFT, _TRAVELLED, _AWAY = (
    ("baja", "resil", "depart", "sortie", "radiat", "deslig", "rescis", "cese", "cess", "recess", "saida", "uscita"),
    ("depl", "viaje", "viagem", "trasf", "mission"),
    ("abs", "falta", "aus", "assenz", "ausenc"),
)
_WHY = {
    "fr": {
        _LEFT: ["Déménagement", "Fin de contrat", "Décision personnelle", "Impayé", "Décès"],
        _TRAVELLED: ["Réunion client", "Formation", "Salon professionnel", "Visite de chantier", "Audit fournisseur"],
        _AWAY: ["Maladie", "Enfant malade", "Rendez-vous médical", "Raison familiale", "Grève"],
    },
    "es": {
        _LEFT: ["Cambio de domicilio", "Fin de contrato", "Decisión propia", "Impago", "Fallecimiento"],
        _TRAVELLED: ["Reunión con cliente", "Formación", "Feria", "Visita de obra", "Auditoría"],
        _AWAY: ["Enfermedad", "Cita médica", "Asuntos propios", "Motivo familiar", "Huelga"],
    },
    "pt": {
        _LEFT: ["Mudança de cidade", "Fim de contrato", "Pedido próprio", "Inadimplência", "Falecimento"],
        _TRAVELLED: ["Reunião com cliente", "Treinamento", "Feira", "Visita técnica", "Auditoria"],
        _AWAY: ["Atestado médico", "Consulta médica", "Luto", "Doação de sangue", "Assunto familiar"],
    },
    "it": {
        _LEFT: ["Trasferimento", "Fine contratto", "Decisione personale", "Morosità", "Decesso"],
        _TRAVELLED: ["Riunione cliente", "Formazione", "Fiera", "Sopralluogo", "Audit"],
        _AWAY: ["Malattia", "Visita medica", "Motivi familiari", "Lutto", "Sciopero"],
    },
}


def _why(around: Surroundings) -> list[str]:
    found = _WHY.get(around.language or "", {}) if around.context.locale[:2] == around.language else {}
    said = (values for starts, values in found.items() if any(piece.startswith(starts) for piece in around.raw))
    return next(said, [])


def reason(around: Surroundings) -> Chosen:
    """Why somebody came, stays away, or sends something back."""
    if (why := _why(around)) and not around.context.unique:
        return "one_of", {"values": list(why)}
    words = table_words(around)
    if {"lost", "loss", "perte", "perdida", "perda", "perdita", "verlies", "verlust"} & (
        around.raw | set(around.words)
    ):
        return "one_of", {"values": list(_LOSSES.get(around.context.locale[:2], _LOSSES["en"]))}
    if "cancel" in around.raw | set(around.words) or "cancelled" in around.words:
        language = around.context.locale[:2]
        return "one_of", {"values": list(_CANCELS.get(language, _CANCELS["en"]))}
    if words & _LEAVES:
        return "pool", {"name": "leave_reasons"}
    if any(piece.startswith(("verw", "zweck", "betalingskenm")) for piece in around.raw):
        return "pool", {"name": "bank_texts"}
    if any(piece.startswith(("entl", "ontsl", "disch")) for piece in around.raw):
        return "one_of", {"values": by_language(_DISCHARGES, around)}
    if words & _MEDICAL or "_medical" in around.entities:
        return "pool", {"name": "visit_reasons"}
    if around.context.unique or words & _SOLD or around.entities & {"order", "product"}:
        return "pool", {"name": "reasons"}
    return "one_of", {"values": by_language(_REASONS, around)}
