"""Reads the snapshot's JSON form piece by piece, collecting what is wrong with it instead of stopping at it."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Literal, TypeVar, cast

from app.errors import Fault
from app.generator.snapshot.model import (
    SNAPSHOT_VERSION,
    Check,
    Column,
    CompositeType,
    DomainType,
    EnumType,
    Exclusion,
    ExclusionElement,
    ForeignKey,
    KeyElement,
    PartitionKey,
    PartitionOf,
    QName,
    RangeType,
    Snapshot,
    SqlFunction,
    Table,
    TypeRef,
    UniqueKey,
    UserType,
)
from app.generator.snapshot.statistics import read_statistics
from app.generator.snapshot.type_names import CATALOG, POLYMORPHIC, TypeNameInvalid, parse_type

MAX_TABLES = 5_000
MAX_COLUMNS = 1_600  # Postgres' own limit
MAX_PARTS = 10_000  # of any other list
MAX_NAME_BYTES = 63
MAX_TEXT = 100_000
MAX_NESTING = 200  # brackets within brackets in an expression

Places = Mapping[tuple[str, ...], str]
_Item = TypeVar("_Item")
_Form = Mapping[str, Any]

_TYPE_KINDS = ("enum", "domain", "composite", "range")
_TABLE_KINDS = ("table", "partitioned", "partition")
_ACTIONS = ("no action", "restrict", "cascade", "set null", "set default")
_STRATEGIES = ("range", "list", "hash")
_NOTHING = TypeRef(CATALOG, "text")  # stands where a type could not be read; a fault says so


def read_form(form: object) -> tuple[Snapshot, list[Fault], Places]:
    """The snapshot, the faults of its form, and where each table and constraint stands, as JSON Pointers.

    Where there are faults the snapshot has what could be read.
    """
    reader = _Reader()
    return reader.snapshot(form), reader.faults, reader.places


class _Reader:
    def __init__(self) -> None:
        self.faults: list[Fault] = []
        self.places: dict[tuple[str, ...], str] = {}
        self._user_types: frozenset[QName] = frozenset()

    def snapshot(self, form: object) -> Snapshot:
        optional = ("serverVersion", "extensions", "types", "functions", "statistics")
        members = self._object(form, "", required=("version", "tables"), optional=optional)
        version = members.get("version")
        if "version" in members and version != SNAPSHOT_VERSION:
            message = f"this is version {version!r} of the snapshot's form; only version {SNAPSHOT_VERSION} is read"
            self._fault("/version", "snapshot_version", message)
        types = members.get("types", [])
        self._user_types = frozenset(
            name
            for type_ in (types if isinstance(types, list) else [])
            if isinstance(type_, dict)
            for name in self._type_names(type_)
        )
        tables = tuple(sorted(self._list(members, "tables", "", self._table, MAX_TABLES), key=lambda t: t.name))
        return Snapshot(
            tables=tables,
            types=tuple(sorted(self._list(members, "types", "", self._type), key=lambda type_: type_.name)),
            functions=tuple(self._list(members, "functions", "", self._function)),
            extensions=tuple(sorted(self._list(members, "extensions", "", self._plain_name))),
            server_version=self._text(members, "serverVersion", ""),
            statistics=read_statistics(members.get("statistics"), tables, self._fault),
        )

    def _type_names(self, form: _Form) -> Iterable[QName]:
        schema, name = form.get("schema", "public"), form.get("name")
        if isinstance(schema, str) and isinstance(name, str):
            yield QName(schema, name)
            if isinstance(form.get("multirange"), str):
                yield QName(schema, form["multirange"])

    def _table(self, form: object, at: str) -> Table:
        members = self._object(
            form, at, required=("name", "columns"),
            optional=("schema", "kind", "comment", "keys", "foreignKeys", "checks", "exclusions", "partitionKey",
                      "partitionOf", "inherits"),
        )  # fmt: skip
        name = self._qname(members, at)
        self.places.setdefault((str(name),), at)
        keys = self._list(members, "keys", at, self._key)
        foreign_keys = self._list(members, "foreignKeys", at, self._foreign_key)
        checks = self._list(members, "checks", at, self._check)
        exclusions = self._list(members, "exclusions", at, self._exclusion)
        for kind, parts in (("keys", keys), ("foreignKeys", foreign_keys), ("exclusions", exclusions)):
            for n, part in enumerate(cast(Sequence[UniqueKey | ForeignKey | Exclusion], parts)):
                self.places.setdefault((str(name), kind, part.name), f"{at}/{kind}/{n}")
        # Postgres makes a primary key's columns NOT NULL, whether or not they say so themselves.
        primary = {element.column for key in keys if key.primary for element in key.elements}
        columns = self._list(members, "columns", at, self._column, MAX_COLUMNS)
        return Table(
            name=name,
            columns=tuple(replace(c, nullable=c.nullable and c.name not in primary) for c in columns),
            kind=cast(Any, self._one_of(members, "kind", at, _TABLE_KINDS, "table")),
            keys=tuple(sorted(keys, key=lambda key: (not key.primary, key.name))),
            foreign_keys=tuple(sorted(foreign_keys, key=lambda key: key.name)),
            checks=tuple(sorted(checks, key=lambda check: check.name)),
            exclusions=tuple(sorted(exclusions, key=lambda one: one.name)),
            partition_key=self._optional(members, "partitionKey", at, self._partition_key),
            partition_of=self._optional(members, "partitionOf", at, self._partition_of),
            inherits=tuple(self._list(members, "inherits", at, self._table_name)),
            comment=self._text(members, "comment", at),
        )

    def _column(self, form: object, at: str) -> Column:
        members = self._object(
            form, at, required=("name", "type"),
            optional=("nullable", "default", "identity", "generated", "sequence", "collation",
                      "collationDeterministic", "comment"),
        )  # fmt: skip
        identity = self._one_of(members, "identity", at, ("always", "byDefault"), None)
        generated = self._optional(members, "generated", at, self._generated)
        identities: dict[str | None, Literal["always", "by_default"]] = {"always": "always", "byDefault": "by_default"}
        return Column(
            name=self._name(members, "name", at),
            type=self._type_ref(members, "type", at),
            nullable=self._flag(members, "nullable", at, True),
            default=self._expression(members, "default", at),
            identity=identities.get(identity),
            generated=generated[0] if generated else None,
            generated_kind=generated[1] if generated else None,
            sequence=self._text(members, "sequence", at),
            collation=self._text(members, "collation", at),
            collation_deterministic=self._flag(members, "collationDeterministic", at, True),
            comment=self._text(members, "comment", at),
        )

    def _generated(self, form: object, at: str) -> tuple[str, Literal["stored", "virtual"]]:
        members = self._object(form, at, required=("expression",), optional=("kind",))
        kind = self._one_of(members, "kind", at, ("stored", "virtual"), "stored")
        return self._expression(members, "expression", at) or "", cast(Any, kind)

    def _key(self, form: object, at: str) -> UniqueKey:
        members = self._object(
            form, at, required=("name",),
            optional=("columns", "elements", "primary", "nullsNotDistinct", "predicate", "deferrable",
                      "withoutOverlaps"),
        )  # fmt: skip
        if ("columns" in members) == ("elements" in members):
            self._fault(at, "snapshot_form", "a key has either columns or elements")
        elements = tuple(KeyElement(column=name) for name in self._list(members, "columns", at, self._plain_name))
        elements += tuple(self._list(members, "elements", at, self._element))
        if not elements:
            self._fault(at, "snapshot_form", "a key has at least one column")
        return UniqueKey(
            name=self._constraint_name(members, at),
            elements=elements,
            primary=self._flag(members, "primary", at, False),
            nulls_not_distinct=self._flag(members, "nullsNotDistinct", at, False),
            predicate=self._expression(members, "predicate", at),
            deferrable=self._flag(members, "deferrable", at, False),
            without_overlaps=self._flag(members, "withoutOverlaps", at, False),
        )

    def _element(self, form: object, at: str) -> KeyElement:
        members = self._object(form, at, required=(), optional=("column", "expression"))
        if ("column" in members) == ("expression" in members):
            self._fault(at, "snapshot_form", "an element is either a column or an expression")
        column = self._name(members, "column", at) if "column" in members else None
        return KeyElement(column, self._expression(members, "expression", at))

    def _foreign_key(self, form: object, at: str) -> ForeignKey:
        members = self._object(
            form, at, required=("name", "columns", "references"),
            optional=("match", "onDelete", "onUpdate", "deferrable", "initiallyDeferred", "enforced", "period"),
        )  # fmt: skip
        target = self._optional(members, "references", at, self._reference) or (QName("", ""), ())
        return ForeignKey(
            name=self._constraint_name(members, at),
            columns=tuple(self._list(members, "columns", at, self._plain_name)),
            ref_table=target[0],
            ref_columns=target[1],
            match=cast(Any, self._one_of(members, "match", at, ("simple", "full"), "simple")),
            on_delete=self._one_of(members, "onDelete", at, _ACTIONS, "no action") or "no action",
            on_update=self._one_of(members, "onUpdate", at, _ACTIONS, "no action") or "no action",
            deferrable=self._flag(members, "deferrable", at, False),
            initially_deferred=self._flag(members, "initiallyDeferred", at, False),
            enforced=self._flag(members, "enforced", at, True),
            period=self._flag(members, "period", at, False),
        )

    def _reference(self, form: object, at: str) -> tuple[QName, tuple[str, ...]]:
        members = self._object(form, at, required=("table", "columns"), optional=("schema",))
        columns = self._list(members, "columns", at, self._plain_name)
        return self._qname(members, at, "table"), tuple(columns)

    def _check(self, form: object, at: str) -> Check:
        members = self._object(form, at, required=("name", "expression"), optional=())
        return Check(self._constraint_name(members, at), self._expression(members, "expression", at) or "true")

    def _exclusion(self, form: object, at: str) -> Exclusion:
        members = self._object(form, at, required=("name", "elements"), optional=("method", "predicate"))
        return Exclusion(
            name=self._constraint_name(members, at),
            method=self._text(members, "method", at) or "gist",
            elements=tuple(self._list(members, "elements", at, self._exclusion_element)),
            predicate=self._expression(members, "predicate", at),
        )

    def _exclusion_element(self, form: object, at: str) -> ExclusionElement:
        members = self._object(form, at, required=("expression", "operator"), optional=())
        operator = self._text(members, "operator", at) or "="
        return ExclusionElement(self._expression(members, "expression", at) or "", operator)

    def _partition_key(self, form: object, at: str) -> PartitionKey:
        members = self._object(form, at, required=("strategy", "keys"), optional=())
        strategy = self._one_of(members, "strategy", at, _STRATEGIES, "range")
        return PartitionKey(cast(Any, strategy), tuple(self._list(members, "keys", at, self._element)))

    def _partition_of(self, form: object, at: str) -> PartitionOf:
        members = self._object(form, at, required=("table", "bound"), optional=("schema",))
        return PartitionOf(self._qname(members, at, "table"), self._expression(members, "bound", at) or "DEFAULT")

    def _table_name(self, form: object, at: str) -> QName:
        return self._qname(self._object(form, at, required=("name",), optional=("schema",)), at)

    def _type(self, form: object, at: str) -> UserType:
        kind = form.get("kind") if isinstance(form, dict) else None
        own: dict[Any, tuple[tuple[str, ...], tuple[str, ...]]] = {
            "enum": (("labels",), ()),
            "domain": (("base",), ("notNull", "default", "checks")),
            "composite": (("attributes",), ()),
            "range": (("subtype",), ("multirange",)),
        }
        required, optional = own.get(kind if isinstance(kind, str) else None, ((), ()))
        members = self._object(form, at, required=("kind", "name", *required), optional=("schema", *optional))
        name = self._qname(members, at)
        self.places.setdefault(("type", str(name)), at)
        match self._one_of(members, "kind", at, _TYPE_KINDS, "enum"):
            case "domain":
                return DomainType(
                    name=name,
                    base=self._type_ref(members, "base", at),
                    not_null=self._flag(members, "notNull", at, False),
                    default=self._expression(members, "default", at),
                    checks=tuple(sorted(self._list(members, "checks", at, self._check), key=lambda c: c.name)),
                )
            case "composite":
                return CompositeType(name, tuple(self._list(members, "attributes", at, self._attribute)))
            case "range":
                multirange = self._name(members, "multirange", at) if "multirange" in members else None
                return RangeType(name, self._type_ref(members, "subtype", at), multirange)
        labels = self._list(members, "labels", at, self._label)
        if len(set(labels)) < len(labels):
            self._fault(f"{at}/labels", "duplicate_name", f"type {name}: a label occurs twice")
        return EnumType(name, tuple(labels))

    def _attribute(self, form: object, at: str) -> tuple[str, TypeRef]:
        members = self._object(form, at, required=("name", "type"), optional=())
        return self._name(members, "name", at), self._type_ref(members, "type", at)

    def _argument(self, form: object, at: str) -> tuple[str, TypeRef]:
        members = self._object(form, at, required=("type",), optional=("name",))
        return self._text(members, "name", at) or "", self._signature_type(members, "type", at)

    def _function(self, form: object, at: str) -> SqlFunction:
        members = self._object(
            form, at, required=("name", "returns", "body"), optional=("schema", "arguments", "strict")
        )
        return SqlFunction(
            name=self._qname(members, at),
            arguments=tuple(self._list(members, "arguments", at, self._argument)),
            returns=self._signature_type(members, "returns", at),
            body=self._expression(members, "body", at) or "",
            strict=self._flag(members, "strict", at, False),
        )

    def _object(self, form: object, at: str, *, required: Sequence[str], optional: Sequence[str]) -> _Form:
        if not isinstance(form, dict):
            self._fault(at, "snapshot_form", f"an object is expected, this is {_kind(form)}")
            return {}
        known = {*required, *optional}
        for name in form:
            if name not in known:
                closest = ", ".join(sorted(known))
                self._fault(
                    f"{at}/{_escape(str(name))}", "unknown_key", f"{name!r} is not known here; known are {closest}"
                )
        for name in required:
            if name not in form:
                self._fault(at, "missing_key", f"{name!r} is missing")
        return {name: value for name, value in form.items() if name in known}

    def _list(
        self, members: _Form, name: str, at: str, read: Callable[[object, str], _Item], limit: int = MAX_PARTS
    ) -> list[_Item]:
        value = members.get(name)
        if value is None:
            return []
        at = f"{at}/{name}"
        if not isinstance(value, list):
            self._fault(at, "snapshot_form", f"a list is expected, this is {_kind(value)}")
            return []
        if len(value) > limit:
            self._fault(at, "too_many", f"{len(value)} are more than the {limit} that are read")
            return []
        return [read(item, f"{at}/{n}") for n, item in enumerate(value)]

    def _optional(self, members: _Form, name: str, at: str, read: Callable[[object, str], _Item]) -> _Item | None:
        return read(members[name], f"{at}/{name}") if members.get(name) is not None else None

    def _text(self, members: _Form, name: str, at: str, limit: int = MAX_TEXT) -> str | None:
        value = members.get(name)
        if value is None:
            return None
        return self._checked_text(value, f"{at}/{name}", limit)

    def _checked_text(self, value: object, at: str, limit: int = MAX_TEXT) -> str:
        if not isinstance(value, str):
            self._fault(at, "snapshot_form", f"a text is expected, this is {_kind(value)}")
            return ""
        if len(value) > limit:
            self._fault(at, "too_long", f"{len(value)} characters are more than the {limit} that are read")
            return ""
        if "\0" in value or any("\ud800" <= char <= "\udfff" for char in value):
            self._fault(at, "snapshot_form", "no text in Postgres has a NUL or half a surrogate pair")
            return ""
        return value

    def _expression(self, members: _Form, name: str, at: str) -> str | None:
        text = self._text(members, name, at)
        if text is None:
            return None
        depth = deepest = 0
        for char in text:
            depth += (char == "(") - (char == ")")
            deepest = max(deepest, depth)
        if deepest > MAX_NESTING:
            self._fault(f"{at}/{name}", "too_deep", f"brackets are nested {deepest} deep; {MAX_NESTING} are read")
            return ""
        return text

    def _name(self, members: _Form, name: str, at: str) -> str:
        return self._plain_name(members[name], f"{at}/{name}") if name in members else ""

    def _plain_name(self, value: object, at: str) -> str:
        text = self._checked_text(value, at)
        if isinstance(value, str) and not text:
            self._fault(at, "snapshot_form", "a name is not empty")
        elif len(text.encode()) > MAX_NAME_BYTES:
            self._fault(at, "too_long", f"the name has more than the {MAX_NAME_BYTES} bytes that Postgres keeps")
        return text

    def _label(self, value: object, at: str) -> str:
        text = self._checked_text(value, at)
        if len(text.encode()) > MAX_NAME_BYTES:
            self._fault(at, "too_long", f"the label has more than the {MAX_NAME_BYTES} bytes that Postgres keeps")
        return text

    def _constraint_name(self, members: _Form, at: str) -> str:
        # Longer than Postgres' names: one that stands on several partitions gets a number here.
        return self._text(members, "name", at, 4 * MAX_NAME_BYTES) or ""

    def _qname(self, members: _Form, at: str, name: str = "name") -> QName:
        schema = self._name(members, "schema", at) if "schema" in members else "public"
        return QName(schema, self._name(members, name, at))

    def _type_ref(self, members: _Form, name: str, at: str) -> TypeRef:
        if name not in members:
            return _NOTHING
        text = self._checked_text(members[name], f"{at}/{name}", 400)
        if not text:
            return _NOTHING
        try:
            return parse_type(text, self._user_types)
        except TypeNameInvalid as error:
            self._fault(f"{at}/{name}", "unknown_type", str(error), type=text)
            return _NOTHING

    def _signature_type(self, members: _Form, name: str, at: str) -> TypeRef:
        text = members.get(name)
        if isinstance(text, str) and text in POLYMORPHIC:
            return TypeRef(CATALOG, text)
        return self._type_ref(members, name, at)

    def _flag(self, members: _Form, name: str, at: str, default: bool) -> bool:
        value = members.get(name, default)
        if not isinstance(value, bool):
            self._fault(f"{at}/{name}", "snapshot_form", f"true or false is expected, this is {_kind(value)}")
            return default
        return value

    def _one_of(self, members: _Form, name: str, at: str, values: Sequence[str], default: str | None) -> str | None:
        value = members.get(name, default)
        if value is not None and value not in values:
            self._fault(f"{at}/{name}", "snapshot_form", f"one of {', '.join(values)} is expected")
            return default
        return cast("str | None", value)

    def _fault(self, at: str, code: str, message: str, **facts: Any) -> None:
        self.faults.append(Fault(at, code, f"{at or 'snapshot'}: {message}", facts))


def _kind(value: object) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "true or false"
        case int() | float():
            return "a number"
        case str():
            return "a text"
        case list():
            return "a list"
    return "an object"


def _escape(name: str) -> str:
    return name.replace("~", "~0").replace("/", "~1")
