"""What is computed of a request before anything is stored: its plan, and all that an export's row holds.

It is data in and data out, and computes for as long as somebody's schema makes it: it belongs to a desk (`desk.py`),
never to the event loop.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any
from uuid import uuid4

from app.errors import MOST_FAULTS, RequestRefused
from app.exports.documents import Document
from app.exports.planning import Planning, choose_file_name, config_of, notify_faults, plan_text, schema_name
from app.exports.ports import NewExport, ResolvedSchema
from app.exports.posting import Asked, PostedRequest
from app.exports.prompting import Judged, Material, PromptReading, judge, material, with_prompt
from app.exports.requests import ExportRequest, check_against_snapshot
from app.generator.plan import Plan
from app.generator.snapshot.model import Snapshot
from app.generator.suggesting import with_suggestions


@dataclass(frozen=True, slots=True)
class PlanSheet:
    """A plan as it is handed on: its JSON, and what is said of it. `prompt` has the fields of `PromptRecord`."""

    document: Document
    sha256: str
    engine_version: int
    seed: str
    locale: str
    rows_total: int
    tables: tuple[tuple[str, str], ...]
    prompt: Mapping[str, Any] | None
    warnings: tuple[str, ...]

    @classmethod
    def of(cls, plan: Plan, warnings: tuple[str, ...] = ()) -> "PlanSheet":
        """`warnings` are those of the schema's; the plan's come behind them. `tables` are (schema, name)."""
        return cls(
            document=Document(plan_text(plan).encode()),
            sha256=plan.digest,
            engine_version=plan.engine_version,
            seed=plan.seed,
            locale=plan.locale,
            rows_total=plan.rows_total,
            tables=tuple((table.name.schema, table.name.name) for table in plan.tables),
            prompt=None if plan.prompt is None else asdict(plan.prompt),
            warnings=(*warnings, *plan.warnings),
        )


@dataclass(frozen=True, slots=True)
class SchemaSheet:
    """A snapshot as it is stored: the digest of its JSON, that JSON, and what it is called when nobody named it."""

    sha256: str
    text: str
    called: str | None


@dataclass(frozen=True, slots=True)
class Prepared:
    """What `create` stores; `schema` is a snapshot that is not stored yet."""

    row: NewExport
    layout: Mapping[str, Any]
    schema: SchemaSheet | None
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
            told, rest = refused.faults[:MOST_FAULTS], refused.faults[MOST_FAULTS:]
            raise type(refused)([*faults, *with_suggestions(told, snapshot), *rest]) from refused
        if faults:
            raise RequestRefused(faults)
        return plan

    def sheet(self, asked: Asked, found: ResolvedSchema, reading: PromptReading | None = None) -> PlanSheet:
        """The plan of a request, with what was read in its prompt. Raises as `plan` does, and SnapshotInvalid."""
        plan = self._drawn(_whole(asked), snapshot_of(found), reading)
        return PlanSheet.of(plan, found.warnings)

    def prepare(
        self, asked: Asked, found: ResolvedSchema, request_id: str | None, reading: PromptReading | None = None
    ) -> Prepared:
        """Everything that is stored of a request. Raises as `sheet` does."""
        export_id = uuid4()
        request, snapshot, schema_id = _whole(asked), snapshot_of(found), found.id
        plan = self._drawn(request, snapshot, reading)
        outline = self.planning.outline(plan, request.config.format, request.config.compression, self.part_bytes)
        row = NewExport(
            id=export_id,
            schema_id=schema_id,
            config=Document(json.dumps(config_of(request, plan), separators=(",", ":")).encode()),
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
        schema = _schema_sheet(snapshot) if schema_id is None else None
        return Prepared(row, outline.layout, schema, (*found.warnings, *plan.warnings))

    def show(self, document: Document) -> PlanSheet:
        """A plan that was stored. Raises PlanRefused when another engine made it."""
        return replace(PlanSheet.of(Plan.from_json(document.read())), document=document)

    def schema(self, found: ResolvedSchema) -> SchemaSheet:
        """A snapshot as it is stored. Raises SnapshotInvalid."""
        return _schema_sheet(snapshot_of(found))

    def describe(self, asked: Asked, found: ResolvedSchema) -> Material:
        """What is said of a request to somebody who reads its prompt. Raises as `sheet` does."""
        snapshot = snapshot_of(found)
        plan = self.plan(_whole(asked), snapshot)
        return Material(material(snapshot, plan), Document(plan_text(plan).encode()))

    def judge(self, document: Document, answer: str) -> Judged:
        """What is wrong with what somebody read in a prompt, for the plan that they were told of."""
        return judge(answer, Plan.from_json(document.read()))

    def _drawn(self, request: ExportRequest, snapshot: Snapshot, reading: PromptReading | None) -> Plan:
        if reading is None:
            return self.plan(request, snapshot)
        plan = self.plan(request, snapshot) if reading.plan is None else Plan.from_json(reading.plan.read())
        return with_prompt(snapshot, request.config.to_json(), plan, request.prompt_context or "", reading)


def snapshot_of(found: ResolvedSchema) -> Snapshot:
    """The snapshot itself. Raises SnapshotInvalid with every fault."""
    if isinstance(found.snapshot, Snapshot):
        return found.snapshot
    from app.generator.snapshot.form import snapshot_from_json

    return snapshot_from_json(found.snapshot.read())


def _whole(asked: Asked) -> ExportRequest:
    return asked.whole() if isinstance(asked, PostedRequest) else asked


def _schema_sheet(snapshot: Snapshot) -> SchemaSheet:
    return SchemaSheet(*snapshot_text(snapshot), schema_name(snapshot))


def snapshot_text(snapshot: Snapshot) -> tuple[str, str]:
    """(sha256, JSON text) of a snapshot; equal snapshots have equal digests."""
    from app.generator.snapshot.form import canonical_json

    text = canonical_json(snapshot)
    return hashlib.sha256(text).hexdigest(), text.decode()
