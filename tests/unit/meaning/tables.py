"""Tables of nullable columns, chosen for by their meaning and made as the planner has them made."""

from typing import Any

import numpy as np
import pyarrow as pa

from app.generator.domain import Domain
from app.generator.meaning import choose
from app.generator.snapshot.model import Column, QName, TypeRef
from app.generator.values.context import ColumnContext
from app.generator.values.registry import build

ROWS = np.arange(500)


def type_of(text: str) -> TypeRef:
    """A built-in type as SQL writes it: numeric(10,2)."""
    name, _, inside = text.partition("(")
    return TypeRef("pg_catalog", name, tuple(int(n) for n in inside.rstrip(")").split(",")) if inside else ())


class Table:
    """A table, by its columns' types."""

    def __init__(
        self,
        name: str,
        columns: dict[str, str],
        locale: str = "en_US",
        *,
        defaults: dict[str, str] | None = None,
        **domains: Domain,
    ) -> None:
        self.types = {column: type_of(kind) for column, kind in columns.items()}
        self.contexts = {
            column: ColumnContext(
                QName("public", name),
                Column(column, kind, default=(defaults or {}).get(column)),
                kind,
                domains.get(column, Domain()),
                siblings={other: ref for other, ref in self.types.items() if other != column},
                locale=locale,
                table_key=5,
                defaults=defaults or {},
                allowed={
                    other: tuple(str(value) for value in domain.values)
                    for other, domain in domains.items()
                    if other != column and domain.values
                },
            )
            for column, kind in self.types.items()
        }
        self.choices = {column: choose(context) for column, context in self.contexts.items()}

    def columns(self) -> dict[str, list[Any]]:
        """The values of some rows by column, columns made after those that they need."""
        made: dict[str, pa.Array] = {}
        generators = {c: build(self.choices[c], self.contexts[c]) for c in self.types}
        while len(made) < len(generators):
            ready = [c for c, g in generators.items() if c not in made and set(g.needs) <= set(made)]
            assert ready, "columns wait for each other"
            for column in ready:
                made[column] = generators[column].draw(len(column) * 7919, ROWS, made, 0)
        return {column: array.to_pylist() for column, array in made.items()}

    def rows(self) -> list[dict[str, Any]]:
        """Some rows."""
        columns = self.columns()
        return [dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)]
