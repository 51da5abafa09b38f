"""What a number's name and type say of how it counts: several of something, hours, shares, flags."""

from collections.abc import Callable, Iterable

from app.generator.meaning.naming import raw_tokens, singular, tokens
from app.generator.meaning.tables import entities_of
from app.generator.meaning.words import ENGLISH, PLAIN
from app.generator.snapshot.model import TypeRef
from app.generator.values.context import ColumnContext
from app.generator.values.kinds import INTEGER_LIMITS

_PARTICIPLES = ("ed", "ado", "ada", "ido", "ida", "ato", "ata", "uto", "uta", "eerd", "iert")
_SHORTEST_PARTICIPLE = 5
DIGITS_OF_SHARES = 3
# So many digits before the cents are those of sums, whatever stands beside them.
DIGITS_OF_SUMS = 10
PRECISION_AND_SCALE = CENTS = 2
_NUMBER_WORDS = frozenset({"numero", "nro", "nombre", "num", "nb", "nbre"})
_HOW_MANY = frozenset({"aantal", "aant", "anzahl", "anz"})
# What a number is read as that may as well be how many there are.
_NUMBERED = frozenset({None, "code", "position", "number"})
# What stands beside other measurements.
# What is never a fraction.
_COUNTED = frozenset("points point pts score votes vote shares units unit credits qty quantity stock count cnt".split())
_WHOLE = frozenset({"position", "level", "priority", "month", "day", "weekday_number", "hour", "port", "http_status"})
_MEASURED = frozenset({"measure", "temperature", "latitude", "longitude"})
_UNITS_OF_TIME = frozenset({"day", "month", "year", "hour"})
_OFTEN_TIMES = frozenset({"count", "percentage", "number", "code", "level", "position"})
_TIMES = frozenset(
    """days mois monaten weeks months years hours tage wochen monate jahre stunden jours semaines annees ans heures
    dias semanas meses anos horas dagen weken maanden jaren uren giorni settimane mesi anni ore mos mths mnths
    wks yrs hrs""".split()
)
# As German and Dutch write them on: urlaubstage, nutzungsjahre.
_TIMES_WRITTEN_ON = ("tage", "wochen", "monate", "jahre", "stunden", "dagen", "weken", "maanden", "jaren", "uren")
# What is counted in whole numbers, where one of it is an amount.
_DEALT = frozenset(
    (word,) for word in "bids offers loans payments donations refunds purchases deposits coupons".split()
)
# What is paid, though there are several of it.
_PAID = frozenset("sales taxes fees costs charges expenses earnings wages payments dues savings funds assets".split())
# How much there is of goods, which may be weighed in hundredths: quantidadeemestoque.
_WEIGHED = ("quant", "qtd", "cantid", "stock", "estoque", "existenc", "giacenz")
_PER_TIME = frozenset({"monthly", "annual", "annually", "yearly", "weekly", "quarterly"})


