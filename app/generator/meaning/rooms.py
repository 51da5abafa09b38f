"""How much a text column holds."""

from app.generator.values.context import ColumnContext

# What one character does not name, so that it says whether there is some: permite_animais.
NEVER_A_CHARACTER = frozenset(
    """animal amenity device company full_name product city country school team hotel restaurant service venue store
    vehicle_type medication diagnosis note comment description url email phone street address""".split()
)

# An identifier that is no longer is somebody's number rather than a token.
LONGEST_CODE = 20


def text_room(context: ColumnContext) -> int | None:
    """How many characters the column takes; None for any number."""
    bounds = [context.domain.max_length]
    if context.type.name in ("varchar", "bpchar") and context.type.modifiers:
        bounds.append(context.type.modifiers[0])
    if context.type.name == "char":
        bounds.append(1)
    return min((b for b in bounds if b is not None), default=None)
