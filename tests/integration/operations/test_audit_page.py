"""docs/ops/audit.md: every statement runs for an auditor, and for nobody else."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

PAGE = Path(__file__).resolve().parents[3] / "docs" / "ops" / "audit.md"
STATEMENTS = [
    statement.strip()
    for block in re.findall(r"```sql\n(.*?)```", PAGE.read_text(), re.S)
    for statement in block.split(";")
    if statement.strip()
]


@pytest.fixture(scope="module")
def connection(databases: Any) -> Iterator[psycopg.Connection[Any]]:
    name = databases.create(databases.migrated_template())
    with psycopg.connect(databases.url(name), autocommit=True) as opened:
        yield opened
    databases.drop(name)


@pytest.mark.parametrize("statement", STATEMENTS, ids=range(len(STATEMENTS)))
def test_each_statement_runs(connection: psycopg.Connection[Any], statement: str) -> None:
    """As service_role; a signed-in user is refused."""
    connection.execute("set role service_role")
    assert connection.execute(statement.encode()).description
    connection.execute("set role authenticated")
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute(statement.encode())
    connection.execute("reset role")


def test_every_view_has_its_question(connection: psycopg.Connection[Any]) -> None:
    """A view that nobody is told of answers nothing."""
    views = connection.execute(
        "select relname from pg_class where relnamespace = 'seedbed'::regnamespace and relkind = 'v'"
    ).fetchall()
    text = " ".join(STATEMENTS)
    assert [name for (name,) in views if f"seedbed.{name}" not in text] == []
