"""Names and texts as SQL writes them."""

from app.generator.snapshot.model import QName


def quote_name(name: str) -> str:
    """A quoted identifier. Always quoted: which words are reserved changes with the server's version."""
    return '"' + name.replace('"', '""') + '"'


def quote_qualified(name: QName) -> str:
    """`"schema"."table"`."""
    return f"{quote_name(name.schema)}.{quote_name(name.name)}"


def quote_text(text: str) -> str:
    """A string literal that means the same whatever `standard_conforming_strings` says."""
    quoted = "'" + text.replace("'", "''") + "'"
    return " E" + quoted.replace("\\", "\\\\") if "\\" in text else quoted
