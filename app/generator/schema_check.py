"""Plain data against a JSON Schema: every fault, with a pointer to where it stands."""

from collections.abc import Iterator, Mapping
from typing import Any

from app.errors import Fault

_MOST_FAULTS = 100
_SHOWN_CHARS = 200


def faults_of(data: object, schema: Mapping[str, Any], pointer: str = "") -> list[Fault]:
    """What is wrong with `data`, at most a hundred faults; `pointer` is where the data stand in the request."""
    from jsonschema import Draft202012Validator

    found = list(_faults(Draft202012Validator(schema).iter_errors(data), pointer))
    return sorted(found, key=lambda fault: fault.pointer)[:_MOST_FAULTS]


def _faults(errors: "Iterator[Any]", pointer: str) -> Iterator[Fault]:
    for error in errors:
        where = pointer + "".join(f"/{_escape(str(step))}" for step in error.absolute_path)
        message = f"{where or 'the document'}: {_brief(error.message)}"
        yield Fault(where, "schema_violation", message, {"rule": str(error.validator)})


def _brief(message: str) -> str:
    return message if len(message) <= _SHOWN_CHARS else f"{message[:_SHOWN_CHARS]}…"


def _escape(name: str) -> str:
    return name.replace("~", "~0").replace("/", "~1")
