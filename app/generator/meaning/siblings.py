"""What the other columns of a table are about, and what they make of a word with two meanings."""

from functools import lru_cache

from app.generator.meaning.counting import plain_number
from app.generator.meaning.heads import LANGUAGES, headed
from app.generator.meaning.languages import bare_name, language_of
from app.generator.meaning.leading import noun_of
from app.generator.meaning.naming import is_foreign, raw_tokens, singular, tokens
from app.generator.meaning.qualifying import WEAK, part_of_name
from app.generator.meaning.readings import Words, affixes, all_readings, readings
from app.generator.meaning.regions import beside_its_city, is_state, is_state_of, is_state_of_a_process
from app.generator.meaning.rooms import LONGEST_CODE, text_room
from app.generator.meaning.rules import first_concept
from app.generator.meaning.tables import entities_of, names_of
from app.generator.meaning.wordforms import singulars
from app.generator.meaning.words import LANGUAGE_OF
from app.generator.snapshot.model import EnumType, QName, TypeRef
from app.generator.values.context import ColumnContext
from app.generator.values.kinds import kind_of_type

# Under this and its name a sibling's concept is noted: it is the same for all the table's columns.
_CONCEPT = "concept"
_MEASURING = frozenset({"device", "metric"})
BY_TYPE = {
    "bool": "flag", "uuid": "uuid", "json": "json", "jsonb": "json", "inet": "ip", "cidr": "network",
    "macaddr": "mac", "macaddr8": "mac", "bytea": "binary", "time": "clock", "timetz": "clock", "interval": "duration",
    "point": "geo", "geometry": "geo", "geography": "geo", "isbn": "isbn", "isbn13": "isbn", "ean13": "ean",
    "upc": "upc",
}  # fmt: skip
_MEDICAL = frozenset({"diagnosis", "blood_type", "medication", "dosage", "allergy"})
_PERSONAL = frozenset({"birth_date", "gender", "ssn", "job_title", "specialty", "salary", "marital_status"})

# What has number plates, or pays for having them.
_ON_WHEELS = frozenset(
    """poliza tomador siniestro trafico taxi
    vehiculo coche camion moto autobu furgoneta parking aparcamiento estacionamiento taller itv grua
    remolque flota transportista conductor chofer velocidad plaza peaje bastidor kilometraje km kms gasoil
    combustible""".split()
)
_LODGING = frozenset(
    "hotel albergo alloggio camera camere notti hab habitacion habitaciones noches quarto quartos soggiorno".split()
)
_BOARD = frozenset(
    {"regimen", "regime", "trattamento", "tratamiento", "pension", "pensao", "pensione", "tratt", "regim", "pens"}
)
_POSITIONS = frozenset({("posizione",), ("posicion",), ("posicao",)})
# What is a car's number plate where it stands beside what is read of cars.
_REGISTERED = (("reg", "no"), ("reg", "num"), ("reg", "nr"), ("vrm",), ("reg", "number"), ("registration",))
_DRIVEN = frozenset("odo odometer mileage mot vin fin chassis fuel kmstand make kenteken kennz fgstnr".split())
_MAKERS = ("herst", "fabrik", "make", "manuf", "mfr", "mfg")
# The longest names of a shelf and of a city.
_LONGEST_SHELF, _LONGEST_CITY = 40, 60
_BARE_NAMES = frozenset({("nom",), ("nome",), ("nombre",)})
# Whose table may be of those who are in one: the members of a club, the pupils of a school.
_CALLED_LIKE_TABLES = frozenset("team school company course project hotel store department".split())
# Where something comes from, beside where it goes; and that, where it is cut so short that it may be who gets it.
_FROM = frozenset("orig origine origen origem part partenza capolinea salida saida partida depart".split())
_TO = frozenset({("dest",), ("destin",)})
_LONG_TITLE, _LONG_ADDRESS, _SHORT = 40, 100, 10
_STATES = frozenset({"etat", "estado", "stato"})
_NOUN_FIRST_GOODS = frozenset({"sku", "ean", "quantity"})
_UNITS = frozenset({("unidade",), ("unidad",), ("unita",), ("unite",)})
_LOCATED = frozenset({("ubicazione",), ("ubicacion",), ("localizacao",), ("localizzazione",)})
_NOUN_LAST = frozenset({"de", "nl"})
_LONGEST_NAME = 120
# Things of which a table's rows may be, each with its name.
_NAMED_BY_TABLE = frozenset(
    """district city region country payment_method color department specialty sport brand bank material industry
    language_name job_title education animal breed school_subject crop vaccine fuel genre unit ingredient dish
    medication diagnosis carrier skill marital_status relationship weekday room_type amenity warehouse""".split()
)


