"""Migrations go up, down and up again, once, under time-outs, and leave nothing behind."""

from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest
from alembic.script import ScriptDirectory

import migrations.files
from app.adapters.postgres.migrations import current, downgrade, head, upgrade
from tests.conftest import Databases
from tests.integration.migrations.catalog import objects
from tests.integration.migrations.processes import upgrade_in_processes

FOLDER = migrations.files.SQL_FOLDER.parent / "migrations"
REVISIONS = tuple(script.revision for script in reversed(list(ScriptDirectory(str(FOLDER)).walk_revisions())))


def test_an_empty_database_has_no_revision(empty_database_url: str) -> None:
    """Asking changes nothing."""
    before = objects(empty_database_url)
    assert current(empty_database_url) is None
    assert objects(empty_database_url) == before


def test_upgrade_reaches_the_head_and_rests_there(empty_database_url: str) -> None:
    """A second upgrade finds nothing to do."""
    upgrade(empty_database_url)
    assert current(empty_database_url) == head() == REVISIONS[-1]
    made = objects(empty_database_url)
    upgrade(empty_database_url)
    assert objects(empty_database_url) == made


def test_down_leaves_nothing_behind(empty_database_url: str) -> None:
    """After up and down the database is as it was, and goes up again to the same."""
    before = objects(empty_database_url)
    upgrade(empty_database_url)
    made = objects(empty_database_url)
    downgrade(empty_database_url, "base")
    assert objects(empty_database_url) == before
    assert current(empty_database_url) is None
    upgrade(empty_database_url)
    assert objects(empty_database_url) == made


def test_each_revision_goes_down_and_up_again(empty_database_url: str) -> None:
    """No step down needs more than the step before it, and none forgets anything."""
    for below, revision in zip(("base", *REVISIONS), REVISIONS, strict=False):
        upgrade(empty_database_url, revision)
        made = objects(empty_database_url)
        downgrade(empty_database_url, below)
        upgrade(empty_database_url, revision)
        assert objects(empty_database_url) == made


def test_down_with_rows_in_the_tables(database_url: str) -> None:
    """Rows, triggers that guard them included, do not hold a downgrade up."""
    with psycopg.connect(database_url) as connection:
        connection.execute(
            "insert into generator_downloads (export_id, kind) values (gen_random_uuid(), 'signed')",
        )
    downgrade(database_url, "base")
    assert current(database_url) is None


def test_many_starters_do_not_race(empty_database_url: str) -> None:
    """Processes that start at the same moment migrate once and all find the head."""
    upgrade_in_processes([empty_database_url] * 3)
    assert current(empty_database_url) == head()


def test_threads_do_not_race(databases: Databases) -> None:
    """Nor do threads of one process, each with a database of its own: Alembic has one environment per process."""
    names = [databases.create() for _ in range(3)]
    with ThreadPoolExecutor(len(names)) as pool:
        list(pool.map(upgrade, map(databases.url, names)))
    assert {current(databases.url(name)) for name in names} == {head()}


def test_every_statement_runs_under_time_outs(empty_database_url: str) -> None:
    """No DDL of ours waits for a lock, or runs, without end."""
    with psycopg.connect(empty_database_url, autocommit=True) as connection:
        if connection.execute("select rolsuper from pg_roles where rolname = current_user").fetchone() != (True,):
            pytest.skip("only a superuser can watch DDL")
        connection.execute("""
            create schema watch;
            create table watch.seen (tag text, lock_timeout text, statement_timeout text);
            create function watch.see() returns event_trigger language plpgsql as $$
                begin
                    insert into watch.seen
                    values (tg_tag, current_setting('lock_timeout'), current_setting('statement_timeout'));
                end
            $$;
            create event trigger watch_ddl on ddl_command_start execute function watch.see();
        """)
        upgrade(empty_database_url)
        downgrade(empty_database_url, "base")
        tags = {tag for (tag,) in connection.execute("select tag from watch.seen").fetchall()}
        assert {"CREATE TABLE", "CREATE FUNCTION", "CREATE POLICY", "DROP TABLE", "GRANT"} <= tags
        unbounded = "select tag from watch.seen where '0' in (lock_timeout, statement_timeout)"
        assert connection.execute(unbounded).fetchall() == []


def test_a_busy_table_stops_the_migration_not_the_service(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """While somebody reads a table, a change of its policies gives up soon, with the database as it was."""
    monkeypatch.setattr(migrations.files, "LOCK_TIMEOUT", "20ms")
    with psycopg.connect(database_url) as reader:
        reader.execute("delete from seedbed.definitions")
        reader.commit()
        before = objects(database_url)
        reader.execute("select from generator_exports")
        with pytest.raises(psycopg.errors.LockNotAvailable):
            upgrade(database_url)
        assert objects(database_url) == before
        reader.rollback()
    upgrade(database_url)
    assert objects(database_url) == before


def test_changed_definitions_are_put_right(database_url: str) -> None:
    """When the files differ from what the database was given last, functions and policies follow the files."""
    before = objects(database_url)
    with psycopg.connect(database_url) as connection:
        connection.execute("update seedbed.definitions set digest = 'older'")
        connection.execute('drop policy "people see their allowance" on generator_quotas')
        connection.execute("drop view seedbed.audit_stuck")
        connection.execute("create view seedbed.audit_of_an_earlier_version as select 1 as one")
    upgrade(database_url)
    assert objects(database_url) == before


def test_a_broken_file_is_named(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """An error in a script says which one, and nothing of it stays."""
    monkeypatch.setattr(migrations.files, "LOCK_TIMEOUT", "nonsense")
    with psycopg.connect(database_url) as connection:
        connection.execute("delete from seedbed.definitions")
    with pytest.raises(psycopg.Error) as caught:
        upgrade(database_url)
    assert caught.value.__notes__ == ["in sql/versions/views.down.sql"]
