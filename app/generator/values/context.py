"""What a generator may know of the column that it makes values for."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from app.generator.domain import Domain
from app.generator.snapshot.model import Column, CompositeType, EnumType, QName, RangeType, TypeRef
from app.generator.types import TypeCatalog

DEFAULT_REFERENCE = datetime(2026, 1, 1, tzinfo=UTC)
DEFAULT_LOCALE = "en_US"


@dataclass(frozen=True, slots=True)
class ColumnContext:
    """One column, with what stands around it.

    `type` has its domains unwrapped, `user_type` is the enum, composite or range that it names (of the element, for
    an array). `domain` is what the checks leave. `siblings` are the table's other columns that a generator may ask
    for. `reference` stands for "now" and comes from the plan. `table_key` is a key that all columns of the table
    share, so that columns of one row can take the same place or person without asking each other. `allowed` are the
    only values that a check leaves a sibling, where one does, `defaults` what SQL gives the table's columns where
    nothing is said. `notes` are what has been found out about the table as a whole, by whoever needs it first: its
    columns' contexts have them in common.
    """

    table: QName
    column: Column
    type: TypeRef
    domain: Domain
    table_comment: str | None = None
    user_type: EnumType | CompositeType | RangeType | None = None
    locale: str = DEFAULT_LOCALE
    siblings: Mapping[str, TypeRef] = field(default_factory=dict)
    unique: bool = False
    rows: int = 0
    reference: datetime = DEFAULT_REFERENCE
    table_key: int = 0
    types: TypeCatalog = field(default_factory=TypeCatalog)
    allowed: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    defaults: Mapping[str, str] = field(default_factory=dict)
    notes: dict[Any, Any] = field(default_factory=dict, compare=False, repr=False)
