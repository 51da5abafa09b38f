"""`seedbed generate`: one file, complete or not there, whose bytes depend on the request alone."""

import csv
import hashlib
import json
import os
import subprocess
import sys
import zipfile
import zlib
from io import StringIO
from pathlib import Path

import pytest

from .conftest import CHECKOUT, Seedbed


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_a_file_is_written_and_described(seedbed: Seedbed, tmp_path: Path) -> None:
    """With --json: path, bytes, CRC-32 and rows by table are those of the file; its SHA-256 when it is asked for."""
    asked = ("--rows", "50", "--rows", "players=200", "--json", "--sha256")
    done = seedbed("generate", "shop.sql", *asked, "-o", "data.zip")
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    path = tmp_path / "data.zip"
    assert (report["path"], report["bytes"], report["sha256"]) == ("data.zip", path.stat().st_size, digest(path))
    assert report["tables"] == [{"name": "public.teams", "rows": 50}, {"name": "public.players", "rows": 200}]
    assert report["crc32"] == f"{zlib.crc32(path.read_bytes()):08x}"
    with zipfile.ZipFile(path) as archive:
        rows = list(csv.DictReader(StringIO(archive.read("players.csv").decode())))
    assert len(rows) == 200
    assert len({row["email"] for row in rows}) == 200


def test_jobs_and_chunks_change_no_byte(seedbed: Seedbed, tmp_path: Path) -> None:
    """One process or three, thousands of rows at once or hundreds."""
    rows = ("--rows", "teams=100", "--rows", "players=120k", "--seed", "7")
    assert seedbed("generate", "shop.sql", *rows, "--jobs", "1", "-o", "one.zip").returncode == 0
    assert (
        seedbed("generate", "shop.sql", *rows, "--jobs", "3", "--chunk-rows", "700", "-o", "three.zip").returncode == 0
    )
    assert digest(tmp_path / "one.zip") == digest(tmp_path / "three.zip")


def test_another_seed_is_other_data(seedbed: Seedbed, tmp_path: Path) -> None:
    """And the same seed is the same, run after run."""
    for name, seed in (("a", "7"), ("b", "8"), ("c", "7")):
        assert seedbed("generate", "shop.sql", "--seed", seed, "-o", f"{name}.sql").returncode == 0
    assert digest(tmp_path / "a.sql") == digest(tmp_path / "c.sql") != digest(tmp_path / "b.sql")


def test_the_endings_of_the_path_choose_the_form(seedbed: Seedbed, tmp_path: Path) -> None:
    """`.csv.gz` of one table is gzipped CSV, `.sql` a script."""
    (tmp_path / "one.yaml").write_text("tables: [teams]\nrows: 10\n")
    assert seedbed("generate", "shop.sql", "--config", "one.yaml", "-o", "teams.csv.gz").returncode == 0
    assert (tmp_path / "teams.csv.gz").read_bytes()[:2] == b"\x1f\x8b"
    assert seedbed("generate", "shop.sql", "-o", "all.sql").returncode == 0
    assert "COPY" in (tmp_path / "all.sql").read_text()


def test_standard_output_takes_the_file(seedbed: Seedbed) -> None:
    """With `-o -` the data are alone there; what is said of them goes to standard error."""
    done = seedbed("generate", "shop.sql", "--rows", "3", "--format", "copy", "-o", "-")
    assert done.returncode == 0
    assert done.stdout.startswith("--")
    assert done.stdout.rstrip().endswith("COMMIT;")
    assert f"crc32 {zlib.crc32(done.stdout.encode()):08x}" in done.stderr


def test_what_fails_leaves_the_old_file(seedbed: Seedbed, tmp_path: Path) -> None:
    """A refused request touches nothing, and no half of a file lies about."""
    (tmp_path / "data.zip").write_text("precious")
    done = seedbed("generate", "shop.sql", "--rows", "nowhere=5", "-o", "data.zip")
    assert done.returncode == 1
    assert (tmp_path / "data.zip").read_text() == "precious"
    assert sorted(os.listdir(tmp_path)) == ["data.zip", "shop.sql"]


def test_what_a_killed_run_left_is_cleared(seedbed: Seedbed, tmp_path: Path) -> None:
    """By the next one for that file; what a living process writes, was written just now, or is another file's stays."""
    with subprocess.Popen([sys.executable, "-c", ""]) as gone:
        pass
    names = (f"[1].csv.{gone.pid}", f"[1].csv.{os.getpid()}", f"1.csv.{gone.pid}", f"[1].csv.{gone.pid}.csv.1")
    left, *others = (tmp_path / f".{name}.part" for name in names)
    for part in (left, *others):
        part.write_bytes(b"half a row")
        os.utime(part, (0, 0))
    assert seedbed("generate", "shop.sql", "--rows", "9", "-o", "[1].csv").returncode == 0
    assert sorted(tmp_path.glob(".*.part")) == sorted(others)
    left.write_bytes(b"half a row, just now")
    assert seedbed("generate", "shop.sql", "--rows", "9", "-o", "[1].csv").returncode == 0
    assert left.exists()


