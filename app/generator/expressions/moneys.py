"""Arithmetic of money: in hundredths, rounded to the nearest."""

from decimal import ROUND_DOWN, ROUND_HALF_EVEN, Decimal

from app.generator.expressions.casts import coerce
from app.generator.expressions.kinds import FLOAT8, INTEGERS, NUMBERS, Kind
from app.generator.expressions.operands import Operand, lift_scalar
from app.generator.expressions.text_forms import read_money
from app.generator.expressions.vectors import Fails

_MONEY = Kind("money")
_CENT = Decimal("0.01")


def arithmetic(name: str, left: Operand, right: Operand) -> Operand | None:
    """`left name right` where one of them is money; None for anything else."""
    kinds = left.kind.name, right.kind.name
    if "money" not in kinds:
        return None
    if kinds == ("money", "money") or (name in ("+", "-") and "unknown" in kinds):
        a, b = coerce(left, _MONEY), coerce(right, _MONEY)
        if name == "/":
            return lift_scalar(FLOAT8, lambda x, y: float(read_money(x) / _divisor(read_money(y))), a, b)
        sign = {"+": 1, "-": -1}.get(name)
        return (
            None if sign is None else lift_scalar(_MONEY, lambda x, y: str(read_money(x) + sign * read_money(y)), a, b)
        )
    if name not in ("*", "/") or (name == "/" and kinds[0] != "money"):
        return None
    amount, factor = (left, right) if kinds[0] == "money" else (right, left)
    if factor.kind.name not in NUMBERS:
        return None
    # Whole numbers divide without a rest.
    rounding = ROUND_DOWN if name == "/" and factor.kind.name in INTEGERS else ROUND_HALF_EVEN

    def scaled(text: str, by: object) -> str:
        number = Decimal(str(by))
        found = read_money(text) * number if name == "*" else read_money(text) / _divisor(number)
        return str(found.quantize(_CENT, rounding))

    return lift_scalar(_MONEY, scaled, amount, factor)


def _divisor(number: Decimal) -> Decimal:
    if not number:
        raise Fails("division by zero")
    return number
