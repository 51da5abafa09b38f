"""What functions of text take: text, in the forms that Postgres accepts for it."""

from collections.abc import Callable, Sequence
from typing import Any

from app.generator.expressions.casts import coerce
from app.generator.expressions.kinds import STRINGS, TEXT, Kind
from app.generator.expressions.nodes import ExpressionUnknown
from app.generator.expressions.operands import Operand, lift_scalar

Builder = Callable[[Sequence[Operand]], Operand]


def text_of(operand: Operand) -> Operand:
    """An argument declared text: other strings are cast, quoted literals read."""
    if operand.kind.name not in STRINGS:
        raise ExpressionUnknown(f"a value of type {operand.kind} where text is expected")
    return coerce(operand, TEXT)


def raw_text(operand: Operand) -> Operand:
    """The subject of a pattern: char(n) keeps its padding there, as Postgres has it."""
    if operand.kind.name in ("bpchar", "citext", "name"):
        return Operand(TEXT, operand.run, operand.columns, operand.value)
    return text_of(operand)


def constant_text(operand: Operand, what: str) -> str:
    """The text of a constant. Raises ExpressionUnknown for anything else."""
    found = text_of(operand)
    if found.value is None or found.is_null:
        raise ExpressionUnknown(f"{what} that is no constant")
    return str(found.constant())


def scalar(kind: Kind, function: Callable[..., Any], *kinds: Kind) -> Builder:
    """A function evaluated once per distinct combination of arguments; missing trailing arguments stay missing."""

    def build(arguments: Sequence[Operand]) -> Operand:
        if len(arguments) > len(kinds):
            raise ExpressionUnknown("a call with so many arguments")
        typed = [
            text_of(argument) if kind_ == TEXT else coerce(argument, kind_)
            for argument, kind_ in zip(arguments, kinds, strict=False)
        ]
        return lift_scalar(kind, function, *typed)

    return build
