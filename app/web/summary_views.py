"""What the rows of an export look like, as JSON."""

from typing import Annotated, Any

from msgspec import Meta, Struct

from app.exports.documents import Document
from app.web.plan_views import Count, Share
from app.web.views import as_it_is


class CommonValue(Struct, frozen=True, kw_only=True, rename="camel"):
    """A value that many rows have, and the share of them that do."""

    value: Any
    share: Share


class SummaryColumn(Struct, frozen=True, kw_only=True, rename="camel"):
    """A column, by its values without NULL."""

    name: str
    type: str
    null_rate: Share
    distinct: Annotated[Count | None, Meta(description="How many different values; null where that is not counted.")]
    least: Annotated[Any, Meta(description="The smallest value; null for types without an order.")]
    most: Annotated[Any, Meta(description="The largest value; null for types without an order.")]
    common: Annotated[list[CommonValue], Meta(description="The most common values, at most three.")]


class SummaryBar(Struct, frozen=True, kw_only=True, rename="camel"):
    """How many parents have from `low` to `high` children, both included."""

    low: Count
    high: Count
    parents: Count


class SummaryRelation(Struct, frozen=True, kw_only=True, rename="camel"):
    """How the rows of a foreign key are spread over its parents."""

    name: str
    columns: list[str]
    parent: str
    parents: Count
    counted: Annotated[
        bool, Meta(description="False for a table too large to count: `average` is then what the plan expects.")
    ]
    average: Annotated[float, Meta(ge=0)]
    most: Count | None
    bars: list[SummaryBar]


class SummarySample(Struct, frozen=True, kw_only=True, rename="camel"):
    """The first rows."""

    columns: list[str]
    rows: list[list[Any]]


class SummaryTable(Struct, frozen=True, kw_only=True, rename="camel"):
    """A table. Its figures are exact when all of its rows were looked at, else estimates from `looked` of them."""

    name: str
    rows: Count
    looked: Count
    exact: bool
    columns: list[SummaryColumn]
    relations: list[SummaryRelation]
    sample: SummarySample


class SummaryView(Struct, frozen=True, kw_only=True, rename="camel"):
    tables: list[SummaryTable]


def summary_view(tables: Document) -> SummaryView:
    """From the fields of `app.generator.summary`, as JSON has them."""
    return SummaryView(tables=as_it_is(tables))