def kind_of(ref: TypeRef) -> str:
    """What a column of a type is read as: text, number, moment, or the type's name."""
    return kind_of_type(ref.name) or ref.name


def by_siblings(found: str, words: Words, context: ColumnContext, names: Words) -> str:
    """What the other columns of the table say about a word with two meanings."""
    if found == "full_name" and _has_first(context.column.name, names):
        return "last_name"
    read = readings(context.column.name, context.table.name, affixes(names))
    bare = words in (("name",), ("label",)) or ("name",) in read
    if found in _CALLED_LIKE_TABLES and raw_tokens(context.column.name) in _BARE_NAMES and words == ("name",):
        parts = {sibling_concept(name, context, names) for name in context.siblings} & {"first_name", "last_name"}
        found = "full_name" if parts else found
    if found in ("full_name", "label") and bare:
        concepts = {sibling_concept(name, context, names) for name in context.siblings}
        if "last_name" in concepts and "first_name" not in concepts:
            return "first_name"
        given = raw_tokens(context.column.name) in (("nome",), ("nombre",))  # beside a nome_social it is whole
        if "first_name" in concepts and "last_name" not in concepts:
            return "full_name" if given else "last_name"
        if found == "label" and concepts & _PERSONAL and (concepts & _PERSONAL - {"specialty"} or "email" in concepts):
            return "full_name"
        if found == "label":
            cured = "medication" if concepts & {"medication", "dosage"} else None
            return _named_by_table(context, names) or cured or found
    if found == "description" and words == ("description",) and _has_no_name(context):
        return _named_by_table(context, names) or found
    if found == "house_number" and raw_tokens(context.column.name)[-1:] in (("nr",), ("no",), ("number",), ("num",)):
        streets = {sibling_concept(name, context, names) for name in context.siblings}
        # `strasse_nr` alone is the whole line; beside a street it is the number.
        if "street" not in streets and len(words) > 2 and words[0] == "street":
            return "street"
    if (
        found in ("serial", "code")
        and words[-1:] == ("number",)
        and _beside_street(context, names, len(words) == len(raw_tokens(context.column.name)) == 1)
    ):
        return "house_number"
    if found == "comment" and words == ("strength",):
        drugs = {sibling_concept(name, context, names) for name in context.siblings}
        return "dosage" if "medication" in drugs else found
    if found == "license_plate" and raw_tokens(context.column.name)[0].startswith("mat"):
        around = {sibling_concept(name, context, names) for name in context.siblings}
        on_wheels = "vehicle" in entities_of(context) or around & {"car_make", "car_model", "fuel", "vin", "color"}
        pieces = {singular(piece) for name in (*names, context.table.name) for piece in raw_tokens(name)}
        return found if on_wheels or not _ON_WHEELS.isdisjoint(pieces) else "serial"
    if found == "job_title" and raw_tokens(context.column.name) == ("taetigkeit",) and text_room(context) is None:
        return "description"
    if found == "job_title" and raw_tokens(context.column.name) == ("titel",):
        # What is a job in English stands before a name in German and Dutch.
        around = {sibling_concept(name, context, names) for name in context.siblings}
        return "academic_title" if "last_name" in around and "honorific" not in around | {found} else found
    if found == "honorific" and words == ("honorific",):
        around = {sibling_concept(name, context, names) for name in context.siblings}
        is_iberian = raw_tokens(context.column.name)[0].startswith("tratam")
        named = around & {"first_name", "last_name"} or not (around & _MEDICAL or is_iberian)
        return found if named else "service"
    if (
        found == "region"
        and raw_tokens(context.column.name) == ("prov",)
        and _NOUN_FIRST_GOODS & {sibling_concept(name, context, names) for name in context.siblings}
    ):
        return "company"  # Goods have a proveedor, people a provincia.
    if found == "serial" and raw_tokens(context.column.name) == ("mat",):
        around = {sibling_concept(name, context, names) for name in context.siblings}
        return "school_subject" if "grade_points" in around else found
    if found in ("text_moment", "moment") and raw_tokens(context.column.name) == ("mod",):
        around = {sibling_concept(name, context, names) for name in context.siblings}
        return "car_model" if around & {"car_make", "license_plate", "vin"} else found
    if found == "kind" and raw_tokens(context.column.name) == ("nat",):
        around = {sibling_concept(name, context, names) for name in context.siblings}
        return "nationality" if around & {"birth_date", "first_name", "gender"} else found
    if found == "city" and words == ("location",) and is_foreign(context.column.name):
        return _lying(context, names)
    if found == "password" and raw_tokens(context.column.name) == ("clave",):
        around = {sibling_concept(name, context, names) for name in context.siblings}
        return found if around & {"username", "email"} or "person" in entities_of(context) else "code"
    if found == "full_name" and raw_tokens(context.column.name) == ("serveur",):
        around = {sibling_concept(name, context, names) for name in context.siblings}
        return "hostname" if around & {"ip", "mac", "operating_system", "port", "version", "environment"} else found
    if found in ("serial", "code") and raw_tokens(context.column.name) in _REGISTERED:
        beside = {piece for name in context.siblings for piece in raw_tokens(name)}
        return "license_plate" if not _DRIVEN.isdisjoint(beside) else found
    if found == "direction" and raw_tokens(context.column.name) in (("direction",), ("direcao",), ("direzione",)):
        around = {sibling_concept(name, context, names) for name in context.siblings}
        return "department" if around & {"department", "job_title", "last_name", "salary"} else found
    if found == "department" and raw_tokens(context.column.name) in (("depto",), ("dpto",)):
        return "address2" if _beside_street(context, names, True) else found
    if found == "company" and words == ("agency",):
        around = {sibling_concept(name, context, names) for name in context.siblings}
        return "code" if around & {"bank", "account_number"} else found
    if found == "username" and words == ("account",):
        around = {sibling_concept(name, context, names) for name in context.siblings}
        return "account_number" if around & {"bank", "iban", "routing_number", "bic"} else found
    if found == "region" and (is_state(context.column.name, context) or is_state_of(words, context)):
        return "status"
    if found == "status" and raw_tokens(context.column.name)[-1:] == ("state",) and beside_its_city(context):
        return "region"
    if found == "region" and is_state_of_a_process(context):
        return "status"
    if found == "measure" and words[-1:] == ("value",) and not entities_of(context) & _MEASURING:
        return "money" if number_without_name(context.type, context) == "money" else found
    return found


