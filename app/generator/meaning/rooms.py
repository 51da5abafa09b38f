"""How much a text column holds."""

from app.generator.values.context import ColumnContext

# What one character does not name, so that it says whether there is some: permite_animais.
NEVER_A_CHARACTER = frozenset(
    """animal amenity device company full_name product city country school team hotel restaurant service venue store
    vehicle_type medication file_path file_name bank brand carrier source campaign project course skill dish
    headline summary content message bio job_title first_name last_name username token hash vat department region
    ticket subject diagnosis note comment description url email phone street address"""
    "".split()
)

# An identifier that is no longer is somebody's number rather than a token.
LONGEST_CODE = 20

# What is longer than a few characters, so that these are a code of it; and the codes that countries and regions have.
_LONG = frozenset(
    """department venue company store warehouse hotel restaurant school bank headline project course product street
    address service campaign work_title event_title dish ingredient medication""".split()
)
_LEAST_LONG = 6
_LEAST_OF_FIRMS = 10
_ROOM_OF_HEX = len("#a1b2c3")
_CODES = {
    "country": ((2, "country_code"), (3, "country_code3")),
    "region": ((3, "region_code"),),
    "city": ((4, "code"),),
}


def fitted(concept: str, room: int | None) -> str:
    """The concept that a text column has room for: an office of four characters is the code of one."""
    if room is None:
        return concept
    if room <= _LEAST_LONG and concept in _LONG:
        return "code"
    if room <= _LEAST_OF_FIRMS and concept == "company":
        return "code"  # No firm's name is so short.
    if concept == "color" and room == _ROOM_OF_HEX:
        return "color_code"
    return next((code for most, code in _CODES.get(concept, ()) if room <= most), concept)


# What is no text of so few characters, so that these are a code: an ilot, an arret.
_NEVER_SHORT = frozenset("label money count venue place".split())
_LONGEST_SHORT = 10


def coded(concept: str, room: int | None) -> str:
    """The concept of a text of a table that puts the noun first: what is called something takes more than ten
    characters."""
    short = room is not None and 1 < room <= _LONGEST_SHORT
    if short and concept == "car_model":
        return "license_plate"  # Which lorry is told by its plate.
    return "code" if short and concept in _NEVER_SHORT else concept


def text_room(context: ColumnContext) -> int | None:
    """How many characters the column takes; None for any number."""
    bounds = [context.domain.max_length]
    if context.type.name in ("varchar", "bpchar") and context.type.modifiers:
        bounds.append(context.type.modifiers[0])
    if context.type.name == "char":
        bounds.append(1)
    return min((b for b in bounds if b is not None), default=None)
