"""Numbers written by to_char: templates of digits, such as `FM000000`."""

import math
import re
from decimal import ROUND_HALF_UP, Decimal

from app.generator.expressions.nodes import ExpressionUnknown
from app.generator.expressions.vectors import Fails

_TEMPLATE = re.compile(r"(FM)?([09]{1,18})", re.IGNORECASE)


class DigitTemplate:
    """A template of nothing but digits. Raises ExpressionUnknown for any other."""

    def __init__(self, template: str) -> None:
        found = _TEMPLATE.fullmatch(template)
        if found is None:
            raise ExpressionUnknown(f"to_char with the template {template}")
        digits = found[2]
        self._filled = found[1] is None
        self._width = len(digits)
        # From the first 0 on the places are filled with zeros.
        self._zeros = self._width - digits.index("0") if "0" in digits else 1

    def write(self, value: int | Decimal | float) -> str:
        """The number as Postgres writes it: rounded, the sign before its first digit, `#` where it is too long."""
        if isinstance(value, float) and not math.isfinite(value):
            raise Fails("to_char of a number without end")
        # As printf rounds a float, and as numeric rounds itself.
        whole = round(value) if not isinstance(value, Decimal) else int(value.quantize(Decimal(1), ROUND_HALF_UP))
        text = str(abs(whole)).rjust(self._zeros, "0")
        if len(text) > self._width:
            text = "#" * self._width
        negative = math.copysign(1, value) < 0 if isinstance(value, float) else whole < 0
        sign = "-" if negative else " " if self._filled else ""
        return (sign + text).rjust(self._width + 1) if self._filled else sign + text
