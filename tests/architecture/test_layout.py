"""The checkout looks as a newcomer expects: known rooms, small files, nothing of the machine it was written on."""

import ast
import re
import subprocess
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from app import __version__

CHECKOUT = Path(__file__).resolve().parents[2]
MOST_LINES = 450

FIXED = {"pyproject.toml", "app", "tasks", "migrations", "sql", "tests", "Procfile", "fly.toml", "README.md"}
BESIDE = {
    "Makefile", "Dockerfile", "CHANGELOG.md", "LICENSE", "CONTRIBUTING.md", "SECURITY.md", "docs", "benchmarks", "requirements", ".ci",
    ".gitignore", ".dockerignore",
}  # fmt: skip
ROOMS = {
    "main.py", "cli.py", "bootstrap.py", "settings.py", "errors.py", "logging.py",
    "web", "exports", "adapters", "generator", "embedded",
}  # fmt: skip
VAGUE = re.compile(r"(^|_)(utils?|helpers?|common|managers?|misc)(_|\.|$)")
# Written in two halves, so that this file does not find itself.
FOREIGN = re.compile(
    "|".join(
        (
            r"(?<![\w.-])/" + r"(?:root|home|work|Users)/[\w.-]+",
            r"(?:pypi|pythonhosted|npmjs|crates|maven)" + r"\.(?:org|io)\b",
            r"registry" + r"\.npmjs",
            r"deb\.debian" + r"\.org",
            r"--(?:extra-)?index" + r"-url[ =]\S",
        )
    )
)


def tracked() -> list[Path]:
    """The files that git knows of, and that are there; an archive without history counts with all it holds."""
    found = subprocess.run(["git", "ls-files", "-z"], cwd=CHECKOUT, capture_output=True)
    if found.returncode == 0:
        names = [name.decode() for name in found.stdout.split(b"\0") if name]
        return [path for path in map(CHECKOUT.joinpath, names) if path.is_file()]
    ignored = {".venv", "__pycache__", ".git"}
    return [p for p in CHECKOUT.rglob("*") if p.is_file() and not ignored & set(p.relative_to(CHECKOUT).parts)]


FILES = tracked()


def name_of(path: Path) -> str:
    return path.relative_to(CHECKOUT).as_posix()


def text_of(path: Path) -> str | None:
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return None


def test_the_top_level_is_the_agreed_one() -> None:
    """Programs and people look for these names; nothing else lies about."""
    present = {name_of(path).split("/")[0] for path in FILES}
    assert present >= FIXED
    assert present <= FIXED | BESIDE


def test_every_room_is_there() -> None:
    """The folder tree is the architecture diagram."""
    assert {path.name for path in (CHECKOUT / "app").iterdir()} >= ROOMS


# Longer than that for a reason: a table of cases, and one reader with a short method for each shape of comparison.
LONG = {"tests/integration/expressions/corpus.py", "app/generator/expressions/leaves.py"}


def test_files_are_short() -> None:
    """A longer one is asking to be split along a line in the domain."""
    long = {name_of(p): len((text_of(p) or "").splitlines()) for p in FILES if p.suffix == ".py"}
    assert {name: lines for name, lines in long.items() if lines > MOST_LINES and name not in LONG} == {}


def test_names_say_something() -> None:
    """Nothing is called utils."""
    assert [name_of(p) for p in FILES if p.suffix == ".py" and VAGUE.search(p.name)] == []


def test_nothing_names_a_machine_or_a_registry() -> None:
    """A checkout works anywhere: no absolute path of its author's, no host that packages came from."""
    found = {}
    for path in FILES:
        text = text_of(path)
        if text is not None and (match := FOREIGN.search(text)):
            found[name_of(path)] = match.group()
    assert found == {}


@pytest.mark.parametrize("lock", ["main", "dev", "lock"])
def test_every_locked_version_has_hashes(lock: str) -> None:
    """pip is told to refuse a file without; it must never come to that."""
    text = (CHECKOUT / "requirements" / f"{lock}.txt").read_text()
    entries = [entry for entry in re.split(r"\n(?=[A-Za-z0-9])", text) if re.match(r"[A-Za-z0-9]", entry)]
    assert entries
    for entry in entries:
        assert "==" in entry.splitlines()[0], entry
        assert "--hash=sha256:" in entry, entry


def test_the_lock_serves_every_dependency() -> None:
    """`make lock` was run after the last change of the dependencies."""
    project = tomllib.loads((CHECKOUT / "pyproject.toml").read_text())["project"]
    for lock, wanted in (
        ("main", project["dependencies"]),
        ("dev", project["dependencies"] + project["optional-dependencies"]["dev"]),
    ):
        text = (CHECKOUT / "requirements" / f"{lock}.txt").read_text()
        locked = {
            canonicalize_name(n): v for n, v in re.findall(r"^([A-Za-z0-9._-]+)(?:\[.*?\])?==([^\s;]+)", text, re.M)
        }
        for line in wanted:
            requirement = Requirement(line)
            version = locked.get(canonicalize_name(requirement.name))
            assert version is not None, f"{requirement.name} is not in requirements/{lock}.txt"
            assert requirement.specifier.contains(version, prereleases=True), f"{requirement} against {version}"


def test_the_version_is_one() -> None:
    """What `seedbed --version` says is what the project is called."""
    assert tomllib.loads((CHECKOUT / "pyproject.toml").read_text())["project"]["version"] == __version__


def test_clients_that_users_share_keep_no_cookies() -> None:
    """Each HTTP client of an adapter is made with a jar that takes none, see app.adapters.cookieless."""
    calls = [
        (path.name, call)
        for path in sorted((CHECKOUT / "app" / "adapters").rglob("*.py"))
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(call, ast.Call) and ast.unparse(call.func) in ("httpx.Client", "httpx.AsyncClient")
    ]
    assert len(calls) >= 5
    kept = [name for name, call in calls if "cookieless()" not in {ast.unparse(k.value) for k in call.keywords}]
    assert not kept
