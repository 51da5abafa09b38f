"""What `config.overrides` may say of a column, and what is said of it when it is wrong."""

from collections.abc import Iterable, Mapping
from typing import Any

from app.errors import OptionInvalid, OptionProblem
from app.generator.values.aggregates import NAME as AGGREGATE
from app.generator.values.choice import OVERRIDE, Choice
from app.generator.values.context import ColumnContext
from app.generator.values.entries import hint, invalid, nearest
from app.generator.values.nulls import NULL_RATE
from app.generator.values.registry import build

# What an override may say without the word "generator": the generator and the option that takes the value.
SHORT_FORMS = {
    "constant": ("constant", "value"),
    "template": ("template", "template"),
    "regex": ("regex", "regex"),
    "expression": ("expression", "expression"),
    "pattern": ("pattern", "pattern"),
}
NULL_RATE_NAME = "nullRate"
# The first word of each form, with the words that may stand beside it.
_FORMS: Mapping[str, frozenset[str]] = {
    "generator": frozenset({"options"}),
    "values": frozenset({"weights"}),
    "sequence": frozenset(),
    AGGREGATE: frozenset(),
    **{word: frozenset() for word in SHORT_FORMS},
}
REFERENCE = "reference"
_AGGREGATE_NAMES = {"foreignKey": "foreign_key"}


def override_choice(wanted: Any, context: ColumnContext) -> Choice:
    """The choice that an override in `config.overrides` stands for.

    A plain value is a constant, a list one of its values; an object names a generator or uses one of the short
    forms: {"values": [...], "weights": [...]}, {"template": "..."}, {"regex": "..."}, {"sequence": {"start": 1}},
    {"expression": "..."}. `nullRate` (0 to 1) goes with any object. Raises OptionInvalid with every fault.
    """
    choice, place = _read(wanted, context)
    try:
        build(choice, context)
    except OptionInvalid as error:
        raise _placed(error, place) from None
    return choice


def in_place(wanted: Any, error: OptionInvalid) -> OptionInvalid:
    """An error about an override's options, with their places as they stand in the override."""
    return _placed(error, (AGGREGATE,) if AGGREGATE in wanted else ("options",))


def problems_of(wanted: Any, context: ColumnContext) -> tuple[OptionProblem, ...]:
    """What is wrong with an override; () when nothing is."""
    try:
        override_choice(wanted, context)
    except OptionInvalid as error:
        return error.problems
    return ()


def null_share(value: Any, *, nullable: bool) -> float | int:
    """The value of `nullRate`. Raises OptionInvalid."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
        raise _at((NULL_RATE_NAME,), "nullRate must be between 0 and 1")
    if value and not nullable:
        raise _at((NULL_RATE_NAME,), "nullRate: the column may not be null")
    return value


def _read(wanted: Any, context: ColumnContext) -> tuple[Choice, tuple[str, ...]]:
    """The choice, and where in the override its options stand."""
    if isinstance(wanted, list):
        return Choice("one_of", {"values": wanted}, OVERRIDE), ()
    if wanted is None:
        null_share(1, nullable=context.column.nullable)
        return Choice("type", {NULL_RATE: 1}, OVERRIDE), ()
    if not isinstance(wanted, Mapping):
        return Choice("constant", {"value": wanted}, OVERRIDE), ()
    given = dict(wanted)
    shared: dict[str, Any] = {}
    for name in (NULL_RATE_NAME, NULL_RATE):
        if name in given:
            shared[NULL_RATE] = null_share(given.pop(name), nullable=context.column.nullable)
    if not given and shared:
        return Choice("type", shared, OVERRIDE), ()
    form = next((word for word in _FORMS if word in given), None)
    if form is None:
        raise _unknown_words(given, _FORMS, "an override is a value, a list, or an object with one of")
    extra = [word for word in given if word != form and word not in _FORMS[form]]
    if extra:
        allowed = (form, *sorted(_FORMS[form]), NULL_RATE_NAME)
        raise _unknown_words(extra, allowed, f"an override with {form} has nothing but")
    return _read_form(form, given, shared)


def _read_form(form: str, given: Mapping[str, Any], shared: Mapping[str, Any]) -> tuple[Choice, tuple[str, ...]]:
    if form == "generator":
        name, options = given["generator"], given.get("options", {})
        if not isinstance(name, str) or not isinstance(options, Mapping):
            raise invalid("generator must be a name and options an object")
        return Choice(name, {**options, **shared}, OVERRIDE), ("options",)
    if form == "values":
        return Choice("one_of", {**given, **shared}, OVERRIDE), ()
    if form == "sequence":
        is_object = isinstance(given["sequence"], Mapping)
        options = given["sequence"] if is_object else {"start": given["sequence"]}
        return Choice("sequence", {**options, **shared}, OVERRIDE), ("sequence",) if is_object else ()
    if form == AGGREGATE:
        if not isinstance(given[form], Mapping):
            raise _at((form,), "aggregate must be an object of table, function and expression")
        options = {_AGGREGATE_NAMES.get(name, name): value for name, value in given[form].items()}
        return Choice(AGGREGATE, {**options, **shared}, OVERRIDE), (form,)
    generator, option = SHORT_FORMS[form]
    return Choice(generator, {option: given[form], **shared}, OVERRIDE), ()


def _unknown_words(words: Iterable[str], allowed: Iterable[str], what: str) -> OptionInvalid:
    known = list(allowed)
    problems = []
    for word in words:
        if word == REFERENCE:
            problems.append(OptionProblem((word,), "reference is for columns of a foreign key"))
            continue
        meant = nearest(word, [*known, NULL_RATE_NAME])
        message = f"{what} {', '.join(known)}; not {word!r}{per_parent_hint(word) or hint(meant)}"
        problems.append(OptionProblem((str(word),), message, meant))
    if not problems:
        return invalid(f"{what} {', '.join(known)}")
    return OptionInvalid("; ".join(p.message for p in problems), tuple(problems))


def per_parent_hint(word: object) -> str:
    """Where `perParent` belongs, for whoever wrote it into an override."""
    told = str(word).replace("_", "").lower() == "perparent"
    return ", which is a table's: {'rows': {TABLE: {'perParent': {'min': 1, 'max': 5}}}}" if told else ""


def _at(path: tuple[str, ...], message: str) -> OptionInvalid:
    return OptionInvalid(message, (OptionProblem(path, message),))


def _placed(error: OptionInvalid, place: tuple[str, ...]) -> OptionInvalid:
    """The error with its options' places as they stand in the override."""
    problems = tuple(
        OptionProblem((*place, *p.path) if p.path and p.path != ("generator",) else p.path, p.message, p.meant)
        for p in error.problems
    )
    return OptionInvalid(error.message, problems)
