"""References that no foreign key states: `user_id` where there is a table of users that are numbered.

Many schemas have all of theirs so. The numbers drawn for such a column are those that the other table's rows have.
"""

import re
from collections.abc import Mapping
from dataclasses import replace

from app.generator.domain import Domain
from app.generator.meaning.naming import raw_tokens, singular
from app.generator.plan import ColumnPlan, TablePlan
from app.generator.planning.drafting import Draft
from app.generator.planning.restrictions import rules_of
from app.generator.snapshot.model import QName
from app.generator.values.choice import OVERRIDE

_WHOLE = frozenset({"int4", "int8"})
_PLAIN = frozenset({"type", "number"})
# Schema and words of what a row is about, the last one in the singular.
_Entity = tuple[str, tuple[str, ...]]


def with_unstated(tables: tuple[TablePlan, ...], drafts: Mapping[QName, Draft]) -> tuple[TablePlan, ...]:
    """The tables, with the numbers of rows in columns that are named after a table, and that nothing restricts."""
    numbered: dict[_Entity, tuple[QName, int, int]] = {}
    for table in tables:
        start = _first_number(table, drafts[table.name])
        if start is not None and table.rows:
            numbered.setdefault(_entity(table.name), (table.name, start, start + table.rows - 1))
    if not numbered:
        return tables
    return tuple(_with_numbers(table, drafts[table.name], numbered) for table in tables)


def _first_number(table: TablePlan, draft: Draft) -> int | None:
    """Where the rows' numbers begin; None where they have none that count up one by one."""
    key = draft.table.primary_key
    names = key.columns if key is not None else None
    if names is None or len(names) != 1:
        return None
    column = next(column for column in table.columns if column.name == names[0])
    if column.generator != "sequence" or column.options.get("step", 1) != 1:
        return None
    start = column.options.get("start", 1)
    return start if isinstance(start, int) else None


def _with_numbers(table: TablePlan, draft: Draft, numbered: Mapping[_Entity, tuple[QName, int, int]]) -> TablePlan:
    columns = tuple(_pointed(table, draft, column, numbered) for column in table.columns)
    same = all(new is old for new, old in zip(columns, table.columns, strict=True))
    return table if same else replace(table, columns=columns)


def _pointed(
    table: TablePlan, draft: Draft, column: ColumnPlan, numbered: Mapping[_Entity, tuple[QName, int, int]]
) -> ColumnPlan:
    words = raw_tokens(column.name)
    if len(words) < 2 or words[-1] != "id" or not _is_free(draft, column):
        return column
    for first in range(len(words) - 1):
        found = numbered.get((table.name.schema, (*words[first:-2], singular(words[-2]))))
        if found is not None and found[0] != table.name:
            parent, low, high = found
            nulls = {name: value for name, value in column.options.items() if name == "null_rate"}
            options = {"min": low, "max": high, **nulls}
            return replace(column, generator="number", options=options, why=f"a row of {parent}, by its name")
    return column


def _is_free(draft: Draft, column: ColumnPlan) -> bool:
    """Whether a column of whole numbers is in no key, reference, check, partition key, exclusion or expression."""
    plain = column.generator in _PLAIN and column.why != OVERRIDE and not column.unique
    if not plain or column.base.name not in _WHOLE or column.base.array_dims or column.name in draft.referenced:
        return False
    if replace(draft.constraints.domain(column.name), nullable=True, null_hint=False) != Domain():
        return False
    # An expression that seems to name the column is one too many rather than one too few.
    word = re.compile(rf"(?<!\w){re.escape(column.name)}(?!\w)", re.IGNORECASE)
    return not any(word.search(rule) for rule in rules_of(draft))


def _entity(name: QName) -> _Entity:
    words = raw_tokens(name.name)
    return name.schema, (*words[:-1], singular(words[-1])) if words else ()
