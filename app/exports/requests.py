"""The request for an export: its frozen form, and the reading of it out of JSON with every fault at once.

Field names are a contract: programs are written against them. What only the engine can judge (an override's options,
`perParent` of two tables, a locale that has no words) is judged when the plan is made.
"""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any
from uuid import UUID

from app.errors import Fault, RequestRefused
from app.exports.documents import Document
from app.exports.fields import FaultList, Fields, check_storable, check_text, closest, kind_of, read_integer, shown
from app.exports.posted_plans import planned_seed, read_plan
from app.exports.targets import webhook_fault
from app.generator.snapshot.model import Snapshot, Table

FORMATS = ("csv", "tsv", "ndjson", "json", "sql", "copy", "parquet", "xlsx")
COMPRESSIONS = ("gzip", "zstd")
# These compress within the file; once more around it would only cost time.
_COMPRESSED_FORMATS = ("parquet", "xlsx")
MOST_ROWS = 10**10
EVERY_OTHER_TABLE = "*"
_SEED_BITS = 64
_NAME_CHARS = 200
_MOST_SCALE = 1_000
_IDENTIFIER_CHARS = 63 * 2 + 3  # two quoted names and the dot between them
_FILE_NAME_BYTES = 200
_LOCALE = re.compile(r"[a-z]{2,3}[_-][A-Z]{2}")
_EMAIL = re.compile(
    r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]{2,63}"
)
# What separates a path, and what looks as if it did.
_UNSAFE_IN_FILE_NAME = re.compile(r'[/\\:*?"<>|\u2215\u29f5\u29f8]')
_DEVICE_NAMES = frozenset(
    {"con", "prn", "aux", "nul"} | {f"{port}{number}" for port in ("com", "lpt") for number in range(1, 10)}
)


# How long a request may want its file kept; what its owner is allowed is looked at in the database.
SHORTEST_RETENTION_S = 60
LONGEST_RETENTION_S = 10 * 365 * 86_400


@dataclass(frozen=True, slots=True)
class RequestLimits:
    """What one request may ask for. A user's own allowance (quotas) is looked at later, in the database."""

    rows: int = MOST_ROWS
    chunk_rows: int = 1_000_000
    tables: int = 10_000
    ddl_chars: int = 4 * 1024 * 1024
    prompt_chars: int = 8_000
    download_ttl_s: int = 7 * 86_400
    formats: tuple[str, ...] = FORMATS
    # Plain http, and this machine itself, are for receivers on a developer's machine.
    insecure_webhooks: bool = False
    webhook_ports: tuple[int, ...] | None = None


@dataclass(frozen=True, slots=True)
class SchemaById:
    """A snapshot that was stored before."""

    id: UUID


@dataclass(frozen=True, slots=True)
class SchemaBySnapshot:
    """A snapshot in its JSON form, not yet looked into."""

    snapshot: Mapping[str, Any] | Document


@dataclass(frozen=True, slots=True)
class SchemaByDdl:
    """CREATE statements, to be loaded into a scratch database."""

    ddl: str


@dataclass(frozen=True, slots=True)
class SchemaByDatabase:
    """The live database, as far as the caller may see it; without tables, all of those schemas'.

    Without schemas it is `public`, and a table may be named with any schema.
    """

    schemas: tuple[str, ...] | None = None
    tables: tuple[str, ...] | None = None


SchemaSource = SchemaById | SchemaBySnapshot | SchemaByDdl | SchemaByDatabase


@dataclass(frozen=True, slots=True)
class ExportConfig:
    """`config` of a request. `rows` is one number for every table, or by table a number or `{"perParent": …}`."""

    format: str
    rows: int | Mapping[str, int | Mapping[str, Any]]
    compression: str | None = None
    tables: tuple[str, ...] | None = None
    overrides: Mapping[str, Any] = field(default_factory=dict)
    locale: str | None = None
    chunk_rows: int | None = None
    file_name: str | None = None
    nasty: bool = False
    scale: float | None = None

    def to_json(self) -> dict[str, Any]:
        """The JSON form, by the contract's names, without what was not asked for."""
        found = {
            "format": self.format,
            "compression": self.compression,
            "rows": self.rows if isinstance(self.rows, int) else dict(self.rows),
            "tables": None if self.tables is None else list(self.tables),
            "overrides": dict(self.overrides) or None,
            "locale": self.locale,
            "chunkRows": self.chunk_rows,
            "fileName": self.file_name,
            "nasty": self.nasty or None,
            "scale": self.scale,
        }
        return {name: value for name, value in found.items() if value is not None}


