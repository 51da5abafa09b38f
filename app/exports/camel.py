"""Names of fields as JSON has them."""

from collections.abc import Collection, Mapping
from typing import Any


def camel(name: str) -> str:
    """`rows_total` as JSON has it: `rowsTotal`."""
    head, *rest = name.split("_")
    return head + "".join(word.capitalize() for word in rest)


def camelled(value: Any, verbatim: Collection[str] = ()) -> Any:
    """A value with all names in it as JSON has them, but for what stands under a `verbatim` one."""
    if isinstance(value, Mapping):
        return {camel(name): inner if name in verbatim else camelled(inner, verbatim) for name, inner in value.items()}
    return [camelled(inner, verbatim) for inner in value] if isinstance(value, list | tuple) else value