def counted(found: str | None, context: ColumnContext) -> str | None:
    """What several of something make of a number: hours are a time, and things that no rule knows are counted."""
    name = context.column.name
    last = raw_tokens(name)[-1:]
    if found is None and context.type.name in INTEGER_LIMITS and _starts_with_many(name):
        return "count"  # bottles_left
    if found in _UNITS_OF_TIME and len(raw_tokens(name)) > 2 and raw_tokens(name)[-2].isdigit():
        return "count"  # sinistri_5anni
    bare = context.type.name == "numeric" and not context.type.modifiers  # of no scale, so whole as well
    if found in ("year", "birth_year") and not bare and "_fraction" in fractions(context.type):
        return None  # jahreseink
    several = last and singular(last[0]) != last[0] and last[0] not in ("cents", "cent", "dollars", "euros", "gross")
    if found == "money" and context.type.name == "int2" and several:
        return "count"  # w4_allowances
    weighed = any(piece.startswith(_WEIGHED) for piece in raw_tokens(name))
    if found == "count" and has_room_for_amounts(context.type) and not weighed and not _COUNTED & set(raw_tokens(name)):
        return "money"  # Nothing is counted in cents.
    if found == "code" and not bare and "_fraction" in fractions(context.type):
        return "money" if has_room_for_amounts(context.type) else "measure"  # result_num
    if found in _WHOLE and has_room_for_amounts(context.type):
        return "money"  # Freistellung: what is no amount has no cents.
    if found == "money" and context.type.name == "numeric" and context.type.modifiers[1:] == (1,):
        return "measure"  # Amounts have cents, or none at all: haemoglobinwert.
    if found in _NUMBERED and (_is_number_of_several(name) or _is_small_number_of(name, context)):
        return "count"
    many = context.type.name in INTEGER_LIMITS and len(raw_tokens(name)) > 1 and raw_tokens(name)[0] in _HOW_MANY
    if many and found in ("money", "quantity", "percentage", "measure", "number", None):
        return "count"  # aantal_te_laat
    if found == "code" and last and context.type.name in INTEGER_LIMITS and singular(last[0]) != last[0]:
        return "count"  # berths
    if found == "salary" and last == ("pay",) and not {"base", "annual", "yearly"} & set(raw_tokens(name)):
        return "money"  # patient_pay
    if found == "epoch" and last and singular(last[0]) != last[0]:
        return "count"  # changed_files
    if (
        found in _OFTEN_TIMES
        and last
        and {raw_tokens(name)[0], last[0]} & _TIMES
        and context.type.name in ("int2", "int4")
    ):
        return found if {"vacation", "trial"} & set(raw_tokens(name)) else "duration"  # follow_up_in_days
    if found == "position" and raw_tokens(name)[-1:] == ("steps",):
        return "count"
    if found == "money" and context.type.name in ("int2", "int4") and last in (("total",), ("tot",)):
        several = _starts_with_many(name) and raw_tokens(name)[0] not in _PAID
        return "count" if several else found  # pages_total
    if found == "money" and context.type.name in ("int2", "int4") and raw_tokens(name)[-1:] in _DEALT:
        return "count"
    if found in _UNITS_OF_TIME and is_plural(name):
        return "duration"
    if last and last[0] in _PER_TIME and fractions(context.type):
        return "money"  # insurance_annual
    if found == "money" and last and last[0] in _TIMES:
        return "duration"  # balance_hours
    if found is None and context.type.name in INTEGER_LIMITS and last and singular(last[0]) != last[0]:
        return "count"  # yellow_cards
    return found


_PER = frozenset("pro per je p".split())
_SPANS = (
    "wo",
    "wk",
    "week",
    "tag",
    "dag",
    "day",
    "mon",
    "mnd",
    "maand",
    "jahr",
    "jaar",
    "year",
    "hour",
    "stunde",
    "uur",
)
_LASTING = ("std", "stund", "hrs", "hour", "uur", "uren", "min", "tage", "dagen", "days", "wochen", "weken", "ur")


def as_its_type(found: str, context: ColumnContext) -> str:
    """A concept, or what it is instead in a type that it does not fit, or by the time that it is counted in."""
    if found in ("money", "salary") and context.type.name == "numeric" and context.type.modifiers[1:] == (1,):
        return "measure"  # Amounts have cents, or none at all.
    if found == "money" and context.type.name == "int2":
        return "count"  # Nothing that is paid is so small: achterst_mnd.
    return "count" if found == "duration" and _is_so_many_per_time(context.column.name) else found


def _is_so_many_per_time(name: str) -> bool:
    """Whether a name says how many of something there are in a week or a day: EinsProWo, but not stunden_pro_woche."""
    pieces = raw_tokens(name)
    if len(pieces) < PRECISION_AND_SCALE + 1 or pieces[-2] not in _PER or not pieces[-1].startswith(_SPANS):
        return False
    return not pieces[-3].startswith(_LASTING)


def _starts_with_many(name: str) -> bool:
    """Whether a name of several words begins with the plural of a noun that English has."""
    first, *rest = raw_tokens(name) or ("",)
    single = singular(first)
    return bool(rest) and single != first and (single in ENGLISH or single in PLAIN)


def _is_number_of_several(name: str) -> bool:
    """Whether a name begins with a number of several things: numero_quartos, numeroCapitoli."""
    pieces = raw_tokens(name)
    if len(pieces) < 2 or pieces[0] not in _NUMBER_WORDS:
        return False
    return pieces[-1].endswith(("s", "i")) and not pieces[-1].endswith(("us", "is", "ss"))