@dataclass(frozen=True, slots=True)
class Notify:
    """Where word goes when the export has ended."""

    webhook: str | None = None
    email: str | None = None

    def to_json(self) -> dict[str, str]:
        return {name: value for name, value in (("webhook", self.webhook), ("email", self.email)) if value}


@dataclass(frozen=True, slots=True)
class ExportRequest:
    """A request that is well-formed. `seed` is text: 7 and "7" are the same seed."""

    schema: SchemaSource
    config: ExportConfig
    seed: str
    prompt_context: str | None = None
    notify: Notify | None = None
    plan: Mapping[str, Any] | None = None
    retention_s: int | None = None

    @property
    def has_plan(self) -> bool:
        return self.plan is not None


def parse_export_request(body: object, limits: RequestLimits | None = None) -> ExportRequest:
    """The request in `body`, a decoded JSON value. Raises RequestRefused with every fault there is."""
    limits = limits or RequestLimits()
    faults = FaultList()
    fields = Fields.of(body, "", faults)
    if fields is None:
        raise RequestRefused(faults.faults)
    plan = fields.child("plan")
    fields.require("schema", "config", *(() if plan else ("seed",)))
    fields.refuse_unknown("schema", "config", "seed", "promptContext", "notify", "plan", "retentionSeconds")
    schema = _read_source(fields, limits)
    config = _read_config(fields, limits, planned=plan is not None)
    seed = _read_seed(fields) if fields.given("seed") or plan is None else planned_seed(plan)
    prompt = fields.text("promptContext", most=limits.prompt_chars, least=0, lines=True)
    notify = _read_notify(fields, limits)
    retention_s = fields.integer("retentionSeconds", low=SHORTEST_RETENTION_S, high=LONGEST_RETENTION_S)
    if schema is None or config is None or seed is None or len(faults):
        raise RequestRefused(faults.faults)
    document = None if plan is None else read_plan(plan, seed)
    if len(faults):
        raise RequestRefused(faults.faults)
    return ExportRequest(schema, config, seed, prompt or None, notify, document, retention_s)


def parse_schema_source(body: object, limits: RequestLimits | None = None) -> SchemaSource:
    """The schema that a body is, in one of the forms of a request's `schema`. Raises RequestRefused."""
    faults = FaultList()
    source = _source_of(Fields.of(body, "", faults), limits or RequestLimits())
    if source is None or len(faults):
        raise RequestRefused(faults.faults)
    return source


def parse_database_source(body: object, limits: RequestLimits | None = None) -> SchemaByDatabase:
    """The part of the live database that a body names. Raises RequestRefused with every fault there is."""
    faults = FaultList()
    source = _read_database(Fields.of(body, "", faults), limits or RequestLimits())
    if source is None or len(faults):
        raise RequestRefused(faults.faults)
    return source


def check_against_snapshot(request: ExportRequest, snapshot: Snapshot) -> list[Fault]:
    """A fault for each table that `rows` or `tables` names and that is not there, or is not one to fill."""
    faults = FaultList()
    names = TableNames(snapshot)
    config = request.config
    if not isinstance(config.rows, int):
        root = Fields("/config/rows", config.rows, faults)
        seen: dict[Table, str] = {}
        for name, pointer, _ in root.each():
            if name == EVERY_OTHER_TABLE:
                continue
            table = names.resolve(name, pointer, faults)
            if table is not None and seen.setdefault(table, name) != name:
                message = f"{shown(name)} and {shown(seen[table])} are the same table"
                faults.add(pointer, "duplicate", message, table=str(table.name))
    for position, name in enumerate(config.tables or ()):
        names.resolve(name, f"/config/tables/{position}", faults)
    return faults.faults


