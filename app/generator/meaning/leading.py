"""The noun that a column's name says its kind of value by, wherever the table's language puts it."""

from app.generator.meaning.compounds import ended, last_noun
from app.generator.meaning.counting import has_room_for_amounts
from app.generator.meaning.cutting import cut_short, long_name, settled
from app.generator.meaning.heads import LANGUAGES, headed
from app.generator.meaning.languages import is_own, language_of
from app.generator.meaning.owned import owned
from app.generator.meaning.prefixed import described, prefixed
from app.generator.meaning.readings import Words, plain_name
from app.generator.meaning.tables import names_of
from app.generator.snapshot.model import TypeRef
from app.generator.values.context import ColumnContext

# What a noun says so little by that the whole name may say more.
_WEAK = frozenset({"description", "label", "condition", "kind", "headline"})


def noun_of(kind: str, ref: TypeRef, name: str, table: str, names: Words) -> tuple[str, Words] | None:
    """The concept of the noun that decides before the rules do, and the key of its list; None for most names."""
    plain, tongue = plain_name(name, names), language_of(names, table)
    wanted = _wanted(kind, ref)
    if (had := owned(wanted, name, tongue, names)) is not None:
        return had, ()
    if (said := prefixed(wanted, ref, plain, tongue)) is not None:
        return said, ()
    plain = settled(plain, tongue)
    found = headed(wanted, plain, tongue) or ended(wanted, plain, tongue)
    # fnc_oms is a job, whatever an oms is.
    found = None if found is not None and found[0] in _WEAK and is_own(plain, tongue) else found
    found = found or cut_short(wanted, plain, tongue)
    long = plain if found else long_name(plain, tongue)
    found = found if long == plain else headed(wanted, long, tongue)
    return found if found is None or kind != "text" else (described(found[0], ref, plain, tongue), found[1])


def said_of(kind: str, ref: TypeRef, phrase: str, language: str | None) -> str | None:
    """The concept of the noun that a comment's phrase begins with, in a language that puts it first."""
    found = headed(_wanted(kind, ref), phrase, language) if language in LANGUAGES else None
    return None if found is None else found[0]


def last_of(kind: str, context: ColumnContext) -> tuple[str, Words] | None:
    """The concept of the noun that the name ends with, where no rule says anything."""
    names = names_of(context)
    plain, wanted = plain_name(context.column.name, names), _wanted(kind, context.type)
    found = ended(wanted, plain, language_of(names, context.table.name), known=True)
    return found or last_noun(wanted, plain)


def _wanted(kind: str, ref: TypeRef) -> str:
    return "cents" if kind == "number" and has_room_for_amounts(ref) else kind
