"""A snapshot as DDL again: for the judge, when there is nothing but a snapshot to judge by.

Defaults, sequences and comments are left out, since no generated row depends on them; so are constraints that are not
enforced. The order does not matter: the scratch database tries again what came too early.
"""

from collections.abc import Iterator, Mapping, Sequence

from app.adapters.introspection.stand_ins import origin
from app.generator.formats.identifiers import quote_name, quote_qualified, quote_text
from app.generator.snapshot.model import (
    Column,
    CompositeType,
    DomainType,
    EnumType,
    Exclusion,
    ForeignKey,
    KeyElement,
    QName,
    RangeType,
    Snapshot,
    SqlFunction,
    Table,
    TypeRef,
    UniqueKey,
    UserType,
)
from app.generator.snapshot.type_names import format_type


def render_ddl(snapshot: Snapshot) -> str:
    """DDL that makes the tables, types and enforced constraints of the snapshot."""
    return "\n".join(f"{statement};" for statement in _statements(snapshot)) + "\n"


def _statements(snapshot: Snapshot) -> Iterator[str]:
    tables = {table.name: table for table in snapshot.tables}
    names = [*tables, *(type_.name for type_ in snapshot.types), *(function.name for function in snapshot.functions)]
    for schema in sorted({name.schema for name in names} - {"public", "pg_catalog", "information_schema"}):
        yield f"CREATE SCHEMA IF NOT EXISTS {quote_name(schema)}"
    yield from _extensions(snapshot)
    for type_ in snapshot.types:
        # A composite type may be a table's row.
        if type_.name not in tables and type_.name.schema not in {"pg_catalog", "information_schema"}:
            yield _type(type_)
            # Each check is a statement of its own: one that calls what the snapshot does not have fails alone.
            for check in type_.checks if isinstance(type_, DomainType) else ():
                domain = quote_qualified(type_.name)
                yield f"ALTER DOMAIN {domain} ADD CONSTRAINT {quote_name(check.name)} CHECK ({check.expression})"
    for function in snapshot.functions:
        yield _function(function)
    for table in snapshot.tables:
        yield _table(table)
    children: dict[QName, list[Table]] = {}
    for table in snapshot.tables:
        for parent in table.inherits:
            children.setdefault(parent, []).append(table)
    for table in snapshot.tables:
        yield from _checks(table, tables, children.get(table.name, []))
        yield from _keys(table, tables)
    for table in snapshot.tables:
        root = tables.get(table.partition_of.parent) if table.partition_of else None
        for key in table.foreign_keys:
            if key.enforced and root is None:  # the root has those of its partitions
                yield _foreign_key(table, key)


def _extensions(snapshot: Snapshot) -> Iterator[str]:
    places: dict[str, str] = {}
    for type_ in _types_used(snapshot):
        extension = origin(type_.name)
        if extension is not None and type_.schema != "pg_catalog":
            places[extension] = type_.schema
    for extension in sorted({*snapshot.extensions, *places}):
        place = f" SCHEMA {quote_name(places[extension])}" if extension in places else ""
        yield f"CREATE EXTENSION IF NOT EXISTS {quote_name(extension)}{place}"


def _types_used(snapshot: Snapshot) -> Iterator[TypeRef]:
    for table in snapshot.tables:
        yield from (column.type for column in table.columns)
    for type_ in snapshot.types:
        match type_:
            case DomainType(base=base):
                yield base
            case CompositeType(attributes=attributes):
                yield from (of for _, of in attributes)


def _type(type_: UserType) -> str:
    name = quote_qualified(type_.name)
    match type_:
        case EnumType():
            return f"CREATE TYPE {name} AS ENUM ({', '.join(map(quote_text, type_.labels))})"
        case DomainType():
            return f"CREATE DOMAIN {name} AS {format_type(type_.base)}{' NOT NULL' if type_.not_null else ''}"
        case CompositeType():
            attributes = ", ".join(f"{quote_name(a)} {format_type(of)}" for a, of in type_.attributes)
            return f"CREATE TYPE {name} AS ({attributes})"
        case RangeType():
            multirange = ""
            if type_.multirange:
                multirange = f", MULTIRANGE_TYPE_NAME = {quote_qualified(QName(type_.name.schema, type_.multirange))}"
            return f"CREATE TYPE {name} AS RANGE (SUBTYPE = {format_type(type_.subtype)}{multirange})"


def _function(function: SqlFunction) -> str:
    arguments = ", ".join(f"{quote_name(name) if name else ''} {format_type(of)}" for name, of in function.arguments)
    strict = " STRICT" if function.strict else ""
    return (
        f"CREATE FUNCTION {quote_qualified(function.name)}({arguments}) RETURNS {format_type(function.returns)}"
        f" LANGUAGE sql IMMUTABLE{strict} AS {quote_text(function.body)}"
    )


