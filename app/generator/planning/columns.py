"""What fills a column that no relation fills: an override, or what its name, type and checks suggest."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from app.generator.config import GeneratorConfig
from app.generator.domain import Domain
from app.generator.engine.contexts import base_type, column_context
from app.generator.meaning import Choice, choose
from app.generator.plan import ColumnPlan
from app.generator.snapshot.model import Column, Table, TypeRef
from app.generator.types import TypeCatalog
from app.generator.values.context import ColumnContext


@dataclass(frozen=True)
class TableColumns:
    """What the columns of one table have in common for their generators."""

    table: Table
    config: GeneratorConfig
    seed: str
    types: TypeCatalog
    domains: Mapping[str, Domain]

    def context(self, column: Column, *, unique: bool = False, rows: int = 0) -> ColumnContext:
        """The context of one column's generator."""
        found = self._contexts.get(column.name)
        if found is None or found.column is not column:
            found = self._contexts[column.name] = self._read(column)
        return replace(found, unique=unique, rows=rows) if unique or rows else found

    def _read(self, column: Column) -> ColumnContext:
        return column_context(
            table=self.table.name,
            table_comment=self.table.comment,
            column=column,
            siblings=self._siblings,
            domain=self.domains.get(column.name, Domain()),
            types=self.types,
            locale=self.config.locale,
            reference=self.config.reference,
            seed=self.seed,
            allowed=self._allowed,
            defaults=self._defaults,
            notes=self._notes,
        )

    @cached_property
    def _contexts(self) -> dict[str, ColumnContext]:
        return {}

    @cached_property
    def _notes(self) -> dict[Any, Any]:
        return {}

    @cached_property
    def _allowed(self) -> Mapping[str, tuple[str, ...]]:
        """The values of the columns whose checks list them."""
        listed = ((name, domain.values) for name, domain in self.domains.items())
        return {name: tuple(str(value) for value in values) for name, values in listed if values is not None}

    @cached_property
    def _defaults(self) -> Mapping[str, str]:
        return {c.name: c.default for c in self.table.columns if c.default is not None}

    @cached_property
    def _siblings(self) -> Mapping[str, TypeRef]:
        """Every column's type, domains unwrapped."""
        return {c.name: base_type(self.types, c.type) for c in self.table.columns}


def choose_generator(context: ColumnContext) -> Choice:
    """The generator that the column's name, type, comment and table suggest."""
    return choose(context)


def plan_column(columns: TableColumns, column: Column, choice: Choice, null_ppm: int, *, unique: bool) -> ColumnPlan:
    """The plan of a column that makes its own values."""
    return described(columns.types, column, choice.generator, choice.options, choice.why, null_ppm, unique=unique)


def described(
    types: TypeCatalog, column: Column, generator: str, options: Mapping[str, Any], why: str, null_ppm: int = 0,
    *, unique: bool = False,
) -> ColumnPlan:  # fmt: skip
    """A column's plan with everything that the catalogue says of it."""
    resolved = types.resolve(column.type)
    return ColumnPlan(
        name=column.name,
        type=column.type,
        base=base_type(types, column.type),
        generator=generator,
        options=dict(options),
        null_ppm=null_ppm,
        unique=unique,
        why=why,
        nullable=column.nullable and resolved.nullable,
        generated=column.generated,
        sequence=column.sequence,
        identity=column.identity,
        comment=column.comment,
        collation_deterministic=column.collation_deterministic,
    )
