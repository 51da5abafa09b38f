"""Files, networks and devices: names and types that agree within the row."""

from collections.abc import Mapping
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from app.generator.keys import Rows, make_key
from app.generator.pools import pool, resolve_locale, table
from app.generator.values import documents
from app.generator.values.addresses import json_addresses
from app.generator.values.context import ColumnContext
from app.generator.values.entries import Entry, Option, family, invalid
from app.generator.values.fitting import text_limits
from app.generator.values.generator import Generator, Indexed, Siblings, pick
from app.generator.values.networks import Addresses, Ipv4, Ipv6, MacAddresses, Networks
from app.generator.values.people import distinct
from app.generator.values.strings import gather, join, number
from app.generator.values.texts import Phrases, longest, shortest


class FileKind:
    """The kind of file of each row of a table, whatever column asks."""

    def __init__(self, context: ColumnContext, only: str | None) -> None:
        found = table("en_US", "file_types")
        kinds = found["kind"].to_pylist()
        kept = [n for n, kind in enumerate(kinds) if only is None or kind == only] or list(range(len(kinds)))
        self.columns = {name: values.take(pa.array(kept)) for name, values in found.items()}
        self.count = len(kept)
        self._key = int(make_key(f"{context.table_key:x}", "file"))

    def of(self, rows: Rows, salt: int) -> Rows:
        """The kind of each row."""
        return pick(self._key, rows, salt, self.count)


class FileParts(Phrases):
    """Extension, MIME type or kind of the row's file."""

    def __init__(self, kind: FileKind, column: str) -> None:
        self._kind, self._entries = kind, kind.columns[column]
        super().__init__([distinct(self._entries)])
        self.longest, self.shortest = longest(self._entries), shortest(self._entries)

    def draw(self, key: int, rows: Rows, siblings: Siblings, salt: int) -> pa.Array:
        """What the rows' files are."""
        return gather(self._entries, self._kind.of(rows, salt))


