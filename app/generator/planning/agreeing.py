"""Columns of different tables that rows of a third one have to find alike, though no table lists what they may hold.

orders (tenant, customer_no) refers to customers, orders (tenant, item_no) to items, and nothing says which tenants
there are: unless customers and items have some in common, no row of orders can refer to both.
"""

from collections.abc import Iterator, Mapping
from uuid import UUID

from app.generator.planning.selection import root_of
from app.generator.snapshot.model import Check, QName, Table, TypeRef
from app.generator.types import TypeCatalog, quote_name

_Place = tuple[QName, str]
_WORDS = "north south east west central harbor valley summit river meadow".split()
_NUMBERS = frozenset({"int2", "int4", "int8", "numeric"})
_TEXTS = frozenset({"text", "varchar", "citext"})
_STRIDE = 0x1F2E3D4C5B6A79880796A5B4C3D2E1F
_MOST_STEPS_UP = 8


def agreed_values(tables: Mapping[QName, Table], types: TypeCatalog) -> dict[QName, tuple[Check, ...]]:
    """A check with a short list, for each column that has to have values in common with another table's."""
    groups: dict[_Place, set[_Place]] = {}
    for table in sorted(tables):
        for column in tables[table].columns:
            above = list(_above(tables, (table, column.name)))
            # Over one reference it finds what the table above finds.
            tops = {top for one in above for top in _tops(tables, one)} if len(above) > 1 else set()
            joined = tops.union(*(groups.get(top, ()) for top in tops))
            if len(tops) > 1:
                groups.update(dict.fromkeys(joined, joined))
    found: dict[QName, tuple[Check, ...]] = {}
    for (table, name), group in sorted(groups.items(), key=lambda item: item[0]):
        listed = {_list(tables[other], its, types) for other, its in group}
        values = listed.pop() if len(listed) == 1 else None
        if values is not None:
            check = Check(f"{name}: what others have too", f"{quote_name(name)} IN ({values})")
            found[table] = (*found.get(table, ()), check)
    return found


def _above(tables: Mapping[QName, Table], place: _Place) -> Iterator[_Place]:
    """What a column refers to, by itself or with others."""
    name, column = place
    for key in tables[name].foreign_keys:
        parent = root_of(tables, key.ref_table)
        if key.enforced and column in key.columns and parent in tables and parent != name:
            yield parent, key.ref_columns[key.columns.index(column)]


def _tops(tables: Mapping[QName, Table], place: _Place, steps: int = 0) -> set[_Place]:
    above = list(_above(tables, place)) if steps < _MOST_STEPS_UP else []
    return {top for one in above for top in _tops(tables, one, steps + 1)} if above else {place}


def _list(table: Table, name: str, types: TypeCatalog) -> str | None:
    """Values for a column, in SQL; None for one that says itself what it holds, or never the same twice."""
    column = table.column(name)
    alone = any(key.columns == (name,) for key in table.keys)
    told = alone or column.generated is not None or column.identity is not None or column.default is not None
    # A check that seems to name the column is one too many rather than one too few.
    if told or any(name in check.expression for check in table.checks) or types.resolve(column.type).checks:
        return None
    values = _values(types.resolve(column.type).base)
    return ", ".join(values) if values is not None else None


def _values(kind: TypeRef) -> list[str] | None:
    count = len(_WORDS)
    if kind.array_dims:
        return None
    if kind.name in _NUMBERS:
        return [str(number + 1) for number in range(count)]
    if kind.name == "uuid":
        return [f"'{UUID(int=(number + 1) * _STRIDE % 2**128, version=4)}'" for number in range(count)]
    if kind.name in _TEXTS:
        fits = not kind.modifiers or kind.modifiers[0] >= max(map(len, _WORDS))
        return [f"'{word if fits else word[0].upper()}'" for word in (_WORDS if fits else _WORDS[:4])]
    return None
