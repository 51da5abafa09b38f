"""Procfile, fly.toml and Dockerfile start what there is to start."""

import json
import re
import shlex
import tomllib
from pathlib import Path

import httpx
import procrastinate
import pytest
from prometheus_client import CollectorRegistry

from app.cli import COMMANDS
from app.exports.jobs import FINALISE_EXPORT, GENERATE_PART, RUN_EXPORT
from app.settings import Settings, describe
from app.web.health import readiness
from tasks.health import HealthServer, Vitals
from tests.integration.operations.processes import free_port

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
        ("web",): int(FLY["env"]["METRICS_PORT"]),
        ("worker",): worker,
    }
    assert FLY["env"]["METRICS_PORT"] != FLY["env"]["PORT"], "the public port is no place for figures"
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


def test_fly_asks_for_health_where_it_is_told() -> None:
    """The API whether it can serve, the worker whether it can work: at paths that answer, by both processes."""
    (check,) = FLY["http_service"]["checks"]
    assert {check["path"]} == readiness.paths
    port = free_port()
    worker = FLY["checks"]["worker"]
    with HealthServer("127.0.0.1", port, Vitals(), CollectorRegistry()):
        assert httpx.request(worker["method"], f"http://127.0.0.1:{port}{worker['path']}").status_code == 200
    assert FLY["http_service"]["processes"] == ["web"]
    assert worker["processes"] == ["worker"]


def test_streams_of_events_decide_how_many_connections_a_machine_takes() -> None:
    """Connections, not requests; no more than one process was measured with, and their memory is there."""
    concurrency = FLY["http_service"]["concurrency"]
    assert concurrency["type"] == "connections"
    figures = json.loads((CHECKOUT / "benchmarks/results/sse.json").read_text())["figures"]
    (each,) = [one for one in figures if re.fullmatch(r"[\d,]+ subscribers, memory each", one["name"])]
    measured = int(each["name"].split()[0].replace(",", ""))
    assert concurrency["soft_limit"] < concurrency["hard_limit"] <= measured
    (memory,) = [vm["memory"] for vm in FLY["vm"] if vm["processes"] == ["web"]]
    taken_mb = concurrency["hard_limit"] * each["value"] / 1024
    assert taken_mb < int(memory.removesuffix("mb")) / 2


def test_the_guide_names_every_secret_that_is_needed() -> None:
    """What `fly secrets set` is given there, and what fly.toml sets, start each of the processes."""
    guide = (CHECKOUT / "docs/deploying.md").read_text()
    (block,) = re.findall(r"fly secrets set \\\n(.*?)```", guide, re.S)
    secrets = dict(re.findall(r"([A-Z][A-Z0-9_]+)='([^']*)'", block))
    known = {row.variable for row in describe()}
    assert set(secrets) <= known
    examples = {name: value.replace("…", "a-secret-of-that-kind") for name, value in secrets.items()}
    Settings.from_env({**FLY["env"], **examples})
    # The comment at the top of fly.toml names the same ones, and more for what is optional.
    named = set(re.findall(r"([A-Z][A-Z0-9_]+)=", (CHECKOUT / "fly.toml").read_text().partition("app =")[0]))
    assert named <= known
    assert {row.variable for row in describe() if row.secret} & set(secrets) <= named
    for variable in re.findall(r"`([A-Z][A-Z0-9]+_[A-Z0-9_]+)`", guide):
        assert variable in known | {"FORWARDED_ALLOW_IPS"}, variable
