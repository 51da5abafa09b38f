"""One column's wish as an override of `config.overrides`, on top of what the plan has for the column."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time
from typing import Any

from app.generator.plan import ColumnPlan, Plan, TablePlan
from app.generator.prompt.overrides import ColumnWish, Correlation, Value
from app.generator.prompt.schema_words import SchemaWords
from app.generator.values.kinds import INTEGER_LIMITS, MOMENT_TYPES, NUMBER_TYPES
from app.generator.values.statuses import status_weights

# These take bounds and keep what else they mean.
_BOUNDED = frozenset({"number", "price", "age", "product_of", "sum_of", "share_of"})
_SPREAD = frozenset({"number", "price"})
_FREE_OF_MOMENTS = ("days_ago", "days_ahead", "until_days_ago", "year_of", "min", "max")
_SHARE_UNITS = 10_000
_LAST_MOMENT = time(23, 59, 59, 999999)


class Unserved(Exception):
    """A wish that the column cannot have; the message says why, for people."""


def override_for(schema: SchemaWords, table: TablePlan, column: ColumnPlan, wish: ColumnWish) -> dict[str, Any]:
    """The override that serves a wish. Raises Unserved."""
    if column.generator == "generated":
        raise Unserved("Postgres computes this column")
    if column.generator == "slot":
        raise Unserved("a constraint on overlaps decides this column")
    if column.generator == "reference":
        if wish.null_rate is not None and _says_only_nulls(wish):
            return {"nullRate": _rate(column, wish.null_rate)}
        raise Unserved("a foreign key fills this column: its values are those of the table that it refers to")
    if column.base.array_dims and not (wish.values is not None or _says_only_nulls(wish)):
        raise Unserved("the column holds arrays")
    generator, options = column.generator, dict(column.options)
    nulls = options.pop("null_rate", None)
    if wish.values is not None:
        generator, options = "one_of", _listed(column, wish.values, wish.weights)
    elif wish.shares is not None:
        generator, options = "one_of", _shared(schema, table, column, wish.shares)
    elif wish.true_rate is not None:
        generator, options = _flag(column, wish.true_rate)
    if wish.min is not None or wish.max is not None:
        generator, options = _bounded(column, generator, options, wish)
    if wish.from_ is not None or wish.to is not None:
        generator, options = _dated(schema.plan, column, generator, options, wish)
    if wish.distribution is not None:
        if generator not in _SPREAD:
            raise Unserved(f"{generator} has no distribution to choose")
        options["distribution"] = wish.distribution
    found: dict[str, Any] = {"generator": generator, "options": options}
    if wish.null_rate is not None:
        options.pop("when", None)
        nulls = _rate(column, wish.null_rate)
    if nulls is not None and column.nullable:
        found["nullRate"] = nulls
    return found


def dependencies(options: Mapping[str, Any]) -> set[str]:
    """The columns that a generator with these options reads."""
    found: set[str] = set()
    for name in ("of", "plus", "minus", "first", "last", "name"):
        value = options.get(name)
        found |= set(value) if isinstance(value, list | tuple) else {value} if isinstance(value, str) else set()
    when = options.get("when")
    return found | ({str(when.get("column"))} if isinstance(when, Mapping) else set())


def correlated(
    table: TablePlan, column: ColumnPlan, bond: Correlation, follows: Mapping[str, set[str]]
) -> dict[str, Any]:
    """The override for a column that follows others of its row; `follows` is what each column reads.

    Raises Unserved.
    """
    pending, seen = list(bond.of), set()
    while pending:
        name = pending.pop()
        if name == column.name:
            raise Unserved(f"{column.name} would depend on itself")
        if name not in seen:
            seen.add(name)
            pending += follows.get(name, ())
    known = {c.name: c for c in table.columns}
    missing = [name for name in bond.of if name not in known or name == column.name]
    if missing:
        raise Unserved(f"{table.name} has no other column {missing[0]!r}")
    if column.generator in ("reference", "generated", "slot", "sequence"):
        raise Unserved("the column is filled by a key, a foreign key or Postgres itself")
    options: dict[str, Any]
    match bond.kind:
        case "after" | "before":
            generator, options = "later", {"of": list(bond.of)}
            if bond.kind == "before":
                options["before"] = True
        case "product":
            generator, options = "product_of", {"of": list(bond.of)}
        case "sum":
            generator, options = "sum_of", {"plus": list(bond.of)}
        case "share":
            generator, options = "share_of", {"of": bond.of[0]}
    return {"generator": generator, "options": options}


def _says_only_nulls(wish: ColumnWish) -> bool:
    others = (wish.values, wish.shares, wish.true_rate, wish.min, wish.max, wish.from_, wish.to, wish.distribution)
    return all(other is None for other in others)


def _rate(column: ColumnPlan, rate: float) -> float:
    if rate and not column.nullable:
        raise Unserved("the column may not be null")
    return rate


def _listed(column: ColumnPlan, values: Sequence[Value], weights: Sequence[float] | None) -> dict[str, Any]:
    if weights is not None and len(weights) != len(values):
        raise Unserved("weights has another length than values")
    if weights is not None and not any(weights):
        raise Unserved("all weights are zero")
    options: dict[str, Any] = {"values": [_literal(column, value) for value in values]}
    if weights is not None:
        options["weights"] = [round(weight * _SHARE_UNITS) for weight in weights]
    return options


def _literal(column: ColumnPlan, value: Value) -> Value:
    """A value in the column's own form: 5 for a column of numbers, also where `5` was written."""
    name = column.base.name
    if name == "bool" and isinstance(value, str):
        return value.lower() in ("true", "yes", "t", "y", "1")
    if name in NUMBER_TYPES and isinstance(value, str):
        try:
            number = float(value)
        except ValueError:
            raise Unserved(f"{value!r} is no number") from None
        return int(number) if number == int(number) else number
    if name not in NUMBER_TYPES and name != "bool" and not isinstance(value, str):
        return str(value)
    return value


