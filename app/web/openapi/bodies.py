"""JSON Schemas of request bodies, with the limits of the parser that reads them."""

from typing import Any

from app.exports.models import Role
from app.exports.requests import (
    COMPRESSIONS,
    LONGEST_RETENTION_S,
    MOST_ROWS,
    SHORTEST_RETENTION_S,
    RequestLimits,
)
from app.generator.formats.registry import FORMATS

_LIMITS = RequestLimits()
_IDENTIFIER = {"type": "string", "minLength": 1, "maxLength": 129}
_ROWS = {"type": "integer", "minimum": 0, "maximum": MOST_ROWS}

SOURCE_KINDS: dict[str, dict[str, Any]] = {
    "id": {"type": "string", "format": "uuid", "description": "A stored schema."},
    "snapshot": {"type": "object", "description": "A snapshot in its JSON form, as `seedbed snapshot` writes it."},
    "ddl": {
        "type": "string",
        "minLength": 1,
        "maxLength": _LIMITS.ddl_chars,
        "description": "CREATE statements, as pg_dump or a migration has them; loaded into a scratch database.",
    },
    "database": {"$ref": "#/components/schemas/DatabaseSource"},
}


def _object(properties: dict[str, Any], required: list[str] | None = None, **rest: Any) -> dict[str, Any]:
    found = {"type": "object", "properties": properties, "additionalProperties": False, **rest}
    return found | ({"required": required} if required else {})


def _one_of_sources(**beside: Any) -> dict[str, Any]:
    return {"oneOf": [_object({kind: schema, **beside}, [kind], title=kind) for kind, schema in SOURCE_KINDS.items()]}


