"""Text for columns whose checks are regular expressions."""

from app.generator.values.context import ColumnContext
from app.generator.values.generator import Generator


def pattern_text(context: ColumnContext) -> Generator | None:
    """A generator of text that matches the domain's patterns; None when it has none."""
    return None
