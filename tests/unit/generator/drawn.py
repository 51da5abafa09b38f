"""Schemas that Hypothesis draws: tables with keys, uniques, checks and references, as small as they fail."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

from app.generator.snapshot.model import Check, Column, ForeignKey, QName, Snapshot, Table, TypeRef, UniqueKey

from .schemas import DATE, INT, MONEY, TEXT, TIMESTAMPTZ, UUID, column, key, reference, type_of


@dataclass(frozen=True)
class Part:
    """Some columns of a table that belong together, with what constrains them."""

    columns: tuple[Column, ...]
    keys: tuple[UniqueKey, ...] = ()
    checks: tuple[Check, ...] = ()


def _part(*columns: Column, unique: Sequence[str] = (), check: str | None = None) -> Part:
    name = "_".join(c.name for c in columns)
    return Part(
        columns,
        (key(*unique, name=f"{name}_unique"),) if unique else (),
        (Check(f"{name}_check", check),) if check else (),
    )


_BOOL, _SMALL, _BIG, _CODE = type_of("bool"), type_of("int2"), type_of("int8"), type_of("varchar", 12)
# Each is chosen at most once for a table, so that no name comes twice.
PARTS = (
    _part(column("first_name", TEXT), column("last_name", TEXT), column("email", TEXT), unique=["email"]),
    _part(column("username", type_of("varchar", 20)), unique=["username"], check="char_length(username) >= 3"),
    _part(column("created_at", TIMESTAMPTZ), column("updated_at", TIMESTAMPTZ, null=True),
          check="updated_at >= created_at"),
    _part(column("starts_on", DATE), column("ends_on", DATE), check="ends_on > starts_on"),
    _part(column("status", TEXT), column("shipped_at", TIMESTAMPTZ, null=True),
          check="status IN ('new', 'paid', 'shipped') AND (status <> 'shipped' OR shipped_at IS NOT NULL)"),
    _part(column("price", MONEY), column("discount", MONEY, null=True), check="price > 0 AND discount <= price"),
    _part(column("quantity"), check="quantity BETWEEN 1 AND 40 AND quantity % 2 = 0"),
    _part(column("postal_code", TEXT), column("city", TEXT), unique=["postal_code"]),
    _part(column("code", _CODE), unique=["code"], check="code ~ '^[A-Z]{2}[0-9]{3,8}$'"),
    _part(column("low", _SMALL), column("high"), check="low < high"),
    _part(column("serial_number", _BIG), unique=["serial_number"], check="serial_number % 7 <> 3"),
    _part(column("kind", TEXT, null=True), column("level", _SMALL), unique=["kind", "level"]),
    _part(column("token", UUID), unique=["token"]),
    _part(column("flag", _BOOL), column("reason", TEXT, null=True), check="flag OR reason IS NOT NULL"),
    _part(column("notes", TEXT, null=True)),
)  # fmt: skip
# What may come into a table that is there: it is read by nothing and reads nothing.
ADDED = (
    column("added_text", TEXT), column("aa_number"), column("zz_data", type_of("jsonb"), null=True), column("mm_flag", _BOOL),
    column("phone", TEXT, null=True), column("ip_address", type_of("inet")),
)  # fmt: skip
_KEY_TYPES: tuple[TypeRef, ...] = (INT, _BIG, UUID, _CODE)


@st.composite
def drawn_snapshots(draw: Any) -> Snapshot:
    """One to four tables, each referring to some of those before it or to itself."""
    tables: list[Table] = []
    for number in range(draw(st.integers(1, 4))):
        tables.append(draw(drawn_tables(f"t{number}", tuple(tables))))
    return Snapshot(tuple(tables))


@st.composite
def drawn_tables(draw: Any, name: str, others: Sequence[Table] = ()) -> Table:
    """A table that may refer to the others, and to itself."""
    identity = column("id", draw(st.sampled_from(_KEY_TYPES)))
    columns, keys, refers = [identity], [key("id", primary=True, name=f"{name}_pkey")], []
    parts = draw(st.lists(st.sampled_from(PARTS), unique=True, max_size=4))
    for target in draw(
        st.lists(st.sampled_from(others), unique_by=lambda t: t.name, max_size=2) if others else st.just([])
    ):
        own = column(f"{target.name.name}_id", target.column("id").type, null=draw(st.booleans()))
        columns.append(own)
        refers.append(reference(own.name, target.name.name))
        if draw(st.integers(0, 3)) == 0:  # numbered within each parent
            columns.append(column(f"{own.name}_no"))
            keys.append(key(own.name, f"{own.name}_no"))
    if draw(st.integers(0, 3)) == 0:
        columns.append(column("parent_id", identity.type, null=True))
        refers.append(ForeignKey("parent_id_fkey", ("parent_id",), QName("public", name), ("id",)))
    for part in parts:
        columns += part.columns
        keys += part.keys
    checks = tuple(check for part in parts for check in part.checks)
    return Table(QName("public", name), tuple(columns), keys=tuple(keys), foreign_keys=tuple(refers), checks=checks)
