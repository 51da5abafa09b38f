"""What Postgres cannot compute of every argument: such an expression refuses rows, wherever it stands."""

import re

_FUNCTIONS = re.compile(
    r"\b(?:sqrt|ln|log|make_date|make_time|make_timestamp|get_byte|chr|to_date|to_timestamp|factorial|width_bucket"
    r"|int4range|int8range|numrange|daterange|tsrange|tstzrange)\("
)
_DIVISION = re.compile(r"[/%] \(*[^\d( ]")


def is_partial(expression: str) -> bool:
    """Whether it divides by what is no constant, or calls a function that is not there for every argument.

    An expression as Postgres writes it. Casts are left to whoever knows what is cast.
    """
    return bool(_DIVISION.search(expression) or _FUNCTIONS.search(expression))