NAME = {"type": ["string", "null"], "minLength": 1, "maxLength": 200}
BODY_SCHEMAS: dict[str, dict[str, Any]] = {
    "ExportRequest": _object(
        {
            "schema": {"$ref": "#/components/schemas/SchemaSource"},
            "config": {"$ref": "#/components/schemas/ExportConfig"},
            "seed": {
                "description": 'The same request with the same seed makes the same bytes. 7 and "7" are one seed.',
                "oneOf": [
                    {"type": "string", "minLength": 1, "maxLength": 200, "pattern": "\\S"},
                    {"type": "integer", "minimum": -(2**64), "maximum": 2**64},
                ],
            },
            "promptContext": {
                "type": ["string", "null"],
                "maxLength": _LIMITS.prompt_chars,
                "description": "What the data are about, in plain words. It shapes the plan, not single rows.",
            },
            "notify": {"oneOf": [{"$ref": "#/components/schemas/Notify"}, {"type": "null"}]},
            "plan": {
                "type": ["object", "null"],
                "description": "A plan that was handed out before, as it was or edited. It decides rows, columns and "
                "locale; `config` then says what the file is, and `seed` may stay out.",
            },
            "retentionSeconds": {
                "type": ["integer", "null"],
                "minimum": SHORTEST_RETENTION_S,
                "maximum": LONGEST_RETENTION_S,
                "description": "How long the finished file is kept; as long as you are allowed to when it is left out.",
            },
        },
        ["schema", "config"],
        description="A request for an export.",
        anyOf=[
            {"required": ["plan"], "properties": {"plan": {"type": "object"}}},
            {"required": ["seed"], "properties": {"config": {"required": ["rows"]}}},
        ],
    ),
    "SchemaSource": {
        "description": "The schema to fill: exactly one of `id`, `snapshot`, `ddl` and `database`.",
        **_one_of_sources(),
    },
    "StoreSchemaRequest": {
        "description": "A schema to store, with a name to find it by.",
        **_one_of_sources(name={**NAME, "description": "A name to find it by."}),
    },
    "DatabaseSource": _object(
        {
            "schemas": {
                "type": ["array", "null"],
                "items": {"type": "string", "minLength": 1, "maxLength": 63},
                "minItems": 1,
                "maxItems": 100,
                "uniqueItems": True,
                "default": ["public"],
            },
            "tables": {"type": ["array", "null"], "items": _IDENTIFIER, "minItems": 1, "uniqueItems": True},
        },
        description="The live database, as far as the caller has privileges on it.",
    ),
    "IntrospectRequest": _object(
        {
            "name": NAME,
            "schemas": {"$ref": "#/components/schemas/DatabaseSource/properties/schemas"},
            "tables": {"$ref": "#/components/schemas/DatabaseSource/properties/tables"},
        },
        description="Which part of the live database to read.",
    ),
    "ExportConfig": _object(
        {
            "format": {"type": "string", "enum": list(FORMATS)},
            "compression": {"type": ["string", "null"], "enum": [*COMPRESSIONS, None]},
            "rows": {
                "description": "Rows for every table, or by table (`name` or `schema.name`; `*` for the rest).",
                "oneOf": [
                    _ROWS,
                    {
                        "type": "object",
                        "minProperties": 1,
                        "additionalProperties": {"oneOf": [_ROWS, {"$ref": "#/components/schemas/PerParent"}]},
                    },
                ],
            },
            "tables": {
                "type": ["array", "null"],
                "items": _IDENTIFIER,
                "minItems": 1,
                "uniqueItems": True,
                "description": "Only these tables, and those they refer to.",
            },
            "overrides": {
                "type": ["object", "null"],
                "additionalProperties": {"type": "object"},
                "description": "How single columns are filled: `{table: {column: override}}`.",
            },
            "locale": {"type": ["string", "null"], "pattern": "^[a-z]{2,3}[_-][A-Z]{2}$", "default": "en_US"},
            "scale": {
                "type": ["number", "null"],
                "exclusiveMinimum": 0,
                "maximum": 1000,
                "description": "Rows of each table as a share of those that the snapshot's statistics say there are; "
                "for tables that `rows` does not name.",
            },
            "nasty": {
                "type": ["boolean", "null"],
                "default": False,
                "description": "Text that breaks programs, in the text columns that no rule restricts.",
            },
            "chunkRows": {
                "type": ["integer", "null"],
                "minimum": 1,
                "maximum": _LIMITS.chunk_rows,
                "description": "Rows between two progress reports. It changes no byte of the file.",
            },
            "fileName": {
                "type": ["string", "null"],
                "minLength": 1,
                "maxLength": 200,
                "description": "What a download is saved as; a name, not a path. The extension is added.",
            },
        },
        ["format"],
    ),
    "PerParent": _object(
        {
            "perParent": _object(
                {
                    "min": {"type": "integer", "minimum": 0, "maximum": 1_000_000},
                    "max": {"type": "integer", "minimum": 0, "maximum": 1_000_000},
                    "exactly": {"type": "integer", "minimum": 0, "maximum": 1_000_000},
                    "mean": {
                        "type": ["number", "null"],
                        "description": "The mean, kept exactly by every hundred parents; with uniform or pareto.",
                    },
                    "distribution": {
                        "type": "string",
                        "enum": ["uniform", "skewed", "pareto"],
                        "description": "uniform, or pareto where there is a mean, unless said otherwise.",
                    },
                    "parent": {"type": "string", "description": "The parent's table, where there are several."},
                    "foreignKey": {"type": "string", "description": "The foreign key's name, where there are several."},
                }
            )
        },
        ["perParent"],
        description="So many rows for each row of a parent table.",
    ),
    "Notify": _object(
        {
            "webhook": {
                "type": ["string", "null"],
                "format": "uri",
                "maxLength": 2048,
                "description": "Called, signed by the Standard Webhooks specification, when the export has ended.",
            },
            "email": {"type": ["string", "null"], "format": "email", "maxLength": 254},
        },
        description="Where word goes when the export has ended.",
    ),
    "ShareRequest": _object({"role": {"type": "string", "enum": [role.value for role in Role]}}, ["role"]),
    "InvitationRequest": _object(
        {
            "email": {"type": "string", "maxLength": 254, "pattern": r"^\s*[^@\s]{1,64}@[^@\s]{1,190}\s*$"},
            "role": {"type": "string", "enum": [role.value for role in Role]},
        },
        ["email", "role"],
    ),
    "TokenRequest": _object(
        {"email": {"type": "string", "maxLength": 254}, "userId": {"type": ["string", "null"], "format": "uuid"}},
        ["email"],
    ),
}

EXAMPLE_REQUEST: dict[str, Any] = {
    "schema": {
        "ddl": "create table customers (id int primary key, email text not null unique);\n"
        "create table orders (id int primary key, customer_id int not null references customers, placed_on date);"
    },
    "config": {"format": "csv", "compression": "gzip", "rows": {"customers": 1000, "orders": 5000}},
    "seed": "spring-2025",
}
