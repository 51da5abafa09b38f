"""What the pages' commands meet: a running service with a token, a database, the example schema, and a folder a page.

Pages are written for people: the service is at 127.0.0.1:8000 and databases are on `localhost`. Here ports from 8000 to
8099 stand for free ones, and `postgresql://localhost/NAME` for a database of the session's server.
"""

import contextlib
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from app.demo import shop_ddl
from tests.conftest import Databases
from tests.docs.blocks import CHECKOUT, Block
from tests.docs.comparing import differs
from tests.fixtures.s3 import SeaweedServer

_TIMEOUT_S = 120
_SHOWN_CHARS = 3_000
_PORT = re.compile(r"(?<=:|=| )80\d\d\b")
_DATABASE = re.compile(r"postgresql://localhost/(\w+)")
# SeaweedFS's own: pages that speak of it get a real S3.
_S3_PORT = "8333"
_SERVICE_PORT = "8000"
# What a page may overwrite: where it puts a file into the checkout it has a copy of its own.
_SOURCES = ("app", "tasks", "sql", "migrations")
_BEFORE = """\
[ ! -f "$STATE" ] || source "$STATE"
set -aeuo pipefail
trap 'code=$?; { export -p; declare -f; } > "$STATE"; exit $code' EXIT
"""
_DEMO_SAYS = "Ctrl-C ends it"


def free_port() -> str:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return str(probe.getsockname()[1])


@dataclass
class World:
    """What all pages share. `environment` is that of each command."""

    databases: Databases
    folder: Path
    environment: dict[str, str]
    ports: dict[str, str]
    stack: contextlib.ExitStack
    names: dict[str, str] = field(default_factory=dict)

    def spelled(self, text: str) -> str:
        """A page's text with the ports and databases that it has here."""
        if f":{_S3_PORT}" in text:
            self._start_s3()
            text = text.replace(f":{_S3_PORT}", f":{self.ports[_S3_PORT]}")
        text = _PORT.sub(lambda found: self.ports.setdefault(found[0], free_port()), text)
        return _DATABASE.sub(lambda found: self.database(found[1]), text)

    def _start_s3(self) -> None:
        if _S3_PORT in self.ports:
            return
        folder = self.folder / "s3"
        folder.mkdir()
        server = self.stack.enter_context(SeaweedServer.start(folder))
        self.ports[_S3_PORT] = server.endpoint_url.rpartition(":")[2]
        self.environment |= {"S3_KEY": server.access_key_id, "S3_SECRET": server.secret_access_key}

    def database(self, name: str) -> str:
        """The URL of a database that pages call `name`: a service's is migrated, others are empty at first."""
        if name not in self.names:
            template = self.databases.migrated_template() if name.startswith("seedbed") else None
            self.names[name] = self.databases.url(self.databases.create(template))
        return self.names[name]


@contextmanager
def open_world(databases: Databases) -> Iterator[World]:
    """A demonstration that has made its export, and folders."""
    with tempfile.TemporaryDirectory(prefix="seedbed-docs-") as name, contextlib.ExitStack() as stack:
        folder = Path(name)
        folder.chmod(0o711)  # its server may run as somebody else
        (folder / "home").mkdir()
        port = free_port()
        environment = {
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}",
            "HOME": str(folder / "home"),
            "TMPDIR": tempfile.gettempdir(),
            "PYTHONPATH": str(CHECKOUT),
            "LANG": "C.UTF-8",
            # As root it gives its workers another account, to which temporary folders are closed.
            "NGINX_OPTIONS": "user root;" if os.geteuid() == 0 else "",
        }
        stack.enter_context(_demo(folder, port, environment))
        for line in (folder / ".seedbed" / "demo.env").read_text().splitlines():
            variable, _, value = line.removeprefix("export ").partition("=")
            environment[variable] = value
        yield World(databases, folder, environment, {_SERVICE_PORT: port}, stack)


