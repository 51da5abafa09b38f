"""Overrides in planning: which column one is for, what one may say of a reference, and where one cannot apply."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, cast

from app.errors import Fault, OptionInvalid, OptionProblem
from app.generator.config import GeneratorConfig
from app.generator.plan import Pick, RelationPlan
from app.generator.snapshot.model import QName, Table
from app.generator.values.entries import hint, nearest
from app.generator.values.nulls import NULL_RATE
from app.generator.values.overrides import NULL_RATE_NAME, REFERENCE, null_share, per_parent_hint

_MILLION = 1_000_000
PICKS = ("uniform", "skewed", "zipf")


@dataclass(frozen=True, slots=True)
class ColumnOverride:
    """An override as it was written, and the JSON Pointer to it."""

    pointer: str
    wanted: Any


def override_of(config: GeneratorConfig, table: QName, column: str) -> ColumnOverride | None:
    """The override for a column: under `schema.table` or `table`."""
    for name in (str(table), table.name) if config.overrides else ():
        columns = config.overrides.get(name)
        if columns is not None and column in columns:
            return ColumnOverride(f"/config/overrides/{_token(name)}/{_token(column)}", columns[column])
    return None


def unknown_columns(table: Table, config: GeneratorConfig) -> list[Fault]:
    """A fault for each override that names a column which the table has not."""
    faults = []
    names = {c.name for c in table.columns}
    for written in (str(table.name), table.name.name):
        for column in config.overrides.get(written, {}):
            if column not in names:
                meant = nearest(column, names)
                message = f"{table.name} has no column {column!r} to override{hint(meant)}"
                facts = _facts(table.name, column, OptionProblem((), message, meant))
                faults.append(
                    Fault(f"/config/overrides/{_token(written)}/{_token(column)}", "unknown_column", message, facts)
                )
    return faults


def faults_of(found: ColumnOverride, table: QName, column: str, problems: Iterable[OptionProblem]) -> list[Fault]:
    """A fault for each problem of an override, with a pointer to the option that it is about."""
    return [
        Fault(
            "/".join((found.pointer, *(_token(step) for step in problem.path))),
            "invalid_override",
            f"{table}.{column}: {problem.message}",
            _facts(table, column, problem),
        )
        for problem in problems
    ]


def with_override(plan: RelationPlan, found: ColumnOverride, *, nullable: bool) -> RelationPlan:
    """A relation as an override of one of its columns wants it. Raises OptionInvalid.

    A foreign key's column takes what its parent's key is, so that an override can say which parents are picked more
    often and how many rows have none, but no value.
    """
    given = {NULL_RATE_NAME: 1} if found.wanted is None else found.wanted
    known = (NULL_RATE_NAME, NULL_RATE, REFERENCE)
    if not isinstance(given, Mapping) or not given or set(given) - set(known):
        wrong = next((str(word) for word in given if word not in known), None) if isinstance(given, Mapping) else None
        meant = nearest(wrong, known) if wrong is not None else None
        message = (
            f"the foreign key {plan.name} fills it with keys of {plan.ref_table}; an override of it has nullRate or "
            "reference, such as {'reference': {'distribution': 'zipf'}}"
        ) + (f"; not {wrong!r}{per_parent_hint(wrong) or hint(meant)}" if wrong is not None else "")
        raise OptionInvalid(message, (OptionProblem(() if wrong is None else (wrong,), message, meant),))
    for name in (NULL_RATE_NAME, NULL_RATE):
        if name in given:
            share = null_share(given[name], nullable=nullable and bool(plan.null_columns))
            plan = replace(plan, null_ppm=int(Decimal(str(share)) * _MILLION))
    return _with_pick(plan, given[REFERENCE]) if REFERENCE in given else plan


def _with_pick(plan: RelationPlan, wanted: Any) -> RelationPlan:
    if isinstance(wanted, Mapping) and (wrong := next((str(word) for word in wanted if word != "distribution"), None)):
        meant = nearest(wrong, ("distribution",))
        message = f"reference: it has distribution; not {wrong!r}{hint(meant)}"
        raise OptionInvalid(message, (OptionProblem((REFERENCE, wrong), message, meant),))
    name = wanted.get("distribution") if isinstance(wanted, Mapping) else wanted
    if name not in PICKS:
        meant = nearest(name, PICKS)
        message = f"reference: distribution must be one of {', '.join(PICKS)}{hint(meant)}"
        raise OptionInvalid(message, (OptionProblem((REFERENCE,), message, meant),))
    if plan.pick != "uniform" or plan.shared:
        reason = {
            "per_parent": f"perParent says how many rows of {plan.ref_table} it has",
            "earlier": "it refers to earlier rows of its own table",
            "null": f"{plan.ref_table} has no rows that it could refer to",
        }.get(plan.pick, "it shares columns with another foreign key")
        message = f"reference: {plan.name} has no distribution of its own, since {reason}"
        raise OptionInvalid(message, (OptionProblem((REFERENCE,), message),))
    return replace(plan, pick=cast(Pick, name))


def _facts(table: QName, column: str, problem: OptionProblem) -> dict[str, Any]:
    facts: dict[str, Any] = {"table": str(table), "column": column}
    if problem.path:
        facts["option"] = problem.path[-1]
    if problem.meant:
        facts["didYouMean"] = problem.meant
    return facts


def _token(name: str) -> str:
    """A JSON Pointer token (RFC 6901)."""
    return name.replace("~", "~0").replace("/", "~1")
