"""`seedbed.yaml`: what to make, as a file that is reviewed and kept beside the schema.

`seedbed.schema.json` beside this module is its JSON Schema, for editors; a test holds it to the generators there are.
"""

import json
from collections.abc import Mapping
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any

from app.errors import Fault, RequestRefused

DEFAULT_FILE = "seedbed.yaml"
_MOST_VALUES = 200_000


def read_configuration(path: Path) -> Mapping[str, Any]:
    """The values of a file, YAML or JSON. Raises RequestRefused with every fault."""
    import yaml

    try:
        # YAML 1.2 holds JSON; the safe loader makes plain data and nothing else.
        values = yaml.safe_load(path.read_text(encoding="utf-8"))
        _check_size(path, values)
    except yaml.YAMLError as error:
        raise _refused(f"{path} is not YAML: {' '.join(str(error).split())}") from None
    except RecursionError:
        raise _refused(f"{path} is nested too deeply") from None
    except UnicodeDecodeError:
        raise _refused(f"{path} is not UTF-8 text") from None
    if values is None:
        return {}
    if not isinstance(values, Mapping) or not all(isinstance(name, str) for name in values):
        raise _refused(f"{path} must hold a mapping such as `rows: 1000`")
    found = {name: _plain(value) for name, value in values.items()}
    known = configuration_schema()["properties"]
    unknown = sorted(set(found) - set(known))
    if unknown:
        raise RequestRefused([Fault(f"/{name}", "unknown_key", _unknown(path, name, known)) for name in unknown])
    from app.generator.schema_check import faults_of

    faults = [fault for fault in faults_of(found, configuration_schema()) if not _left_to_the_plan(fault.pointer)]
    if faults:
        raise RequestRefused([Fault(f.pointer, f.code, _told(path, f, found, known), f.facts) for f in faults])
    return found


def _check_size(path: Path, values: object) -> None:
    """Raises RequestRefused where a few lines of aliases stand for more values than anybody writes, or for
    themselves."""
    left, within = _MOST_VALUES, [values]
    while within:
        value = within.pop()
        inner = list(value.values()) if isinstance(value, Mapping) else value if isinstance(value, list) else ()
        left -= len(inner)
        if left < 0:
            raise _refused(f"{path} holds more than {_MOST_VALUES:,} values: aliases multiply what they stand for")
        within.extend(inner)


def _left_to_the_plan(pointer: str) -> bool:
    """Rows and overrides: whoever plans knows tables and columns, and what was meant."""
    return pointer.startswith("/rows") or (pointer.count("/") > 2 and pointer.startswith("/overrides/"))


def _unknown(path: Path, name: str, known: Mapping[str, Any]) -> str:
    from app.generator.values.entries import hint, nearest

    return f"{path} has {name!r}, which is none of {', '.join(sorted(known))}{hint(nearest(name, known))}"


def _told(path: Path, fault: Fault, found: Mapping[str, Any], known: Mapping[str, Any]) -> str:
    """What is wrong with a member of the file; a word that is none of a few, with the one that was meant."""
    from app.generator.values.entries import hint, nearest

    name = fault.pointer.removeprefix("/")
    choices, value = known.get(name, {}).get("enum"), found.get(name)
    if choices is not None:
        return f"{path}: {name} is one of {', '.join(choices)}; not {value!r}{hint(nearest(value, choices))}"
    if name == "locale" and isinstance(value, str):
        return f"{path}: locale is a language and a country, such as de_DE; not {value!r}"
    return f"{path}: {fault.message}"


