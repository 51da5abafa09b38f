"""What a column is about: its concept, by type, name, comment, table and siblings."""

from dataclasses import dataclass
from functools import lru_cache

from app.generator.meaning.entities import entity_of
from app.generator.meaning.naming import raw_tokens, singular, tokens
from app.generator.meaning.readings import Words, affixes, head_last, is_head_first, readings
from app.generator.meaning.rules import first_concept
from app.generator.snapshot.model import EnumType, QName, TypeRef
from app.generator.values.context import ColumnContext
from app.generator.values.kinds import INTEGER_LIMITS, MOMENT_TYPES, NUMBER_TYPES, TEXT_TYPES

# How a table's words may mark it beside its entity: `@_address` in the rules.
_MARKS = {
    "_address": ("address",),
    "_requests": ("request", "http", "access", "api", "pageview"),
    "_log": ("log", "audit", "history", "activity", "event", "trail"),
    "_menu": ("menu",),
    "_player": ("player", "players", "roster", "lineup"),
    "_payments": ("payment", "payments", "transaction", "transactions", "refund", "charge"),
    "_commits": ("commit", "build", "pipeline", "deployment", "merge"),
    "_code": ("repository", "repositories", "repo", "repos", "package", "packages", "gist"),
    "_phone": ("phone", "mobile"),
    "_travel": (
        "shipment",
        "shipping",
        "route",
        "trip",
        "flight",
        "ride",
        "journey",
        "voyage",
        "travel",
        "freight",
        "consignment",
        "transport",
        "train",
        "leg",
        "delivery",
    ),
    "_crypto": ("wallet", "blockchain", "crypto", "onchain", "nft", "erc20", "ledger"),
    "_workflow": ("workflow", "task", "job", "order", "issue", "ticket", "pedido", "transition"),
}
_BY_TYPE = {
    "bool": "flag", "uuid": "uuid", "json": "json", "jsonb": "json", "inet": "ip", "cidr": "network",
    "macaddr": "mac", "macaddr8": "mac", "bytea": "binary", "time": "clock", "timetz": "clock", "interval": "duration",
    "point": "geo", "geometry": "geo", "geography": "geo", "isbn": "isbn", "isbn13": "isbn", "ean13": "ean",
    "upc": "upc",
}  # fmt: skip
# Text concepts that say so little that a number or a date is the better guess.
_PERSONAL = frozenset({"birth_date", "gender", "ssn", "job_title", "specialty", "salary", "marital_status"})
_WEAK = frozenset({None, "label", "kind"})
_UNITS_OF_TIME = frozenset({"day", "month", "year", "hour"})
_TIMES = frozenset(
    "days weeks months years hours tage wochen monate jahre stunden jours semaines annees ans heures dias semanas "
    "meses anos horas dagen weken maanden jaren uren".split()
)
_PER_TIME = frozenset({"monthly", "annual", "annually", "yearly", "weekly", "quarterly"})
_DATED = ("date", "at", "timestamp", "on")
_AS_TEXT = frozenset({"money", "quantity", "percentage", "age", "year", "salary", "rating", "gpa", "birth_year"})


@dataclass(frozen=True, slots=True)
class Concept:
    """A concept and by what it was recognised: name, comment or type. `words` is the reading of the name that told."""

    name: str
    by: str
    words: Words = ()


def recognise(context: ColumnContext) -> Concept:
    """The column's concept. Every column has one; `word`, `number` and the like say that the name told nothing."""
    kind = _kind(context.type)
    literal = words_of(context)
    if kind in _BY_TYPE:
        return Concept(_by_type(kind, context), "type", literal)
    names = names_of(context)
    room = text_room(context)
    found, words = _read(kind, literal, context.column.name, context, names, room)
    if found is not None:
        return Concept(_by_siblings(found, words, context, names), "name", words)
    if context.column.comment:
        words = _comment_words(context.column.comment)
        found = _by_words(kind, words, context, room)
        if found is not None and found not in ("label", "kind", "code"):
            return Concept(found, "comment", literal)
    return Concept(_plain(kind, context), "type", literal)


def names_of(context: ColumnContext) -> Words:
    """The table's column names, sorted: what tells which pieces of a name only repeat themselves."""
    return tuple(sorted({*context.siblings, context.column.name}))


