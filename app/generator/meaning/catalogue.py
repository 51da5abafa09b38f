"""The catalogue of meanings."""

from app.generator.values.choice import Choice
from app.generator.values.context import ColumnContext


def choose(context: ColumnContext) -> Choice:
    """The generator that the column's name, type, comment and table call for."""
    return Choice("type", {}, f"type {context.type.name}")
