"""The migrated schema keeps the rules of `lints.py`, and each rule finds what breaks it."""

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from tests.conftest import Databases
from tests.integration.schema.lints import EXPOSED_DEFINERS, RULES, Rule

Connection = psycopg.Connection[tuple[Any, ...]]


@pytest.fixture(scope="module")
def migrated(databases: Databases) -> Iterator[Connection]:
    """A connection to a migrated database in which nothing is kept."""
    name = databases.create(databases.migrated_template())
    with psycopg.connect(databases.url(name)) as connection:
        yield connection
        connection.rollback()
    databases.drop(name)


def offenders(connection: Connection, rule: Rule) -> set[str]:
    """What breaks the rule."""
    return {name for (name,) in connection.execute(rule.offenders)}


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_the_schema_keeps_the_rule(migrated: Connection, rule: Rule) -> None:
    """The rule's query returns nothing but what is allowed by name."""
    assert offenders(migrated, rule) - EXPOSED_DEFINERS == set(), rule.reason


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_the_rule_finds_what_breaks_it(migrated: Connection, rule: Rule) -> None:
    """With the rule broken on purpose, its query has a finding."""
    with migrated.transaction(force_rollback=True):
        migrated.execute(rule.sabotage)
        assert offenders(migrated, rule) - EXPOSED_DEFINERS
