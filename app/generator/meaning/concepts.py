"""What a column is about: its concept, by type, name, comment, table and siblings."""

from dataclasses import dataclass, replace

from app.generator.meaning.comments import phrases, spelled_out
from app.generator.meaning.compounds import LANGUAGES as COMPOUNDING
from app.generator.meaning.compounds import is_several
from app.generator.meaning.counting import (
    as_its_type,
    counted,
    done,
    fractions,
    has_room_for_amounts,
    is_a_mark,
    sums,
)
from app.generator.meaning.heads import LANGUAGES, begun, does_something, is_somebody, values_of
from app.generator.meaning.languages import bare_name, language_of
from app.generator.meaning.leading import last_of, noun_of, said_of
from app.generator.meaning.lengthening import is_somebody as is_doer
from app.generator.meaning.lengthening import lengthened
from app.generator.meaning.listing import is_listed, listed
from app.generator.meaning.naming import canonical, is_foreign, raw_tokens, tokens
from app.generator.meaning.owned import is_of_somebody
from app.generator.meaning.qualifying import NAMED, WEAK, is_of_a_kind, part_of_name, qualified
from app.generator.meaning.readings import (
    Words,
    head_last,
    is_head_first,
    is_initials,
    plain_name,
    readings_of,
)
from app.generator.meaning.rooms import LONGEST_CODE, NEVER_A_CHARACTER, coded, fitted, text_room
from app.generator.meaning.rules import first_concept
from app.generator.meaning.siblings import BY_TYPE, by_siblings, kind_of, number_without_name, placed
from app.generator.meaning.tables import entities_of, names_of
from app.generator.meaning.units import measured, said_in
from app.generator.meaning.words import ENGLISH, PLAIN
from app.generator.snapshot.model import EnumType
from app.generator.values.context import ColumnContext
from app.generator.values.kinds import INTEGER_LIMITS

# What a text is otherwise that is of a list: a habitat, the type of a soil.
_OF_LISTS = frozenset({None, "kind"})
# What a number of a review is read as that may as well be how good something was.
_OF_OPINIONS = frozenset({None, "number", "measure", "money", "grade_points"})
# What a number of days may be taken for, and how French tables shorten those.
_OF_DAYS, _DAYS = frozenset({None, "measure", "number", "money", "quantity"}), frozenset({"j", "jrs", "jr", "jours"})
# What somebody leads, works for or is responsible for.
_LED = frozenset({"project", "department", "course", "team", "service", "campaign", "task", "label"})
# How something is written down, which says nothing of what it is.
_SAID = frozenset({"label", "text", "txt", "string", "line", "display", "value", "str"})
# Concepts that say so little that a comment is the better guess.
_VAGUE = frozenset({None, "label", "kind", "code", "number", "moment"})
# What a month of a year has room for, and the words for a period that is one.
_ROOM_OF_MONTHS = 7
_MONTHS = frozenset(
    """periodo periode period mes mois mese competencia competenza mesano anomes aaaamm mesanno annomese anomois
    mensualite mensualidad month""".split()
)
# Shares of which no amount is told, however much room there is.
_NEVER_PAID = frozenset(
    "humidity moisture battery cpu occupancy attendance accuracy precision recall viewability".split()
)
# What is no amount, though a column has room for one.
_NO_AMOUNTS = frozenset({"kind", "status", "priority", "gender", "position"})
# Names of columns that only count columns.
_HOLLOW = frozenset("field fld feld campo champ veld attr attribute col column value val data date info".split())
# The same beside a number or a letter.
_HOLLOW_NUMBERED = frozenset(
    """lib libelle cd cod code ref dt dat fec mt mnt nb nr num nro txt texto texte testo ind indic zone zona info rub
    param opt extra libre cle dato ds vl vlr nm fl fg flag tp tipo type qt qtd cant var x""".split()
)
# How much room a text has that holds a count, the shortest participle, the digits of a share before the point.
_ROOM_OF_COUNTS = 3
# What amounts have room for, where they are texts; columns of tools that ask no length have this one.
_ROOM_OF_AMOUNTS, _ROOM_OF_ANYTHING = 60, 255
# Ends of names for what says yes or no, whatever of: garantie_jn.
_YES_OR_NO = frozenset((word,) for word in "jn yn sn on flg flag ind".split())
# What is a code where it has the room of one.
_CODED = frozenset({("token", "id"), ("flag_text", "flag")})
_NUMBERS = frozenset({"num", "nro", "nr", "nb", "no"})
# What is done on a day, so that its bare name in a text is that day.
_DONE = frozenset(
    (word,) for word in "birth hire termination created updated deleted due delivery death start end".split()
)
_CLOCKS = frozenset({("in", "time"), ("out", "time"), ("start", "time"), ("end", "time"), ("time", "in"),
                     ("time", "out"), ("check", "in", "time"), ("check", "out", "time"), ("open", "time"),
                     ("close", "time"), ("departure", "time"), ("arrival", "time"), ("pickup", "time"),
                     ("meeting", "time"), ("appointment", "time")})  # fmt: skip
