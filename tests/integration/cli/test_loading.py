"""`verify` judges, `load` delivers; both speak through their exit codes."""

import json
from pathlib import Path

import psycopg

from .conftest import SHOP, Seedbed


def test_verify_reports_by_table(seedbed: Seedbed) -> None:
    """A schema whose constraints hold: zero violations, exit code 0."""
    done = seedbed("verify", "shop.sql", "--rows", "100", "--seed", "7", "--json")
    assert done.returncode == 0, done.stdout + done.stderr
    report = json.loads(done.stdout)
    assert report["holds"] is True
    assert {table["table"]: table["rowsLoaded"] for table in report["tables"]} == {
        "public.teams": 100,
        "public.players": 100,
    }


def test_verify_takes_a_snapshot(seedbed: Seedbed) -> None:
    """A database is made of the snapshot itself."""
    assert seedbed("snapshot", "--ddl", "shop.sql", "-o", "shop.json").returncode == 0
    done = seedbed("verify", "shop.json", "--rows", "30")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "zero violations" in done.stdout


def test_verify_says_what_is_broken(seedbed: Seedbed, tmp_path: Path) -> None:
    """Exit code 1, and the constraint by its name: here one that the generator cannot see through."""
    (tmp_path / "odd.sql").write_text(
        """
        create function refuse(n integer) returns boolean language plpgsql stable as
            'begin return exists (select from pg_class where oid = n); end';
        create table odd (id integer primary key, n integer not null constraint names_a_table check (refuse(n)));
        """
    )
    done = seedbed("verify", "odd.sql", "--rows", "30")
    assert done.returncode == 1, done.stdout + done.stderr
    assert "names_a_table" in done.stdout + done.stderr


def test_verify_of_a_database_only_reads_it(seedbed: Seedbed, empty_database_url: str) -> None:
    """Its schema is dumped into a scratch database; its own tables stay as they are."""
    with psycopg.connect(empty_database_url, autocommit=True) as connection:
        connection.execute(SHOP)
    done = seedbed("verify", empty_database_url, "--rows", "30")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "zero violations" in done.stdout
    with psycopg.connect(empty_database_url) as connection:
        assert connection.execute("select count(*) from players").fetchone() == (0,)


def test_load_fills_a_database(seedbed: Seedbed, empty_database_url: str) -> None:
    """Every row is there, and the sequence goes on behind the last one."""
    with psycopg.connect(empty_database_url, autocommit=True) as connection:
        connection.execute(SHOP)
        done = seedbed("load", "shop.sql", "--database-url", empty_database_url, "--rows", "40")
        assert done.returncode == 0, done.stderr
        assert connection.execute("select count(*) from players").fetchone() == (40,)
        connection.execute(
            "insert into players (team_id, email, signed_at) select id, 'x@x.test', now() from teams limit 1"
        )


def test_load_is_all_or_nothing(seedbed: Seedbed, empty_database_url: str) -> None:
    """A second load meets the first one's keys: it says which, and changes nothing."""
    with psycopg.connect(empty_database_url, autocommit=True) as connection:
        connection.execute(SHOP)
        assert seedbed("load", "shop.sql", "--database-url", empty_database_url, "--rows", "40").returncode == 0
        done = seedbed("load", "shop.sql", "--database-url", empty_database_url, "--rows", "50")
        assert done.returncode == 1
        assert "teams" in done.stderr
        assert connection.execute("select count(*) from teams").fetchone() == (40,)


def test_preview_shows_the_first_rows_of_the_export(seedbed: Seedbed, tmp_path: Path) -> None:
    """The very rows that `generate` begins with."""
    done = seedbed("preview", "shop.sql", "--rows", "50", "--limit", "2", "--json")
    assert done.returncode == 0, done.stderr
    shown = json.loads(done.stdout)["public.teams"]
    assert len(shown) == 2
    assert seedbed("generate", "shop.sql", "--rows", "50", "--format", "copy", "-o", "all.sql").returncode == 0
    lines = (tmp_path / "all.sql").read_text().split('COPY "public"."teams"', 1)[1].splitlines()[1:3]
    assert [line.split("\t")[1] for line in lines] == [row["name"] for row in shown]


def test_plan_says_what_fills_each_column(seedbed: Seedbed) -> None:
    """By table and column; a foreign key names its parent."""
    done = seedbed("plan", "shop.sql", "--rows", "50")
    assert done.returncode == 0, done.stderr
    assert "public.players: 50 rows" in done.stdout
    assert "-> public.teams.id" in done.stdout