def _table(table: Table) -> str:
    name = quote_qualified(table.name)
    split = ""
    if table.partition_key is not None:
        split = f" PARTITION BY {table.partition_key.strategy} ({_elements(table.partition_key.keys)})"
    if table.partition_of is not None:
        parent = quote_qualified(table.partition_of.parent)
        return f"CREATE TABLE {name} PARTITION OF {parent} {table.partition_of.bound}{split}"
    columns = ", ".join(_column(column) for column in table.columns)
    inherits = f" INHERITS ({', '.join(map(quote_qualified, table.inherits))})" if table.inherits else ""
    return f"CREATE TABLE {name} ({columns}){inherits}{split}"


def _column(column: Column) -> str:
    text = f"{quote_name(column.name)} {format_type(column.type)}"
    if column.collation == "C":
        text += ' COLLATE "C"'
    if column.generated is not None:
        text += f" GENERATED ALWAYS AS ({column.generated}) {(column.generated_kind or 'stored').upper()}"
    if column.identity is not None:
        text += f" GENERATED {'ALWAYS' if column.identity == 'always' else 'BY DEFAULT'} AS IDENTITY"
    return text if column.nullable else f"{text} NOT NULL"


def _root(table: Table, tables: Mapping[QName, Table]) -> Table:
    while table.partition_of is not None and table.partition_of.parent in tables:
        table = tables[table.partition_of.parent]
    return table


def _checks(table: Table, tables: Mapping[QName, Table], children: Sequence[Table]) -> Iterator[str]:
    root = _root(table, tables)
    ancestors = [tables[name] for name in table.inherits if name in tables] if root is table else [root]
    expressions = {check.expression for ancestor in ancestors for check in ancestor.checks}
    # What stands on a single partition is part of its root's checks, under the same name.
    names = {check.name for check in root.checks} if root is not table else set()
    for check in table.checks:
        if check.expression in expressions or check.name in names:
            continue
        handed_down = all(any(check.expression == own.expression for own in child.checks) for child in children)
        alter = f"ALTER TABLE {quote_qualified(table.name)} ADD CONSTRAINT {quote_name(check.name)}"
        yield f"{alter} CHECK ({check.expression}){'' if handed_down else ' NO INHERIT'}"


def _keys(table: Table, tables: Mapping[QName, Table]) -> Iterator[str]:
    root = _root(table, tables)
    of_root = {(key.elements, key.predicate) for key in root.keys if _can_stand_on(root, key.elements)}
    for key in table.keys:
        if _can_stand_on(table, key.elements) and (root is table or (key.elements, key.predicate) not in of_root):
            yield _key(table, key)
    for exclusion in table.exclusions:
        # On a partitioned table they would need the partition key; its partitions have them.
        if table.partition_key is None:
            yield _exclusion(table, exclusion)


def _can_stand_on(table: Table, elements: tuple[KeyElement, ...]) -> bool:
    """A key of a partitioned table has the partition key's columns in it; others are its partitions' own."""
    if table.partition_key is None:
        return True
    columns = {element.column for element in elements}
    return all(element.column is not None and element.column in columns for element in table.partition_key.keys)


def _elements(elements: tuple[KeyElement, ...]) -> str:
    return ", ".join(quote_name(e.column) if e.column is not None else f"({e.expression})" for e in elements)


def _key(table: Table, key: UniqueKey) -> str:
    place, name = quote_qualified(table.name), quote_name(key.name)
    nulls = " NULLS NOT DISTINCT" if key.nulls_not_distinct else ""
    if key.columns is None or key.predicate is not None:
        where = f" WHERE {key.predicate}" if key.predicate is not None else ""
        return f"CREATE UNIQUE INDEX {name} ON {place} ({_elements(key.elements)}){nulls}{where}"
    overlaps = " WITHOUT OVERLAPS" if key.without_overlaps else ""
    kind = "PRIMARY KEY" if key.primary else f"UNIQUE{nulls}"
    deferrable = " DEFERRABLE" if key.deferrable else ""
    return f"ALTER TABLE {place} ADD CONSTRAINT {name} {kind} ({_elements(key.elements)}{overlaps}){deferrable}"


def _exclusion(table: Table, exclusion: Exclusion) -> str:
    elements = ", ".join(f"({element.expression}) WITH {element.operator}" for element in exclusion.elements)
    where = f" WHERE ({exclusion.predicate})" if exclusion.predicate is not None else ""
    return (
        f"ALTER TABLE {quote_qualified(table.name)} ADD CONSTRAINT {quote_name(exclusion.name)}"
        f" EXCLUDE USING {quote_name(exclusion.method)} ({elements}){where}"
    )


def _foreign_key(table: Table, key: ForeignKey) -> str:
    match = " MATCH FULL" if key.match == "full" else ""
    deferrable = " DEFERRABLE" if key.deferrable else ""
    return (
        f"ALTER TABLE {quote_qualified(table.name)} ADD CONSTRAINT {quote_name(key.name)}"
        f" FOREIGN KEY ({_key_columns(key.columns, key.period)})"
        f" REFERENCES {quote_qualified(key.ref_table)} ({_key_columns(key.ref_columns, key.period)}){match}{deferrable}"
    )


def _key_columns(columns: tuple[str, ...], period: bool) -> str:
    names = [quote_name(column) for column in columns]
    if period:
        names[-1] = f"PERIOD {names[-1]}"
    return ", ".join(names)
