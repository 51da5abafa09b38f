"""Tables of kinds: a child whose check lists what it may refer to says what its parent has to hold.

`kind text REFERENCES kinds CHECK (kind IN ('book', 'toy'))` can refer to nothing unless there is a row for a book or a
toy. So this is one of two things about a table that its parent's values follow. The other is how much room the child's
columns have: `ref int REFERENCES orders` where orders.id is a bigint cannot refer to order 3,000,000,000.
"""

from collections.abc import Mapping

from app.generator.domain import Value
from app.generator.engine.constraints import Constraints
from app.generator.planning.selection import root_of
from app.generator.snapshot.model import Check, QName, Table
from app.generator.types import TypeCatalog, quote_name

_TEXTS = frozenset({"text", "varchar", "bpchar", "citext", "name", "uuid"})
_MOST_VALUES = 1_000
# How large a whole number of a type can be.
_LARGEST = {"int2": 2**15 - 1, "int4": 2**31 - 1, "int8": 2**63 - 1, "numeric": 2**127}
_LIMITED = frozenset({"varchar", "bpchar"})
_UNLIMITED = frozenset({"text", "citext"})
_MOST_LETTERS = 2**30


def listed_for_parents(
    constraints: Mapping[QName, Constraints],
    own: Mapping[QName, Constraints],
    tables: Mapping[QName, Table],
    types: TypeCatalog,
) -> dict[QName, tuple[Check, ...]]:
    """A check with the list, for each column of text that children's checks list and the table's own do not.

    Where several children list, the parent has what any of them does. `constraints` are those with the lists that are
    known so far, `own` those without.
    """
    wanted: dict[tuple[QName, str], dict[Value, None]] = {}
    for name in sorted(constraints):
        for key in sorted(tables[name].foreign_keys, key=lambda key: key.name):
            parent = root_of(tables, key.ref_table)
            if len(key.columns) != 1 or not key.enforced or parent == name or parent not in constraints:
                continue
            place = (parent, key.ref_columns[0])
            values = constraints[name].domain(key.columns[0]).values
            if values and len(values) <= _MOST_VALUES and _is_open(tables[parent], place[1], types):
                wanted.setdefault(place, {}).update(dict.fromkeys(values))
    found: dict[QName, tuple[Check, ...]] = {}
    for (parent, ref), listed in sorted(wanted.items()):
        if own[parent].domain(ref).values is None:
            literals = ", ".join("'" + str(value).replace("'", "''") + "'" for value in listed)
            check = Check(f"{ref}: what children list", f"{quote_name(ref)} IN ({literals})")
            found[parent] = (*found.get(parent, ()), check)
    return found


def room_for_parents(tables: Mapping[QName, Table], types: TypeCatalog) -> dict[QName, tuple[Check, ...]]:
    """A check that values fit those who refer to them, for each column that is wider than one of those."""
    pairs = [
        ((name, column), (root_of(tables, key.ref_table), ref))
        for name in sorted(tables)
        for key in tables[name].foreign_keys
        for column, ref in zip(key.columns, key.ref_columns, strict=True)
        if key.enforced and root_of(tables, key.ref_table) in tables
    ]
    own = {place: _room(tables[place[0]], place[1], types) for pair in pairs for place in pair}
    left = dict(own)
    narrowed = True
    while narrowed:  # what a child's children need, its parents need too
        narrowed = False
        for child, parent in pairs:
            small, large = left[child], left[parent]
            if small is not None and large is not None and small[0] == large[0] and small[1] < large[1]:
                left[parent], narrowed = small, True
    found: dict[QName, tuple[Check, ...]] = {}
    for (table, ref), room in sorted(left.items(), key=lambda item: item[0]):
        if room is not None and room != own[table, ref]:
            most, name = room[1], quote_name(ref)
            # Integers go one further below zero, so many digits do not.
            least = -most - 1 if most.bit_count() == most.bit_length() else -most
            limits = f"{name} BETWEEN {least} AND {most}" if room[0] == "number" else f"length({name}) <= {most}"
            whole = (
                f" AND scale({name}) = 0"
                if types.resolve(tables[table].column(ref).type).base.name == "numeric"
                else ""
            )
            found[table] = (*found.get(table, ()), Check(f"{ref}: what fits its references", limits + whole))
    return found


def _room(table: Table, name: str, types: TypeCatalog) -> tuple[str, int] | None:
    """Whether a column has a number or a text, and how large or long it can be; None where that is neither."""
    column = table.column(name)
    kind = types.resolve(column.type).base
    if kind.array_dims or column.generated is not None:
        return None
    if kind.name in _LARGEST and not kind.modifiers:
        return "number", _LARGEST[kind.name]
    if kind.name == "numeric" and kind.modifiers:
        digits, scale = (*kind.modifiers, 0)[:2]
        return ("number", 10 ** (digits - scale) - 1) if 0 <= scale < digits else None
    if kind.name in _LIMITED and kind.modifiers:
        return "text", kind.modifiers[0]
    return ("text", _MOST_LETTERS) if kind.name in _LIMITED | _UNLIMITED else None


def _is_open(table: Table, name: str, types: TypeCatalog) -> bool:
    """Whether any text may stand in a column."""
    kind = types.resolve(table.column(name).type).base
    return kind.name in _TEXTS and not kind.array_dims and table.column(name).generated is None
