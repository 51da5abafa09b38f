"""Faults found deeper down, told where the caller wrote what is wrong."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from app.errors import DdlRefused, SchemaNotPermitted, SnapshotInvalid
from app.exports.requests import SchemaByDatabase, SchemaByDdl, SchemaBySnapshot, SchemaSource


@contextmanager
def pointing_at(source: SchemaSource, pointer: str) -> Iterator[None]:
    """Faults of a snapshot, of DDL or of a part of the database point into that; a caller knows only the body, where
    the schema stands at `pointer`."""
    try:
        yield
    except (DdlRefused, SnapshotInvalid, SchemaNotPermitted) as error:
        match source:
            case SchemaByDdl():
                prefix = f"{pointer}/ddl"
            case SchemaBySnapshot():
                prefix = f"{pointer}/snapshot"
            case SchemaByDatabase():
                prefix = f"{pointer}/database"
            case _:
                raise
        error.faults = [replace(fault, pointer=prefix + fault.pointer) for fault in error.faults]
        raise
