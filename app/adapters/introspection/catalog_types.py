"""The types of a database: references to them for columns, and definitions of those that are the user's own."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from app.adapters.introspection.stand_ins import decode_shape
from app.generator.snapshot.model import (
    Check,
    CompositeType,
    DomainType,
    EnumType,
    QName,
    RangeType,
    TypeRef,
    UserType,
)
from app.generator.snapshot.type_names import CATALOG, parse_modifiers

_SHAPED = frozenset({"geometry", "geography"})

Query = Callable[..., list[dict[str, Any]]]


class TypeRows:
    """The types that a set of columns reaches, by oid."""

    def __init__(self, rows: Mapping[int, Mapping[str, Any]]) -> None:
        self._rows = rows
        self._definitions: dict[int, UserType] = {}

    def reference(self, oid: int, formatted: str | None = None, dimensions: int = 0) -> TypeRef:
        """How a column names the type. `formatted` is what format_type printed, when there are modifiers."""
        row = self._rows[oid]
        dims = 0
        if row["element"] is not None:
            # Postgres does not hold an array to its declared dimensions, but they say what was meant.
            dims = max(1, dimensions)
            row = self._rows[row["element"]]
        modifiers, fields, shape = parse_modifiers(formatted) if formatted else ((), None, None)
        if row["name"] in _SHAPED and modifiers and shape is None:
            shape, modifiers = decode_shape(modifiers[0])  # PostGIS itself always prints a shape
        return TypeRef(row["schema"], row["name"], modifiers, dims, fields, shape)

    def deterministic(self, oid: int) -> bool:
        """False when the type's own collation takes different texts for equal."""
        row = self._rows[oid]
        return bool(row["collation_deterministic"] and (row["kind"] != "d" or self.deterministic(row["base"])))

    def user_types(self) -> tuple[UserType, ...]:
        """The definitions, in name order."""
        return tuple(sorted(self._definitions.values(), key=lambda definition: definition.name))

    def domains(self) -> list[int]:
        """The oids of the domains among them."""
        return [oid for oid, definition in self._definitions.items() if isinstance(definition, DomainType)]

    def define(self, reached: Iterable[int], attributes: Query) -> None:
        """Makes definitions of the types reached, and of those that they are made of."""
        pending, seen = list(reached), set[int]()
        while pending:
            batch = [oid for oid in dict.fromkeys(pending) if oid not in seen]
            seen.update(batch)
            pending = []
            composites = [row["relation"] for oid in batch if (row := self._rows[oid])["kind"] == "c"]
            members: dict[int, list[dict[str, Any]]] = {}
            if composites:
                for row in attributes("attributes", relations=composites):
                    members.setdefault(row["relation"], []).append(row)
            for oid in batch:
                pending += self._define(oid, members)

    def add_checks(self, rows: Iterable[Mapping[str, Any]]) -> None:
        """Gives the domains their checks."""
        checks: dict[int, list[Check]] = {}
        for row in rows:
            checks.setdefault(row["type"], []).append(Check(row["name"], row["expression"]))
        for oid, found in checks.items():
            domain = self._definitions[oid]
            if isinstance(domain, DomainType):
                self._definitions[oid] = DomainType(
                    domain.name, domain.base, domain.not_null, domain.default, tuple(found)
                )

    def _define(self, oid: int, members: Mapping[int, list[dict[str, Any]]]) -> list[int]:
        """Defines one type; gives the oids of the types it is made of."""
        row = self._rows[oid]
        if row["element"] is not None:
            return [row["element"]]
        name = QName(row["schema"], row["name"])
        match row["kind"]:
            case "e":
                self._definitions[oid] = EnumType(name, tuple(row["labels"]))
            case "d":
                base = self.reference(row["base"], row["formatted"], row["dimensions"])
                self._definitions[oid] = DomainType(name, base, row["not_null"], row["default_expression"])
                return [row["base"]]
            case "c":
                attributes = members.get(row["relation"], [])
                self._definitions[oid] = CompositeType(
                    name,
                    tuple((a["name"], self.reference(a["type"], a["formatted"], a["dimensions"])) for a in attributes),
                )
                return [attribute["type"] for attribute in attributes]
            case "r" if row["schema"] != CATALOG:
                multirange = self._rows.get(row["multirange"] or 0)
                self._definitions[oid] = RangeType(
                    name, self.reference(row["subtype"]), multirange["name"] if multirange else None
                )
                return [row["subtype"]]
            case "m" if row["schema"] != CATALOG:
                return [o for o, other in self._rows.items() if other["multirange"] == oid]
        return []


def read_types(query: Query, reached: Iterable[int]) -> TypeRows:
    """Reads the types that columns have, and all that those are made of."""
    types = TypeRows({row["oid"]: row for row in query("types")})
    types.define(reached, query)
    if domains := types.domains():
        types.add_checks(query("domain_checks", types=domains))
    return types
