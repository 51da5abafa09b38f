"""How often a nullable column is null."""

from fractions import Fraction

from app.generator.values.choice import OVERRIDE, Choice
from app.generator.values.context import ColumnContext

# The option, common to all generators, by which an override says its own rate (0 to 1).
NULL_RATE = "null_rate"
_MILLION = 1_000_000
_DEFAULT = 40_000
# By generator, where its values are more or less often missing than others'.
_RATES = {
    "middle_name": 600_000,
    "phone": 120_000,
    "bio": 350_000,
    "note": 600_000,
    "comment": 300_000,
    "error_message": 800_000,
    "birth_date": 80_000,
    "email": 20_000,
    "first_name": 10_000,
    "last_name": 10_000,
    "full_name": 10_000,
    "boolean": 10_000,
    "status": 0,
    "sequence": 0,
    "outline": 0,
    "outline_parent": 0,
    "price": 10_000,
    "product_of": 0,
    "elapsed": 0,
    "aggregate": 0,
    "sum_of": 0,
    "constant": 0,
    "expression": 0,
    "template": 0,
    "gender": 50_000,
    "url": 300_000,
    "description": 60_000,
}


def null_rate(choice: Choice, context: ColumnContext) -> int:
    """Nulls per million rows that are natural for the column; 0 where it may not be null.

    A column whose nulls depend on another (`when`) makes them itself, and has none on top. What a person asked for
    has no nulls that were not asked for.
    """
    if not (context.column.nullable and context.domain.nullable):
        return 0
    if NULL_RATE in choice.options:
        return int(Fraction(str(choice.options[NULL_RATE])) * _MILLION)
    if "when" in choice.options or choice.why == OVERRIDE:
        return 0
    if context.domain.null_hint and not context.domain.null_only:
        return max(_RATES.get(choice.generator, _DEFAULT), 300_000)
    return _RATES.get(choice.generator, _DEFAULT)
