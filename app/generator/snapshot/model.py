"""The schema snapshot: what the generator knows of a database, as frozen values.

Expressions (checks, defaults, index expressions and predicates, generated columns, partition bounds) are kept as
the SQL text that Postgres prints (`pg_get_expr`, `pg_get_constraintdef`); names are unquoted.
"""

from dataclasses import dataclass
from typing import Literal

SNAPSHOT_VERSION = 1


@dataclass(frozen=True, slots=True, order=True)
class QName:
    """A schema-qualified name."""

    schema: str
    name: str

    def __str__(self) -> str:
        return f"{self.schema}.{self.name}"


@dataclass(frozen=True, slots=True)
class TypeRef:
    """A column's type as declared.

    `name` is the canonical catalogue name (`int4`, `varchar`, `numeric`, `bpchar`, `timestamptz`), of the element
    for an array; built-ins have schema `pg_catalog`. `modifiers` as written: numeric(10,2) -> (10, 2),
    varchar(20) -> (20,), vector(3) -> (3,). `array_dims` is 0 for a scalar, else at least 1.
    `interval_fields` as in `interval day to second`; `shape` is PostGIS' word: geometry(Point,4326) has the shape
    `Point` and the modifiers (4326,).
    """

    schema: str
    name: str
    modifiers: tuple[int, ...] = ()
    array_dims: int = 0
    interval_fields: str | None = None
    shape: str | None = None


@dataclass(frozen=True, slots=True)
class Check:
    """A CHECK of a table or a domain (there the value is called VALUE)."""

    name: str
    expression: str


@dataclass(frozen=True, slots=True)
class EnumType:
    name: QName
    labels: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DomainType:
    name: QName
    base: TypeRef
    not_null: bool = False
    default: str | None = None
    checks: tuple[Check, ...] = ()


@dataclass(frozen=True, slots=True)
class CompositeType:
    name: QName
    attributes: tuple[tuple[str, TypeRef], ...]


@dataclass(frozen=True, slots=True)
class RangeType:
    """A user-defined range; `multirange` is the name of the multirange type that came with it."""

    name: QName
    subtype: TypeRef
    multirange: str | None = None


UserType = EnumType | DomainType | CompositeType | RangeType


@dataclass(frozen=True, slots=True)
class SqlFunction:
    """An SQL-language function that a check, an index or a generated column calls: its body can be inlined."""

    name: QName
    arguments: tuple[tuple[str, TypeRef], ...]
    returns: TypeRef
    body: str
    strict: bool = False


@dataclass(frozen=True, slots=True)
class Column:
    """A column. `sequence` is the qualified name of the sequence it owns or defaults to, to be set after a load."""

    name: str
    type: TypeRef
    nullable: bool = True
    default: str | None = None
    identity: Literal["always", "by_default"] | None = None
    generated: str | None = None
    generated_kind: Literal["stored", "virtual"] | None = None
    sequence: str | None = None
    collation: str | None = None
    collation_deterministic: bool = True
    comment: str | None = None


@dataclass(frozen=True, slots=True)
class KeyElement:
    """One element of a unique key: a column, or an expression."""

    column: str | None = None
    expression: str | None = None


@dataclass(frozen=True, slots=True)
class UniqueKey:
    """A primary key, a unique constraint or a unique index. `predicate` makes it partial."""

    name: str
    elements: tuple[KeyElement, ...]
    primary: bool = False
    nulls_not_distinct: bool = False
    predicate: str | None = None
    deferrable: bool = False
    without_overlaps: bool = False

    @property
    def columns(self) -> tuple[str, ...] | None:
        """The columns' names, or None when an element is an expression."""
        names = tuple(e.column for e in self.elements if e.column is not None)
        return names if len(names) == len(self.elements) else None


@dataclass(frozen=True, slots=True)
class ForeignKey:
    name: str
    columns: tuple[str, ...]
    ref_table: QName
    ref_columns: tuple[str, ...]
    match: Literal["simple", "full"] = "simple"
    on_delete: str = "no action"
    on_update: str = "no action"
    deferrable: bool = False
    initially_deferred: bool = False
    enforced: bool = True
    period: bool = False


@dataclass(frozen=True, slots=True)
class ExclusionElement:
    expression: str
    operator: str


@dataclass(frozen=True, slots=True)
class Exclusion:
    """An EXCLUDE constraint: no two rows for which every element's operator holds."""

    name: str
    method: str
    elements: tuple[ExclusionElement, ...]
    predicate: str | None = None


@dataclass(frozen=True, slots=True)
class PartitionKey:
    """How a partitioned table is split. A key is a column name, or an expression."""

    strategy: Literal["range", "list", "hash"]
    keys: tuple[KeyElement, ...]


@dataclass(frozen=True, slots=True)
class PartitionOf:
    """Which table this is a partition of, and its bound (`FOR VALUES ...` or `DEFAULT`)."""

    parent: QName
    bound: str


@dataclass(frozen=True, slots=True)
class Table:
    """A table. Rows are generated for `table` and `partitioned`; a `partition` gets its rows by its root."""

    name: QName
    columns: tuple[Column, ...]
    kind: Literal["table", "partitioned", "partition"] = "table"
    keys: tuple[UniqueKey, ...] = ()
    foreign_keys: tuple[ForeignKey, ...] = ()
    checks: tuple[Check, ...] = ()
    exclusions: tuple[Exclusion, ...] = ()
    partition_key: PartitionKey | None = None
    partition_of: PartitionOf | None = None
    inherits: tuple[QName, ...] = ()
    comment: str | None = None

    @property
    def primary_key(self) -> UniqueKey | None:
        return next((key for key in self.keys if key.primary), None)

    def column(self, name: str) -> Column:
        """The column of that name; KeyError when there is none."""
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(name)


@dataclass(frozen=True, slots=True)
class ColumnStatistics:
    """What ANALYZE found of a column.

    `null_fraction` is a share, 0 to 1. `distinct` is a number of values, or with a minus the share of the rows that
    are distinct, as `pg_stats.n_distinct`. `correlation`, -1 to 1, says how far the column's order follows the rows'.
    `common` are the most common values with their shares: data of the real database, and seldom there.
    """

    column: str
    null_fraction: float = 0.0
    distinct: float = 0.0
    correlation: float | None = None
    common: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True, slots=True)
class TableStatistics:
    """What is known of a real table: about so many rows, and its columns."""

    table: QName
    rows: int
    columns: tuple[ColumnStatistics, ...] = ()


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A whole schema. Tables and types are in name order, so that the order of the DDL never matters."""

    tables: tuple[Table, ...]
    types: tuple[UserType, ...] = ()
    functions: tuple[SqlFunction, ...] = ()
    extensions: tuple[str, ...] = ()
    server_version: str | None = None
    version: int = SNAPSHOT_VERSION
    statistics: tuple[TableStatistics, ...] = ()

    def table(self, name: QName) -> Table:
        """The table of that name; KeyError when there is none."""
        for table in self.tables:
            if table.name == name:
                return table
        raise KeyError(str(name))