class FileNames(Indexed):
    """File names, or paths with a folder, whose extension is that of the row's file."""

    arrow_type = pa.string()
    block = 3000
    capacity = 10**12

    def __init__(self, kind: FileKind, *, folder: bool) -> None:
        self._kind, self._folder = kind, folder
        self._words, self._folders = pool("en_US", "path_words"), pool("en_US", "slug_words")
        self.longest = longest(self._words) + 19 + (longest(self._folders) + 1 if folder else 0)
        self.shortest = 8

    def at(self, index: Rows) -> pa.Array:
        """Names told apart by their number."""
        mixed = pick(0xF11E, index, 0, 1 << 40)
        return self._text(mixed, number(index + 1), mixed % self._kind.count)

    def draw(self, key: int, rows: Rows, siblings: Siblings, salt: int) -> pa.Array:
        """Names with the row's extension."""
        mixed = pick(key, rows, salt, 1 << 40)
        return self._text(mixed, number(pick(key, rows, salt, 999, 1) + 1), self._kind.of(rows, salt))

    def _text(self, mixed: Rows, numbers: pa.Array, kind: Rows) -> pa.Array:
        name = gather(self._words, mixed % len(self._words))
        extension = gather(self._kind.columns["extension"], kind)
        parts: list[pa.Array | str] = [name, "-", numbers, ".", extension]
        if self._folder:
            parts = [gather(self._folders, mixed // 64 % len(self._folders)), "/", *parts]
        return join(*parts)


class Paths(Indexed):
    """Paths of a web server: /blog/report-12."""

    arrow_type = pa.string()
    block = 10_000
    capacity = 10**12
    longest, shortest = 42, 6

    def __init__(self) -> None:
        self._words, self._folders = pool("en_US", "path_words"), pool("en_US", "slug_words")

    def at(self, index: Rows) -> pa.Array:
        """Paths told apart by their number."""
        mixed = pick(0xF11E, index, 0, 1 << 40)
        section = gather(self._folders, mixed % len(self._folders))
        leaf = gather(self._words, mixed // 64 % len(self._words))
        return join("/", section, "/", leaf, "-", number(index + 1))


def _file_parts(column: str) -> Any:
    def make(context: ColumnContext, options: Mapping[str, Any]) -> Generator:
        return FileParts(FileKind(context, options.get("kind")), column)

    return make


def _file_names(context: ColumnContext, options: Mapping[str, Any]) -> Generator:
    return FileNames(FileKind(context, options.get("kind")), folder=bool(options.get("folder")))


def _paths(context: ColumnContext, options: Mapping[str, Any]) -> Generator:
    return Paths()


def _addresses(context: ColumnContext, options: Mapping[str, Any]) -> Generator:
    version = options.get("version")
    name = context.type.name
    if name == "cidr":
        return Networks()
    if name != "inet" and family(context) != "text":
        raise invalid(f"{name} cannot hold an address")
    most = text_limits(context).most if name != "inet" else None
    if version == 6 and (most is None or most >= 39):
        return Ipv6()
    if version == 4 or (most is not None and most < 39):
        return Ipv4()
    return Addresses()


def _macs(context: ColumnContext, options: Mapping[str, Any]) -> Generator:
    return MacAddresses(8 if context.type.name == "macaddr8" else 6)


def _user_agents(context: ColumnContext, options: Mapping[str, Any]) -> Generator:
    return Phrases([pool("en_US", "user_agents")])


class JsonTexts(Indexed):
    """JSON made for a purpose: settings, attributes, payloads, addresses, tags."""

    arrow_type = pa.string()
    capacity = 1 << 50
    block = 1_000_000
    longest, shortest = 400, 2

    def __init__(self, words: pa.Array, form: str) -> None:
        self._words, self._form = words, form

    def at(self, index: Rows) -> pa.Array:
        """A document that holds its number."""
        return self._text(pick(0x150, index, 0, 1 << 40), index + 1, counted=True)

    def draw(self, key: int, rows: Rows, siblings: Siblings, salt: int) -> pa.Array:
        """A drawn document."""
        return self._text(pick(key, rows, salt, 1 << 40), pick(key, rows, salt, 1000, 1) + 1)

    def _text(self, mixed: Rows, numbers: Rows, *, counted: bool = False) -> pa.Array:
        count = len(self._words)
        first, second = gather(self._words, mixed % count), gather(self._words, mixed // 2048 % count)
        digits = number(numbers)
        flag = gather(pa.array(["true", "false"]), mixed // 7 % 2)
        match self._form:
            case "settings":
                theme = gather(pa.array(["light", "dark", "system"]), mixed % 3)
                return join('{"theme": "', theme, '", "notifications": ', flag, ', "pageSize": ', digits, "}")
            case "tags" if counted:
                return join('["', first, '", "', second, '", "', digits, '"]')
            case "tags":
                return join('["', first, '", "', second, '"]')
            case "payload":
                kind = gather(pool("en_US", "events"), mixed % 20)
                return join('{"event": "', kind, '", "value": ', digits, ', "label": "', first, '"}')
            case "dimensions":
                return join('{"width": ', number(mixed % 180 + 5), ', "height": ', digits, ', "unit": "cm"}')
            case _:
                return documents.json_object(first, second, numbers)


def _json(context: ColumnContext, options: Mapping[str, Any]) -> Generator:
    if context.type.name not in ("json", "jsonb") and family(context) != "text":
        raise invalid(f"{context.type.name} cannot hold json")
    words = pool(resolve_locale(context.locale), "words")
    form = str(options.get("form", "object"))
    wanted = "array" if form == "tags" else "object"
    domain = context.domain
    if domain.json_keys or (domain.json_types is not None and wanted not in domain.json_types) or form == "object":
        return documents.JsonValues(words, domain)
    return json_addresses(context) if form == "address" else JsonTexts(words, form)


class Hosts(Indexed):
    """Names of machines: web-07."""

    arrow_type = pa.string()
    block = 60
    capacity = 10**9
    longest, shortest = 17, 4

    def __init__(self) -> None:
        self._roles = pa.array(["web", "db", "cache", "worker", "queue", "proxy"])

    def at(self, index: Rows) -> pa.Array:
        """Every role in turn."""
        count = len(self._roles)
        return join(gather(self._roles, index % count), "-", pc.utf8_lpad(number(index // count + 1), 2, "0"))


def _hosts(context: ColumnContext, options: Mapping[str, Any]) -> Generator:
    return Hosts()


_KIND = {
    "kind": Option(
        "string", "only files of this kind", False, ("document", "data", "archive", "image", "video", "audio")
    )
}

_JSON_FORMS = ("object", "settings", "tags", "payload", "dimensions", "address")

ENTRIES = (
    Entry(
        "file_name",
        "File name, with the extension of the row's file",
        ("text",),
        _file_names,
        {**_KIND, "folder": Option("boolean", "with a folder before it")},
        {"kind": "image"},
    ),
    Entry("file_extension", "Extension of the row's file", ("text",), _file_parts("extension"), _KIND),
    Entry("mime_type", "MIME type of the row's file", ("text",), _file_parts("mime_type"), _KIND),
    Entry("url_path", "Path within a web site", ("text",), _paths),
    Entry(
        "ip_address",
        "IP address of the ranges for documentation",
        ("any",),
        _addresses,
        {"version": Option("integer", "4 or 6")},
        {"version": 4},
    ),
    Entry("mac_address", "Locally administered MAC address", ("any",), _macs),
    Entry("host_name", "Name of a machine", ("text",), _hosts),
    Entry("user_agent", "User agent of a browser", ("text",), _user_agents),
    Entry(
        "json",
        "A JSON document",
        ("any",),
        _json,
        {"form": Option("string", "what for", False, _JSON_FORMS)},
        {"form": "settings"},
    ),
)