def _is_small_number_of(name: str, context: ColumnContext) -> bool:
    """Whether a name that begins with a number of something is in a type too small for what is numbered: num_huesp."""
    pieces = raw_tokens(name)
    numbered = len(pieces) > 1 and (pieces[0] in _NUMBER_WORDS or pieces[-1] in ("no", "nr", "num", "number"))
    return context.type.name == "int2" and numbered


def done(context: ColumnContext) -> str | None:
    """A participle in a column of whole numbers: a flag where only flags are so small, else how many there are."""
    last = "".join(raw_tokens(context.column.name)[-1:])
    if context.type.name not in INTEGER_LIMITS or len(last) < _SHORTEST_PARTICIPLE:
        return None
    first = raw_tokens(context.column.name)[0]
    if last.endswith("ed") and singular(first) != first and first not in ("is", "has", "was"):
        return "count"  # points_earned
    if context.type.name == "int2":
        return "flag_number" if last.endswith(_PARTICIPLES) else None
    return "count" if last.endswith("ed") else None


def is_plural(name: str) -> bool:
    """Whether a name begins or ends with several days or years: how many, not which."""
    pieces = raw_tokens(name)
    if not pieces:
        return False
    written_on = pieces[-1].endswith(_TIMES_WRITTEN_ON) and pieces[-1] not in PLAIN
    return pieces[0] in _TIMES or pieces[-1] in _TIMES or written_on


def fractions(ref: TypeRef) -> frozenset[str]:
    """Marks: for types with decimals, in which totals are amounts rather than counts; for those of measurements; for
    types of small numbers."""
    decimals = ref.name in ("float4", "float8", "money") or (
        ref.name == "numeric" and (len(ref.modifiers) != 1 and ref.modifiers[1:] != (0,))
    )
    found = {"_fraction"} if decimals else set()
    if ref.name in ("float4", "float8"):
        found.add("_real")
    if ref.name == "int8":
        found.add("_wide")
    if ref.name == "int2" or (ref.name == "numeric" and ref.modifiers and whole_digits(ref) <= DIGITS_OF_SHARES):
        found.add("_small")
    return frozenset(found)


def sums(ref: TypeRef) -> bool:
    """Whether a type is that of large sums with cents, in which nothing is counted: numeric(12,2)."""
    return has_room_for_amounts(ref) and whole_digits(ref) >= DIGITS_OF_SUMS


def plain_number(ref: TypeRef, around: Callable[[], Iterable[str | None]]) -> str:
    """What a number is whose name says nothing; `around` gives the concepts of the table's other columns.

    Two digits after the point are cents where there is room for amounts, unless the table is of measurements only; in
    less room, among amounts, they are shares of a hundred. Others measure something.
    """
    if ref.name == "money":
        return "money"
    if ref.name != "numeric" or len(ref.modifiers) < PRECISION_AND_SCALE or ref.modifiers[1] == 0:
        return "number"
    concepts = list(around())
    measured = sum(concept in _MEASURED for concept in concepts) > 1
    if ref.modifiers[1] != CENTS or (whole_digits(ref) <= DIGITS_OF_SHARES and (measured or "money" not in concepts)):
        return "measure"
    if whole_digits(ref) <= DIGITS_OF_SHARES:
        return "percentage"
    return "money" if not measured or "money" in concepts or whole_digits(ref) >= DIGITS_OF_SUMS else "measure"


def whole_digits(ref: TypeRef) -> int:
    return ref.modifiers[0] - (ref.modifiers[1] if len(ref.modifiers) > 1 else 0)


def is_a_mark(context: ColumnContext) -> bool:
    """Whether a number is so small, in a table of reviews, that it says how good something was: cleanliness."""
    ref = context.type
    small = ref.name == "int2" or (ref.name == "numeric" and ref.modifiers[1:] == (1,) and whole_digits(ref) == 1)
    return small and ("review" in tokens(context.table.name) or "comment" in entities_of(context))


def has_room_for_amounts(ref: TypeRef) -> bool:
    """Whether a type has room for cents of thousands, so that a commission in it is an amount."""
    return (
        ref.name == "numeric"
        and len(ref.modifiers) == PRECISION_AND_SCALE
        and ref.modifiers[1] == CENTS
        and whole_digits(ref) > DIGITS_OF_SHARES
    )
