"""Overrides out of a prompt, applied: what the snapshot allows goes into the plan, what it does not is listed.

The judge of an override is the planner itself. What it refuses is taken back, told with its reason, and the rest is
tried again, so that one bad part of a prompt costs nothing but that part.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from app.generator.config import GeneratorConfig, PerParent
from app.generator.plan import ColumnPlan, Plan, PromptRecord, TablePlan
from app.generator.planning.editing import Edit, Edits, noted, settle
from app.generator.planning.making import make_plan
from app.generator.pools import LOCALES, resolve_locale
from app.generator.prompt.overrides import ColumnWish, DateRange, PlanOverrides
from app.generator.prompt.schema_words import SchemaWords
from app.generator.prompt.wishes import Unserved, correlated, dependencies, override_for
from app.generator.snapshot.model import QName, Snapshot
from app.generator.values.kinds import MOMENT_TYPES

# Generators that stand at the row's place.
PLACED = frozenset(
    "city region region_code country country_code country_code3 continent time_zone currency postal_code phone "
    "latitude longitude geo_point street_address".split()
)
_EVERY_OTHER = "*"
_MOST_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Prompted:
    """A plan with a prompt in it, and the configuration that makes it."""

    plan: Plan
    config: GeneratorConfig


def apply_overrides(
    snapshot: Snapshot,
    config: GeneratorConfig,
    base: Plan,
    overrides: PlanOverrides,
    record: PromptRecord,
    *,
    locale_given: bool = False,
) -> Prompted:
    """The plan with the overrides in it, as far as the snapshot and the configuration allow.

    `base` is the plan of `config` without them. What the configuration says by name stands: a prompt does not
    change the rows of a table that has a count, nor a column that has an override. `locale_given` says that the
    configuration's locale was asked for.
    """
    work = Edits(refused=[(n.text, n.reason) for n in overrides.not_applied])
    schema = SchemaWords(snapshot, base)
    _Translator(schema, config, work).translate(overrides, locale_given=locale_given)
    plan, final = settle(config, base, work, lambda changed: make_plan(snapshot, changed, base.seed))
    told = replace(
        record,
        overrides=overrides.to_json(),
        applied=tuple(edit.text for edit in work.edits) + ((f"locale {work.locale}",) if work.locale else ()),
        not_applied=tuple({"text": text, "reason": reason} for text, reason in work.refused),
    )
    return Prompted(noted(replace(plan, prompt=told), work, "prompt"), final)


class _Translator:
    """Turns overrides into edits of the configuration."""

    def __init__(self, schema: SchemaWords, config: GeneratorConfig, work: Edits) -> None:
        self._schema, self._config, self._work = schema, config, work
        self._plan = schema.plan
        self._tables: dict[str, TablePlan] = {}
        for table in self._plan.tables:
            self._tables[str(table.name)] = table
            self._tables.setdefault(table.name.name, table)

    def translate(self, overrides: PlanOverrides, *, locale_given: bool) -> None:
        """Every override as an edit, or as a refusal."""
        self._locale(overrides.locale, given=locale_given)
        self._rows(overrides)
        wishes = self._wishes(overrides)
        self._places(overrides, wishes)
        for bond in overrides.correlations:
            text = f"{bond.table}.{bond.column} {bond.kind} {', '.join(bond.of)}"
            self._column(bond.table, bond.column, text, lambda t, c, b=bond: correlated(t, c, b, self._follows(t)))

    def _refuse(self, text: str, reason: str) -> None:
        self._work.refuse(text, reason)

    def _locale(self, locale: str | None, *, given: bool) -> None:
        if locale is None or locale == self._config.locale:
            return
        if given:
            self._refuse(f"locale {locale}", f"the configuration says {self._config.locale}")
        elif locale not in LOCALES and not resolve_locale(locale).startswith(locale[:2]):
            self._refuse(f"locale {locale}", f"there are words for {', '.join(LOCALES)}")
        else:
            self._work.locale = locale

    def _rows(self, overrides: PlanOverrides) -> None:
        given = self._config.rows if isinstance(self._config.rows, Mapping) else {}
        for count in overrides.rows:
            text = f"{count.rows:,} rows of {'every other table' if count.table == _EVERY_OTHER else count.table}"
            if count.table == _EVERY_OTHER:
                self._work.edits.append(Edit(text, rows=(_EVERY_OTHER, count.rows)))
            elif (name := self._counted(count.table, text, given)) is not None:
                self._work.edits.append(Edit(text, rows=(name, count.rows)))
        for ratio in overrides.ratios:
            text = f"{ratio.min} to {ratio.max} {ratio.table} for each of {ratio.parent}"
            name = self._counted(ratio.table, text, given)
            if name is None:
                continue
            parent = self._tables.get(ratio.parent)
            relations = [r for r in self._tables[ratio.table].relations if parent and r.ref_table == parent.name]
            if ratio.min > ratio.max:
                self._refuse(text, "min is more than max")
            elif parent is None or not relations:
                self._refuse(text, f"{ratio.table} has no foreign key to {ratio.parent}")
            else:
                # Of several foreign keys to that parent the one that must be there.
                chosen = min(relations, key=lambda r: (bool(r.null_columns), r.name)).name
                wish = PerParent(ratio.min, ratio.max, ratio.distribution, foreign_key=chosen)
                self._work.edits.append(Edit(text, rows=(name, wish)))

    def _counted(self, table: str, text: str, given: Mapping[str, Any]) -> str | None:
        found = self._tables.get(table)
        if found is None:
            self._refuse(text, f"the plan has no table {table!r}")
            return None
        if str(found.name) in given or found.name.name in given:
            self._refuse(text, f"the configuration says how many rows {table} has")
            return None
        return str(found.name)

    def _wishes(self, overrides: PlanOverrides) -> set[tuple[QName, str]]:
        """Columns, with the spans of time of their tables; returns those that were spoken of."""
        merged: dict[tuple[str, str], ColumnWish] = {}
        for wish in overrides.columns:
            key = (wish.table, wish.column)
            if key in merged:
                changes = {n: v for n in wish.__slots__ if (v := getattr(wish, n)) is not None}
                merged[key] = replace(merged[key], **changes)
            else:
                merged[key] = wish
        for span in overrides.dates:
            self._date_wishes(span, merged)
        for wish in merged.values():
            self._column(wish.table, wish.column, _told(wish), lambda t, c, w=wish: override_for(self._schema, t, c, w))
        return {(t.name, column) for table, column in merged if (t := self._tables.get(table)) is not None}

    def _date_wishes(self, span: DateRange, merged: dict[tuple[str, str], ColumnWish]) -> None:
        text = f"{span.from_} to {span.to}" + (f" for {span.table}" if span.table else "")
        if span.table is not None and span.table not in self._tables:
            self._refuse(text, f"the plan has no table {span.table!r}")
            return
        tables = [self._tables[span.table]] if span.table else list(self._plan.tables)
        found = 0
        for table in tables:
            name = self._schema.written(table.name)
            for column in table.columns:
                if not _follows_dates(column) or _is_overridden(self._config, table.name, column.name):
                    continue
                found += 1
                wish = merged.get((name, column.name), ColumnWish(name, column.name))
                if wish.from_ is None and wish.to is None and wish.values is None:
                    merged[name, column.name] = replace(wish, from_=span.from_, to=span.to)
        if not found:
            self._refuse(text, "no column holds moments that this could be about")

    def _places(self, overrides: PlanOverrides, spoken: set[tuple[QName, str]]) -> None:
        if not overrides.countries:
            return
        text = "countries " + ", ".join(f"{c.code} {c.weight:g}" for c in overrides.countries)
        found = 0
        for table in self._plan.tables:
            own = [c for c in overrides.countries if c.table and self._tables.get(c.table) is table]
            shares = own or [c for c in overrides.countries if c.table is None]
            mix = {c.code: round(c.weight * 100) or 1 for c in shares}
            for column in table.columns if mix else ():
                if column.generator not in PLACED or (table.name, column.name) in spoken:
                    continue
                if _is_overridden(self._config, table.name, column.name):
                    continue
                found += 1
                override = _with_options(column, {"countries": mix})
                self._work.edits.append(Edit(text, column=(table.name, column.name), override=override))
        if not found and self._work.locale is None and overrides.locale is None:
            self._refuse(text, "no column holds places")

    def _follows(self, table: TablePlan) -> dict[str, set[str]]:
        """What each column of a table is computed from, edits so far included."""
        options = {column.name: column.options for column in table.columns}
        for edit in self._work.edits:
            if edit.column is not None and edit.column[0] == table.name and edit.override is not None:
                options[edit.column[1]] = edit.override.get("options", {})
        return {name: dependencies(found) for name, found in options.items()}

    def _room(self, table: TablePlan, column: ColumnPlan, override: Mapping[str, Any]) -> None:
        """Raises Unserved where distinct values would leave fewer rows than there are to be."""
        values = override.get("options", {}).get("values")
        asked = next((e.rows[1] for e in self._work.edits if e.rows and e.rows[0] == str(table.name)), table.rows)
        rows = asked if isinstance(asked, int) else table.rows
        if column.unique and isinstance(values, list) and len(values) < rows:
            raise Unserved(f"the column is unique over {rows:,} rows, and these are {len(values):,} values")

    def _column(self, table: str, column: str, text: str, make: Any) -> None:
        found = self._tables.get(table)
        if found is None:
            self._refuse(text, f"the plan has no table {table!r}")
            return
        try:
            plan = found.column(column)
        except KeyError:
            self._refuse(text, f"{table} has no column {column!r}")
            return
        if _is_overridden(self._config, found.name, column):
            self._refuse(text, "the configuration has an override for this column")
            return
        try:
            override = make(found, plan)
            self._room(found, plan, override)
        except Unserved as error:
            self._refuse(text, str(error))
            return
        self._work.edits.append(Edit(text, column=(found.name, column), override=override))


def _is_overridden(config: GeneratorConfig, table: QName, column: str) -> bool:
    return any(column in config.overrides.get(name, {}) for name in (str(table), table.name))


def _follows_dates(column: ColumnPlan) -> bool:
    """Whether a column holds what happened: neither births nor foundings, and no deadline that lies ahead."""
    if column.base.name not in MOMENT_TYPES or column.base.array_dims or column.unique:
        return False
    options = column.options
    if column.generator == "later":
        return not options.get("future")
    if column.generator != "timestamp":
        return False
    ahead, ago = options.get("days_ahead", 0), options.get("days_ago", 0)
    return not (ahead > ago or options.get("until_days_ago", 0) > 365 or "year_of" in options)


def _with_options(column: ColumnPlan, more: Mapping[str, Any]) -> dict[str, Any]:
    options = {**column.options, **more}
    nulls = options.pop("null_rate", None)
    found: dict[str, Any] = {"generator": column.generator, "options": options}
    if nulls is not None and column.nullable:
        found["nullRate"] = nulls
    return found


def _told(wish: ColumnWish) -> str:
    """A wish in words."""
    parts = []
    if wish.values is not None:
        shown = ", ".join(str(value) for value in wish.values[:_MOST_SHOWN])
        parts.append(
            f"one of {shown}" + (f" and {len(wish.values) - _MOST_SHOWN} more" if len(wish.values) > 5 else "")
        )
    if wish.shares is not None:
        parts.append(", ".join(f"{value} {share:g} %" for value, share in wish.shares.items()))
    if wish.true_rate is not None:
        parts.append(f"true {wish.true_rate * 100:g} %")
    if wish.null_rate is not None:
        parts.append(f"null {wish.null_rate * 100:g} %")
    if wish.min is not None or wish.max is not None:
        parts.append(" ".join(f"{w} {v:g}" for w, v in (("from", wish.min), ("to", wish.max)) if v is not None))
    if wish.from_ is not None or wish.to is not None:
        parts.append(" ".join(f"{w} {v}" for w, v in (("from", wish.from_), ("to", wish.to)) if v is not None))
    if wish.distribution is not None:
        parts.append(wish.distribution)
    return f"{wish.table}.{wish.column}: {', '.join(parts)}"
