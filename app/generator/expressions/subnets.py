"""Conditions on addresses and networks (inet, cidr): which family, how long a mask, within which network."""

from ipaddress import ip_network
from typing import TYPE_CHECKING, Any

from app.generator.domain import Domain
from app.generator.expressions.findings import Finding, column_of, exact_number, uncast, whole_bounds
from app.generator.expressions.nodes import Call, ColumnRef, Operator, columns_of

if TYPE_CHECKING:
    from app.generator.expressions.kinds import Kind
    from app.generator.expressions.leaves import LeafReader

_KINDS = frozenset({"inet", "cidr"})
_FAMILIES = {4: "0.0.0.0/0", 6: "::/0"}
_WIDEST = 128


def within(reader: "LeafReader", expr: Operator) -> Finding | None:
    """`ip << '10.0.0.0/8'`, `'10.0.0.0/8' >>= ip`."""
    if expr.left is None or expr.name not in ("<<", "<<=", ">>", ">>="):
        return None
    inner, outer = (expr.left, expr.right) if expr.name[0] == "<" else (expr.right, expr.left)
    column = column_of(uncast(inner))
    if column is None or columns_of(outer) or reader.kind(ColumnRef(column)).name not in _KINDS:
        return None
    found = reader.value_of(outer)
    if found is None:
        return None
    network = ip_network(str(found[1]), strict=False)
    least = network.prefixlen + (1 if expr.name in ("<<", ">>") else 0)
    masks = tuple(range(least, network.max_prefixlen + 1))
    return Finding(column, Domain(networks=(str(network),), masks=masks))


def family_compared(reader: "LeafReader", operator: str, expr: Call, kind: "Kind", value: Any) -> Finding | None:
    """`family(ip) = 4`."""
    column, number = _column(reader, expr), exact_number(value)
    network = _FAMILIES.get(int(number)) if number is not None else None
    if column is None or network is None or operator != "=":
        return None
    return Finding(column, Domain(networks=(network,)))


def mask_compared(reader: "LeafReader", operator: str, expr: Call, kind: "Kind", value: Any) -> Finding | None:
    """`masklen(net) >= 16`."""
    column, number = _column(reader, expr), exact_number(value)
    if column is None or number is None or operator == "<>":
        return None
    low, high = whole_bounds(operator, number)
    masks = range(max(0, low or 0), min(_WIDEST, _WIDEST if high is None else high) + 1)
    return Finding(column, Domain(masks=tuple(masks)))


def _column(reader: "LeafReader", expr: Call) -> str | None:
    column = column_of(uncast(expr.arguments[0])) if len(expr.arguments) == 1 else None
    return column if column is not None and reader.kind(ColumnRef(column)).name in _KINDS else None
