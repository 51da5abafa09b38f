"""How often a nullable column is null."""

from app.generator.values.choice import Choice
from app.generator.values.context import ColumnContext


def null_rate(choice: Choice, context: ColumnContext) -> int:
    """Nulls per million rows that are natural for the column; 0 where it may not be null."""
    return 50_000 if context.column.nullable and context.domain.nullable else 0