def test_links_modes_and_long_names_are_kept(seedbed: Seedbed, tmp_path: Path) -> None:
    """What a link leads to is replaced, and may be read by no more people than before."""
    long = f"{'n' * 250}.zip"
    (tmp_path / long).write_text("old")
    (tmp_path / long).chmod(0o600)
    (tmp_path / "link").symlink_to(long)
    (tmp_path / "data.zip").symlink_to("link")
    assert seedbed("generate", "shop.sql", "--rows", "9", "-o", "data.zip").returncode == 0
    assert (tmp_path / long).read_bytes()[:2] == b"PK"
    assert (tmp_path / long).stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "data.zip").is_symlink()
    assert not list(tmp_path.glob(".*"))


def test_what_stands_for_an_open_file_is_not_replaced(seedbed: Seedbed, tmp_path: Path) -> None:
    """`-o /dev/stdout` is `-o -`: a file that the shell has opened is added to, and nothing else comes between."""
    (tmp_path / "out").symlink_to("/dev/fd/1")
    done = seedbed("generate", "shop.sql", "--rows", "3", "--format", "sql", "-o", "out")
    assert "COMMIT;" in done.stdout, done.stderr
    with (tmp_path / "file").open("w+") as before:
        before.write("before\n")
        before.flush()
        environ = os.environ | {"PYTHONPATH": str(CHECKOUT)}
        command = [
            sys.executable,
            "-m",
            "app.cli",
            "generate",
            "shop.sql",
            "--rows",
            "3",
            "--format",
            "sql",
            "-o",
            "out",
        ]
        subprocess.run(command, cwd=tmp_path, stdout=before, env=environ, check=True)
        before.seek(0)
        assert before.readline() == "before\n"
        assert before.read() == done.stdout
    assert (tmp_path / "out").is_symlink()


def test_a_full_disk_is_said(seedbed: Seedbed) -> None:
    """One sentence, exit code 1."""
    if not Path("/dev/full").exists():
        pytest.skip("there is no /dev/full here")
    done = seedbed("generate", "shop.sql", "--rows", "5k", "-o", "/dev/full")
    assert done.returncode == 1
    assert "no space left" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_reader_that_leaves_is_no_failure(seedbed: Seedbed, tmp_path: Path) -> None:
    """`seedbed … -o - | head -1` ends quietly."""
    done = seedbed("snapshot", "--ddl", "shop.sql", "-o", "shop.json")
    assert done.returncode == 0, done.stderr
    command = f"{sys.executable} -m app.cli generate shop.json --rows 20k --format copy -o - 2>err | head -1"
    environ = os.environ | {"PYTHONPATH": str(CHECKOUT)}
    shell = subprocess.run(["bash", "-c", command], cwd=tmp_path, env=environ, text=True, capture_output=True)
    assert shell.stdout.startswith("--")
    assert (tmp_path / "err").read_text() == ""


def test_a_summary_says_what_is_in_the_file(seedbed: Seedbed, tmp_path: Path) -> None:
    """For people below the one line, for machines beside the rest; the file is the same with it."""
    command = ["generate", "shop.sql", "--rows", "300", "--seed", "7", "--format", "csv", "-o"]
    plain = seedbed(*command, "plain.zip")
    told = seedbed(*command, "told.zip", "--summary")
    assert (told.returncode, plain.returncode) == (0, 0), told.stderr
    assert (tmp_path / "plain.zip").read_bytes() == (tmp_path / "told.zip").read_bytes()
    assert "public.teams: 300 rows" in told.stdout
    assert "for each of 300 rows of public.teams, at most" in told.stdout
    assert "first rows" in told.stdout
    report = json.loads(seedbed(*command, "json.zip", "--summary", "--json").stdout)
    players = next(table for table in report["summary"] if table["name"] == "public.players")
    with zipfile.ZipFile(tmp_path / "told.zip") as archive:
        name = next(name for name in archive.namelist() if name.endswith("players.csv"))
        rows = list(csv.DictReader(StringIO(archive.read(name).decode())))
    assert (players["rows"], players["exact"]) == (len(rows), True)
    for column in players["columns"]:
        assert column["distinct"] == len({row[column["name"]] for row in rows} - {""})
    (relation,) = players["relations"]
    assert sum(bar["parents"] for bar in relation["bars"]) == 300
    assert sum(bar["parents"] for bar in relation["bars"][1:]) == len({row["team_id"] for row in rows})
    assert "summary" not in json.loads(seedbed(*command, "json.zip", "--json").stdout)
