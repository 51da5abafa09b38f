"""What is computed of a request before anything is stored: its plan, and all that an export's row holds.

It is data in and data out, and computes for as long as somebody's schema makes it: it belongs to a desk (`desk.py`),
never to the event loop.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from app.errors import RequestRefused
from app.exports.planning import Planning, choose_file_name, config_of, notify_faults, plan_text
from app.exports.ports import NewExport, ResolvedSchema
from app.exports.prompting import PromptReading, with_prompt
from app.exports.requests import ExportRequest, check_against_snapshot
from app.generator.plan import Plan
from app.generator.snapshot.model import Snapshot
from app.generator.suggesting import with_suggestions


@dataclass(frozen=True, slots=True)
class Prepared:
    """What `create` stores; `snapshot` is (sha256, JSON text) of one that is not stored yet."""

    row: NewExport
    layout: Mapping[str, Any]
    snapshot: tuple[str, str] | None
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Draughtsman:
    """Makes plans with an engine, where these `channels` of notification are configured."""

    planning: Planning
    channels: frozenset[str]
    part_bytes: int

    def plan(self, request: ExportRequest, snapshot: Snapshot) -> Plan:
        """Every fault that can be found at once; what a missing table would lead to is not repeated.

        Raises RequestRefused and its kin.
        """
        faults = notify_faults(request, self.channels)
        unknown = check_against_snapshot(request, snapshot)
        if unknown:
            raise RequestRefused(faults + unknown)
        try:
            if request.plan is not None:
                plan = self.planning.revise(snapshot, request.plan)
            else:
                plan = self.planning.plan(snapshot, request.config.to_json(), request.seed)
        except RequestRefused as refused:
            raise type(refused)(faults + with_suggestions(refused.faults, snapshot)) from refused
        if faults:
            raise RequestRefused(faults)
        return plan

    def plan_with(self, request: ExportRequest, snapshot: Snapshot, base: Plan, reading: PromptReading) -> Plan:
        """The plan of a request with what was read in its prompt; `base` is the one without."""
        return with_prompt(snapshot, request.config.to_json(), base, request.prompt_context or "", reading)

    def prepare(
        self, request: ExportRequest, found: ResolvedSchema, request_id: str | None, plan: Plan | None = None
    ) -> Prepared:
        """Everything that is stored of a request. Raises as `plan` does."""
        export_id = uuid4()
        snapshot, schema_id = found.snapshot, found.id
        plan = plan or self.plan(request, snapshot)
        outline = self.planning.outline(plan, request.config.format, request.config.compression, self.part_bytes)
        row = NewExport(
            id=export_id,
            schema_id=schema_id,
            config=config_of(request, plan),
            plan_json=plan_text(plan),
            plan_sha256=plan.digest,
            seed=request.seed,
            prompt_context=request.prompt_context or (plan.prompt.text if plan.prompt else None),
            engine_version=plan.engine_version,
            format=request.config.format,
            compression=request.config.compression,
            file_name=choose_file_name(request, plan, export_id, outline.extension),
            extension=outline.extension,
            content_type=outline.content_type,
            rows_total=plan.rows_total,
            parts_total=outline.parts_total,
            notify=request.notify.to_json() if request.notify is not None else None,
            request_id=request_id,
            retention_s=request.retention_s,
            bytes_expected=outline.bytes_expected,
        )
        text = snapshot_text(snapshot) if schema_id is None else None
        return Prepared(row, outline.layout, text, (*found.warnings, *plan.warnings))


def snapshot_text(snapshot: Snapshot) -> tuple[str, str]:
    """(sha256, JSON text) of a snapshot; equal snapshots have equal digests."""
    from app.generator.snapshot.form import canonical_json

    text = canonical_json(snapshot)
    return hashlib.sha256(text).hexdigest(), text.decode()