_AUXILIARIES = frozenset({"is", "has", "if"})
_DATED = ("date", "at", "timestamp", "on")
_AS_TEXT = frozenset({"money", "quantity", "percentage", "age", "year", "salary", "rating", "gpa", "birth_year"})
# Those that are written as text only where the text has no meaning of its own.
_AS_LAST = frozenset({"measure", "duration", "score", "temperature", "grade_points", "file_size"})


@dataclass(frozen=True, slots=True)
class Concept:
    """A concept and by what it was recognised: name, comment or type. `words` is the reading of the name that told."""

    name: str
    by: str
    words: Words = ()


def recognise(context: ColumnContext) -> Concept:
    """The column's concept. Every column has one; `word`, `number` and the like say that the name told nothing."""
    found = _spelled_out(context) or _recognised(context)
    if found.by == "type":
        found = _lengthened(context) or found
    if (fits := as_its_type(found.name, context)) != found.name:
        return Concept(fits, found.by, found.words)
    if kind_of(context.type) == "number" and context.column.comment:
        is_count = found.by == "comment" and found.name == "count"
        said = said_in(None if found.by == "type" or is_count else found.name, context.column.comment) or found.name
        return found if said == found.name else Concept(said, "comment", found.words)
    if kind_of(context.type) != "text":
        return found
    room = text_room(context)
    if room == _ROOM_OF_MONTHS and not _MONTHS.isdisjoint(raw_tokens(context.column.name)):
        return Concept("text_moment", "name", found.words)  # 2025-03
    name = fitted(found.name, room)
    if language_of(names_of(context), context.table.name) in LANGUAGES:
        name = coded(name, room)
    return found if name == found.name else Concept(name, found.by, found.words)


def _spelled_out(context: ColumnContext) -> Concept | None:
    """The concept of the word that the comment writes out, where the name is that word cut short and it says much."""
    column = context.column
    if text_room(context) == 1:
        return None
    names_of(context), entities_of(context)  # Noted of the table as it is.
    spelled = spelled_out(column.name, column.comment) if column.comment else None
    if spelled is None or kind_of(context.type) not in ("text", "number", "moment"):
        return None
    found = _recognised(replace(context, column=replace(column, name=spelled, comment=None)))
    return None if found.name in _VAGUE - {"code", "kind"} or found.by != "name" else found


def _lengthened(context: ColumnContext) -> Concept | None:
    """The concept of the name with its last word written out, where nothing was told by the name as it is."""
    column = context.column
    if kind_of(context.type) not in ("text", "number") or text_room(context) == 1:
        return None
    long = lengthened(column.name, language_of(names_of(context), context.table.name))
    if long is None:
        return None
    found = _recognised(replace(context, column=replace(column, name=long)))
    return found if found.by == "name" else None


def _recognised(context: ColumnContext) -> Concept:
    """The same, whatever room there is."""
    kind = kind_of(context.type)
    literal = words_of(context)
    if kind in BY_TYPE:
        return Concept(_by_type(kind, context), "type", literal)
    names = names_of(context)
    room = text_room(context)
    if room == 1 and raw_tokens(context.column.name)[-1:] in _YES_OR_NO:
        return Concept("flag_text", "name", literal)
    leading = _by_noun(kind, context, names, room)
    if leading is not None and (leading[0] == "listed" or (leading[0] == "code" and values_of(leading[1]))):
        return Concept(leading[0], "name", leading[1])
    bare = bare_name(context.column.name, context.table.name, names)
    found, words = _read(kind, literal if bare == context.column.name else tokens(bare), bare, context, names, room)
    if leading is not None and leading[0] == "label" and words in (("name",), ("label",)):
        return Concept(by_siblings("label", words, context, names), "name", words)
    if leading is not None and not (context.column.comment and _is_hollow(context.column.name)):
        named = placed(leading[0], context, names)
        return Concept(part_of_name(named, context.column.name, names), "name", words)
    vague = context.column.comment and (_is_vague(found, literal) or _is_hollow(context.column.name))
    said = vague and _commented(kind, context, names, room)
    if said:
        return Concept(said, "comment", literal)
    if found is None and language_of(names, context.table.name) in LANGUAGES:
        found, words = _by_first(kind, plain_name(context.column.name, names), context, room) or (None, words)
    last = last_of(kind, context) if found in (None, "label") else None
    if last is not None and (found is None or last[0] != "word"):
        return Concept(last[0], "name", literal if kind == "number" else last[1])
    if found in _NO_AMOUNTS and kind == "number" and has_room_for_amounts(context.type):
        found = None  # prelevement_source
    if found == "kind" and kind == "number" and "_fraction" in fractions(context.type):
        found = "percentage" if raw_tokens(bare)[:1] == ("tipo",) or "tipo" in raw_tokens(bare)[-1:] else None
    if found is not None:
        return Concept(placed(by_siblings(found, words, context, names), context, names), "name", words)
    return Concept(_plain(kind, room, context), "type", literal)


