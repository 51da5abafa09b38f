"""Text that depends on what the table is about as much as on its column: reasons, remarks, titles, insurers."""

from typing import Any

from app.generator.meaning.listing import said_in
from app.generator.meaning.naming import is_foreign, raw_tokens, tokens
from app.generator.meaning.particulars import particulars
from app.generator.meaning.remarks import faults_of_cars, risks_of
from app.generator.meaning.rooms import text_room
from app.generator.meaning.subjects import subject_of
from app.generator.meaning.surroundings import Surroundings

Chosen = tuple[str, dict[str, Any]]

# Of what people say something in public; elsewhere a comment is a note of somebody at work.
_OPINIONS = frozenset(
    """review feedback rating testimonial reply post article survey complaint message comment thread forum blog photo
    video evaluation question answer opinion discussion track episode bewertung avis resena avaliacao
    recensione""".split()
)
_REVIEWS = frozenset({"review", "rating", "testimonial", "feedback", "evaluation"})
# Nothing first, and most often.
_ALLERGIES = {
    "en": ["none", "pollen", "peanuts", "penicillin", "lactose", "shellfish", "latex"],
    "de": ["keine", "Pollen", "Erdnüsse", "Penicillin", "Laktose", "Schalentiere", "Latex"],
    "fr": ["aucune", "pollen", "arachides", "pénicilline", "lactose", "crustacés", "latex"],
    "es": ["ninguna", "polen", "cacahuetes", "penicilina", "lactosa", "mariscos", "látex"],
    "pt": ["nenhuma", "pólen", "amendoim", "penicilina", "lactose", "frutos do mar", "látex"],
    "nl": ["geen", "pollen", "pinda's", "penicilline", "lactose", "schaaldieren", "latex"],
    "it": ["nessuna", "pollini", "arachidi", "penicillina", "lattosio", "crostacei", "lattice"],
}
# What quarters of towns are called; none of a real town in particular.
_DISTRICTS = {
    "en": ["Old Town", "Riverside", "Northgate", "West End", "Harbourside", "Hillcrest", "Mill Quarter", "Southfields"],
    "de": ["Altstadt", "Neustadt", "Nordstadt", "Südstadt", "Weststadt", "Oststadt", "Hafenviertel", "Am Bahnhof"],
    "fr": ["Centre-ville", "Vieille Ville", "Quartier de la Gare", "Les Hauts", "Saint-Jean", "Le Port", "La Plaine"],
    "es": ["Centro", "Casco Antiguo", "Ensanche", "El Puerto", "San Juan", "La Estación", "Las Flores", "Barrio Nuevo"],
    "pt": ["Centro", "Cidade Nova", "Vila Nova", "Jardim América", "Boa Vista", "Santo Antônio", "São José"],
    "nl": ["Centrum", "Oude Stad", "Noord", "Zuid", "Oost", "West", "Havenkwartier", "Stationsbuurt"],
    "it": ["Centro Storico", "Borgo Nuovo", "San Giovanni", "Stazione", "Porto", "Quartiere Verde"],
    "ja": ["中央区", "北区", "南区", "東区", "西区", "港区"],
}
_INSURERS = {
    "en": "Northway Health;Harbor Mutual;Clearview Insurance;Summit Care;Evergreen Mutual;Unity Health".split(";"),
    "de": ["Nordlicht Krankenkasse", "Elbtal BKK", "Weserbund Krankenkasse", "Süddeutsche Vorsorge", "Rheinhafen BKK"],
    "fr": ["Mutuelle du Rivage", "Assurances Clairval", "Mutuelle Horizon Bleu", "Prévoyance des Alpes"],
    "es": ["Seguros La Ribera", "Mutua del Norte", "Salud Horizonte", "Aseguradora Sol y Mar"],
    "pt": ["Saúde Horizonte", "Seguros Boa Vista", "Vida Plena Saúde", "Seguradora Rio Claro"],
    "nl": ["Zorgverzekering De Linde", "Noordzee Zorg", "Hart van Holland Zorg", "Verzekeraar De Brug"],
    "it": ["Assicurazioni Riviera", "Mutua del Levante", "Salute Serena", "Assicurazioni Monte Chiaro"],
}
_REPORTS = [
    "Temperature above the threshold", "Battery low", "No signal for 30 minutes", "Humidity out of range",
    "Restarted unexpectedly", "Storage almost full", "Door open for too long", "Pressure dropping",
]  # fmt: skip
_LOGGED = [
    "User signed in", "Record updated", "Password changed", "Export finished", "Permission granted",
    "Invoice deleted", "Session expired", "API key rotated", "Login failed", "Settings saved",
]  # fmt: skip
_GREETINGS = {
    "en": ["Happy birthday!", "Enjoy your new home!", "Thank you for everything!", "With love from all of us"],
    "de": ["Alles Gute zum Geburtstag!", "Viel Freude im neuen Zuhause!", "Danke für alles!", "Liebe Grüße von uns"],
    "fr": ["Joyeux anniversaire !", "Merci pour tout !", "Avec toute notre affection", "Bonne fête !"],
    "es": ["¡Feliz cumpleaños!", "¡Gracias por todo!", "Con cariño de todos", "¡Enhorabuena!"],
    "pt": ["Feliz aniversário!", "Obrigado por tudo!", "Com carinho de todos nós", "Parabéns!"],
    "nl": ["Van harte gefeliciteerd!", "Veel plezier in je nieuwe huis!", "Bedankt voor alles!", "Liefs van ons"],
    "it": ["Buon compleanno!", "Grazie di tutto!", "Con affetto da tutti noi", "Auguri!"],
}
_GOODS = ["new", "sale", "bestseller", "limited", "eco", "gift", "outdoor", "kids", "premium", "handmade", "clearance"]
_PROVIDERS = ["stripe", "paypal", "adyen", "mollie", "square", "braintree"]
_MOVES = frozenset(
    """mvt mouvement mouvements apunte apuntes extrato estratto
    transaction transactions operation operations movement movements umsatz umsaetze buchung buchungen movimiento
    movimientos movimento movimentos movimenti transacties mutatie mutaties lancamento lancamentos booking""".split()
)
_ANY_KIND = ("standard", "premium", "basic", "custom", "internal", "external")
# What types are of, by the words that say so.
_KINDS_SAID = (
    ("contract", frozenset("contract contrat contrato contratto vertrag employment beschaeftigung anstellung".split())),
    ("home", frozenset("property home bien imovel inmueble immobilie wohnung woning immobile vivienda".split())),
    ("account", frozenset("account konto compte conta cuenta rekening conto".split())),
    ("leave", frozenset("leave absence vacation urlaub conge ausencia verlof ferie".split())),
    ("license", frozenset("license licence driving".split())),
    ("identity", frozenset("document identity piece documento dokument ausweis".split())),
    ("customer", frozenset("customer client".split())),
    ("transaction", frozenset("transaction payment movement".split())),
    ("ticket", frozenset("ticket issue incident".split())),
    ("sensor", frozenset("sensor".split())),
    ("address", frozenset("address".split())),
    ("admission", frozenset("admission adm".split())),
    (
        "record",
        frozenset("entity resource object subject target record auditable commentable notifiable owner".split()),
    ),
)
_KINDS: dict[str, dict[str, list[str]]] = {
    "contract": {
        "en": ["permanent", "fixed_term", "part_time", "internship", "freelance"],
        "de": ["unbefristet", "befristet", "Teilzeit", "Minijob", "Ausbildung"],
        "fr": ["CDI", "CDD", "intérim", "alternance", "stage"],
        "es": ["indefinido", "temporal", "prácticas", "formación", "obra y servicio"],
        "pt": ["CLT", "PJ", "estágio", "temporário", "aprendiz"],
        "nl": ["vast", "tijdelijk", "oproep", "stage", "deeltijd"],
        "it": ["indeterminato", "determinato", "apprendistato", "tirocinio", "part-time"],
    },
    "home": {
        "en": ["apartment", "house", "townhouse", "studio", "condo", "land"],
        "de": ["Wohnung", "Einfamilienhaus", "Reihenhaus", "Apartment", "Grundstück"],
        "fr": ["appartement", "maison", "studio", "loft", "terrain"],
        "es": ["piso", "casa", "ático", "estudio", "chalet", "terreno"],
        "pt": ["apartamento", "casa", "sobrado", "cobertura", "terreno"],
        "nl": ["appartement", "tussenwoning", "hoekwoning", "vrijstaand", "studio"],
        "it": ["appartamento", "villa", "villetta", "monolocale", "terreno"],
    },
    "account": {
        "en": ["checking", "savings", "business", "joint"],
        "de": ["Girokonto", "Sparkonto", "Geschäftskonto", "Tagesgeld"],
        "fr": ["courant", "épargne", "professionnel", "joint"],
        "es": ["corriente", "ahorro", "nómina", "empresa"],
        "pt": ["corrente", "poupança", "salário", "empresarial"],
        "nl": ["betaalrekening", "spaarrekening", "zakelijk", "gezamenlijk"],
        "it": ["corrente", "risparmio", "aziendale", "cointestato"],
    },
    "leave": {"en": ["vacation", "sick", "parental", "unpaid", "training"]},
    "license": {"en": ["B", "C", "C1", "CE", "D"]},
    "identity": {"en": ["passport", "id_card", "driving_licence", "residence_permit"]},
    "customer": {"en": ["private", "business", "public"]},
    "transaction": {"en": ["debit", "credit", "transfer", "fee", "refund"]},
    "ticket": {"en": ["bug", "question", "incident", "request"]},
    "sensor": {"en": ["temperature", "humidity", "motion", "pressure", "light"]},
    "address": {"en": ["billing", "shipping", "home", "work"]},
    "admission": {
        "en": ["emergency", "elective", "transfer", "newborn"],
        "de": ["Notfall", "geplant", "Verlegung", "Geburt"],
        "nl": ["spoed", "gepland", "overplaatsing", "geboorte"],
    },
    "record": {"en": ["user", "customer", "order", "invoice", "product", "project"]},
}
_SEMESTERS = {
    "en": ["Fall 2024", "Spring 2025", "Summer 2025", "Fall 2025"],
    "de": ["WiSe 2024/25", "SoSe 2025", "WiSe 2025/26"],
    "fr": ["S1 2024-2025", "S2 2024-2025", "S1 2025-2026"],
    "es": ["2024-1", "2024-2", "2025-1", "2025-2"],
    "pt": ["2024.1", "2024.2", "2025.1", "2025.2"],
    "nl": ["semester 1 2024/25", "semester 2 2024/25", "semester 1 2025/26"],
    "it": ["I semestre 2024/25", "II semestre 2024/25", "I semestre 2025/26"],
}
_ROOM_OF_YEARS = 9
_DEGREES = {
    "en": ["secondary school", "apprenticeship", "bachelor", "master", "doctorate"],
    "de": ["Realschulabschluss", "Abitur", "Ausbildung", "Bachelor", "Master", "Promotion"],
    "fr": ["Brevet", "Baccalauréat", "BTS", "Licence", "Master", "Doctorat"],
    "es": ["ESO", "Bachillerato", "Formación profesional", "Grado", "Máster", "Doctorado"],
    "pt": ["Ensino fundamental", "Ensino médio", "Técnico", "Graduação", "Mestrado", "Doutorado"],
    "nl": ["vmbo", "havo", "mbo", "hbo", "wo-bachelor", "wo-master"],
    "it": ["Licenza media", "Diploma", "Laurea triennale", "Laurea magistrale", "Dottorato"],
}
_TITLES = ["Dr.", "Prof. Dr.", "Prof.", "Dipl.-Ing."]