class TableNames:
    """Tables of a snapshot by the names people write: `customers` or `public.customers`."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._by_name: dict[str, list[Table]] = {}
        for table in snapshot.tables:
            self._by_name.setdefault(table.name.name, []).append(table)
            self._by_name.setdefault(str(table.name), []).append(table)

    def resolve(self, name: str, pointer: str, faults: FaultList) -> Table | None:
        """The one table of that name, or None and a fault."""
        found = self._by_name.get(name, [])
        if len(found) == 1:
            table = found[0]
            if table.kind != "partition":
                return table
            message = f"{shown(name)} is a partition; name the table it is part of"
            faults.add(pointer, "table_not_fillable", message, table=str(table.name))
        elif found:
            choices = sorted(str(table.name) for table in found)
            message = f"there are several tables {shown(name)}: {', '.join(choices[:5])}; write which"
            faults.add(pointer, "ambiguous_table", message, tables=choices[:20])
        elif not faults.full:
            meant = closest(name, self._by_name)
            hint = f"; did you mean {meant}?" if meant else ""
            faults.add(
                pointer, "unknown_table", f"the schema has no table {shown(name)}{hint}", table=name[:_NAME_CHARS]
            )
        return None


def _read_source(fields: Fields, limits: RequestLimits) -> SchemaSource | None:
    return _source_of(fields.child("schema"), limits)


def _source_of(fields: Fields | None, limits: RequestLimits) -> SchemaSource | None:
    if fields is None:
        return None
    kinds = ("id", "snapshot", "ddl", "database")
    fields.refuse_unknown(*kinds)
    given = [kind for kind in kinds if fields.given(kind)]
    if len(given) != 1:
        what = f"not {' and '.join(given)} together" if given else "none is given"
        message = f"a schema is exactly one of {', '.join(kinds)}; {what}"
        fields.faults.add(fields.pointer, "one_of", message, allowed=list(kinds))
        return None
    if given == ["id"]:
        text = fields.text("id", most=100)
        return None if text is None else _schema_id(fields, text)
    if given == ["snapshot"]:
        snapshot = fields.child("snapshot")
        if snapshot is None:
            return None
        if not check_storable(snapshot.values):
            message = "the snapshot has a NUL character, or half of a surrogate pair, in it"
            fields.faults.add(fields.at("snapshot"), "bad_characters", message)
            return None
        return SchemaBySnapshot(snapshot.values)
    if given == ["ddl"]:
        ddl = fields.text("ddl", most=limits.ddl_chars, lines=True)
        return None if ddl is None else SchemaByDdl(ddl)
    return _read_database(fields.child("database"), limits)


def _schema_id(fields: Fields, text: str) -> SchemaById | None:
    try:
        return SchemaById(UUID(text))
    except ValueError:
        fields.faults.add(fields.at("id"), "bad_form", f"id {shown(text)} is not a UUID")
        return None


def _read_database(fields: Fields | None, limits: RequestLimits) -> SchemaByDatabase | None:
    if fields is None:
        return None
    fields.refuse_unknown("schemas", "tables")
    schemas = fields.names("schemas", most=100, longest=63)
    tables = fields.names("tables", most=limits.tables, longest=_IDENTIFIER_CHARS)
    return SchemaByDatabase(schemas, tables)


def _read_config(root: Fields, limits: RequestLimits, *, planned: bool = False) -> ExportConfig | None:
    fields = root.child("config")
    if fields is None:
        return None
    # With a plan, its rows count: `rows` may stay out.
    fields.require("format", *(() if planned else ("rows",)))
    fields.refuse_unknown(
        "format", "compression", "rows", "tables", "overrides", "locale", "chunkRows", "fileName", "nasty", "scale"
    )
    form = fields.choice("format", limits.formats)
    compression = fields.choice("compression", COMPRESSIONS)
    if compression and form in _COMPRESSED_FORMATS:
        message = f"{form} is compressed as it is; leave compression out"
        fields.faults.add(fields.at("compression"), "not_applicable", message, format=form)
    rows = _read_rows(fields, limits) if fields.given("rows") or not planned else 0
    tables = fields.names("tables", most=limits.tables, longest=_IDENTIFIER_CHARS)
    overrides = _read_overrides(fields)
    locale = fields.text("locale", most=20)
    if locale is not None and not _LOCALE.fullmatch(locale):
        message = f"locale {shown(locale)} does not look like en_US"
        fields.faults.add(fields.at("locale"), "bad_form", message)
    chunk_rows = fields.integer("chunkRows", low=1, high=limits.chunk_rows)
    file_name = _read_file_name(fields)
    nasty = fields.boolean("nasty")
    scale = fields.number("scale", above=0, high=_MOST_SCALE)
    if form is None or rows is None:
        return None
    return ExportConfig(
        format=form,
        rows=rows,
        compression=compression,
        tables=tables,
        overrides=overrides,
        locale=None if locale is None else locale.replace("-", "_"),
        chunk_rows=chunk_rows,
        file_name=file_name,
        nasty=bool(nasty),
        scale=scale,
    )


def _read_rows(fields: Fields, limits: RequestLimits) -> int | Mapping[str, int | Mapping[str, Any]] | None:
    if not fields.given("rows"):
        return None
    value = fields.values["rows"]
    if not isinstance(value, Mapping):
        if isinstance(value, str | list | bool):
            message = f"rows is to be a whole number or an object by table, not {shown(kind_of(value))}"
            fields.faults.add(fields.at("rows"), "wrong_type", message, expected="integer or object")
            return None
        return fields.integer("rows", low=0, high=limits.rows)
    by_table = Fields(fields.at("rows"), value, fields.faults)
    if not 1 <= len(value) <= limits.tables:
        message = f"rows is to name 1 to {limits.tables:,} tables, not {len(value):,}"
        fields.faults.add(fields.at("rows"), "wrong_size", message, least=1, most=limits.tables)
        return None
    found: dict[str, int | Mapping[str, Any]] = {}
    for name, pointer, wanted in by_table.each():
        if not check_text(pointer, "a table's name", name, fields.faults, most=_IDENTIFIER_CHARS):
            continue
        if isinstance(wanted, Mapping):
            count: int | Mapping[str, Any] | None = _read_per_parent(Fields(pointer, wanted, fields.faults))
        else:
            count = read_integer(pointer, f"rows of {shown(name)}", wanted, fields.faults, low=0, high=limits.rows)
        if count is not None:
            found[name] = count
    return found


def _read_per_parent(fields: Fields) -> Mapping[str, Any] | None:
    fields.refuse_unknown("perParent")
    fields.require("perParent")
    if fields.given("perParent") and fields.child("perParent") is None:
        return None
    return fields.values


def _read_overrides(fields: Fields) -> Mapping[str, Any]:
    overrides = fields.child("overrides")
    if overrides is None:
        return {}
    for name, pointer, value in overrides.each():
        check_text(pointer, "an override's name", name, fields.faults, most=_NAME_CHARS)
        if not check_storable(value):
            message = "the override has a NUL character, or half of a surrogate pair, in it"
            fields.faults.add(pointer, "bad_characters", message)
    return overrides.values


def _read_file_name(fields: Fields) -> str | None:
    """A name that is safe in a header, as a file of any system, and beside other files."""
    name = fields.text("fileName", most=_NAME_CHARS)
    if name is None:
        return None
    pointer = fields.at("fileName")
    # As systems that fold wide letters into plain ones would have it.
    plain = unicodedata.normalize("NFKC", name)
    unsafe = _UNSAFE_IN_FILE_NAME.search(plain)
    if unsafe:
        message = f"fileName may not have {unsafe.group()} in it: it is a name, not a path"
        fields.faults.add(pointer, "unsafe_file_name", message)
    elif plain.startswith((".", " ", "-")) or plain.endswith((".", " ")):
        message = "fileName may not begin with a dot, a hyphen or a space, nor end with a dot or a space"
        fields.faults.add(pointer, "unsafe_file_name", message)
    elif PurePosixPath(plain).name.split(".")[0].lower() in _DEVICE_NAMES:
        fields.faults.add(pointer, "unsafe_file_name", f"{shown(name)} names a device on Windows")
    elif len(name.encode()) > _FILE_NAME_BYTES:
        message = f"fileName is longer than {_FILE_NAME_BYTES} bytes of UTF-8"
        fields.faults.add(pointer, "too_long", message, most=_FILE_NAME_BYTES)
    else:
        return name
    return None


def _read_seed(fields: Fields) -> str | None:
    value = fields.values.get("seed")
    if isinstance(value, str):
        return fields.text("seed", most=_NAME_CHARS)
    if isinstance(value, list | Mapping | bool):
        message = f"seed is to be a string or a whole number, not {kind_of(value)}"
        fields.faults.add(fields.at("seed"), "wrong_type", message, expected="string or integer")
        return None
    seed = fields.integer("seed", low=-(2**_SEED_BITS), high=2**_SEED_BITS)
    return None if seed is None else str(seed)


def _read_notify(root: Fields, limits: RequestLimits) -> Notify | None:
    fields = root.child("notify")
    if fields is None:
        return None
    fields.refuse_unknown("webhook", "email")
    webhook = fields.text("webhook", most=2_048)
    if webhook is not None:
        fault = webhook_fault(webhook, ports=limits.webhook_ports, development=limits.insecure_webhooks)
        if fault:
            fields.faults.add(fields.at("webhook"), "bad_webhook", fault)
    email = fields.text("email", most=254)
    if email is not None and not _EMAIL.fullmatch(email):
        fields.faults.add(fields.at("email"), "bad_form", f"email {shown(email)} is not an address")
    return Notify(webhook, email) if webhook or email else None