def _by_noun(kind: str, context: ColumnContext, names: Words, room: int | None) -> tuple[str, Words] | None:
    """The concept of the noun that the name begins with, in a table of a language that puts it first."""
    if kind == "text" and isinstance(context.user_type, EnumType):
        return None
    if kind == "text" and room == 1:
        found = noun_of(kind, context.type, context.column.name, context.table.name, names)
        letters = found is not None and found[0] == "listed" and min(map(len, values_of(found[1])), default=0) == 1
        return found if letters or found == ("gender", ()) else None
    found = noun_of(kind, context.type, context.column.name, context.table.name, names)
    if found is None and kind == "text" and language_of(names, context.table.name) in LANGUAGES:
        return ("full_name", ()) if is_somebody(context.column.name) else None
    return found


def _by_first(kind: str, name: str, context: ColumnContext, room: int | None) -> tuple[str, Words] | None:
    """The concept of a name's first word alone, or of what it begins, where all of it says nothing: versao_kernel."""
    pieces = raw_tokens(name)
    words = canonical(pieces[0]) if len(pieces) > 1 else ()
    found = _by_words(kind, words, context, room) if words else None
    if found is not None and not (kind == "text" and found in {*_AS_TEXT, *_AS_LAST}):
        return found, words
    return begun(name, language_of(names_of(context), context.table.name)) if kind == "text" and room != 1 else None


def _is_vague(found: str | None, literal: Words) -> bool:
    """Whether a name says so little that a comment says more: `code`, `val`, `field7`."""
    coded = found == "code" and len(literal) > 1 and literal[-1] == "code"
    return (found in _VAGUE and not coded) or all(
        word.isdigit() or len(word) == 1 or word in _HOLLOW for word in literal
    )


def _is_hollow(name: str) -> bool:
    """Whether a name only numbers columns, so that its comment says what is in it: champ1, lib2, cod_a."""
    pieces = raw_tokens(name)
    counted = any(piece.isdigit() or len(piece) == 1 for piece in pieces)
    hollow = _HOLLOW | _HOLLOW_NUMBERED if counted else _HOLLOW
    return all(piece.isdigit() or len(piece) == 1 or piece in hollow for piece in pieces)


def _commented(kind: str, context: ColumnContext, names: Words, room: int | None) -> str | None:
    """The concept that the comment's first phrase tells; None when it says no more than the name."""
    tongue = language_of(names, context.table.name)
    for phrase in phrases(context.column.comment or ""):
        spoken = tongue if tongue in LANGUAGES else language_of((phrase,), context.table.name)
        leading = said_of(kind, context.type, phrase, spoken)
        if leading not in {*_VAGUE, "listed"}:
            return leading
        found, _ = _read(kind, tokens(phrase), phrase, context, names, room)
        if found is not None and found not in _VAGUE and not (kind == "text" and found in _AS_LAST):
            return found
    return None