def comment(around: Surroundings) -> Chosen:
    """What somebody says: an opinion where the table is of opinions, else a note."""
    said = (table_words(around) | set(around.words) | around.entities) - {"comment"}
    own = {"comment", "comments"} & set(raw_tokens(around.context.table.name))
    return ("comment", {}) if said & _OPINIONS or own else ("note", {})


def headline(around: Surroundings) -> Chosen:
    """A title: of a review, or of something that is read."""
    if "_estate" in around.entities:
        return "pool", {"name": "home_titles"}
    if "product" in around.entities:
        return "product", {}
    if table_words(around) & {"opportunity", "deal"}:
        return "pool", {"name": "projects"}
    return ("pool", {"name": "review_titles"}) if table_words(around) & _REVIEWS else ("headline", {})


def product(around: Surroundings) -> Chosen:
    """What goods are called: homes, and others."""
    return ("pool", {"name": "home_titles"}) if "_estate" in around.entities else ("product", {})


_ASKED = frozenset("ticket issue incident complaint enquiry enquirie inquiry request melding klacht klachten".split())
_HURT = frozenset({"injury", "victim", "weather", "damage", "latitude", "officer", "fatality", "location", "witness"})
_ITEMS = frozenset({"item", "itm", "art", "artikel", "article", "prod", "product", "part", "sku", "mat", "material"})
_ROOM_OF_NAMES = 150


