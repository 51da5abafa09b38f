"""What a row has to pass: its table's checks, and what its references and computed columns ask for."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from app.generator.engine.nodes import Mask, validity

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
