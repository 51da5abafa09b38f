"""What has been done by a moment, by the verbs that its name is written of in English short forms, German and Dutch.

`bez` is a label in most columns and paid in one of dates; `rpt_dt` is when something was reported.
"""

from functools import lru_cache

from app.generator.meaning.naming import raw_tokens

Words = tuple[str, ...]

# From so many letters on a verb may begin a longer word: kuendigungsdatum.
_SHORTEST_START = 6
_SAID = {
    "created": """crt cre crtd angelegt erstellt erfasst erfassung anlage aangemaakt ingevoerd invoer erstellung
        aanmaak""",
    "updated": "upd chg chgd mod geaendert aend aenderung gewijzigd bijgewerkt wijziging aktualisiert",
    "deleted": "geloescht loeschung verwijderd gewist",
    "since": "seit sinds",
    "joined": "einzug eintritt eintr einstellung indiensttreding indienst beitritt toegetreden aanstelling",
    "enrolled": "inschr anmeldung inschrijving ingeschreven einschreibung angemeldet aangemeld "
    "immatrikulation einschulung einschul",
    "admission": "aufnahme aufgenommen opname opgenomen adm einlieferung",
    "start": "laad laden belad laaddat laaddatum ladedat borrowed lent ausgeliehen uitgeleend entliehen ausgel "
    "ingang ingegaan ingangs aanvang begin beginn vanaf ab gueltig_ab",
    "arrival": "anr anreise anreisedat",
    "departure": "abr abreise abreisedat",
    "order": "bestellt besteld",
    "booked": "gebucht geboekt",
    "submitted": "aanvr aanvraag antrag eingereicht ingediend beantragt aangevraagd sbmt",
    "occurred": "loss accident incident unfall schaden schadens vorfall ereignis ongeval schade voorval tat tatzeit "
    "ereignet schad schadtag schadentag schdat schadedat schadedatum",
    "reported": "meld meldeing melddat meldedat rpt rptd gemeldet meldung gemeld melding notified",
    "actual": "tatsaechlich werkelijk ist",
    "opened": "eroeff eroeffdat opendat openingsdat openingsdatum geopend eroeffnet eroeffnung",
    "approved": "genehmigt bewilligt freigegeben goedgekeurd akkoord appr aprv genehmigung bewilligung freigabe",
    "confirmed": "bestaetigt bevestigd bestaetigung",
    "signed": "unterzeichnet unterschrieben ondertekend getekend unterschrift handtekening",
    "reviewed": "geprueft gecontroleerd beoordeeld begutachtet",
    "assigned": "zugewiesen toegewezen",
    "paid": "bez bezahlt bezahlung betaald betaling betaal zahlung beglichen ausgezahlt uitbetaald voldaan pd",
    "sent": "verschickt verstuurd gesendet versendet versandt verzonden abgeschickt",
    "shipping": "versand verzending verzend ausgeliefert",
    "published": "veroeffentlicht gepubliceerd",
    "delivery": "los entlad losdat losdatum entladedat "
    "geliefert zugestellt zustellung lieferung liefer geleverd bezorgd bezorging lever dlv dlvd dlvr",
    "completed": "beslis besluit entschieden bescheid beschieden "
    "abschl afsl afsluit afsluiting afsluitdat afgeh afgehand afgehandeld afgedaan "
    "erledigt abgeschlossen abschluss fertig fertiggestellt beendet afgerond voltooid gereed beeindigd "
    "opgelost oplevering cmpl compl",
    "end": "ende eind einde bis",
    "closed": "unpub unpublished schl schliess schliessdat schliessung sluitdat "
    "geschlossen gesloten clsd cls schliessung sluiting",
    "termination": "gekuendigt kuend kuendigung opgezegd opzegging opzeg trm term "
    "abgang abg uitstroom uitstr auszug austritt austr uitschr deregistered exmatr ausgetreten abmeldung "
    "uitschrijving uitgeschreven afgemeld abgemeldet exmatrikulation ausgeschieden",
    "discharged": "entlassen entlassung entl ontslagen ontslag",
    "sold": "verkauft verkocht",
    "cancelled": "void voided annul "
    "storniert storno stornierung abgesagt absage afgezegd geannuleerd annulering cxl cncl canc cncld",
    "returned": "back rueckg retour zurueckgegeben rueckgabe geretourneerd ingeleverd teruggebracht inlevering",
    "refunded": "erstattet erstattung terugbetaald",
    "rejected": "abgelehnt ablehnung afgewezen afgekeurd afwijzing",
    "locked": "gesperrt geblokkeerd gesperrt_am",
    "withdrawn": "withdraw withdrawal wdrl",
    "received": "ontv ontvangst ontvangen empfangen rcvd rcv recd",
    "revoked": "widerrufen ingetrokken entzogen",
    "last": "letzte letzter letztes letzt laatste laatst lst",
    "next": "naechste naechster naechstes volgende",
    "reminder": "mahnung gemahnt aanmaning herinnering",
}
_MEANT = {spelling: word for word, spellings in _SAID.items() for spelling in spellings.split()}
_STARTS = tuple(sorted((verb for verb in _MEANT if len(verb) >= _SHORTEST_START), key=lambda verb: -len(verb)))