def _read(
    kind: str, literal: Words, name: str, context: ColumnContext, names: Words, room: int | None
) -> tuple[str | None, Words]:
    """The concept of the first reading that says something, and its words; a weak one where there is no other."""
    weak: tuple[str | None, Words] = (None, literal)
    for words in readings_of(literal, name, context.table.name, names):
        found = _by_words(kind, words, context, room)
        if found == "label" and words == ("label",):
            # What is called a designation is the name of what the table is about.
            found = _by_words(kind, ("name",), context, room)
        if found is None or (kind == "moment" and found == "moment"):
            continue
        if found not in _WEAK:
            return found, words
        if weak[0] is None:
            weak = (found, words)
    if kind == "moment" and weak[0] is None:
        return "moment", literal
    return weak


def readings_of(literal: Words, name: str, table: str, names: Words) -> tuple[Words, ...]:
    """Every reading of a name, the likeliest first: where its language puts the noun first, that one."""
    return _all_readings(literal, name, table, affixes(names))


@lru_cache(maxsize=16_384)
def _all_readings(literal: Words, name: str, table: str, shared: tuple[str, str]) -> tuple[Words, ...]:
    found = (literal, *readings(name, table, shared))
    return (head_last(raw_tokens(name)), *found) if is_head_first(name) else found


def words_of(context: ColumnContext) -> Words:
    """The column's name in canonical words, without a prefix that only repeats the table's initial."""
    pieces = raw_tokens(context.column.name)
    name = context.column.name
    if len(pieces) > 1 and len(pieces[0]) <= 2 and _is_prefix(pieces[0], context.table.name):
        name = "_".join(pieces[1:])
    return tokens(name)


def _is_prefix(piece: str, table: str) -> bool:
    """Whether a name's first piece is only the table's initials, as in lineitem.l_tax and partsupp.ps_comment."""
    parts = tuple(part for part in raw_tokens(table) if not part.isdigit())
    initials = "".join(part[0] for part in parts)
    if piece == initials and piece not in ("is", "id", "ip", "no"):
        return True
    return len(parts) == 1 and table.lower().startswith(piece[0]) and len(piece) <= 2 and piece == table[: len(piece)]


def _kind(ref: TypeRef) -> str:
    name = ref.name
    if name in TEXT_TYPES or name == "citext":
        return "text"
    if name in NUMBER_TYPES:
        return "number"
    if name in MOMENT_TYPES:
        return "moment"
    return name


def _by_type(kind: str, context: ColumnContext) -> str:
    if kind == "isbn" and context.type.array_dims:
        return "isbn"
    return _BY_TYPE[kind]


def entities_of(context: ColumnContext) -> frozenset[str]:
    """What the table is about, with its marks."""
    return _entities(context.table.name, context.table_comment)


@lru_cache(maxsize=4096)
def _entities(table: str, comment: str | None) -> frozenset[str]:
    found = {entity_of(table)} - {None}
    pieces = set(raw_tokens(table))
    singulars = pieces | {piece.rstrip("s") for piece in pieces} | set(tokens(table))
    found |= {mark for mark, words in _MARKS.items() if singulars & set(words)}
    if not found and comment:
        found |= {entity_of(comment.split(".")[0])} - {None}
    return frozenset(str(name) for name in found)


def _by_words(kind: str, words: Words, context: ColumnContext, room: int | None) -> str | None:
    entities = entities_of(context)
    if kind == "text":
        if context.user_type is not None and isinstance(context.user_type, EnumType):
            return None
        found = first_concept("text", words, entities, room)
        return found if found not in _WEAK or found == "kind" else _written_out(words, entities) or found
    if kind == "number":
        found = first_concept("number", words, entities | _fractions(context.type), None)
        if found == "epoch" and context.type.name not in ("int4", "int8"):
            return None
        return _counted(found, context)
    if kind == "moment":
        return first_concept("moment", words, entities, None) or "moment"
    return None


def _counted(found: str | None, context: ColumnContext) -> str | None:
    """What several of something make of a number: hours are a time, and things that no rule knows are counted."""
    name = context.column.name
    if found in _UNITS_OF_TIME and _is_plural(name):
        return "duration"
    last = raw_tokens(name)[-1:]
    if last and last[0] in _PER_TIME and _fractions(context.type):
        return "money"  # insurance_annual
    if found == "money" and last and last[0] in _TIMES:
        return "duration"  # balance_hours
    if found is None and context.type.name in INTEGER_LIMITS and last and singular(last[0]) != last[0]:
        return "count"  # yellow_cards
    return found


def _fractions(ref: TypeRef) -> frozenset[str]:
    """A mark for types with decimals, in which totals are amounts rather than counts."""
    decimals = ref.name in ("float4", "float8", "money") or (
        ref.name == "numeric" and (len(ref.modifiers) != 1 and ref.modifiers[1:] != (0,))
    )
    return frozenset({"_fraction"}) if decimals else frozenset()


