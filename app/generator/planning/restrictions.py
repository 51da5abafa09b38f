"""Which columns no rule restricts: those that may hold any text. And what is said of one that its rules forbid."""

import re
from collections.abc import Iterator
from dataclasses import replace

from app.errors import Fault, OptionProblem
from app.generator.config import GeneratorConfig
from app.generator.domain import Domain
from app.generator.planning.drafting import Draft
from app.generator.planning.overrides import faults_of, override_of
from app.generator.snapshot.model import Column
from app.generator.values.context import ColumnContext

# Types that take any text; `name` and "char" count bytes.
_ANY_TEXT = frozenset({"text", "varchar", "bpchar", "citext"})


def is_unrestricted(draft: Draft, context: ColumnContext) -> bool:
    """Whether a column of text is in no key, reference, check, partition key, exclusion or computed column."""
    name = context.column.name
    if context.type.name not in _ANY_TEXT or context.type.array_dims or name in draft.referenced:
        return False
    if replace(context.domain, nullable=True, null_hint=False, suggested=(), cuts=()) != Domain():
        return False
    # An expression that seems to name the column is one too many rather than one too few.
    word = re.compile(rf"(?<![\w]){re.escape(name)}(?![\w])", re.IGNORECASE)
    return not any(word.search(text) for text in _rules(draft))


def impossible(draft: Draft, column: Column, reason: str) -> Fault:
    """The fault for a column of which no generator makes a value: `reason`, with the checks that leave it none."""
    alone = draft.constraints.tests_of(frozenset((column.name,)))
    checks = {(t.name, t.sql) for t in alone or draft.constraints.checks_of(frozenset((column.name,)))}
    names, rules = (
        ", ".join(sorted(name for name, _ in checks)),
        " and ".join(f"CHECK ({sql})" for _, sql in sorted(checks)),
    )
    place = f"{draft.table.name}.{column.name}: "
    reason = reason if reason.startswith(place) else place + reason
    message = reason if not checks else f"{reason}, with {names}: {rules}"
    facts = {"table": str(draft.table.name), "column": column.name}
    if checks:
        facts |= {"constraint": names, "expression": rules}
    return Fault("/config/overrides", "no_generator", f"{message}; override {column.name} in config.overrides", facts)


def needless_override(draft: Draft, column: Column, config: GeneratorConfig) -> list[Fault]:
    """The faults of an override of a column that takes no value of its own; none where there is no such override."""
    if column.generated is not None:
        reason = f"Postgres computes it: {column.generated}"
    elif column.name in draft.overlaps.axes or column.name in draft.overlaps.kinds:
        reason = "an exclusion constraint wants its spans side by side"
    else:
        return []
    found = override_of(config, draft.table.name, column.name)
    if found is None:
        return []
    problem = OptionProblem((), f"it takes no override, since {reason}")
    return faults_of(found, draft.table.name, column.name, [problem])


def _rules(draft: Draft) -> Iterator[str]:
    """Every name and expression by which the table restricts its columns."""
    table = draft.table
    yield from (check.expression for check in draft.checks)
    yield from (column.generated for column in table.columns if column.generated is not None)
    for unique in (*table.keys, *draft.overlaps.keys):
        yield from (element.column or str(element.expression) for element in unique.elements)
        yield unique.predicate or ""
    for foreign in table.foreign_keys:
        yield from foreign.columns
    for exclusion in table.exclusions:
        yield from (element.expression for element in exclusion.elements)
        yield exclusion.predicate or ""
    for key in table.partition_key.keys if table.partition_key else ():
        yield key.column or str(key.expression)
