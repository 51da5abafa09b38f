"""Which tables are made, and how many rows the request asks of each."""

import difflib
from collections.abc import Mapping
from dataclasses import dataclass

from app.errors import Fault
from app.generator.config import DEFAULT_ROWS, MAX_ROWS, GeneratorConfig, PerParent, RowCount
from app.generator.snapshot.model import ForeignKey, QName, Snapshot, Table

_EVERY_OTHER = "*"


@dataclass(frozen=True, slots=True)
class Wish:
    """What was asked of a table. `ordered` when a count was given for it by name: served exactly, or refused."""

    rows: RowCount
    ordered: bool


def resolve_table(snapshot: Snapshot, name: str, pointer: str, faults: list[Fault]) -> QName | None:
    """The table that `name` or `schema.name` means; a fault when there is none, or more than one."""
    tables = [t.name for t in snapshot.tables if t.kind != "partition"]
    exact = [t for t in tables if str(t) == name]
    found = exact or [t for t in tables if t.name == name]
    if len(found) == 1:
        return found[0]
    if found:
        names = ", ".join(map(str, found))
        message = f"table {name!r} is in several schemas; write one of {names}"
        faults.append(Fault(pointer, "ambiguous_table", message, {"table": name}))
        return None
    known = sorted({t.name for t in tables} | {str(t) for t in tables})
    close = difflib.get_close_matches(name, known, n=1)
    hint = f"; did you mean {close[0]!r}?" if close else f"; the schema has {len(tables)} tables"
    if any(t.name.name == name or str(t.name) == name for t in snapshot.tables):
        hint = "; it is a partition: ask for its partitioned table"
    faults.append(Fault(pointer, "unknown_table", f"there is no table {name!r}{hint}", {"table": name}))
    return None


def select(snapshot: Snapshot, config: GeneratorConfig, faults: list[Fault], warnings: list[str]) -> dict[QName, Wish]:
    """The tables to make, with what is asked of each.

    Tables that a selected one cannot do without (a NOT NULL foreign key) come along, and a warning says so.
    """
    wishes = _by_name(snapshot, config, faults)
    by_name = {t.name: t for t in snapshot.tables}
    todo = list(wishes)
    while todo:
        child = by_name[todo.pop()]
        for key in child.foreign_keys:
            parent = root_of(by_name, key.ref_table)
            if parent in wishes or parent not in by_name or not key.enforced or not is_required(child, key):
                continue
            wishes[parent] = Wish(DEFAULT_ROWS, ordered=False)
            warnings.append(f"{parent} is added with {DEFAULT_ROWS} rows: {child.name}.{key.name} requires it")
            todo.append(parent)
    return wishes


def root_of(by_name: Mapping[QName, Table], name: QName) -> QName:
    """The partitioned table at the top, for a partition; else the table itself."""
    seen = set()
    while name in by_name and (above := by_name[name].partition_of) is not None and name not in seen:
        seen.add(name)
        name = above.parent
    return name


def is_required(table: Table, key: ForeignKey) -> bool:
    """Whether no column of the foreign key may be NULL, so that every row needs a parent."""
    return all(not table.column(c).nullable for c in key.columns)


def _scaled(
    snapshot: Snapshot, config: GeneratorConfig, makeable: list[QName], faults: list[Fault]
) -> dict[QName, Wish]:
    """Rows as a share of those that statistics say there are; at least one of a table that has any."""
    if config.scale is None:
        return {}
    if not snapshot.statistics:
        message = "scale needs statistics of the real tables: make the snapshot with `seedbed snapshot --with-stats`"
        faults.append(Fault("/config/scale", "no_statistics", message))
    wanted = [found for found in snapshot.statistics if found.table in makeable]
    if config.tables is not None:
        names = set(config.tables)
        wanted = [found for found in wanted if {str(found.table), found.table.name} & names]
    rows = {found.table: min(MAX_ROWS, round(found.rows * config.scale)) for found in wanted}
    return {found.table: Wish(max(rows[found.table], min(found.rows, 1)), ordered=False) for found in wanted}


def _by_name(snapshot: Snapshot, config: GeneratorConfig, faults: list[Fault]) -> dict[QName, Wish]:
    makeable = [t.name for t in snapshot.tables if t.kind != "partition"]
    counts: dict[QName, Wish] = {}
    rest: Wish | None = None
    if isinstance(config.rows, Mapping):
        for name, rows in config.rows.items():
            pointer = f"/config/rows/{name.replace('~', '~0').replace('/', '~1')}"
            if name == _EVERY_OTHER:
                if isinstance(rows, PerParent):
                    faults.append(Fault(pointer, "invalid_rows", "'*' takes a number of rows"))
                else:
                    rest = Wish(rows, ordered=False)
            elif (found := resolve_table(snapshot, name, pointer, faults)) is not None:
                counts[found] = Wish(rows, ordered=True)
    else:
        rest = Wish(config.rows, ordered=False)
    counts = {**_scaled(snapshot, config, makeable, faults), **counts}
    if config.tables is None:
        return {t: counts.get(t, rest) for t in makeable if t in counts or rest is not None}  # type: ignore[misc]  # rest is there where counts is not
    chosen: dict[QName, Wish] = {}
    for i, name in enumerate(config.tables):
        found = resolve_table(snapshot, name, f"/config/tables/{i}", faults)
        if found is not None:
            chosen[found] = counts.get(found) or rest or Wish(DEFAULT_ROWS, ordered=False)
    for table in counts.keys() - chosen.keys():
        message = f"rows names {table}, which is not among config.tables"
        faults.append(Fault("/config/rows", "table_not_selected", message, {"table": str(table)}))
    return chosen
