"""Rows into the domain's values, and the cursors that pages are turned by."""

import base64
import binascii
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

import sqlalchemy as sa

from app.adapters.postgres.tables import exports, schemas, shares
from app.errors import Fault, RequestRefused
from app.exports.documents import Document
from app.exports.models import (
    Access,
    EventKind,
    Export,
    ExportEvent,
    Role,
    SchemaEntry,
    Share,
    Status,
)
from app.exports.pace import Pace

Row = Mapping[str, Any]

# Plan and configuration are megabytes for a wide schema; the rest is what callers may not read.
_LEFT_OUT = frozenset({"config", "plan", "notify", "upload_id"})
# A list of fifty is to come to a few megabytes at most, whatever somebody asked for. What is large when packed need
# not be unpacked to be left out.
_LISTED_PACKED_BYTES = 8 * 1024
_LISTED_BYTES = 32 * 1024

Config = Literal["none", "small", "whole"]


def select_exports(user_id: UUID, *, config: Config = "none") -> "sa.Select[Any]":
    """The columns that `export_of` reads, with how the user comes to see each."""
    role = (
        sa.select(shares.c.role)
        .where(shares.c.export_id == exports.c.id, shares.c.user_id == user_id)
        .scalar_subquery()
    )
    access = sa.case((exports.c.owner_id == user_id, sa.literal(Access.OWNER.value)), else_=role)
    columns = (column for column in exports.c if column.name not in _LEFT_OUT)
    clock = sa.extract("epoch", sa.func.now()).label("clock")
    # As text: reading megabytes of JSON would hold up the event loop.
    whole: sa.ColumnElement[str] = sa.cast(exports.c.config, sa.Text)
    small = sa.case(
        (
            sa.and_(
                sa.func.pg_column_size(exports.c.config) <= _LISTED_PACKED_BYTES,
                sa.func.octet_length(whole) <= _LISTED_BYTES,
            ),
            whole,
        )
    )
    shown = {"none": sa.null(), "small": small, "whole": whole}[config]
    return sa.select(*columns, access.label("access"), clock, shown.label("config"))


def select_schemas(*, with_snapshot: bool) -> "sa.Select[Any]":
    """The columns that `schema_of` reads."""
    columns = [column for column in schemas.c if column.name != "snapshot"]
    if not with_snapshot:
        return sa.select(*columns)
    # As text: reading megabytes of JSON would hold up the event loop.
    return sa.select(*columns, sa.cast(schemas.c.snapshot, sa.Text).label("snapshot"))


def export_of(row: Row) -> Export:
    """An export out of a row of `select_exports`."""
    values = dict(row)
    values["config"] = None if values["config"] is None else Document(values["config"].encode())
    values["status"] = Status(values["status"])
    values["progress_percent"] = float(values["progress_percent"])
    values["access"] = Access(values["access"]) if values["access"] else None
    pace, clock = values.pop("pace"), values.pop("clock")
    if pace is not None and values["status"] is Status.RUNNING:
        values["seconds_left"] = Pace.from_json(pace).seconds_left(float(clock))
    return Export(**values)


def schema_of(row: Row) -> SchemaEntry:
    text = row.get("snapshot")
    return SchemaEntry(**{**row, "snapshot": None if text is None else Document(text.encode())})


def share_of(row: Row) -> Share:
    return Share(**{**row, "role": Role(row["role"])})


def event_of(row: Row) -> ExportEvent:
    values = dict(row)
    values["kind"] = EventKind(values["kind"])
    values["status"] = Status(values["status"])
    values["progress_percent"] = float(values["progress_percent"])
    return ExportEvent(**values)


def write_cursor(moment: datetime, row_id: UUID) -> str:
    """An opaque place between two rows of a list that is ordered by (time, id)."""
    return base64.urlsafe_b64encode(f"{moment.isoformat()} {row_id}".encode()).decode().rstrip("=")


def read_cursor(cursor: str) -> tuple[datetime, UUID]:
    """Raises RequestRefused for a text that `write_cursor` did not write."""
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        moment, row_id = base64.urlsafe_b64decode(padded.encode("ascii")).decode("ascii").split(" ")
        found = datetime.fromisoformat(moment), UUID(row_id)
        if found[0].tzinfo is None:
            raise ValueError("no time zone")
    except (ValueError, binascii.Error):
        fault = Fault("", "invalid_cursor", "cursor is not one that this list gave out; begin without it")
        raise RequestRefused([fault]) from None
    return found
