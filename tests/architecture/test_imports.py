"""The import rules hold, and are not rules on paper: breaking one fails."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parents[2]
LINT = Path(sys.executable).with_name("lint-imports")

# Each line would be a wrong turn: the file it is written into, and the import.
VIOLATIONS = {
    "the engine reads a database": ("app/generator/keys.py", "import psycopg"),
    "the engine knows the domain": ("app/generator/keys.py", "import app.exports.models"),
    "the engine knows settings": ("app/generator/keys.py", "import app.settings"),
    "the engine starts a server": ("app/generator/keys.py", "import app.embedded"),
    "errors know something": ("app/errors.py", "import app.settings"),
    "the domain knows an adapter": ("app/exports/models.py", "import app.adapters"),
    "the domain knows the web": ("app/exports/models.py", "import litestar"),
    "an adapter knows the web": ("app/adapters/__init__.py", "import app.web"),
    "the web knows an adapter": ("app/web/__init__.py", "import app.adapters"),
    "a task knows the web": ("tasks/__init__.py", "import app.web"),
    "a task knows the API": ("tasks/__init__.py", "import app.main"),
    "the API knows the worker": ("app/main.py", "import tasks"),
    "bootstrap knows an entry point": ("app/bootstrap.py", "import app.main"),
    "the embedded server knows settings": ("app/embedded/__init__.py", "import app.settings"),
}


def lint(folder: Path) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [str(LINT), "--no-cache"], cwd=folder, capture_output=True, text=True, env={"PYTHONPATH": "."}
    )


def test_the_contracts_hold() -> None:
    """What the layout promises is so."""
    result = lint(CHECKOUT)
    assert result.returncode == 0, result.stdout


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the sources and the contracts, to be broken."""
    folder = tmp_path_factory.mktemp("checkout")
    only_sources = shutil.ignore_patterns("__pycache__", "data", "static", "templates")
    for name in ("app", "tasks", "migrations"):
        shutil.copytree(CHECKOUT / name, folder / name, ignore=only_sources)
    shutil.copy(CHECKOUT / "pyproject.toml", folder)
    return folder


@pytest.mark.parametrize("what", sorted(VIOLATIONS))
def test_a_wrong_turn_fails(what: str, copy: Path) -> None:
    """Each violation, planted alone in a copy, breaks a contract."""
    name, line = VIOLATIONS[what]
    path = copy / name
    before = path.read_text()
    path.write_text(f"{before}\n{line}\n")
    try:
        result = lint(copy)
    finally:
        path.write_text(before)
    assert result.returncode == 1, result.stdout
    assert "BROKEN" in result.stdout