def description(around: Surroundings) -> Chosen:
    """What is said of a thing: of homes, of what an account was moved by, and of others."""
    if said := particulars(around):
        return "one_of", {"values": said}
    if "_estate" in around.entities:
        return "pool", {"name": "home_descriptions"}
    if moves_money(around) or "_ledger" in around.entities:
        return "pool", {"name": "bank_texts"}
    if around.raw & {"antecedents", "antecedentes", "anamnesi", "anamnesis", "anamnese", "atcd"}:
        return "pool", {"name": "diagnoses"}
    words = table_words(around)
    room = text_room(around.context)
    if around.raw & _ITEMS and room is not None and room <= _ROOM_OF_NAMES:
        return "product", {}
    if around.raw & {"hergang", "toedracht", "toedr", "schadenhergang", "unfallhergang", "tathergang"}:
        return "pool", {"name": "damage_texts"}
    if faults := faults_of_cars(around):
        return "one_of", {"values": faults}
    if "_medical" in around.entities:
        return "pool", {"name": "visit_reasons"}
    beside = {word for name in around.context.siblings for word in tokens(name)}
    if words & {"incident", "accident"} and beside & _HURT:
        return "pool", {"name": "damage_texts"}
    if "ticket" in around.entities or words & _ASKED:
        return "ticket_text", {}
    if words & _LINES and words & _BILLED:
        return "product", {}  # What is charged for is named, not praised.
    name = subject_of(words | set(around.words) | around.raw, around.entities)
    return ("pool", {"name": name}) if name else ("description", {"sentences": 2})


