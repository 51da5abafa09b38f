"""What a row has to pass besides its table's checks."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from app.generator.engine.nodes import Mask, validity


@dataclass(frozen=True, slots=True)
class RelationHolds:
    """That a relation found a parent."""

    relation: str

    @property
    def name(self) -> str:
        """The relation's."""
        return self.relation

    @property
    def sql(self) -> str:
        """No check's."""
        return ""

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
    def columns(self) -> frozenset[str]:
        """The column."""
        return frozenset((self.column,))

    def failing(self, arrays: Mapping[str, pa.Array], length: int) -> Mask:
        """True for the rows where it is NULL."""
        return np.asarray(arrays[self.column].is_null())
