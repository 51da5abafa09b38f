"""Views and policies that stand in the way of a migration: no row depends on them, so they go."""

import re
from typing import Any

import psycopg
from psycopg import errors

_NAME = r'(?:"(?:[^"]|"")+"|[^\W\d][\w$]*)'
_QUALIFIED = rf"{_NAME}(?:\.{_NAME})?"
_DEPENDS = re.compile(rf"\b(?P<kind>materialized view|view) (?P<name>{_QUALIFIED}) depends on ")
_POLICY = re.compile(rf"\bpolicy (?P<name>{_NAME}) on table (?P<table>{_QUALIFIED}) depends on ")


def drop_views_in_the_way(connection: psycopg.Connection[Any], error: psycopg.Error | None) -> bool:
    """Drops the views and policies that a statement failed for, as Postgres named them; whether there were any.

    Where a file is made of migrations, a view that failed at its place may have been made at last, or the tool that
    runs them drops views by itself. Policies are there where functions make them.
    """
    if not isinstance(error, errors.DependentObjectsStillExist | errors.FeatureNotSupported):
        return False
    detail = error.diag.message_detail or ""
    drops = [f"drop {view['kind']} if exists {view['name']} cascade" for view in _DEPENDS.finditer(detail)]
    drops += [f"drop policy if exists {policy['name']} on {policy['table']}" for policy in _POLICY.finditer(detail)]
    for drop in drops:
        connection.execute(drop.encode())
    return bool(drops)