_LINES = frozenset({"line", "item", "position", "posten", "detail"})
_BILLED = frozenset({"invoice", "order", "quote", "receipt", "bill", "purchase", "estimate", "cart", "credit"})


_STREAMS = {
    "en": ["foundation", "intermediate", "advanced"],
    "de": ["Grundkurs", "Erweiterungskurs", "Leistungskurs"],
    "fr": ["débutant", "intermédiaire", "avancé"],
    "es": ["básico", "intermedio", "avanzado"],
    "pt": ["básico", "intermediário", "avançado"],
    "nl": ["vmbo-b", "vmbo-t", "havo", "vwo"],
    "it": ["base", "intermedio", "avanzato"],
}


def level(around: Surroundings) -> Chosen:
    """How high: of people, or how fast something is sent."""
    if {"service", "shipping", "delivery"} & set(around.words) and "exp" not in around.raw:
        ways = said_in(around.language, "level", "shipping") or ("economy", "standard", "express", "overnight")
        return "one_of", {"values": list(ways), "weights": [2, 6, 3, 1]}
    if risks := risks_of(around):
        return "one_of", {"values": risks, "weights": [5, 4, 2]}
    if "_school" in around.entities and not around.context.unique:
        return "one_of", {"values": by_language(_STREAMS, around)}
    own = () if around.context.unique else said_in(around.language, "level")
    room = text_room(around.context)
    if own and room is not None and room < min(map(len, own)):
        return "one_of", {"values": ["1", "2", "3", "4", "5", "6"], "weights": [2, 4, 5, 4, 2, 1]}
    return ("one_of", {"values": list(own)}) if own else ("pool", {"name": "levels"})


def category(around: Surroundings) -> Chosen:
    """What sort: of tickets, of what money is spent for, or of goods."""
    if "ticket" in around.entities:
        own = said_in(around.language, "category", "ticket")
        kinds = own or ("billing", "technical", "account", "shipping", "feature_request", "other")
        return "one_of", {"values": list(kinds)}
    return "pool", {"name": "categories"}