def _read(
    kind: str, literal: Words, name: str, context: ColumnContext, names: Words, room: int | None
) -> tuple[str | None, Words]:
    """The concept of the first reading that says something, and its words; a weak one where there is no other."""
    weak: tuple[str | None, Words] = (None, literal)
    turned = head_last(raw_tokens(name)) if is_head_first(name) else ()
    if turned and _by_words(kind, turned, context, room) == "kind":
        return "kind", turned  # Where its language puts the noun first, a type is a type: tipo_seguro.
    if kind == "text" and _leads(name, context, room):
        return "full_name", literal
    for words in _ways(kind, literal, name, context.table.name, names):
        found = _by_words(kind, words, context, room)
        if found == "label" and words == ("label",):
            # What is called a designation is the name of what the table is about.
            found = _by_words(kind, ("name",), context, room)
        if found is None or (kind == "moment" and found == "moment"):
            continue
        if found == "label" and len(words) > 1 and words[-1] == "name":
            named = _by_words(kind, words[:-1], context, room)
            found = named if named in NAMED else found
        if found in WEAK and len(words) > 1 and words[-1] in _SAID:
            said = _by_words(kind, words[:-1], context, room)
            if said not in {*WEAK, *_AS_TEXT, *_AS_LAST, "count"} and not (said or "").startswith("text_"):
                found = said  # size_label, subject_line
        if found not in WEAK or (found == "kind" and len(words) > 1 and is_of_a_kind(words)):
            return found, words
        if weak[0] is None:
            weak = (found, words)
    if kind == "moment" and weak[0] is None:
        return "moment", literal
    return weak


def _leads(name: str, context: ColumnContext, room: int | None) -> bool:
    """Whether a name begins with somebody, in a language with the noun first: chef_projet, but not cliente_email."""
    pieces = raw_tokens(name)
    if (
        len(pieces) < 2
        or pieces[0] in ENGLISH
        or pieces[0] in PLAIN
        or canonical(pieces[0]) != ("person",)
        or not is_foreign(pieces[0])
    ):
        return False
    rest = first_concept("text", tokens("_".join(pieces[1:])), entities_of(context), room)
    return rest in _LED


def _ways(kind: str, literal: Words, name: str, table: str, names: Words) -> tuple[Words, ...]:
    """The readings of a name in a column of a kind: a text called num_poliza is the number of one, not how many."""
    found = readings_of(literal, name, table, names)
    pieces = raw_tokens(name)
    if kind == "text" and len(pieces) > 1 and pieces[0] in _NUMBERS:
        return ((*tokens("_".join(pieces[1:])), "number"), *found)
    return found


def words_of(context: ColumnContext) -> Words:
    """The column's name in canonical words, without a prefix that only repeats the table's initial."""
    pieces = raw_tokens(context.column.name)
    name = context.column.name
    if len(pieces) > 1 and len(pieces[0]) <= 2 and is_initials(pieces[0], context.table.name):
        name = "_".join(pieces[1:])
    return tokens(name)


def _by_type(kind: str, context: ColumnContext) -> str:
    if kind == "isbn" and context.type.array_dims:
        return "isbn"
    return BY_TYPE[kind]


def _by_words(kind: str, words: Words, context: ColumnContext, room: int | None) -> str | None:
    entities = entities_of(context)
    if kind == "text":
        if context.user_type is not None and isinstance(context.user_type, EnumType):
            return None
        if is_listed(words) and (room is None or room > _ROOM_OF_COUNTS):
            return "listed"  # What is said of several words is more than what a rule has for one of them.
        found = first_concept("text", words, entities, room)
        if len(words) > 1:
            found = qualified(found, words, context.column.name)
        if room is not None and (found, *words[-1:]) in _CODED and _ROOM_OF_COUNTS < room <= LONGEST_CODE:
            return "code"
        if room == 1 and found in NEVER_A_CHARACTER:
            return "flag_text"
        if found in _OF_LISTS and (room is None or room > _ROOM_OF_COUNTS) and listed(words):
            return "listed"
        return found if found not in WEAK or found == "kind" else _written_out(words, entities, found, room) or found
    if kind == "number":
        found = first_concept("number", words, entities | fractions(context.type), None)
        if found == "epoch" and context.type.name not in ("int4", "int8"):
            return None
        if found is not None and len(words) > 1 and "id" in (words[0], words[-1]):
            return "code"  # sales_rep_id
        if found is None and context.type.name in INTEGER_LIMITS and words[-1:] == ("by",):
            return "count"  # cited_by
        found = measured(counted(found, context), context.column.name, words) or done(context)
        if raw_tokens(context.column.name)[-1:] == ("mn",) and found in {*_OF_DAYS, "count", "percentage"}:
            found = "duration"
        if found in _OF_DAYS and _DAYS.intersection(raw_tokens(context.column.name)[-1:]) and len(words) > 1:
            found = "duration" if language_of(names_of(context), context.table.name) in LANGUAGES else found
        if found in _OF_OPINIONS and is_a_mark(context):
            return "rating"
        shared = (
            found == "percentage"
            and _NEVER_PAID.isdisjoint(words)
            and raw_tokens(context.column.name)[-1] not in ("pct", "percent", "porc")
        )
        bounded = shared or (found == "count" and {"minimum", "maximum", "max"} & set(words))
        bounded = bounded or (found == "count" and sums(context.type))
        return "money" if bounded and has_room_for_amounts(context.type) else found
    if kind == "moment":
        return first_concept("moment", words, entities, None) or "moment"
    return None


