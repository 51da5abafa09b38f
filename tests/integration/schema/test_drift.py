"""`sql/schema.sql` is what the migrations make."""

import psycopg
import pytest

from migrations.dump import SCHEMA_FILE, dump
from tests.conftest import Server


def test_the_committed_schema_is_what_the_migrations_make(database_url: str, postgres: Server) -> None:
    """A change of tables, functions, policies, grants or of Procrastinate's own schema shows in a diff.

    After a deliberate change run `make schema` and commit the file.
    """
    with psycopg.connect(database_url) as connection:
        if connection.info.server_version // 10_000 != 18:
            pytest.skip("the committed dump is PostgreSQL 18's; other versions word it otherwise")
        owner = connection.execute("select current_user").fetchone()
    assert owner is not None
    made = dump(database_url).replace(f" {owner[0]};", " postgres;")
    assert made == SCHEMA_FILE.read_text(encoding="utf-8"), "run `make schema` if this was meant"