def message(around: Surroundings) -> Chosen:
    """What people write to each other, what a machine reports or keeps of what was done, or what goes with a gift."""
    if {"_log"} & around.entities and "message" not in around.entities:
        return "one_of", {"values": list(_LOGGED)}
    if around.raw & {"gift", "cadeau", "geschenk", "cadeaubericht", "grusstext", "grusskarte", "geschenktext"}:
        return "one_of", {"values": by_language(_GREETINGS, around)}
    reports = table_words(around) & {"alert", "alarm", "warning"}
    return ("one_of", {"values": list(_REPORTS)}) if reports else ("message", {})


def moves_money(around: Surroundings) -> bool:
    """Whether the table's rows are movements of an account: they leave a balance, or have a value date."""
    beside = {word for name in around.context.siblings for word in tokens(name)}
    return bool(_MOVES & table_words(around) and beside & {"balance", "value", "account", "direction"})


# What a type is of that is of the home itself.
_HOMELY = frozenset("kind category object objekt obj property unit listing building class".split())


def kind(around: Surroundings) -> Chosen:
    """Which type of thing: of contracts, accounts, homes and what else has types that everybody knows."""
    words = {word for word in around.words if word != "type"}
    known = words | around.raw
    key = next((key for key, said in _KINDS_SAID if said & known), None)
    if key is None and not words - {"kind", "category"}:
        key = next((key for key, said in _KINDS_SAID if said & table_words(around)), None)
    if key is None and "_estate" in around.entities and not words - _HOMELY:
        key = "home"
    values = kinds_of(key, around) if key else said_in(around.language, "kind") or _ANY_KIND
    room = text_room(around.context)
    kept = [value for value in values if room is None or len(value) <= room] or list(
        _ANY_KIND if around.language in (None, "en") else "ABC"
    )
    return "one_of", {"values": kept}


def kinds_of(key: str, around: Surroundings) -> list[str]:
    """The types of a thing, in the table's language, or in the locale's where the column or the table is named so."""
    lists = _KINDS[key]
    own = said_in(around.language, "kind", key) or lists.get(around.language or "", ())
    if own:
        return list(own)
    language = around.context.locale[:2]
    foreign = is_foreign(around.context.table.name) or is_foreign(around.context.column.name)
    return list(lists[language] if foreign and language in lists else lists["en"])


def allergy(around: Surroundings) -> Chosen:
    """None, mostly."""
    values = by_language(_ALLERGIES, around)
    return "one_of", {"values": values, "weights": [6, *[1] * (len(values) - 1)]}


# What accounts of a ledger are called.
_ACCOUNTS = {
    "en": ["Cash", "Accounts receivable", "Inventory", "Accounts payable", "Sales", "Rent", "Wages", "Office supplies"],
    "de": ["Kasse", "Bank", "Forderungen", "Verbindlichkeiten", "Umsatzerlöse", "Miete", "Löhne", "Bürobedarf"],
    "nl": ["Kas", "Bank", "Debiteuren", "Crediteuren", "Omzet", "Huur", "Lonen", "Kantoorkosten"],
}


def company(around: Surroundings) -> Chosen:
    """A firm: of insurance or of payments where the name says so."""
    known = set(around.words) | around.raw
    if "asl" in known and around.language == "it":
        return "one_of", {"values": [f"ASL {number}" for number in range(1, 9)]}
    if "_ledger" in around.entities and "account" in known:
        return "one_of", {"values": by_language(_ACCOUNTS, around)}
    if "insurance" in known or known & _INSURES:
        return "one_of", {"values": by_language(_INSURERS, around)}
    named = around.sibling("company", role="") if known & _FORMAL and not around.context.unique else None
    # By law it is called what it is called, mostly. Of two such names the plainer one comes first, or both would wait.
    if named is not None and _plainness(named) < _plainness(around.context.column.name):
        return "template", {"template": "{" + named + "}"}
    pays = "payment" in known or "_payments" in around.entities
    if pays and known & {"provider", "gateway", "processor", "psp"}:
        return "one_of", {"values": list(_PROVIDERS)}
    return "company", {}


def _plainness(name: str) -> tuple[bool, int, str]:
    words = tokens(name)
    return bool(_FORMAL & set(words)), len(words), name


_FORMAL = frozenset({"legal", "registered", "trading", "official", "trade"})
_INSURES = frozenset({"krankenkasse", "kasse", "krkasse", "versicherer", "versicherung", "assureur",
                      "mutuelle", "aseguradora",
                      "seguradora",
                      "verzekeraar", "zorgverzekeraar", "assicurazione", "assicuratore", "insurer"})  # fmt: skip


