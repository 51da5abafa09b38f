"""Conditions on documents as a whole: the keys they have, and whether a text is one."""

from typing import TYPE_CHECKING

from app.generator.domain import Domain
from app.generator.expressions.casts import coerce
from app.generator.expressions.findings import Finding, as_document, column_of, uncast
from app.generator.expressions.jsons import DOCUMENTS
from app.generator.expressions.kinds import STRINGS, Kind
from app.generator.expressions.nodes import Call, Expr, Literal, Operator

if TYPE_CHECKING:
    from app.generator.expressions.leaves import LeafReader

KEY_OPERATORS = frozenset({"?", "?&", "?|"})
_KINDS = {"object": ("object",), "array": ("array",), "scalar": ("string", "number", "boolean"), "any": ("object",)}


def may_be_document(reader: "LeafReader", column: str) -> bool:
    """Whether a column is a document, or a text that a condition casts to one."""
    return reader.kind_of_column(column).name in DOCUMENTS | STRINGS


def keys_asked(reader: "LeafReader", expr: Operator) -> Finding | None:
    """d ? 'a', d ?& '{a,b}', and of d ?| '{a,b}' the first, which is enough."""
    subject: Expr | None = expr.left
    column = column_of(as_document(subject)) if subject is not None else None
    if column is None or not may_be_document(reader, column):
        return None
    if expr.name == "?":
        key = reader.text(expr.right)
        wanted = () if key is None else (key,)
    else:
        keys = reader.constant(expr.right)
        listed = tuple(coerce(keys, Kind("array", Kind("text"))).constant()) if keys is not None else ()
        wanted = listed if expr.name == "?&" else listed[:1]
    if not wanted:
        return None
    return Finding(column, Domain(json_types=("object",), json_keys=wanted), enough=False, needed=False)


def kind_asked(reader: "LeafReader", expr: Call) -> Finding | None:
    """t IS JSON, t IS JSON ARRAY."""
    column, kind = column_of(uncast(expr.arguments[0])), expr.arguments[1]
    if column is None or not isinstance(kind, Literal) or not may_be_document(reader, column):
        return None
    return Finding(column, Domain(json_types=_KINDS[str(kind.value)]), enough=False, needed=False)