@lru_cache(maxsize=4096)
def told(name: str, words: Words) -> Words:
    """The words of a moment's name, with what its pieces say has been done where those do not say so yet."""
    found = [meant for piece in raw_tokens(name) if (meant := _meant(piece)) and meant not in words]
    if {"mv", "move", "moved", "moving"} & set(raw_tokens(name)):
        found += ["start"] if "in" in words else ["termination"] if "out" in words else []
    if {"shipping", "delivery"} & {*words, *found}:  # What is sent as goods is no letter.
        found = [meant for meant in found if meant != "sent"]
    bare = frozenset(words) - _OF_TIME
    if (done := _DONE.get(bare)) and done not in found:
        found.append(done)
    elif (words[-1:] == ("to",) or "cumulative" in words) and bare.isdisjoint(_FUTURE):
        found.append("end")
    if "due" in words:  # What is due back has not been brought back.
        found = [meant for meant in found if meant != "returned"]
    return (*words, *found) if found else words


# What a name says that has but these words: what the moment is of rather than what has been done.
_OF_TIME = frozenset("date time timestamp datetime day at on".split())
_DONE: dict[frozenset[str], str] = {
    frozenset(words.split()): done
    for done, all_words in {
        "updated": ("change", "changed", "modification", "modify", "edit", "last change", "last edit"),
        "closed": ("close", "closing"),
        "opened": ("open", "opening"),
        "issued": ("issue",),
        # `todate` is what has come together until now, for amounts.
        "end": ("to", "cumulative", "stop", "finish"),
    }.items()
    for words in all_words
}
_FUTURE = frozenset("valid effective available due".split())

# What an amount is with or without its tax, and what is still to be paid of it.
_AMOUNTS = {
    "net": "excl exkl excluding exclusive netto ht untaxed pretax",
    "gross": "incl inkl including inclusive brutto ttc",
    "total": "tot ges gesamt totaal summe endsumme endbetrag eindbedrag rechnungsbetrag factuurbedrag",
    "paid": "pd bezahlt betaald gezahlt",
    "outstanding": "openst openstaand openstaande offen offener offene restschuld openstehend",
}
_AMOUNTS_SAID = {spelling: word for word, spellings in _AMOUNTS.items() for spelling in spellings.split()}


_AROUND_TAX = frozenset("excl excluding exclusive ex incl including inclusive before without after with".split())
_TOTALS = ("gesamt", "totaal")
# What a number begins with that is all of something, whatever else the word means.
_SUMMED = frozenset({"tot", "ges"})


@lru_cache(maxsize=4096)
def told_of_amounts(name: str, words: Words) -> Words:
    """The words of a number's name, with what its pieces say of an amount."""
    pieces = raw_tokens(name)
    if not {"amount", "total", "price", "sum", "balance", "cost"} & set(words) and not _SUMMED & set(pieces[:1]):
        return words
    found = [meant for piece in pieces if (meant := _AMOUNTS_SAID.get(piece)) and meant not in words]
    if {"total", "subtotal"}.isdisjoint((*words, *found)) and any(piece.startswith(_TOTALS) for piece in pieces):
        found.append("total")
    if not found and _AROUND_TAX.isdisjoint(pieces):
        return words
    if "tax" in words and not _AROUND_TAX.isdisjoint(pieces):
        # A price before tax is none.
        words = tuple(word for word in words if word != "tax")
        found += ["net"] if "net" not in found and {"before", "without", "ex"} & set(pieces) else []
        found += ["gross"] if "gross" not in found and {"after", "with"} & set(pieces) else []
    return (*words, *found) if found else words


def _meant(piece: str) -> str | None:
    if piece in _MEANT:
        return _MEANT[piece]
    return next((_MEANT[verb] for verb in _STARTS if piece.startswith(verb)), None)
