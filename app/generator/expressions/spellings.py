"""Texts that checks and indexes cast to another type: how they are to be spelt, so that the cast succeeds."""

from collections.abc import Iterator

from app.generator.expressions.nodes import Call, Cast, Collate, ColumnRef, Expr, walk

_DAY = "20[0-2][0-9]-(0[1-9]|1[0-2])-(0[1-9]|1[0-9]|2[0-8])"
_WHOLE = "^[1-9][0-9]{0,3}$"
_MOMENT = f"^{_DAY} ([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]$"
_HEX = "[0-9a-f]"

CAST_SPELLINGS = {
    "int2": _WHOLE,
    "int4": _WHOLE,
    "int8": _WHOLE,
    "numeric": _WHOLE,
    "float4": _WHOLE,
    "float8": _WHOLE,
    "money": _WHOLE,
    "uuid": f"^{_HEX}{{8}}-{_HEX}{{4}}-4{_HEX}{{3}}-a{_HEX}{{3}}-{_HEX}{{12}}$",
    "date": f"^{_DAY}$",
    "timestamp": _MOMENT,
    "timestamptz": _MOMENT,
    "time": "^([01][0-9]|2[0-3]):[0-5][0-9]$",
    "interval": "^[1-9][0-9]? days$",
    "bool": "^(true|false)$",
    "inet": "^192[.]0[.]2[.][1-9][0-9]?$",
    "json": '^[{]"id": [1-9][0-9]{0,4}[}]$',
    "jsonb": '^[{]"id": [1-9][0-9]{0,4}[}]$',
}
"""Type -> a regular expression all of whose texts it takes."""


def casts_of(expr: Expr) -> Iterator[tuple[str, str]]:
    """Bare columns that the expression casts, each with the type's name."""
    for node in walk(expr):
        if not isinstance(node, Cast) or node.type.array_dims:
            continue
        inner = _uncast(node.argument)
        if isinstance(inner, ColumnRef):
            yield inner.name, node.type.name


def lists_of(expr: Expr) -> Iterator[str]:
    """Bare columns whose documents the expression takes the length of: they have to be lists."""
    for node in walk(expr):
        if isinstance(node, Call) and node.name in ("json_array_length", "jsonb_array_length"):
            subjects = map(_uncast, node.arguments)
            yield from (subject.name for subject in subjects if isinstance(subject, ColumnRef))


def _uncast(expr: Expr) -> Expr:
    while isinstance(expr, Cast | Collate):
        expr = expr.argument
    return expr
