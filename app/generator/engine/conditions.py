"""What a row has to pass: its table's checks, and what its references and computed columns ask for."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from app.generator.engine.nodes import Mask, validity
from app.generator.engine.relations import of_parent
from app.generator.plan import TablePlan

if TYPE_CHECKING:
    from app.generator.expressions import Predicate as CompiledPredicate


@dataclass(frozen=True, slots=True)
class RowCheck:
    """A check that is tested row by row. NULL passes, as in Postgres."""

    name: str
    predicate: "CompiledPredicate"

    @property
    def sql(self) -> str:
        """Its condition as the schema has it."""
        return self.predicate.sql

    @property
    def rule(self) -> str:
        """The check as the schema has it."""
        return f"CHECK ({self.sql})"

    @property
    def columns(self) -> frozenset[str]:
        """The columns it reads."""
        return self.predicate.columns

    def failing(self, arrays: Mapping[str, pa.Array], length: int) -> Mask:
        """True for the rows that violate it."""
        return ~self.predicate.accepts(arrays).astype(np.bool_)


@dataclass(frozen=True, slots=True)
class RowCondition:
    """The predicate of a partial index: only true counts."""

    predicate: "CompiledPredicate"

    @property
    def columns(self) -> frozenset[str]:
        """The columns it reads."""
        return self.predicate.columns

    def holds(self, arrays: Mapping[str, pa.Array], length: int) -> Mask:
        """True for the rows that the index covers."""
        covered: Mask = self.predicate.test(arrays) == 1
        return covered


@dataclass(frozen=True, slots=True)
class RelationHolds:
    """That a relation found a parent; `keys` and `parent` are for whom it has to be told."""

    relation: str
    keys: tuple[str, ...] = ()
    parent: str = ""

    @property
    def name(self) -> str:
        """The relation's."""
        return self.relation

    @property
    def sql(self) -> str:
        """No check's."""
        return ""

    @property
    def rule(self) -> str:
        """What it asks for, and of which columns."""
        return f"FOREIGN KEY ({', '.join(self.keys)}) REFERENCES {self.parent} beside the columns that it shares"

    @property
    def columns(self) -> frozenset[str]:
        """The flag that the relation sets."""
        return frozenset((validity(self.relation),))

    def failing(self, arrays: Mapping[str, pa.Array], length: int) -> Mask:
        """True for the rows without."""
        return ~np.asarray(arrays[validity(self.relation)])


@dataclass(frozen=True, slots=True)
class HasValue:
    """That a column which a check gives as an expression over others is not NULL: its type may be too narrow."""

    column: str

    @property
    def name(self) -> str:
        """What it is called in a refusal."""
        return f"not null {self.column}"

    @property
    def sql(self) -> str:
        """No check's."""
        return ""

    @property
    def rule(self) -> str:
        """What it asks for."""
        return f"NOT NULL of {self.column}, which its checks compute"

    @property
    def columns(self) -> frozenset[str]:
        """The column."""
        return frozenset((self.column,))

    def failing(self, arrays: Mapping[str, pa.Array], length: int) -> Mask:
        """True for the rows where it is NULL."""
        return np.asarray(arrays[self.column].is_null())


@dataclass(frozen=True, slots=True)
class ComputedAgree:
    """That the columns of a key which are computed come to what the parent has that was picked by the others."""

    relation: str
    keys: tuple[str, ...]
    parent: str
    computed: tuple[str, ...]

    @property
    def name(self) -> str:
        """The relation's."""
        return self.relation

    @property
    def sql(self) -> str:
        """No check's."""
        return ""

    @property
    def rule(self) -> str:
        """What it asks for, and of which columns."""
        return f"FOREIGN KEY ({', '.join(self.keys)}) REFERENCES {self.parent}, of which it computes a part"

    @property
    def columns(self) -> frozenset[str]:
        """The columns of the key, and what the parent has of those that are computed."""
        return frozenset((*self.keys, *(of_parent(self.relation, column) for column in self.computed)))

    def failing(self, arrays: Mapping[str, pa.Array], length: int) -> Mask:
        """True for the rows in which nothing is NULL and a part differs."""
        there = np.ones(length, dtype=np.bool_)
        for column in self.keys:
            there &= np.asarray(arrays[column].is_valid())
        same = np.ones(length, dtype=np.bool_)
        for column in self.computed:
            own, other = arrays[column], arrays[of_parent(self.relation, column)]
            own = own if own.type == other.type else own.cast(other.type, safe=False)
            same &= np.asarray(pc.fill_null(pc.equal(own, other), False))
        found: Mask = there & ~same
        return found


def reference_conditions(table: TablePlan) -> "list[RelationHolds | ComputedAgree]":
    """What a table's references ask for, beside what they fill themselves."""
    found: list[RelationHolds | ComputedAgree] = [
        RelationHolds(r.name, r.columns, str(r.ref_table))
        for r in table.relations
        if r.shared and not r.null_columns and r.ref_table != table.name and r.pick != "same"
    ]
    return found + [
        ComputedAgree(r.name, (*r.columns, *r.computed), str(r.ref_table), r.computed)
        for r in table.relations
        if r.computed
    ]
