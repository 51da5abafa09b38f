"""From a request to what is stored of it: the plan, and the outline of the file it will become."""

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from threading import Lock
from typing import Any, Protocol
from uuid import UUID

from app.errors import Fault
from app.exports.requests import ExportRequest
from app.generator.plan import Plan
from app.generator.snapshot.model import Snapshot

# The last plans are kept, and no more columns of all together: a schema of 400 tables has some 4,000. Nor one that was
# asked for in more characters.
_PLANS_KEPT, _COLUMNS_KEPT, _LONGEST_ASKED = 8, 10_000, 20_000
_NAMED_TABLES = 3
_MOST_NAME_CHARS = 200


@dataclass(frozen=True, slots=True)
class Outline:
    """What an export's file will be; `layout` has its files and the bounds of its parts, as plain data, and the
    numbers of the parts that wait for all others as `late`."""

    extension: str
    content_type: str
    parts_total: int
    layout: Mapping[str, Any]
    bytes_expected: int = 0


class Planning(Protocol):
    """The engine, as far as planning needs it. Its methods compute for long and belong into a thread."""

    def plan(self, snapshot: Snapshot, config: Mapping[str, Any], seed: str) -> Plan:
        """Raises PlanRefused with every fault."""
        ...

    def revise(self, snapshot: Snapshot, document: Mapping[str, Any]) -> Plan:
        """The plan of a document that was handed out before, edited or not. Raises PlanRefused with every fault."""
        ...

    def outline(self, plan: Plan, output_format: str, compression: str | None, part_bytes: int) -> Outline:
        """Raises RequestRefused for a format that cannot hold the plan."""
        ...


class EnginePlanning:
    """The real one. It imports the engine when it is first used: a process that plans nothing starts without.

    It remembers the last plans: who looks at one asks for its export next, and who asks every night asks for the same.
    `least_part_bytes` is for object stores that take smaller parts than S3 does.
    """

    def __init__(self, least_part_bytes: int | None = None) -> None:
        self._least_part_bytes = least_part_bytes
        # By the snapshot's identity, with the snapshot itself, so that it is no other's by then.
        self._plans: OrderedDict[tuple[int, str, str], tuple[Snapshot, Plan]] = OrderedDict()
        self._lock = Lock()

    def plan(self, snapshot: Snapshot, config: Mapping[str, Any], seed: str) -> Plan:
        from app.generator import make_plan
        from app.generator.config import GeneratorConfig

        asked = GeneratorConfig.from_json(config)
        key = (id(snapshot), repr(asked), seed)
        with self._lock:
            found = self._plans.pop(key, None)
        plan = make_plan(snapshot, asked, seed) if found is None else found[1]
        if len(key[1]) <= _LONGEST_ASKED:
            self._keep(key, snapshot, plan)
        return plan

    def _keep(self, key: tuple[int, str, str], snapshot: Snapshot, plan: Plan) -> None:
        with self._lock:
            self._plans[key] = snapshot, plan
            columns = sum(len(table.columns) for _, kept in self._plans.values() for table in kept.tables)
            while len(self._plans) > _PLANS_KEPT or columns > _COLUMNS_KEPT:
                _, (_, oldest) = self._plans.popitem(last=False)
                columns -= sum(len(table.columns) for table in oldest.tables)

    def revise(self, snapshot: Snapshot, document: Mapping[str, Any]) -> Plan:
        from app.generator.planning.revising import revise

        return revise(snapshot, document)

    def outline(self, plan: Plan, output_format: str, compression: str | None, part_bytes: int) -> Outline:
        from app.generator.layout import LEAST_PART_BYTES, Output, layout

        least = LEAST_PART_BYTES if self._least_part_bytes is None else self._least_part_bytes
        laid_out = layout(plan, Output(output_format, compression), part_bytes, least_part_bytes=least)
        document = laid_out.to_json()
        document["late"] = [part.number for part in laid_out.parts if part.late]
        expected = laid_out.expected_bytes
        return Outline(laid_out.extension, laid_out.content_type, len(laid_out.parts), document, expected)


def plan_text(plan: Plan) -> str:
    """The plan as it is stored."""
    return plan.text


def choose_file_name(request: ExportRequest, plan: Plan, export_id: UUID, extension: str) -> str:
    """The name a download is saved under: the caller's, else the only table's, else one with the export's id."""
    wanted = request.config.file_name
    if wanted is None:
        wanted = plan.tables[0].name.name if len(plan.tables) == 1 else f"seedbed-{str(export_id)[:8]}"
        # A table may be called anything; a file may not.
        wanted = "".join(c if c.isalnum() or c in "-_." else "_" for c in wanted)[:100].strip(".-") or "export"
    suffix = f".{extension}"
    if wanted.lower().endswith(suffix):
        return wanted
    # "customers.csv" was asked for, and gzip makes it "customers.csv.gz".
    own = PurePosixPath(wanted).suffix
    return f"{wanted.removesuffix(own) if own and suffix.startswith(own + '.') else wanted}{suffix}"


def config_of(request: ExportRequest, plan: Plan) -> dict[str, Any]:
    """The configuration as it is stored; a plan that was given decides the rows."""
    config = request.config.to_json()
    return config if request.plan is None else {**config, "rows": {str(t.name): t.rows for t in plan.tables}}


def notify_faults(request: ExportRequest, configured: frozenset[str]) -> list[Fault]:
    """A fault for each way of notification that is asked for and not configured."""
    asked = request.notify.to_json() if request.notify is not None else {}
    return [
        Fault(
            f"/notify/{channel}",
            "notify_not_configured",
            f"this service sends no {channel}; leave notify.{channel} out",
            {"channel": channel},
        )
        for channel in asked
        if channel not in configured
    ]


def schema_name(snapshot: Snapshot) -> str | None:
    """What a schema is called that nobody named: by the first of its tables."""
    names = [table.name.name for table in snapshot.tables]
    more = f" and {len(names) - _NAMED_TABLES} more" if len(names) > _NAMED_TABLES else ""
    return (", ".join(names[:_NAMED_TABLES]) + more)[:_MOST_NAME_CHARS] or None
