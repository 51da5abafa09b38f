"""Views that stand in the way of a migration: no row depends on them, so they go."""

import re
from typing import Any

import psycopg
from psycopg import errors

_NAME = r'(?:"(?:[^"]|"")+"|[^\W\d][\w$]*)'
_DEPENDS = re.compile(rf"\b(?P<kind>materialized view|view) (?P<name>{_NAME}(?:\.{_NAME})?) depends on ")


def drop_views_in_the_way(connection: psycopg.Connection[Any], error: psycopg.Error | None) -> bool:
    """Drops the views that a statement failed for, as Postgres named them; whether there were any.

    Where a file is made of migrations, a view that failed at its place may have been made at last, or the tool that
    runs them drops views by itself.
    """
    if not isinstance(error, errors.DependentObjectsStillExist | errors.FeatureNotSupported):
        return False
    found = list(_DEPENDS.finditer(error.diag.message_detail or ""))
    for view in found:
        connection.execute(f"drop {view['kind']} if exists {view['name']} cascade".encode())
    return bool(found)