def _is_plural(name: str) -> bool:
    """Whether a name begins or ends with several days or years: how many, not which."""
    pieces = raw_tokens(name)
    return pieces[0] in _TIMES or pieces[-1] in _TIMES


def _written_out(words: tuple[str, ...], entities: frozenset[str]) -> str | None:
    """The concept of a number or a moment that a text column holds."""
    if len(words) > 1 and words[0] == "date":
        return "text_" + (first_concept("moment", words, entities, None) or "moment")
    found = first_concept("number", words, entities, None)
    if found in _AS_TEXT:
        return found
    if words == ("date",) or (len(words) > 1 and (words[-1] in _DATED or words[0] == "date")):
        moment = first_concept("moment", words, entities, None) or "moment"
        return "text_" + moment
    return None


def text_room(context: ColumnContext) -> int | None:
    """How many characters the column takes; None for any number."""
    bounds = [context.domain.max_length]
    if context.type.name in ("varchar", "bpchar") and context.type.modifiers:
        bounds.append(context.type.modifiers[0])
    if context.type.name == "char":
        bounds.append(1)
    return min((b for b in bounds if b is not None), default=None)


def _by_siblings(found: str, words: Words, context: ColumnContext, names: Words) -> str:
    """What the other columns of the table say about a word with two meanings."""
    bare = words == ("name",) or ("name",) in readings(context.column.name, context.table.name, affixes(names))
    if found in ("full_name", "label") and bare:
        concepts = {sibling_concept(name, context, names) for name in context.siblings}
        if "last_name" in concepts and "first_name" not in concepts:
            return "first_name"
        if "first_name" in concepts and "last_name" not in concepts:
            return "last_name"
        if found == "label" and concepts & _PERSONAL:
            return "full_name"
    if found == "house_number" and raw_tokens(context.column.name)[-1:] in (("nr",), ("no",), ("number",), ("num",)):
        streets = {sibling_concept(name, context, names) for name in context.siblings}
        # `strasse_nr` alone is the whole line; beside a street it is the number.
        if "street" not in streets and len(words) > 2 and words[0] == "street":
            return "street"
    if found in ("serial", "code") and words == ("number",):
        streets = {sibling_concept(name, context, names) for name in context.siblings}
        found = "house_number" if "street" in streets else found
    if found == "region" and is_state(context.column.name, context):
        return "status"
    return found


def is_state(name: str, context: ColumnContext) -> bool:
    """Whether a column called `state` is a status: nothing in the table is a part of an address."""
    if raw_tokens(name) not in (("state",), ("estado",), ("etat",), ("stato",)):
        return False
    if entities_of(context) & {"region", "city", "country", "_address"}:
        return False
    words = {word for other in (*context.siblings, context.column.name) if other != name for word in tokens(other)}
    return not words & {"city", "postal", "street", "address", "country", "line"}


def sibling_concept(name: str, context: ColumnContext, names: Words) -> str | None:
    """The concept of a sibling by its name alone; `names` are those of all the table's columns."""
    ref = context.siblings[name]
    kind = _kind(ref)
    if kind in _BY_TYPE:
        return _BY_TYPE[kind]
    literal = tokens(name)
    if isinstance(context.types.get(QName(ref.schema, ref.name)), EnumType):
        return "gender" if "gender" in literal else "status"
    if kind not in ("text", "number", "moment"):
        return None
    length = ref.modifiers[0] if ref.name in ("varchar", "bpchar") and ref.modifiers else None
    found = _sibling(kind, name, context.table.name, affixes(names), entities_of(context), length)
    return "status" if found == "region" and is_state(name, context) else found


@lru_cache(maxsize=16_384)
def _sibling(
    kind: str, name: str, table: str, shared: tuple[str, str], entities: frozenset[str], length: int | None
) -> str | None:
    weak = None
    for words in _all_readings(tokens(name), name, table, shared):
        found = first_concept(kind, words, entities, length)
        if found not in _WEAK:
            return found
        weak = weak or found
    return weak


def _comment_words(comment: str) -> tuple[str, ...]:
    """The words of a comment's first phrase, the head last: `IBAN of the account` -> iban."""
    phrase = comment.split(".")[0].split(",")[0].split(" (")[0].split(" of ")[0].split(" in ")[0].split(" for ")[0]
    return tokens("_".join(phrase.split()[:4]))


def _plain(kind: str, context: ColumnContext) -> str:
    if isinstance(context.user_type, EnumType):
        return "gender" if "gender" in words_of(context) else "status"
    if "range" in kind:
        return "range"
    return {"text": "word", "number": "number", "moment": "moment"}.get(kind, kind)
