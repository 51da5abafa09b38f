"""Frozen dataclasses to plain data and back: camelCase keys, defaults left out, faults collected with pointers."""

import dataclasses
import types
import typing
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from typing import Any, Literal, Union, get_args, get_origin

from app.errors import Fault

_MISSING = dataclasses.MISSING
# Most of what there is: looked for first.
_PLAIN = frozenset({str, int, float, bool, type(None)})


def to_plain(value: Any) -> Any:
    """A record as JSON-ready data. A member of a union of records carries its class's name as `kind`."""
    if type(value) in _PLAIN:
        return value
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        out: dict[str, Any] = {}
        for name, key, _, default in _fields(type(value)):
            item = getattr(value, name)
            if item != default:
                out[key] = to_plain(item)
        return out
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, tuple | list):
        return [_tagged(v) for v in value]
    if isinstance(value, Mapping):
        return {str(k): _tagged(v) for k, v in value.items()}
    return value


def _tagged(value: Any) -> Any:
    if type(value) in _PLAIN:
        return value
    plain = to_plain(value)
    if type(value).__name__ in _UNION_MEMBERS:
        return {"kind": type(value).__name__} | plain
    return plain


# Classes that stand in a union inside a tuple, so that reading needs to know which one was written.
_UNION_MEMBERS = frozenset({"EnumType", "DomainType", "CompositeType", "RangeType"})


def from_plain(cls: Any, data: Any, pointer: str, faults: list[Fault]) -> Any:
    """Reads what `to_plain` wrote. What does not fit becomes a fault, and None in its place."""
    origin, args = get_origin(cls), get_args(cls)
    if cls is Any:
        return data
    if origin in (Union, types.UnionType):
        return _read_union(args, data, pointer, faults)
    if origin is Literal:
        return data if data in args else _refuse(faults, pointer, f"must be one of {', '.join(map(str, args))}")
    if origin is tuple:
        return _read_tuple(args, data, pointer, faults)
    if origin is not None and issubclass(origin, Mapping):
        if not isinstance(data, Mapping):
            return _refuse(faults, pointer, "must be an object")
        return {k: from_plain(args[1], v, f"{pointer}/{k}", faults) for k, v in data.items()}
    if dataclasses.is_dataclass(cls):
        return _read_record(cls, data, pointer, faults)
    if cls is datetime:
        try:
            return datetime.fromisoformat(data)
        except (TypeError, ValueError):
            return _refuse(faults, pointer, "must be an ISO 8601 time stamp")
    if cls is float and isinstance(data, int) and not isinstance(data, bool):
        return data  # 5 is a number as 5.0 is, and stays as it was written
    right = isinstance(data, cls) and not (cls is int and isinstance(data, bool))
    return data if right else _refuse(faults, pointer, f"must be a {_NAMES.get(cls, cls.__name__)}")


_NAMES = {str: "string", int: "whole number", bool: "boolean", float: "number"}


def _refuse(faults: list[Fault], pointer: str, message: str) -> None:
    faults.append(Fault(pointer, "invalid_value", f"{pointer or 'the document'} {message}"))


def _read_union(args: tuple[Any, ...], data: Any, pointer: str, faults: list[Fault]) -> Any:
    if data is None and type(None) in args:
        return None
    members = [a for a in args if a is not type(None)]
    if len(members) == 1:
        return from_plain(members[0], data, pointer, faults)
    if isinstance(data, Mapping) and "kind" in data:
        for member in members:
            if getattr(member, "__name__", "") == data["kind"]:
                rest = {k: v for k, v in data.items() if k != "kind"}
                return from_plain(member, rest, pointer, faults)
        return _refuse(faults, f"{pointer}/kind", "is not a known kind")
    for member in members:
        trial: list[Fault] = []
        read = from_plain(member, data, pointer, trial)
        if not trial:
            return read
    return _refuse(faults, pointer, "has none of the forms it may have")


def _read_tuple(args: tuple[Any, ...], data: Any, pointer: str, faults: list[Fault]) -> Any:
    if not isinstance(data, list | tuple):
        return _refuse(faults, pointer, "must be a list")
    if len(args) == 2 and args[1] is Ellipsis:
        return tuple(from_plain(args[0], v, f"{pointer}/{i}", faults) for i, v in enumerate(data))
    if len(data) != len(args):
        return _refuse(faults, pointer, f"must be a list of {len(args)}")
    return tuple(from_plain(a, v, f"{pointer}/{i}", faults) for i, (a, v) in enumerate(zip(args, data, strict=True)))


def _read_record(cls: Any, data: Any, pointer: str, faults: list[Fault]) -> Any:
    if not isinstance(data, Mapping):
        return _refuse(faults, pointer, "must be an object")
    known = _fields(cls)
    for key in data.keys() - {key for _, key, _, _ in known}:
        _refuse(faults, f"{pointer}/{key}", "is not known here")
    values: dict[str, Any] = {}
    before = len(faults)
    for name, key, annotation, default in known:
        if key in data:
            values[name] = from_plain(annotation, data[key], f"{pointer}/{key}", faults)
        elif default is _MISSING:
            _refuse(faults, f"{pointer}/{key}", "is missing")
    return cls(**values) if len(faults) == before else None


@cache
def _fields(cls: Any) -> tuple[tuple[str, str, Any, Any], ...]:
    """(name, JSON key, type, default) of each field."""
    hints = typing.get_type_hints(cls)
    out = []
    for field in dataclasses.fields(cls):
        default = field.default
        if default is _MISSING and field.default_factory is not _MISSING:
            default = field.default_factory()
        head, *tail = field.name.split("_")
        out.append((field.name, head + "".join(word.capitalize() for word in tail), hints[field.name], default))
    return tuple(out)