@contextmanager
def _demo(folder: Path, port: str, environment: dict[str, str]) -> Iterator[None]:
    command = [sys.executable, "-m", "app.cli", "demo", "--folder", str(folder / "demo"), "--port", port]
    process = subprocess.Popen(
        command, cwd=folder, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    assert process.stdout is not None
    said = ""
    watch = threading.Timer(_TIMEOUT_S, process.kill)
    watch.start()
    for line in process.stdout:
        said += line
        if _DEMO_SAYS in line:
            break
    watch.cancel()
    try:
        assert process.poll() is None, said
        yield
    finally:
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=_TIMEOUT_S)


class PageRun:
    """A page's blocks, run in order in one folder; variables that a shell block sets are there in the next one."""

    def __init__(self, world: World, page: Path, found: list[Block]) -> None:
        self._world = world
        self._folder = world.folder / "pages" / page.relative_to(CHECKOUT).as_posix().replace("/", "-")
        self._folder.mkdir(parents=True)
        (self._folder / ".venv").symlink_to(CHECKOUT / ".venv")
        (self._folder / ".seedbed").symlink_to(world.folder / ".seedbed")
        (self._folder / "docs").symlink_to(CHECKOUT / "docs")
        (self._folder / "schema.sql").write_text(shop_ddl())
        self._groups: list[int] = []
        self._own = {"STATE": str(self._folder / ".state")}
        if any(block.file and block.file.split("/")[0] in _SOURCES for block in found):
            for name in _SOURCES:
                # With what Python compiled of it: a copy keeps the times that this is valid by.
                shutil.copytree(CHECKOUT / name, self._folder / name)
            self._own["PYTHONPATH"] = str(self._folder)
        else:
            (self._folder / "app").symlink_to(CHECKOUT / "app")

    def run(self, found: list[Block]) -> list[str]:
        """What did not go as the page says; it ends at the first such block."""
        printed = ""
        for block in found:
            text = self._world.spelled(block.text)
            if block.excused:
                continue
            if block.file is not None:
                path = self._folder / block.file
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text)
            elif block.is_shown:
                wrong = differs(block.language, text, printed)
                if wrong is not None:
                    return [f"{block.place}: {wrong}"]
            else:
                done = self._run(block.language, text)
                printed = done.stdout
                if done.returncode != 0:
                    return [f"{block.place}: exit code {done.returncode}\n{done.stdout}\n{self._logs()}"]
        return []

    def _logs(self) -> str:
        """The ends of what programs in the background have said."""
        logs = sorted(self._folder.glob("*.log"))
        return "\n".join(f"{log.name}:\n{log.read_text()[-_SHOWN_CHARS:]}" for log in logs)

    def _run(self, language: str, text: str) -> "subprocess.CompletedProcess[str]":
        if language == "sql":
            return self._bash(f"psql -X -v ON_ERROR_STOP=1 {self._world.database('seedbed')} <<'END'\n{text}\nEND\n")
        if language == "python":
            return self._bash(f"python - <<'END'\n{text}\nEND\n")
        if language == "js":
            return self._bash(f"node --input-type=module - <<'END'\n{text}\nEND\n")
        return self._bash(text)

    def _bash(self, script: str) -> "subprocess.CompletedProcess[str]":
        # What is set is exported, and is kept for the next block, functions as well.
        whole = f"{_BEFORE}{script}"
        with tempfile.TemporaryFile("w+") as output:
            process = subprocess.Popen(
                ["bash", "-c", whole],
                cwd=self._folder,
                env=self._world.environment | self._own,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
            self._groups.append(process.pid)
            code = process.wait(_TIMEOUT_S)
            output.seek(0)
            return subprocess.CompletedProcess(["bash"], code, output.read())

    def end(self) -> None:
        """Ends what the page left running in the background."""
        for group in self._groups:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(group, signal.SIGTERM)