def tag(around: Surroundings) -> Chosen:
    """A tag: of goods, or of anything."""
    own = () if around.context.unique else said_in(around.language, "tag")
    if own or "product" in around.entities:
        return "one_of", {"values": list(own or _GOODS)}
    return "pool", {"name": "tags"}


def vat(around: Surroundings) -> Chosen:
    """A number of a firm: for taxes, or the digits of the French register."""
    known = around.raw
    if any(piece.startswith("kvk") for piece in known):
        return "pattern", {"pattern": "########"}
    if known & {"siret", "siren"}:
        return "pattern", {"pattern": "#" * (14 if "siret" in known else 9)}
    bare = _BARE.get(around.context.locale[:5])
    if bare is not None and known & bare[0] and not known & {"ue", "intra", "intracomunitario", "vies", "eu", "vat"}:
        return "pattern", {"pattern": bare[1]}
    return "checked_number", {"kind": "vat"}


# What firms' numbers are called at home, where nobody writes the country before them; see values/national.py.
_BARE = {
    "it_IT": (frozenset({"piva", "iva", "partita"}), "00000######"),
    "es_ES": (frozenset({"nif", "cif"}), "X00######"),
}


def semester(around: Surroundings) -> Chosen:
    """A term, as schools of the locale call it, or their year."""
    years = around.raw & {"anno", "annee", "curso", "anio", "ano", "aa", "ciclo"} and not around.raw & {"semestre"}
    room = text_room(around.context)
    if years and (room is None or room >= _ROOM_OF_YEARS):
        mark = "-" if around.language == "fr" else "/"
        return "one_of", {"values": [f"{year}{mark}{year + 1}" for year in range(2021, 2026)]}
    return "one_of", {"values": by_language(_SEMESTERS, around)}


def education(around: Surroundings) -> Chosen:
    """What somebody has learned."""
    return "one_of", {"values": by_language(_DEGREES, around)}


_RESULTS = {
    "exam": ["passed", "failed"],
    "test": ["negative", "positive", "inconclusive"],
    "run": ["success", "failure", "skipped"],
    "match": ["win", "loss", "draw"],
    "check": ["passed", "failed", "conditional"],
}
_RESULTS_OF = (
    ("match", frozenset("match game fixture race".split())),
    ("run", frozenset("run job build execution pipeline log import sync attempt".split())),
    ("test", frozenset("lab sample blood patient specimen".split())),
    ("exam", frozenset("exam student course grade class".split())),
)


def result(around: Surroundings) -> Chosen:
    """How something went: an exam, a sample in a laboratory, a run, a match, an inspection."""
    known = table_words(around) | around.entities
    key = next((key for key, words in _RESULTS_OF if words & known), None)
    if key is None:
        key = "test" if "_medical" in known else "exam" if "_school" in known else "check"
    return "one_of", {"values": list(said_in(around.language, "result", key) or _RESULTS[key])}


def direction(around: Surroundings) -> Chosen:
    """Which way: of money, or of anything."""
    own = said_in(around.language, "direction") or ("inbound", "outbound")
    values = ["debit", "credit"] if moves_money(around) else list(own)
    room = text_room(around.context)
    if room is not None and room < max(map(len, values)):
        values = [value[:1].upper() if room < len(value) else value for value in values]
    return "one_of", {"values": values}


def district(around: Surroundings) -> Chosen:
    """A quarter of a town."""
    return "one_of", {"values": by_language(_DISTRICTS, around)}


def academic_title(around: Surroundings) -> Chosen:
    """What stands before the names of a few."""
    rate = {"null_rate": 0.7} if around.nullable else {}
    return "one_of", {"values": list(_TITLES), "weights": [12, 2, 1, 1], **rate}


def table_words(around: Surroundings) -> set[str]:
    """The words of the table's name, as they are written and in canonical words."""
    name = around.context.table.name
    return {piece.rstrip("s") for piece in raw_tokens(name)} | set(tokens(name))


def by_language(lists: dict[str, list[str]], around: Surroundings) -> list[str]:
    """The list for the locale's language, else the English one."""
    return list(lists.get(around.context.locale[:2], lists["en"]))
