"""Plans and first rows as JSON: what was decided, why, and what is to be expected of it."""

from typing import Annotated, Any, Literal
from uuid import UUID

from msgspec import Meta, Struct

from app.exports.documents import Document
from app.exports.drafting import PlanSheet
from app.exports.previewing import Expected
from app.generator.plan import PromptRecord
from app.web.views import as_it_is

Count = Annotated[int, Meta(ge=0)]
Share = Annotated[float, Meta(ge=0, le=1)]
Bytes = Annotated[dict[str, int], Meta(description="Expected bytes by format, without gzip or zstd.")]
Seconds = Annotated[float, Meta(ge=0, description="Expected seconds on one core, as CSV.")]


class PlannedColumn(Struct, frozen=True, kw_only=True, rename="camel"):
    """What fills a column, and what decided it."""

    name: str
    type: str
    generator: str
    options: dict[str, Any]
    why: Annotated[str, Meta(description="An override, the name's meaning, a key, a foreign key or the type.")]
    note: Annotated[str, Meta(description="What a prompt or statistics changed here.")]
    null_rate: Share
    unique: bool


class PlannedRelation(Struct, frozen=True, kw_only=True, rename="camel"):
    """How a foreign key picks its parents, and how many rows there are for each of them."""

    name: str
    columns: list[str]
    parent: str
    parent_columns: list[str]
    pick: str
    average: Annotated[float, Meta(ge=0, description="Rows for each parent, on average.")]
    least: Count
    most: Annotated[Count | None, Meta(description="Rows for each parent at most; null where nothing bounds them.")]
    null_rate: Share
    deferred: bool


class PlannedKey(Struct, frozen=True, kw_only=True, rename="camel"):
    """How a unique key is kept."""

    name: str
    how: str
    columns: list[str]
    capacity: Annotated[Count | None, Meta(description="Rows it has room for; null where that is not counted.")]


class PlannedTable(Struct, frozen=True, kw_only=True, rename="camel"):
    """A table; `order` is its place in the order in which tables load, parents before children."""

    name: str
    order: Annotated[int, Meta(ge=1)]
    rows: Count
    columns: list[PlannedColumn]
    relations: list[PlannedRelation]
    keys: list[PlannedKey]
    expected_bytes: Bytes
    expected_seconds: Seconds


class Unapplied(Struct, frozen=True, kw_only=True, rename="camel"):
    """A part of the prompt that has no effect."""

    text: str
    reason: str


class PromptView(Struct, frozen=True, kw_only=True, rename="camel"):
    """What came of the prompt: who read it, what it changed, and what could not be applied."""

    text: str
    planner: Literal["builtin", "model"]
    model: str | None
    response_sha256: str | None
    fallback: Annotated[str | None, Meta(description="Why the built-in planner answered in the model's place.")]
    overrides: dict[str, Any]
    applied: list[str]
    not_applied: list[Unapplied]


class PlanView(Struct, frozen=True, kw_only=True, rename="camel"):
    """What an export would do: nothing was started. `plan` may be sent back with a request, edited or not."""

    plan_sha256: str
    engine_version: int
    seed: str
    locale: str
    rows_total: Count
    schema_id: UUID | None
    tables: list[PlannedTable]
    expected_bytes: Bytes
    expected_seconds: Seconds
    warnings: list[str]
    prompt: PromptView | None
    plan: dict[str, Any]


class StoredPlanView(Struct, frozen=True, kw_only=True, rename="camel"):
    """The plan of an export. Sent back with a request for the same schema it makes the same bytes."""

    plan_sha256: str
    prompt: PromptView | None
    plan: dict[str, Any]


class PreviewTable(Struct, frozen=True, kw_only=True, rename="camel"):
    """The first rows of a table, the very ones an export would begin with."""

    name: str
    columns: list[str]
    rows: list[list[Any]]


class PreviewView(Struct, frozen=True, kw_only=True, rename="camel"):
    tables: list[PreviewTable]


def plan_view(plan: PlanSheet, schema_id: UUID | None, expected: Expected) -> PlanView:
    """A plan with what is to be expected of it."""
    return PlanView(
        plan_sha256=plan.sha256,
        engine_version=plan.engine_version,
        seed=plan.seed,
        locale=plan.locale,
        rows_total=plan.rows_total,
        schema_id=schema_id,
        tables=as_it_is(expected.tables),
        expected_bytes=dict(expected.bytes_by_format),
        expected_seconds=expected.seconds,
        warnings=list(plan.warnings),
        prompt=prompt_view(plan),
        plan=as_it_is(plan.document),
    )


def stored_plan_view(plan: PlanSheet) -> StoredPlanView:
    return StoredPlanView(plan_sha256=plan.sha256, prompt=prompt_view(plan), plan=as_it_is(plan.document))


def prompt_view(plan: PlanSheet) -> PromptView | None:
    if plan.prompt is None:
        return None
    record = PromptRecord(**plan.prompt)
    return PromptView(
        text=record.text,
        planner="model" if record.planner == "model" else "builtin",
        model=record.model,
        response_sha256=record.response_sha256,
        fallback=record.fallback,
        overrides=dict(record.overrides),
        applied=list(record.applied),
        not_applied=[
            Unapplied(text=str(item.get("text", "")), reason=str(item.get("reason", ""))) for item in record.not_applied
        ],
    )


def preview_view(tables: Document) -> PreviewView:
    return PreviewView(tables=as_it_is(tables))