@cache
def configuration_schema() -> Mapping[str, Any]:
    """The JSON Schema of the file, made from the generators, formats and locales that there are."""
    from app.generator.formats.registry import FORMATS
    from app.generator.layout.output import COMPRESSIONS
    from app.generator.pools import LOCALES
    from app.generator.values.registry import describe

    count = {"type": "integer", "minimum": 0, "maximum": 10**10}
    each = {"type": "integer", "minimum": 0, "maximum": 1_000_000}
    rate = {"type": "number", "minimum": 0, "maximum": 1, "description": "The share of NULLs, 0 to 1."}
    generators = [_generator(entry) for entry in describe()]
    names = [entry["name"] for entry in describe()]
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "seedbed.yaml",
        "description": "What test data to make of a schema. Every command takes it by --config.",
        "type": "object",
        "additionalProperties": False,
        "properties": {
            "rows": {
                "description": "Rows of every table, or by table; `*` is for the rest.",
                "anyOf": [count, {"type": "object", "additionalProperties": {"$ref": "#/$defs/count"}}],
            },
            "scale": {
                "type": "number",
                "exclusiveMinimum": 0,
                "maximum": 1_000,
                "description": "Rows of each table as a share of what statistics say the real one has.",
            },
            "tables": {
                "description": "Only these tables, and those that they cannot do without.",
                "type": "array",
                "items": {"type": "string"},
                "minItems": 1,
                "uniqueItems": True,
            },
            "overrides": {
                "description": "How columns are filled, by table and column.",
                "type": "object",
                "additionalProperties": {
                    "type": "object",
                    "additionalProperties": {"$ref": "#/$defs/override"},
                },
            },
            "prompt": {
                "description": "What the data are about, in plain words; it shapes the plan.",
                "type": "string",
                "maxLength": 8_000,
            },
            "locale": {
                "description": "Language and country of names, words and places.",
                "type": "string",
                "pattern": "^[a-z]{2,3}[_-][A-Z]{2}$",
                "examples": list(LOCALES),
            },
            "format": {"description": "What the file is.", "enum": list(FORMATS)},
            "compression": {"enum": list(COMPRESSIONS)},
            "chunkRows": {"type": "integer", "minimum": 1, "maximum": 1_000_000},
            "fileName": {"type": "string", "minLength": 1, "maxLength": 200},
            "nasty": {"type": "boolean", "description": "Text that breaks programs, where no rule restricts it."},
            "reference": {
                "description": "The moment that counts as now, an ISO 8601 date or time stamp.",
                "type": "string",
            },
            "seed": {"description": "The same seed makes the same bytes.", "type": ["string", "integer"]},
        },
        "$defs": {
            "count": {
                "anyOf": [
                    count,
                    {
                        "type": "object",
                        "additionalProperties": False,
                        "required": ["perParent"],
                        "properties": {
                            "perParent": {
                                "description": "So many rows for each row of a parent table.",
                                "type": "object",
                                "properties": {
                                    "min": each,
                                    "max": each,
                                    "exactly": each,
                                    "mean": {"type": "number", "minimum": 0, "maximum": 1_000_000},
                                    "distribution": {"type": "string", "examples": ["uniform", "skewed"]},
                                    "parent": {"type": "string"},
                                    "foreignKey": {"type": "string"},
                                },
                            }
                        },
                    },
                ]
            },
            "override": {
                "description": "A value for every row, a list to choose from, or a generator with its options.",
                "anyOf": [
                    {"type": ["string", "number", "boolean", "null"]},
                    {"type": "array", "minItems": 1},
                    {
                        "type": "object",
                        "required": ["generator"],
                        "properties": {"generator": {"enum": names}, "options": {"type": "object"}, "nullRate": rate},
                        "allOf": generators,
                    },
                    {"type": "object", "minProperties": 1, "not": {"required": ["generator"]}},
                ],
            },
        },
    }


def _generator(entry: Mapping[str, Any]) -> dict[str, Any]:
    """The options of one generator, for an override that names it."""
    options = {
        name: {"description": option["about"], **({"enum": option["choices"]} if "choices" in option else {})}
        for name, option in entry["options"].items()
    }
    return {
        "if": {"properties": {"generator": {"const": entry["name"]}}},
        "then": {
            "description": entry["about"],
            "properties": {"options": {"type": "object", "properties": options}},
        },
    }


def _plain(value: Any) -> Any:
    """YAML reads a bare 2026-01-01 as a date; everything here takes the text."""
    if isinstance(value, date | datetime):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(name): _plain(inner) for name, inner in value.items()}
    return [_plain(inner) for inner in value] if isinstance(value, list) else value


def _refused(message: str) -> RequestRefused:
    return RequestRefused([Fault("", "config_invalid", message)])


if __name__ == "__main__":
    target = Path(__file__).with_name("seedbed.schema.json")
    target.write_text(json.dumps(configuration_schema(), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
