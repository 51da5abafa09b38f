"""The plan: everything that decides the bytes, as data.

Plan + seed + engine version => bytes. It is made once (`app.generator.planning`), shown, stored with the export, and
executed (`app.generator.engine`) without the database it came from.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property
from typing import Any, Literal

import pyarrow as pa

from app.generator.arrow_types import arrow_field
from app.generator.config import PerParent
from app.generator.snapshot.model import Check, QName, SqlFunction, TypeRef, UserType
from app.generator.types import TypeCatalog

Pick = Literal["uniform", "skewed", "zipf", "earlier", "previous", "per_parent", "same", "turns", "root", "null"]
KeyMode = Literal["by_row", "injective", "product", "ordinal", "lines", "place", "pairs", "ledger"]


@dataclass(frozen=True, slots=True)
class ColumnPlan:
    """How one column is filled.

    `generator` names an entry of the registry (`reference` for a column that a relation fills, `generated` for one
    that Postgres computes), `null_ppm` is the number of NULLs in a million rows, `why` says what decided it. `type`
    is as declared, `base` with its domains unwrapped. `written` is False for generated columns. `note` says what a
    prompt or statistics have changed here; no byte depends on it.
    """

    name: str
    type: TypeRef
    base: TypeRef
    generator: str
    options: Mapping[str, Any] = field(default_factory=dict)
    null_ppm: int = 0
    unique: bool = False
    why: str = ""
    nullable: bool = True
    generated: str | None = None
    sequence: str | None = None
    identity: str | None = None
    comment: str | None = None
    collation_deterministic: bool = True
    note: str = ""

    @property
    def written(self) -> bool:
        """Whether the column is part of the output."""
        return self.generated is None


@dataclass(frozen=True, slots=True)
class RelationPlan:
    """How a foreign key picks its parent's row.

    `columns` are filled from the parent's `ref_columns`. `shared` are those that an earlier relation of the table has
    filled already: the parent is picked among those that agree. `null_columns` are set to NULL together for
    `null_ppm` in a million rows. A row that picks the `same` takes the parent of its own number; those that take
    `turns` go to the parents one after the other, and then to any. A `deferred` one closes a cycle and holds when all
    tables are loaded; where it is `forced` the constraint is not deferrable, and has to be made so for the load.
    Columns that are `computed` from those that it fills are part of the key as well: what they come to has to be what
    the parent has in its `computed_refs`.
    """

    name: str
    columns: tuple[str, ...]
    ref_table: QName
    ref_columns: tuple[str, ...]
    pick: Pick = "uniform"
    shared: tuple[str, ...] = ()
    null_ppm: int = 0
    null_columns: tuple[str, ...] = ()
    per_parent: PerParent | None = None
    deferred: bool = False
    forced: bool = False
    computed: tuple[str, ...] = ()
    computed_refs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class KeyPlan:
    """How a unique key is kept.

    `axes` are columns' names, or relations' as `-> name`. by_row: the row number itself. injective: a permutation of
    the axis. product: the digits of a permuted number. ordinal: the first axis goes round, the second counts.
    lines: a few rows share a permuted number's digits on the other axes, and the last axis counts them.
    place: the second axis counts a parent's children. pairs: the first two axes are one of the pairs that a check
    allows, which `pair` names (see `app.generator.engine.pairs`). ledger: duplicates are redrawn, in row order;
    `elements` and `predicate` are then SQL expressions.
    """

    name: str
    mode: KeyMode
    axes: tuple[str, ...]
    elements: tuple[str, ...] = ()
    predicate: str | None = None
    nulls_not_distinct: bool = False
    pair: str | None = None


@dataclass(frozen=True, slots=True)
class TablePlan:
    """One table: its rows, and how each column, relation and key is served.

    `checks` are the table's, its domains' and its partitions'.
    """

    name: QName
    rows: int
    columns: tuple[ColumnPlan, ...]
    relations: tuple[RelationPlan, ...] = ()
    keys: tuple[KeyPlan, ...] = ()
    checks: tuple[Check, ...] = ()
    comment: str | None = None

    @property
    def schema(self) -> pa.Schema:
        """The Arrow schema of the table's batches: the written columns, with their Postgres types as metadata."""
        return pa.schema([_field(c) for c in self.columns if c.written])

    @property
    def written_columns(self) -> tuple[ColumnPlan, ...]:
        """The columns of the output, in the table's order."""
        return tuple(c for c in self.columns if c.written)

    def column(self, name: str) -> ColumnPlan:
        """The column of that name; KeyError when there is none."""
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(name)


