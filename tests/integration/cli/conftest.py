"""The `seedbed` command as a process, and a small schema for it."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parents[3]
SHOP = """
create table teams (id integer primary key, name text not null unique, founded date check (founded > '1850-01-01'));
create table players (
    id bigint generated always as identity primary key,
    team_id integer not null references teams (id),
    email text not null unique,
    height_cm integer check (height_cm between 150 and 220),
    signed_at timestamptz not null
);
"""

Seedbed = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture(scope="session")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cache folder of this session's: the same DDL is loaded once."""
    return tmp_path_factory.mktemp("cache")


@pytest.fixture
def seedbed(tmp_path: Path, cache: Path) -> Seedbed:
    """Runs `seedbed` with these arguments in an empty folder that has `shop.sql` in it."""
    (tmp_path / "shop.sql").write_text(SHOP)

    def run(*arguments: object, stdin: str | None = None, **environ: str) -> "subprocess.CompletedProcess[str]":
        base = {name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "SEEDBED_DEBUG")}
        return subprocess.run(
            [sys.executable, "-m", "app.cli", *map(str, arguments)],
            cwd=tmp_path,
            env=base | {"PYTHONPATH": str(CHECKOUT), "XDG_CACHE_HOME": str(cache)} | environ,
            capture_output=True,
            text=True,
            input=stdin,
        )

    return run
