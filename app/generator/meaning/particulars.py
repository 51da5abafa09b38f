"""What is said in few words of a room, of what is shipped, or of why a service failed."""

from app.generator.meaning.naming import raw_tokens
from app.generator.meaning.surroundings import Surroundings

_ROOMS = ("room", "raum", "ruimte", "kamer", "zimmer", "standort", "locatie", "location")
_CARGO = ("cargo", "goods", "load", "lading", "ladung", "goederen", "warenbez", "fracht", "freight", "gueter", "vracht")
_CAUSES = ("rootcause", "cause", "ursache", "oorzaak", "stoerungsursache", "storingsoorzaak", "faultcause")
# Tables of what runs on computers.
_RUNNING = frozenset(
    "incident incidents alert alerts outage outages deployment deployments service services slo uptime storing".split()
)
_SAID: dict[str, dict[str, list[str]]] = {
    "room": {
        "en": ["Meeting room, first floor", "Server room, basement", "Reception", "Warehouse, aisle 4", "Canteen",
               "Open office, second floor", "Boiler room", "Loading bay"],
        "de": ["Besprechungsraum, 1. OG", "Serverraum, Keller", "Empfang", "Lager, Gang 4", "Kantine",
               "Großraumbüro, 2. OG", "Heizungsraum", "Laderampe"],
        "nl": ["Vergaderruimte, 1e verdieping", "Serverruimte, kelder", "Receptie", "Magazijn, gang 4", "Kantine",
               "Kantoortuin, 2e verdieping", "Ketelhuis", "Laadperron"],
    },
    "cargo": {
        "en": ["Steel coils", "Machine parts on pallets", "Frozen fish", "Ceramic tiles", "Paper rolls", "Car parts",
               "Garments, hanging", "Household appliances", "Fertiliser in bags"],
        "de": ["Stahlcoils", "Maschinenteile auf Paletten", "Tiefkühlfisch", "Fliesen", "Papierrollen", "Autoteile",
               "Textilien, hängend", "Haushaltsgeräte", "Dünger in Säcken"],
        "nl": ["Staalrollen", "Machineonderdelen op pallets", "Diepvriesvis", "Tegels", "Papierrollen",
               "Auto-onderdelen", "Kleding, hangend", "Huishoudelijke apparaten", "Kunstmest in zakken"],
    },
    "cause": {
        "en": ["Expired certificate", "Memory leak after the last release", "Disk full on the database server",
               "Wrong DNS record", "Outage of a third party", "Slow query without an index",
               "Faulty load balancer rule"],
        "de": ["Abgelaufenes Zertifikat", "Speicherleck seit dem letzten Release", "Festplatte der Datenbank voll",
               "Falscher DNS-Eintrag", "Ausfall eines Dritten", "Langsame Abfrage ohne Index"],
        "nl": ["Verlopen certificaat", "Geheugenlek sinds de laatste release", "Schijf van de database vol",
               "Verkeerd DNS-record", "Storing bij een derde partij", "Trage query zonder index"],
    },
}  # fmt: skip


def particulars(around: Surroundings) -> list[str]:
    """What a description in a few words is one of; nothing where the name does not say what it is of."""
    name = "".join(raw_tokens(around.context.column.name))
    language = around.language if around.language in _SAID["room"] else ""
    if not language or around.context.unique:
        return []
    said = ""
    if name.startswith(_ROOMS):
        said = "room"
    elif name.startswith(_CARGO):
        said = "cargo"
    elif name.startswith(_CAUSES) and not _RUNNING.isdisjoint(raw_tokens(around.context.table.name)):
        said = "cause"
    return _SAID[said][language] if said else []
