"""What a snapshot that is well-formed may still get wrong: names that lead nowhere, or that occur twice."""

from collections.abc import Callable, Iterable, Iterator, Mapping

from app.errors import Fault
from app.generator.snapshot.model import (
    CompositeType,
    DomainType,
    ForeignKey,
    QName,
    RangeType,
    Snapshot,
    Table,
    TypeRef,
    UniqueKey,
)
from app.generator.snapshot.type_names import CATALOG

Places = Mapping[tuple[str, ...], str]
# Types within types double with each level: twenty levels of pairs would be a million values in a cell.
_MOST_VALUES = 5_000
_MOST_VALUES_IN_A_ROW = 20_000


def find_contradictions(snapshot: Snapshot, places: Places | None = None) -> list[Fault]:
    """Every contradiction; `places` gives the JSON Pointers of tables, types and their parts."""
    places = places or {}
    tables = {table.name: table for table in snapshot.tables}
    sizes: dict[QName, int] = {}
    faults = [
        *_duplicates((str(t.name) for t in snapshot.tables), "table", lambda name: places.get((name,), "")),
        *_duplicates((str(t.name) for t in snapshot.types), "type", lambda name: places.get(("type", name), "")),
        *_endless_types(snapshot, places, sizes),
    ]
    for table in snapshot.tables:
        faults += _contradictions_of(table, tables, places)
        values = sum(sizes.get(QName(column.type.schema, column.type.name), 1) for column in table.columns)
        if values > _MOST_VALUES_IN_A_ROW:
            at = places.get((str(table.name),), "")
            message = f"a row of {table.name} is made of more than the {_MOST_VALUES_IN_A_ROW:,} values that are read"
            faults.append(Fault(at, "too_many", message, {"table": str(table.name)}))
    return faults


def _contradictions_of(table: Table, tables: Mapping[QName, Table], places: Places) -> Iterator[Fault]:
    at = places.get((str(table.name),), "")
    columns = {column.name for column in table.columns}
    yield from _duplicates((c.name for c in table.columns), f"{table.name}: column", lambda _: at)
    # An index may have the name of a check, so each kind has its own names.
    yield from _duplicates((key.name for key in table.keys), f"{table.name}: key", lambda _: at)
    yield from _duplicates((key.name for key in table.foreign_keys), f"{table.name}: foreign key", lambda _: at)
    yield from _duplicates((check.name for check in table.checks), f"{table.name}: check", lambda _: at)
    if sum(key.primary for key in table.keys) > 1:
        yield Fault(at, "duplicate_name", f"{table.name} has more than one primary key", {"table": str(table.name)})
    for key in table.keys:
        place = places.get((str(table.name), "keys", key.name), at)
        yield from _missing_columns(table, key.name, (e.column for e in key.elements), columns, place)
    for column in table.columns:
        if column.generated is not None and (column.default is not None or column.identity is not None):
            message = f"{table.name}.{column.name} is generated, and so has neither a default nor an identity"
            yield Fault(at, "contradiction", message, {"table": str(table.name), "column": column.name})
    for foreign_key in table.foreign_keys:
        place = places.get((str(table.name), "foreignKeys", foreign_key.name), at)
        yield from _missing_columns(table, foreign_key.name, foreign_key.columns, columns, place)
        yield from _dangling(table, foreign_key, tables, place)
    if table.partition_key is not None:
        keys = (element.column for element in table.partition_key.keys)
        yield from _missing_columns(table, "the partition key", keys, columns, at)
    parents = [table.partition_of.parent] if table.partition_of else []
    for parent in (*parents, *table.inherits):
        if parent not in tables:
            message = f"{table.name} belongs to {parent}, which is not in the snapshot"
            yield Fault(at, "missing_table", message, {"table": str(table.name), "missing": str(parent)})
    if (table.kind == "partition") != (table.partition_of is not None):
        yield Fault(at, "contradiction", f"{table.name}: a partition, and only one, says what it is a partition of")
    if table.kind == "partitioned" and table.partition_key is None:
        yield Fault(at, "contradiction", f"{table.name} is partitioned, but by nothing")
    if _is_own_ancestor(table, tables):
        yield Fault(at, "contradiction", f"{table.name} is a partition of itself")