@dataclass(frozen=True, slots=True)
class PromptRecord:
    """Where a plan's overrides came from: who read the prompt, and what came of it. No byte depends on it.

    `planner` is `builtin` or `model`; `fallback` says why the built-in one answered in the model's place.
    `overrides` and `not_applied` have the forms of `app.generator.prompt.overrides`.
    """

    text: str
    planner: str
    model: str | None = None
    response_sha256: str | None = None
    fallback: str | None = None
    overrides: Mapping[str, Any] = field(default_factory=dict)
    applied: tuple[str, ...] = ()
    not_applied: tuple[Mapping[str, Any], ...] = ()


@dataclass(frozen=True)
class Plan:
    """A resolved request. `tables` stand in load order, parents first; `seed` is the text it was given as."""

    seed: str
    tables: tuple[TablePlan, ...]
    engine_version: int
    locale: str
    reference: datetime
    types: tuple[UserType, ...] = ()
    functions: tuple[SqlFunction, ...] = ()
    warnings: tuple[str, ...] = ()
    prompt: PromptRecord | None = None

    def has(self, name: QName) -> bool:
        """Whether there is a table of that name."""
        return name in self._by_name

    def table(self, name: QName) -> TablePlan:
        """The table of that name; KeyError when there is none."""
        return self._by_name[name]

    def with_table(self, table: TablePlan) -> "Plan":
        """The plan with one more table; what is known of the types and of the other tables is known of it too."""
        found = replace(self, tables=(*self.tables, table))
        found.__dict__.update(catalog=self.catalog, _by_name={**self._by_name, table.name: table})
        return found

    @cached_property
    def _by_name(self) -> Mapping[QName, TablePlan]:
        return {t.name: t for t in self.tables}

    @cached_property
    def catalog(self) -> TypeCatalog:
        """The user types that the columns name."""
        return TypeCatalog(self.types)

    @property
    def rows_total(self) -> int:
        """Rows over all tables."""
        return sum(t.rows for t in self.tables)

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the canonical JSON form, in hex."""
        text = json.dumps(self._plain, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()

    @property
    def text(self) -> str:
        """The JSON form as it is stored and sent."""
        return json.dumps(self._plain, separators=(",", ":"), ensure_ascii=False)

    @cached_property
    def _plain(self) -> Mapping[str, Any]:
        """For texts alone: whoever is given the data may change them."""
        return self.to_json()

    def to_json(self) -> dict[str, Any]:
        """The plan as plain data; `from_json` reads it back to an equal plan."""
        from app.generator.plan_form import plan_to_json

        return plan_to_json(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Plan":
        """Reads a plan; raises PlanRefused when the data are not one."""
        from app.generator.plan_form import plan_from_json

        return plan_from_json(data)


def _field(column: ColumnPlan) -> pa.Field:
    extra = {k: v for k, v in (("sequence", column.sequence), ("identity", column.identity)) if v}
    # A moment that another column decides on (`when`) is null without any share of nulls on top.
    # Not only by chance: a key that is used up, a cycle that is broken, an alternative of a check leave columns NULL.
    may_be_null = column.nullable or column.null_ppm > 0 or "when" in column.options
    return arrow_field(column.name, column.type, column.base, may_be_null, **extra)
