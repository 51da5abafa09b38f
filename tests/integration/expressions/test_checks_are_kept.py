"""Checks through the whole engine: rows are made, loaded into Postgres with every check on, and counted."""

from pathlib import Path
from typing import Any

import pytest

from app.adapters.introspection.catalog import introspect
from app.adapters.introspection.scratch import ScratchDatabase
from app.adapters.verification.verify import verify
from app.generator import GeneratorConfig, make_plan
from app.generator.expressions import columns_of, parse_expression
from app.generator.types import format_type
from tests.unit.expressions.checks import (
    ALTERNATIVES,
    COLUMNS,
    GAPS,
    KEPT_AND_TESTED,
    KEPT_BY_DOMAINS,
    RELATIONS,
)

DIFFICULT = Path(__file__).with_name("difficult.sql")
APPLICATIONS = Path(__file__).with_name("applications.sql")
COMBINATIONS = Path(__file__).with_name("combinations.sql")


def violations(ddl: str, rows: int, server_url: str) -> list[str]:
    with ScratchDatabase(server_url) as scratch:
        scratch.load(ddl)
        with scratch.connect() as connection:
            plan = make_plan(introspect(connection), GeneratorConfig.from_json({"rows": rows}), 5)
            report = verify(plan, connection)
    return [] if report.holds else [report.to_text()]


def table_of(number: int, expression: str, required: bool) -> str:
    """A table with the columns of one check, nullable or not."""
    columns = [f"{name} {format_type(COLUMNS[name].type)}" for name in sorted(columns_of(parse_expression(expression)))]
    declared = "".join(f", {column}{' not null' if required else ''}" for column in columns)
    return f"create table t{number} (id integer primary key{declared}, check ({expression}));"


@pytest.mark.slow
def test_a_table_for_each_check_loads_without_a_violation(postgres: Any) -> None:
    """Every check of the unit tests' corpus, with columns that may be NULL and, where that makes sense, may not."""
    optional = [*KEPT_BY_DOMAINS, *KEPT_AND_TESTED, *ALTERNATIVES, *RELATIONS, *GAPS]
    required = [e for e in (*KEPT_BY_DOMAINS, *KEPT_AND_TESTED, *RELATIONS, *GAPS) if "IS NULL" not in e]
    tables = [table_of(number, e, required=False) for number, e in enumerate(optional)]
    tables += [table_of(number, e, required=True) for number, e in enumerate(required, len(optional))]
    ddl = "create type public.stage as enum ('draft', 'open', 'done', 'void');\n" + "\n".join(tables)
    assert violations(ddl, 40, postgres.url()) == []


def test_checks_that_lean_on_each_other_are_kept(postgres: Any) -> None:
    """Orders, bookings, ledgers, discounts: every column in several checks, domains and functions besides."""
    assert violations(DIFFICULT.read_text(), 400, postgres.url()) == []


@pytest.mark.slow
def test_checks_of_applications_are_kept(postgres: Any) -> None:
    """Those of shops, banks, hospitals and the like, and of the families that only looking keeps: none is broken."""
    assert violations(APPLICATIONS.read_text(), 20, postgres.url()) == []


def test_checks_that_meet_keys_and_references_are_kept(postgres: Any) -> None:
    """Alternatives over columns of keys, computed parts of keys, differences within keys, checks over foreign keys."""
    assert violations(COMBINATIONS.read_text(), 30, postgres.url()) == []
