"""The planner that needs no network: rules that read counts, dates, countries, percentages, ranges, lists and trades.

It is a function of the prompt, the snapshot and the plan alone. What it does not understand it says.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

from app.generator.plan import Plan
from app.generator.prompt.items import Item, itemize
from app.generator.prompt.notes import Notes
from app.generator.prompt.overrides import PlanOverrides
from app.generator.prompt.row_rules import read_rows
from app.generator.prompt.scene_rules import read_dates, read_places, read_trades
from app.generator.prompt.schema_words import ColumnName, SchemaWords
from app.generator.prompt.share_rules import is_number, read_full_columns, read_shares
from app.generator.prompt.value_rules import read_currencies, read_lists, read_numbers
from app.generator.snapshot.model import Snapshot

MOST_CHARS = 8_000
_LEFT_OVER = "not understood"
_NUMBER_LEFT = "it does not say which table, column or value this is about"


def read_prompt(snapshot: Snapshot, prompt: str, plan: Plan) -> PlanOverrides:
    """What a prompt says of a plan, and what of it was not understood. `plan` is the one made without the prompt."""
    schema = SchemaWords(snapshot, plan)
    text = prompt[:MOST_CHARS]
    notes = Notes(text, itemize(text, schema, _day(plan)), schema)
    read_full_columns(notes)
    read_shares(notes)
    read_rows(notes)
    read_numbers(notes)
    read_lists(notes)
    read_currencies(notes)
    read_dates(notes)
    read_places(notes)
    read_trades(notes)
    _read_spread(notes)
    for items in _left_over(notes):
        reason = _NUMBER_LEFT if any(item.amount for item in items) else _LEFT_OVER
        notes.refuse(items, reason)
    return notes.overrides()


def _day(plan: Plan) -> date:
    return plan.reference.date()


def _read_spread(notes: Notes) -> None:
    """`skewed`, `normally distributed`: of the ratio or the column that the sentence is about."""
    for place, item in enumerate(notes.items):
        shape = next((role for role in ("skew", "normal", "uniform") if role in item.roles), None)
        if shape is None or item.used:
            continue
        begin, end = notes.sentence(place)
        said = {name for at in range(begin, end) for name in notes.items[at].tables}
        columns = [
            c for at in range(begin, end) for c in notes.items[at].columns
            if is_number(notes, c) and not notes.items[at].tables
        ]  # fmt: skip
        ratio = next((w for t in said if (w := notes.schema.written(t)) in notes.ratios), None)
        if columns:
            for column in _chosen(notes, columns):
                notes.want(column, distribution={"skew": "skewed"}.get(shape, shape))
        elif ratio is not None and shape in ("skew", "uniform"):
            spread = "skewed" if shape == "skew" else "uniform"
            notes.ratios[ratio] = replace(notes.ratios[ratio], distribution=spread)  # type: ignore[arg-type]  # one of the two
        else:
            continue
        item.used = True


def _chosen(notes: Notes, columns: list[ColumnName]) -> list[ColumnName]:
    wished = [c for c in columns if c in notes.columns]
    return wished or columns


def _left_over(notes: Notes) -> Iterator[list[Item]]:
    """Neighbours that no rule made use of; words that carry nothing are passed over."""
    pending: list[Item] = []
    for item in notes.items:
        spoken = any(flag in notes.columns for flag in item.flags)
        if item.used or item.stop or item.comma or spoken:
            if pending:
                yield pending
                pending = []
        elif item.amount or item.span or ((item.values or item.flags) and not item.tables) or _unknown(item):
            pending.append(item)
    if pending:
        yield pending


def _unknown(item: Item) -> bool:
    """Whether an item is a word that no list has and that names nothing of the schema."""
    if item.roles or item.tables or item.columns:
        return False
    return any(len(word) > 1 and any(c.isalpha() for c in word) for word in item.words)
