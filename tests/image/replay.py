"""Builds what the Dockerfile says without a container engine, and runs it: `unshare -mpf python -m tests.image.replay`.

Every instruction is carried out in a clean root (`tests.image.root`), each stage in its own. Then the commands of an
order, a line of JSON on standard input, are run in the image; whoever gave it is told on standard output when they run,
and closes standard input when they are to end. See `test_replay`.
"""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.image.dockerfile import (
    DockerfileError,
    Ignored,
    Instruction,
    Stage,
    environment_of,
    expand,
    read_dockerfile,
)
from tests.image.root import CleanRoot

CHECKOUT = Path(__file__).resolve().parents[2]
_STOP_S = 60.0


@dataclass
class Image:
    """The last stage's root, and what it says of how it is run."""

    root: CleanRoot
    command: list[str] = field(default_factory=list)
    exposed: list[str] = field(default_factory=list)


def build(stages: Sequence[Stage], context: Path, folder: Path) -> Image:
    """Carries all stages out. Raises DockerfileError naming the line that failed, with the end of what it printed."""
    done: dict[str, CleanRoot] = {}
    image: Image | None = None
    for number, stage in enumerate(stages):
        root = CleanRoot(folder / f"stage-{number}")
        image = Image(root)
        print(f"FROM {stage.base}: this machine's system in its place", file=sys.stderr, flush=True)
        for one in stage.instructions:
            began = time.monotonic()
            _carry_out(one, image, done, context)
            took_s = time.monotonic() - began
            print(f"  {one.name} {one.text[:100]} ({took_s:.1f} s)", file=sys.stderr, flush=True)
        done[stage.name or str(number)] = root
    assert image is not None
    return image


def _carry_out(one: Instruction, image: Image, done: Mapping[str, CleanRoot], context: Path) -> None:
    root = image.root
    if one.name == "RUN":
        words = one.words() if one.text.startswith("[") else ["/bin/sh", "-c", one.text]
        result = subprocess.run(root.command(words, building=True), capture_output=True, text=True)
        if result.returncode != 0:
            printed = (result.stdout + result.stderr)[-2_000:]
            raise DockerfileError(f"line {one.line}: RUN ended with {result.returncode}:\n{printed}")
    elif one.name == "COPY":
        _copy(one, root, done, context)
    elif one.name == "WORKDIR":
        root.workdir = str(Path(root.workdir, expand(one.text, root.environment)))
        (root.folder / root.workdir.lstrip("/")).mkdir(parents=True, exist_ok=True)
    elif one.name == "ENV":
        root.environment |= environment_of(one, root.environment)
    elif one.name == "USER":
        try:
            root.account(one.text)
        except KeyError:
            raise DockerfileError(f"line {one.line}: there is no account {one.text}") from None
        root.user = one.text
    elif one.name == "CMD":
        image.command = one.words() if one.text.startswith("[") else ["/bin/sh", "-c", one.text]
    elif one.name == "EXPOSE":
        image.exposed += one.words()


def _copy(one: Instruction, root: CleanRoot, done: Mapping[str, CleanRoot], context: Path) -> None:
    flags, words = one.flags()
    if unknown := set(flags) - {"from"}:
        raise DockerfileError(f"line {one.line}: COPY with --{unknown.pop()} is not known here")
    *sources, target = words
    if flags and flags["from"] not in done:
        raise DockerfileError(f"line {one.line}: there is no stage {flags['from']}")
    origin = done[flags["from"]].folder if flags else context
    for source in sources:
        path = origin / source.lstrip("/")
        if not path.exists():
            raise DockerfileError(f"line {one.line}: there is no {source} to copy")
        root.place(path, target)


def context_of(checkout: Path, folder: Path) -> Path:
    """What an engine would be sent: the files that .dockerignore lets through."""
    ignored = Ignored((checkout / ".dockerignore").read_text())
    listed = subprocess.run(
        ["git", "-C", str(checkout), "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        check=True, capture_output=True, text=True,
    ).stdout  # fmt: skip
    for name in filter(None, listed.split("\0")):
        if not ignored(name) and (checkout / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(checkout / name, folder / name)
    return folder


def main() -> int:
    """Builds, runs what is ordered, and says how it went: one line of JSON when all run, one when all have ended."""
    order = json.loads(sys.stdin.readline())
    folder = Path(tempfile.mkdtemp(prefix="seedbed-image-"))
    # A process of the image goes by its own folders only; what is above them has to be passed through.
    folder.chmod(0o755)
    try:
        context = context_of(CHECKOUT, folder / "context")
        image = build(read_dockerfile((CHECKOUT / "Dockerfile").read_text()), context, folder)
        # Files above are root's: the image's account must not be able to change what it runs.
        writable = _run(image, ["/bin/sh", "-c", "find /srv -writable -not -type l | head -3"], {}).stdout.split()
        release = _run(image, order["release"], order["env"])
        processes = {
            name: subprocess.Popen(image.root.command(words or image.command, more=order["env"]))
            for name, words in order["processes"].items()
        }
        _say(
            release=release.returncode, said=release.stdout[-2_000:], writable=writable, user=image.root.user,
            exposed=image.exposed, command=image.command,
            uids={name: _uid(process) for name, process in processes.items()},
        )  # fmt: skip
        sys.stdin.read()
        _say(ends={name: _end(process) for name, process in processes.items()})
    except DockerfileError as error:
        _say(failed=str(error))
        return 1
    finally:
        # The mounts go with our namespace; what is left is empty folders.
        subprocess.run(["umount", "--recursive", *map(str, folder.glob("stage-*"))], capture_output=True)
        shutil.rmtree(folder, ignore_errors=True)
    return 0


def _run(image: Image, words: Sequence[str], environment: Mapping[str, str]) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        image.root.command(words, more=environment), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )


def _uid(process: "subprocess.Popen[bytes]") -> int | None:
    """The user that a process runs as, once it is no longer we who start it; None when it has ended."""
    deadline = time.monotonic() + 30
    while process.poll() is None and time.monotonic() < deadline:
        # Our own /proc shows another namespace's numbers; a process sees itself by either.
        status = Path(f"/proc/{process.pid}")
        if status.exists() and (uid := status.stat().st_uid) != 0:
            return uid
        time.sleep(0.02)  # a change of user is told to nobody; bounded above
    return None if process.poll() is not None else 0


def _end(process: "subprocess.Popen[bytes]") -> int:
    process.send_signal(signal.SIGTERM)
    try:
        return process.wait(_STOP_S)
    except subprocess.TimeoutExpired:
        process.kill()
        return process.wait()


def _say(**facts: Any) -> None:
    print(json.dumps(facts), flush=True)


if __name__ == "__main__":
    # Whoever mounts here mounts for nobody else.
    subprocess.run(["mount", "--make-rprivate", "/"], check=True)
    subprocess.run(["mount", "-t", "proc", "proc", "/proc"], check=True)
    os.umask(0o022)
    sys.exit(main())
