"""What a column means, by its name, type, comment and table, and which generator that calls for."""

from app.generator.meaning.catalogue import choose
from app.generator.values.choice import Choice
from app.generator.values.nulls import null_rate

__all__ = ["Choice", "choose", "null_rate"]
