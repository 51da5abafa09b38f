"""What a description is of, by the words of the table and the column: damage, work that was done, goods, or rules."""

_DAMAGE = frozenset(
    """loss damage incident accident claim defect fault breakdown malfunction violation offence offense crime injury
    theft collision schaden schaeden unfall unfaelle vorfall vorfaelle mangel maengel stoerung stoerungen schade
    schademelding ongeval ongevallen storing storingen gebrek gebreken incidenten sinistre sinistres accidents
    siniestro siniestros averia averias sinistro sinistri avaria guasto reklamation reklamationen""".split()
)
_WORK = frozenset(
    """work maintenance repair inspection task job workorder activity timesheet timesheets effort milestone
    wartung wartungen reparatur reparaturen arbeit auftrag einsatz einsaetze taetigkeit taetigkeiten pruefung aufgabe
    aufgaben onderhoud reparatie reparaties werkorder werkorders werkbon werkbonnen keuring keuringen taak taken
    werkzaamheden intervention interventions entretien mantenimiento manutencao manutenzione intervencion tarea
    tarefas intervento""".split()
)
# What is praised where it is described.
_OFFERED = frozenset(
    """product item article goods dish menu offer package hotel room course plan service venue restaurant listing
    catalog catalogue variant bundle collection brand asset equipment device vehicle tour trip meal recipe game app
    gift accessory wine artikel produkt produkte ware waren angebot zimmer kurs kurse reise gericht speise gerichte
    producto productos producten producto artikelen gerecht gerechten kamer cursus reis aanbod produit produits
    articulo articulos produto produtos prodotto prodotti articoli articolo""".split()
)


def subject_of(words: set[str], entities: frozenset[str]) -> str | None:
    """The pool of sentences; None for what is offered to somebody, which has a generator of its own."""
    if words & _DAMAGE:
        return "damage_texts"
    if words & _OFFERED or entities & {"product", "dish", "hotel", "course", "_menu", "event", "work"}:
        return None
    return "work_texts" if words & _WORK else "plain_texts"