def _shared(schema: SchemaWords, table: TablePlan, column: ColumnPlan, shares: Mapping[str, float]) -> dict[str, Any]:
    """Shares of single values, and what is left for the others in the proportion that they had."""
    known = list(schema.known_values(table, column))
    unknown = [value for value in shares if known and value not in known]
    if unknown:
        raise Unserved(f"{unknown[0]!r} is none of {', '.join(known[:20])}")
    told = sum(shares.values())
    if told > 100.01:
        raise Unserved(f"the shares add up to {told:g} %")
    others = [value for value in known if value not in shares]
    left = max(0.0, 100 - told)
    if left > 0.01 and not others and not known:
        raise Unserved(f"what the other {left:g} % would be is not known: the column is not a list of values")
    usual = _usual_weights(column, known)
    total = sum(usual[value] for value in others)
    weights = {value: round(share * _SHARE_UNITS) for value, share in shares.items()}
    if left > 0.01 and total:
        weights |= {value: round(left * _SHARE_UNITS * usual[value] / total) for value in others}
    chosen = {value: weight for value, weight in weights.items() if weight}
    if not chosen:
        raise Unserved("that leaves no value")
    return {"values": list(chosen), "weights": list(chosen.values())}


def _usual_weights(column: ColumnPlan, known: Sequence[str]) -> dict[str, float]:
    weights = column.options.get("weights")
    values = column.options.get("values")
    if isinstance(weights, list) and isinstance(values, list) and len(weights) == len(values):
        given = dict(zip(values, weights, strict=True))
        return {value: float(given.get(value, 0)) for value in known}
    if column.generator == "status":
        return dict(zip(known, map(float, status_weights(known)), strict=True))
    return dict.fromkeys(known, 1.0)


def _flag(column: ColumnPlan, rate: float) -> tuple[str, dict[str, Any]]:
    if column.base.name != "bool":
        raise Unserved("the column is not boolean")
    return "boolean", {"true": rate}


def _bounded(
    column: ColumnPlan, generator: str, options: dict[str, Any], wish: ColumnWish
) -> tuple[str, dict[str, Any]]:
    low, high = wish.min, wish.max
    if low is not None and high is not None and low > high:
        raise Unserved("min is more than max")
    if generator == "birth_date":
        ages = {"min_age": low, "max_age": high}
        return generator, {**options, **{name: int(age) for name, age in ages.items() if age is not None}}
    if column.base.name not in NUMBER_TYPES:
        raise Unserved(f"min and max are for numbers, and {column.base.name} is none")
    if generator == "one_of":
        raise Unserved("the column has a list of values already")
    if generator not in _BOUNDED:
        generator, options = "number", {}
    found = dict(options)
    if low is not None:
        found["min"] = _whole(column, low)
        if high is None and "max" in found and found["max"] < low:
            found["max"] = _whole(column, low * 10)
    if high is not None:
        found["max"] = _whole(column, high)
        if low is None and "min" in found and found["min"] > high:
            found.pop("min")
    return generator, found


def _whole(column: ColumnPlan, number: float) -> float:
    return int(number) if column.base.name in INTEGER_LIMITS or number == int(number) else number


def _dated(
    plan: Plan, column: ColumnPlan, generator: str, options: dict[str, Any], wish: ColumnWish
) -> tuple[str, dict[str, Any]]:
    if column.base.name not in MOMENT_TYPES:
        raise Unserved(f"dates are for dates and time stamps, and {column.base.name} is none")
    start, end = _day(wish.from_), _day(wish.to)
    if start is not None and end is not None and start > end:
        raise Unserved("from is after to")
    kept = {name: value for name, value in options.items() if name not in _FREE_OF_MOMENTS}
    is_date = column.base.name == "date"
    if generator not in ("timestamp", "later"):
        generator, kept = "timestamp", {}
    if start is not None:
        kept["min"] = start.isoformat() if is_date else datetime.combine(start, time()).isoformat()
    if end is not None:
        kept["max"] = end.isoformat() if is_date else _end_of(end, plan.reference).isoformat()
    if generator == "later" and end is not None and end > plan.reference.date():
        kept["future"] = True
    return generator, kept


def _end_of(day: date, reference: datetime) -> datetime:
    """The last moment of a day; of the day that it is, now."""
    now = reference.replace(tzinfo=None)
    return now if day == now.date() else datetime.combine(day, _LAST_MOMENT)


def _day(text: str | None) -> date | None:
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Unserved(f"{text} is no date") from None