def placed(found: str, context: ColumnContext, names: Words) -> str:
    """What a noun means in places where it means something else; other concepts are as they were.

    A regimen or a trattamento is had with a room where guests are lodged; a posizione as long as a title is one.
    """
    room = text_room(context)
    made = found == "company" and raw_tokens(context.column.name)[0].startswith(_MAKERS)
    if made and not _DRIVEN.isdisjoint({piece for name in context.siblings for piece in raw_tokens(name)}):
        return "car_make"
    risk = "".join(raw_tokens(context.column.name)).endswith(("risiko", "risico", "risk"))
    if found == "description" and risk and room is not None and room <= LONGEST_CODE:
        return "level"  # How high it is, where there is no room to say what it is.
    if found == "code" and raw_tokens(context.column.name) in _POSITIONS and (room is None or room >= _LONG_TITLE):
        return "job_title"
    if found == "code" and raw_tokens(context.column.name)[:1] in _LOCATED and (room is None or room >= _LONG_ADDRESS):
        return "address"
    if found == "department" and raw_tokens(context.column.name) in _UNITS and room is not None and room <= _SHORT:
        return "unit"
    if found == "description" and raw_tokens(context.column.name)[0] in _STATES and room is not None and room <= 30:
        return "status"
    if found == "full_name" and raw_tokens(context.column.name) in _TO:
        return "city" if _FROM & {piece for name in names for piece in raw_tokens(name)} else found
    if found == "school_subject" and raw_tokens(context.column.name) == ("matiere",):
        around = {sibling_concept(name, context, names) for name in context.siblings}
        return "material" if around & {"quantity", "sku", "product"} else found
    if found == "serial" and raw_tokens(context.column.name) == ("serie",) and "_school" in entities_of(context):
        return "class_group"
    if found == "job_title" and raw_tokens(context.column.name) == ("posto",):
        around = {sibling_concept(name, context, names) for name in context.siblings}
        return "company" if "fuel" in around else found
    if found not in ("kind", "service", "honorific") or _BOARD.isdisjoint(raw_tokens(context.column.name)[:1]):
        return found
    pieces = {piece for name in (*names, context.table.name) for piece in raw_tokens(name)}
    return "meal_plan" if pieces & _LODGING else found