def _dangling(table: Table, key: ForeignKey, tables: Mapping[QName, Table], at: str) -> Iterator[Fault]:
    facts = {"table": str(table.name), "constraint": key.name, "refTable": str(key.ref_table)}
    where = f"{table.name}: foreign key {key.name}"
    if len(key.columns) != len(key.ref_columns) or not key.columns:
        message = f"{where} has {len(key.columns)} columns and refers to {len(key.ref_columns)}"
        yield Fault(at, "arity_mismatch", message, facts)
        return
    target = tables.get(key.ref_table)
    if target is None:
        message = f"{where} refers to table {key.ref_table}, which is not in the snapshot"
        yield Fault(at, "dangling_foreign_key", message, facts | {"missing": str(key.ref_table)})
        return
    present = {column.name for column in target.columns}
    missing = [name for name in key.ref_columns if name not in present]
    for name in missing:
        message = f"{where} refers to column {name} of {key.ref_table}, which that table does not have"
        yield Fault(at, "dangling_foreign_key", message, facts | {"missing": name})
    if not missing and not any(_backs(candidate, key) for candidate in target.keys):
        columns = ", ".join(key.ref_columns)
        message = f"{where} refers to {key.ref_table} ({columns}), on which no primary key or unique constraint stands"
        yield Fault(at, "dangling_foreign_key", message, facts | {"columns": list(key.ref_columns)})


def _backs(candidate: UniqueKey, key: ForeignKey) -> bool:
    columns = candidate.columns
    return columns is not None and candidate.predicate is None and sorted(columns) == sorted(key.ref_columns)


def _missing_columns(
    table: Table, constraint: str, names: Iterable[str | None], columns: set[str], at: str
) -> Iterator[Fault]:
    for name in names:
        if name is not None and name not in columns:
            facts = {"table": str(table.name), "constraint": constraint, "missing": name}
            message = f"{table.name}: {constraint} names column {name}, which the table does not have"
            yield Fault(at, "missing_column", message, facts)


def _duplicates(names: Iterable[str], what: str, place: Callable[[str], str]) -> Iterator[Fault]:
    seen: set[str] = set()
    for name in names:
        if name in seen:
            yield Fault(place(name), "duplicate_name", f"{what} {name} occurs twice", {"name": name})
        seen.add(name)


def _is_own_ancestor(table: Table, tables: Mapping[QName, Table]) -> bool:
    seen, current = {table.name}, table
    while current.partition_of is not None and current.partition_of.parent in tables:
        current = tables[current.partition_of.parent]
        if current.name in seen:
            return True
        seen.add(current.name)
    return False


def _endless_types(snapshot: Snapshot, places: Places, sizes: dict[QName, int]) -> Iterator[Fault]:
    """Types that are made of themselves, or of too many values; `sizes` is told how many values each has."""
    types = {type_.name: type_ for type_ in snapshot.types}

    def parts(name: QName) -> list[QName]:
        references: list[TypeRef] = []
        match types.get(name):
            case DomainType(base=base):
                references = [base]
            case CompositeType(attributes=attributes):
                references = [type_ for _, type_ in attributes]
            case RangeType(subtype=subtype):
                references = [subtype]
        return [QName(r.schema, r.name) for r in references]

    done: set[QName] = set()
    for start in types:
        path: list[QName] = []
        pending: list[tuple[QName, bool]] = [(start, False)]
        while pending:
            name, leaving = pending.pop()
            if leaving:
                path.pop()
                done.add(name)
                sizes[name] = sum(sizes.get(part, 1) for part in parts(name)) or 1
                if sizes[name] > _MOST_VALUES:
                    at = places.get(("type", str(name)), "")
                    message = f"a value of type {name} is made of more than the {_MOST_VALUES:,} that are read"
                    yield Fault(at, "too_many", message, {"type": str(name)})
                    return
            elif name in path:
                at = places.get(("type", str(name)), "")
                yield Fault(at, "contradiction", f"type {name} is made of itself", {"type": str(name)})
                return
            elif name not in done:
                path.append(name)
                pending.append((name, True))
                pending += [(part, False) for part in parts(name) if part.schema != CATALOG]
