"""Procfile, fly.toml and Dockerfile start what there is to start."""

import re
import shlex
import tomllib
from pathlib import Path

import procrastinate
import pytest

from app.cli import COMMANDS
from app.exports.jobs import FINALISE_EXPORT, GENERATE_PART, RUN_EXPORT
from app.settings import describe

CHECKOUT = Path(__file__).resolve().parents[2]

PROCFILE = dict(line.split(": ", 1) for line in (CHECKOUT / "Procfile").read_text().splitlines() if line.strip())
FLY = tomllib.loads((CHECKOUT / "fly.toml").read_text())
DOCKERFILE = (CHECKOUT / "Dockerfile").read_text()


def test_fly_and_procfile_agree() -> None:
    """The same processes by the same commands, wherever it is deployed."""
    assert FLY["processes"] == {name: command for name, command in PROCFILE.items() if name != "release"}
    assert FLY["deploy"]["release_command"] == PROCFILE["release"]


@pytest.mark.parametrize("command", PROCFILE.values())
def test_each_process_is_a_command_that_exists(command: str) -> None:
    """`seedbed` by one of its commands, or the worker by the name it is known under."""
    program, *words = shlex.split(command)
    if program == "seedbed":
        assert words[0] in COMMANDS
    else:
        assert (program, words) == ("procrastinate", ["--app=tasks.app", "worker"])


def test_the_worker_is_where_the_command_looks() -> None:
    """`--app=tasks.app` finds a Procrastinate app that has the tasks."""
    worker = procrastinate.App.from_path("tasks.app")
    assert {RUN_EXPORT, GENERATE_PART, FINALISE_EXPORT} <= set(worker.tasks)


def test_fly_sets_only_settings_there_are() -> None:
    """A misspelt variable would be ignored in silence."""
    known = {row.variable for row in describe()}
    assert set(FLY["env"]) <= known
    secrets = {row.variable for row in describe() if row.secret}
    assert not set(FLY["env"]) & secrets


def test_the_ports_agree() -> None:
    """Fly's proxy, its checks and metrics, the image and the servers speak of the same ports."""
    web, worker = int(FLY["env"]["PORT"]), int(FLY["env"]["WORKER_PORT"])
    assert FLY["http_service"]["internal_port"] == web
    assert FLY["checks"]["worker"]["port"] == worker
    assert {tuple(entry["processes"]): entry["port"] for entry in FLY["metrics"]} == {
        ("web",): web,
        ("worker",): worker,
    }
    assert f"EXPOSE {web}" in DOCKERFILE


def test_fly_waits_longer_than_a_worker_needs() -> None:
    """SIGTERM, and longer than the grace time, so that a deploy never kills a worker that hands its jobs back."""
    assert FLY["kill_signal"] == "SIGTERM"
    grace_s = next(float(row.default) for row in describe() if row.variable == "SHUTDOWN_GRACE_S")
    assert float(FLY["kill_timeout"].removesuffix("s")) > grace_s + 10
    assert FLY["http_service"]["auto_stop_machines"] == "off"


def test_what_the_image_copies_is_there() -> None:
    """And nothing is missing that the program needs at run time."""
    copied = re.findall(r"^COPY (?!--from)(\S+) ", DOCKERFILE, re.M)
    assert all((CHECKOUT / name).exists() for name in copied)
    assert {"app", "tasks", "migrations", "sql"} <= set(copied)
    allowed = (CHECKOUT / ".dockerignore").read_text()
    assert all(f"!{name.split('/')[0]}\n" in allowed for name in copied)


def test_the_image_does_not_run_as_root() -> None:
    """And it installs from the lock with hashes alone."""
    assert re.search(r"^USER (?!root)\w+", DOCKERFILE, re.M)
    assert "--require-hashes" in DOCKERFILE