def _lying(context: ColumnContext, names: Words) -> str:
    """Where something lies, in a language in which that is no city: a place on a shelf, or an address."""
    around = {sibling_concept(name, context, names) for name in context.siblings}
    stored = around & {"sku", "ean", "quantity", "warehouse"} or entities_of(context) & {"product", "warehouse"}
    room = text_room(context)
    if (stored and (room is None or room <= _LONGEST_SHELF)) or (room is not None and room <= LONGEST_CODE):
        return "code"
    if around & {"address", "street"} or entities_of(context) & {"device", "event"}:
        return "venue"
    return "city" if room is not None and room <= _LONGEST_CITY else "address"


def _named_by_table(context: ColumnContext, names: Words) -> str | None:
    """What a bare name is called in a table of nothing but such things: a district in bairros."""
    language = language_of(names, context.table.name)
    first, *rest = raw_tokens(context.table.name) or ("",)
    if not first or language in _NOUN_LAST:
        return None
    language = language if language in LANGUAGES else LANGUAGE_OF.get(first) or None
    forms = (first, *(form for tongue in (language, *LANGUAGES) for form in singulars(first, tongue or "")))
    for name in (name for form in forms for name in ("_".join((form, *rest)), form)):
        found = headed("text", name, language)
        if found is not None and found[0] in _NAMED_BY_TABLE:
            return found[0]
    return None


_FIRST_NAMES = frozenset({("vorname",), ("voornaam",), ("vn",), ("first", "name"), ("firstname",), ("roepnaam",)})
_NAMES = frozenset({"name", "nm", "naam", "nachname", "achternaam"})


def _has_first(name: str, names: Words) -> bool:
    """Whether somebody's name stands beside their first name: PatName beside PatVorname."""
    *whose, last = raw_tokens(name) or ("",)
    if not whose or last not in _NAMES:
        return False
    size = len(whose)
    return any(list(raw_tokens(other)[:size]) == whose and raw_tokens(other)[size:] in _FIRST_NAMES for other in names)


def _has_no_name(context: ColumnContext) -> bool:
    """Whether a short description is all that a row is called by."""
    room = text_room(context)
    named = {word for name in context.siblings for word in tokens(name)}
    return room is not None and room <= _LONGEST_NAME and named.isdisjoint({"name", "label", "title"})


def _beside_street(context: ColumnContext, names: Words, bare: bool) -> bool:
    """Whether a number belongs to a street: `number` beside a street, `customer_number` beside `customer_street`."""
    own = raw_tokens(context.column.name)[:-1]
    for name in context.siblings:
        if sibling_concept(name, context, names) in ("street", "address") and (
            bare or (own and raw_tokens(name)[:-1] == own)
        ):
            return True
    return False


def sibling_concept(name: str, context: ColumnContext, names: Words) -> str | None:
    """The concept of a sibling by its name alone; `names` are those of all the table's columns."""
    place = (_CONCEPT, name)
    if place not in context.notes:
        context.notes[place] = _concept_of(name, context, names)
    found: str | None = context.notes[place]
    return found


def _concept_of(name: str, context: ColumnContext, names: Words) -> str | None:
    ref = context.siblings[name]
    kind = kind_of(ref)
    original, name = name, bare_name(name, context.table.name, names)
    if kind in BY_TYPE:
        return BY_TYPE[kind]
    literal = tokens(name)
    is_enum = isinstance(context.types.get(QName(ref.schema, ref.name)), EnumType)
    leading = None if is_enum else noun_of(kind, ref, original, context.table.name, names)
    if leading is not None:
        return part_of_name(leading[0], original, names)
    if is_enum:
        return "gender" if "gender" in literal else "status"
    if kind not in ("text", "number", "moment"):
        return None
    length = ref.modifiers[0] if ref.name in ("varchar", "bpchar") and ref.modifiers else None
    found = _sibling(kind, name, context.table.name, affixes(names), entities_of(context), length)
    return "status" if found == "region" and is_state(original, context) else found


@lru_cache(maxsize=16_384)
def _sibling(
    kind: str, name: str, table: str, shared: tuple[str, str], entities: frozenset[str], length: int | None
) -> str | None:
    weak = None
    for words in all_readings(tokens(name), name, table, shared):
        found = first_concept(kind, words, entities, length)
        if found not in WEAK:
            return found
        weak = weak or found
    return weak


def number_without_name(ref: TypeRef, context: ColumnContext) -> str:
    """What a number is whose name says nothing, by its type and what stands beside it."""
    names = names_of(context)
    return plain_number(ref, lambda: [sibling_concept(name, context, names) for name in context.siblings])
