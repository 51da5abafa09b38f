"""LIKE and SIMILAR TO patterns as regular expressions."""

from app.generator.expressions.nodes import ExpressionUnknown

_SPECIAL = frozenset("\\^$.[]|()?*+{}")


def like_to_regex(pattern: str, escape: str = "\\") -> str:
    """A LIKE pattern as an anchored ARE. Raises ExpressionUnknown when it ends in the escape character."""
    found, i = ["^"], 0
    while i < len(pattern):
        char = pattern[i]
        if escape and char == escape:
            i += 1
            if i >= len(pattern):
                raise ExpressionUnknown("a LIKE pattern that ends with the escape character", pattern)
            found.append(quoted(pattern[i]))
        elif char == "%":
            found.append(".*")
        elif char == "_":
            found.append(".")
        else:
            found.append(quoted(char))
        i += 1
    return "".join([*found, "$"])


def quoted(char: str) -> str:
    """The character as an ARE that matches it alone."""
    return "\\" + char if char in _SPECIAL else char


def similar_to_regex(pattern: str, escape: str = "\\") -> str:
    """A SIMILAR TO pattern as an anchored ARE (regexp.c: similar_escape_internal)."""
    found, i, inside = ["^(?:"], 0, False
    while i < len(pattern):
        char = pattern[i]
        if escape and char == escape:
            i += 1
            if i >= len(pattern) or pattern[i] == '"':
                raise ExpressionUnknown("a SIMILAR TO pattern with this escape", pattern)
            found.append("\\" + pattern[i] if not pattern[i].isalnum() else pattern[i])
        elif inside:
            inside = char != "]"
            found.append("\\\\" if char == "\\" else char)
        elif char == "[":
            inside = True
            found.append(char)
        elif char in "%_":
            found.append(".*" if char == "%" else ".")
        elif char == "(":
            found.append("(?:")
        elif char in "\\.^$":
            found.append("\\" + char)
        else:
            found.append(char)
        i += 1
    return "".join([*found, ")$"])
