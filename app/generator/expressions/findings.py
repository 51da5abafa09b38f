"""What is found out about one column, and how findings add up."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from app.generator.domain import Domain
from app.generator.expressions.kinds import STRINGS, Kind
from app.generator.expressions.nodes import Cast, Collate, ColumnRef, Expr, Operator, walk


@dataclass(frozen=True, slots=True)
class Finding:
    """What a condition says about one column.

    `enough`: every value of the domain satisfies the condition. `needed`: every value that satisfies it is in the
    domain.
    """

    column: str
    domain: Domain
    enough: bool = True
    needed: bool = True

    def narrowed(self, **changes: Any) -> "Finding":
        """The same with other fields."""
        return replace(self, **changes)


def column_of(expr: Expr) -> str | None:
    """The name of a column, or of one in a cast that changes no text and no number."""
    return expr.name if isinstance(expr, ColumnRef) else None


def uncast(expr: Expr) -> Expr:
    """Without casts and collations around it."""
    while isinstance(expr, Cast | Collate):
        if isinstance(expr, Cast) and expr.type.array_dims:
            break
        expr = expr.argument
    return expr


def as_text(expr: Expr) -> Expr:
    """Without casts from one kind of text to another, which change nothing; `x::varchar(5)` cuts, and stays."""
    while isinstance(expr, Collate) or (isinstance(expr, Cast) and _is_plain(expr, STRINGS, 0)):
        expr = expr.argument
    return expr


def as_array(expr: Expr) -> Expr:
    """Without casts from arrays of one kind of text to another."""
    while isinstance(expr, Collate) or (isinstance(expr, Cast) and _is_plain(expr, STRINGS, 1)):
        expr = expr.argument
    return expr


def as_document(expr: Expr) -> Expr:
    """Without casts between json and jsonb."""
    while isinstance(expr, Cast) and _is_plain(expr, _DOCUMENTS, 0):
        expr = expr.argument
    return expr


_DOCUMENTS = frozenset({"json", "jsonb"})


def _is_plain(expr: Cast, names: frozenset[str], dims: int) -> bool:
    return expr.type.name in names and not expr.type.modifiers and expr.type.array_dims == dims


def is_widening(source: Kind, target: Kind) -> bool:
    """Whether every number of the source kind keeps its value (as floats: nearly, in order)."""
    if target.precision is not None:
        return False
    ranks = {"int2": 0, "int4": 1, "oid": 1, "int8": 2, "numeric": 3, "float4": 4, "float8": 5}
    return ranks[source.name] <= ranks[target.name] and target.name != "float4"


def exact_number(value: Any) -> Decimal | None:
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        return None
    number = Decimal(repr(value)) if isinstance(value, float) else Decimal(value)
    return number if number.is_finite() else None


def whole_bounds(operator: str, value: Decimal) -> tuple[int | None, int | None]:
    """The least and the largest whole number n >= 0 with `n operator value`."""
    floor = int(value // 1)
    whole = value == floor
    if operator == "=":
        return (floor, floor) if whole else (1, 0)
    if operator == ">=":
        return (max(0, floor if whole else floor + 1), None)
    if operator == ">":
        return (max(0, floor + 1), None)
    if operator == "<=":
        return (None, floor)
    if operator == "<":
        return (None, floor - 1 if whole else floor)
    return (None, None)


def both(left: Finding | None, right: Finding | None) -> Finding | None:
    return None if left is None or right is None else together([left, right])


def together(findings: Sequence[Finding]) -> Finding:
    """Findings about one column that all have to be kept."""
    found = findings[0]
    for other in findings[1:]:
        found = Finding(
            found.column,
            found.domain.intersect(other.domain),
            found.enough and other.enough,
            found.needed and other.needed,
        )
    return found


def either(findings: Sequence[Finding]) -> Finding | None:
    """Findings that each allow some values (or lengths, or types): together they allow all of those."""
    first = findings[0]
    domains = [finding.domain for finding in findings]
    enough, needed = all(f.enough for f in findings), all(f.needed for f in findings)
    if all(domain.values is not None for domain in domains):
        values = tuple(dict.fromkeys(value for domain in domains for value in domain.values or ()))
        return Finding(first.column, replace(domains[0], values=values), enough, needed)
    if all(domain.json_types is not None for domain in domains):
        names = tuple(dict.fromkeys(name for domain in domains for name in domain.json_types or ()))
        return Finding(first.column, Domain(json_types=names), enough, needed)
    if all(_is_pattern(domain) for domain in domains):
        texts = [domain.patterns[0].regex for domain in domains]
        pattern = replace(domains[0].patterns[0], regex="|".join(f"(?:{text})" for text in texts))
        return Finding(first.column, replace(domains[0], patterns=(pattern,)), enough=False, needed=needed)
    for low, high in (("min_length", "max_length"), ("min_bytes", "max_bytes"), ("min_items", "max_items")):
        lows, highs = [getattr(d, low) for d in domains], [getattr(d, high) for d in domains]
        if all(value is not None for value in (*lows, *highs)):
            sizes = sorted(set(lows))
            dense = sizes == list(range(sizes[0], sizes[0] + len(sizes))) and lows == highs
            hull: dict[str, Any] = {low: min(lows), high: max(highs)}
            return Finding(first.column, Domain(**hull), enough and dense, needed)
    return None


def _is_pattern(domain: Domain) -> bool:
    """Whether it asks for nothing but one pattern that is to be matched."""
    if len(domain.patterns) != 1 or domain.patterns[0].negated or domain.patterns[0].ignore_case:
        return False
    return replace(domain, patterns=(), nullable=True) == Domain()


def with_key(key: str) -> Domain:
    """An object that has the key."""
    return Domain(nullable=False, json_types=("object",), json_keys=(key,))


def key_inside(expr: Expr, text: Callable[[Expr], str | None]) -> Finding | None:
    """The document and the key that something is computed from: j and 'a' for (j -> 'a' ->> 'b')::date."""
    for node in walk(expr):
        if isinstance(node, Operator) and node.name in ("->", "->>") and node.left is not None:
            document, key = column_of(as_document(node.left)), text(node.right)
            if document is not None and key is not None:
                return Finding(document, with_key(key), enough=False, needed=False)
    return None