def is_dated(words: Words) -> bool:
    """Whether the words of a name say that it is of a date or a time stamp."""
    return words == ("date",) or (len(words) > 1 and (words[-1] in (*_DATED, "expires") or words[0] == "date"))


def _written_out(words: Words, entities: frozenset[str], text: str | None, room: int | None) -> str | None:
    """The concept of a number or a moment that a text column holds; `text` is what it means as a text."""
    if len(words) > 1 and words[0] == "date":
        return "text_" + (first_concept("moment", words, entities, None) or "moment")
    if len(words) > 1 and words[-1] in ("label", "name"):
        return None  # What a tariff is called is no amount.
    if words in _CLOCKS and (room is None or room >= len("08:30")):
        return "text_clock" if room != len("2025-03-31 08:30:00") else "text_moment"
    found = first_concept("number", words, entities, None)
    short = room is not None and room <= _ROOM_OF_COUNTS
    if found == "money" and room is not None and _ROOM_OF_AMOUNTS < room < _ROOM_OF_ANYTHING:
        found = None  # pieces_chg
    if words in _DONE:
        return "text_birth_date" if words == ("birth",) else "text_moment"
    if room != 1 and (found in _AS_TEXT or (text is None and (found in _AS_LAST or (found == "count" and short)))):
        return found
    if words and words[0] in _AUXILIARIES:
        return "flag_text"
    if words[-1:] == ("hour",) or (words[:1] == ("hour",) and len(words) > 1) or words in _CLOCKS:
        return "text_clock"
    if is_dated(words):
        moment = first_concept("moment", words, entities, None) or "moment"
        return "text_" + moment
    return None


def _plain(kind: str, room: int | None, context: ColumnContext) -> str:
    if isinstance(context.user_type, EnumType):
        return "gender" if "gender" in words_of(context) else "status"
    if "range" in kind:
        return "range"
    if room == 1 and kind == "text":
        return "flag_text"  # One character holds yes or no before anything else.
    tongue = language_of(names_of(context), context.table.name)
    if kind == "number":
        found = number_without_name(context.type, context)
        several = tongue in LANGUAGES or (tongue in COMPOUNDING and is_several(context.column.name))
        return "count" if found == "number" and several and context.type.name in INTEGER_LIMITS else found
    name = context.column.name
    if kind == "text" and (does_something(name, tongue) or is_of_somebody(name, tongue, room)):
        return "full_name"
    if kind == "text" and room is not None and room >= _ROOM_OF_PEOPLE and is_doer(context.column.name, tongue):
        return "full_name"
    if kind == "text" and room is None and _is_long(context):
        return "description"
    if kind == "text" and tongue is not None:
        is_code = tongue not in LANGUAGES and room is not None and room <= _ROOM_OF_CODES and not context.unique
        return "code" if is_code else _by_room(room, context)
    return {"text": "word", "moment": "moment"}.get(kind, kind)


# Up to how many characters a text that nothing names is a code, except where the noun stands first; up to how many it
# says which, and what something is called.
_ROOM_OF_PEOPLE = 35
_ROOM_OF_CODES, _ROOM_OF_KINDS, _ROOM_OF_LABELS = 12, 30, 99


# Up to how many characters a text that nothing names is a code where the noun stands first.
_ROOM_OF_SHORT_CODES, _LONGEST_CUT = 8, 4


def _is_cut(name: str) -> bool:
    """Whether a name is one short piece, as initials are: uh, agce, ndg."""
    return len(raw_tokens(name)) == 1 and len(name) <= _LONGEST_CUT


def _by_room(room: int | None, context: ColumnContext) -> str:
    """The least that a text may be whose name says nothing, by how long it is."""
    if context.unique or room is None or room <= _ROOM_OF_COUNTS:
        return "word"
    if room <= (_ROOM_OF_CODES if _is_cut(context.column.name) else _ROOM_OF_SHORT_CODES):
        return "code"
    if room <= _ROOM_OF_KINDS:
        return "kind"
    return "label" if room <= _ROOM_OF_LABELS else "description"


def _is_long(context: ColumnContext) -> bool:
    """Whether a text is longer than others: they have a greatest length, where it has none."""
    bounded = [ref.name == "varchar" and bool(ref.modifiers) for ref in context.siblings.values()]
    return context.type.name == "text" and sum(bounded) > 1
