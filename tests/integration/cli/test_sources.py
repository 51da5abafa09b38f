"""SOURCE is a snapshot, a .sql file or a database, and all three give the same plan."""

import json
import re
from pathlib import Path

import psycopg
import pytest

from .conftest import SHOP, Seedbed


def plan_digest(seedbed: Seedbed, *arguments: object) -> str:
    done = seedbed("generate", *arguments, "--rows", "20", "--json", "-o", "out.zip")
    assert done.returncode == 0, done.stderr
    digest: str = json.loads(done.stdout)["planSha256"]
    return digest


def test_file_snapshot_and_database_agree(seedbed: Seedbed, empty_database_url: str) -> None:
    """The same tables, wherever they are read from, are filled the same way."""
    with psycopg.connect(empty_database_url, autocommit=True) as connection:
        connection.execute(SHOP)
    assert seedbed("snapshot", "--ddl", "shop.sql", "-o", "shop.json").returncode == 0
    from_file = plan_digest(seedbed, "shop.sql")
    assert plan_digest(seedbed, "shop.json") == from_file
    assert plan_digest(seedbed, empty_database_url) == from_file


def test_the_same_ddl_is_loaded_once(seedbed: Seedbed, tmp_path: Path) -> None:
    """The second run reads what the first one kept; no server is started for it."""
    own = {"XDG_CACHE_HOME": str(tmp_path / "cache")}
    assert seedbed("plan", "shop.sql", **own).returncode == 0
    for kept in tmp_path.glob("cache/seedbed/snapshots/*.json"):
        content = json.loads(kept.read_text())
        kept.write_text(json.dumps({**content, "warnings": ["this was kept"]}))
    assert "this was kept" in seedbed("plan", "shop.sql", **own).stderr


def test_no_home_is_no_hindrance(seedbed: Seedbed) -> None:
    """Where nothing can be kept, it is made anew each time."""
    done = seedbed(
        "plan", "shop.sql", HOME="/nonexistent", XDG_CACHE_HOME="/proc/nowhere", XDG_STATE_HOME="/proc/nowhere"
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("ddl", "said"),
    [
        ("create table a (id int;\n", ["line 1", ";"]),
        ("create table a (id int);\ncreate tabel b (id int);\n", ["line 2", "tabel"]),
        ("create table b (a_id nosuchtype);\n", ["line 1", "nosuchtype"]),
    ],
)
def test_ddl_that_does_not_load_says_where(seedbed: Seedbed, tmp_path: Path, ddl: str, said: list[str]) -> None:
    """Line and token, in one sentence."""
    (tmp_path / "bad.sql").write_text(ddl)
    done = seedbed("plan", "bad.sql")
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    for word in said:
        assert word in done.stderr


def test_a_snapshot_that_contradicts_itself_is_refused(seedbed: Seedbed, tmp_path: Path) -> None:
    """A foreign key that leads nowhere is named."""
    seedbed("snapshot", "--ddl", "shop.sql", "-o", "shop.json")
    snapshot = json.loads((tmp_path / "shop.json").read_text())
    snapshot["tables"] = [table for table in snapshot["tables"] if table["name"] != "teams"]
    (tmp_path / "dangling.json").write_text(json.dumps(snapshot))
    done = seedbed("plan", "dangling.json")
    assert done.returncode == 1
    assert "teams" in done.stderr
    assert "players" in done.stderr


@pytest.mark.parametrize("content", [b"{", b'{"version": 99}', b"\xff\xfe\x00", b""])
def test_files_that_are_no_schema_are_refused(seedbed: Seedbed, tmp_path: Path, content: bytes) -> None:
    """In one sentence, whatever they are."""
    (tmp_path / "what").write_bytes(content)
    done = seedbed("plan", "what")
    assert "Traceback" not in done.stderr
    assert "unexpected" not in done.stderr
    assert done.returncode == 1
    assert done.stderr.startswith("seedbed: ")


def test_a_database_that_is_away_is_said_without_its_password(seedbed: Seedbed) -> None:
    """Host and reason; the password stays out of terminals and CI logs."""
    done = seedbed("plan", "postgresql://me:hush-hush@127.0.0.1:1/none")
    assert done.returncode == 1
    assert "127.0.0.1" in done.stderr
    assert "hush-hush" not in done.stderr


@pytest.mark.parametrize(
    ("command", "url"),
    [
        (("plan",), "postgresql://127.0.0.1:1/none?password=hush"),
        (("plan",), "host=127.0.0.1 password=hush"),
        (("load", "shop.sql", "--database-url"), "postgresql://me:hu%zzsh@127.0.0.1:1/none"),
        (("load", "shop.sql", "--database-url"), "mysql://me:hush@127.0.0.1/none"),
        (("migrate", "--database-url"), "postgresql://me:hu@sh@127.0.0.1:1/none"),
    ],
)
def test_passwords_are_said_in_no_error(seedbed: Seedbed, command: tuple[str, ...], url: str) -> None:
    """Also where a URL cannot be read, which a driver would quote, and where it is none."""
    done = seedbed(*command, url)
    assert done.returncode == 1
    assert done.stderr.startswith("seedbed: ")
    assert not re.search("hush|hu%|zzsh|sh@|hu@", done.stderr)
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("rows", ["nowhere=5", "teams=99999999999"])
def test_rows_that_cannot_be_are_refused(seedbed: Seedbed, rows: str) -> None:
    """An unknown table and an absurd count, by name and number."""
    done = seedbed("generate", "shop.sql", "--rows", rows, "-o", "x.zip")
    assert done.returncode == 1
    assert done.stderr.startswith("seedbed: ")
    assert "Traceback" not in done.stderr
    assert rows.split("=")[0] in done.stderr
