"""A root of its own for what an image does: fresh folders, and the programs of this machine, whose files it cannot
change. It needs root, Linux, and a mount namespace, in which everything here has to run (see `replay`).

The stand-in for `python:3.12-slim-bookworm` is this machine's system and the interpreter that this runs by, under the
name `python`. An engine would take the image's; the steps are the same.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

_SYSTEM = ("bin", "sbin", "lib", "lib64", "usr")
# What programs of the system look up; none of it is about anybody.
_ETC = ("alternatives", "ssl", "ld.so.cache", "ld.so.conf", "ld.so.conf.d", "login.defs", "nsswitch.conf", "localtime")
_NETWORK = ("resolv.conf", "hosts", "pip.conf")
_DEVICES = ("null", "zero", "random", "urandom", "full")
_PATH = "/usr/local/bin:/usr/local/sbin:/usr/bin:/usr/sbin:/bin:/sbin"
# How packages are found on this machine, where it has its own way.
_PASSED_ON = ("PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL", "PIP_CERT", "PIP_DEFAULT_TIMEOUT", "SSL_CERT_FILE", "HTTPS_PROXY", "https_proxy")  # fmt: skip


class CleanRoot:
    """One stage's file system below `folder`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.environment: dict[str, str] = {"PATH": _PATH}
        self.workdir = "/"
        self.user: str | None = None
        folder.mkdir(parents=True)
        self._mount("tmpfs", folder, kind="tmpfs", options="mode=755")
        self._lay_out()

    def _lay_out(self) -> None:
        for name in (
            "etc",
            "tmp",
            "var/lib",
            "var/tmp",
            "var/cache",
            "root",
            "run",
            "srv",
            "proc",
            "dev/shm",
            "home",
            "opt",
        ):
            (self.folder / name).mkdir(parents=True)
        for name in ("tmp", "var/tmp", "dev/shm"):
            (self.folder / name).chmod(0o1777)
        for name in _SYSTEM:
            source = Path("/", name)
            if source.is_symlink():
                (self.folder / name).symlink_to(os.readlink(source))
            elif source.is_dir():
                self._bind(source)
        # A layer of its own over the system's programs, so that a step may add to them and touches nothing here.
        local = self.folder / "usr/local"
        self._mount("tmpfs", local, kind="tmpfs", options="mode=755")
        (local / "bin").mkdir()
        self._interpreter(local / "bin")
        for name in (*_ETC, *_NETWORK):
            self._copy_etc(name)
        etc = self.folder / "etc"
        (etc / "passwd").write_text(
            "root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/nonexistent:/bin/false\n"
        )
        (etc / "group").write_text("root:x:0:\nnogroup:x:65534:\n")
        (etc / "shadow").write_text("root:*:1:0:99999:7:::\n")
        (etc / "gshadow").write_text("root:*::\n")
        for name in _DEVICES:
            (self.folder / "dev" / name).touch()
            self._mount(f"/dev/{name}", self.folder / "dev" / name, options="bind")
        self._mount("proc", self.folder / "proc", kind="proc")

    def _interpreter(self, folder: Path) -> None:
        prefix = Path(sys.base_prefix)
        if not prefix.is_relative_to("/usr"):
            self._bind(prefix)
        real = Path(os.path.realpath(sys.executable))
        for name in ("python", "python3"):
            # Not a link: an interpreter looks for its library beside the name that it was called by.
            (folder / name).write_text(f'#!/bin/sh\nexec {real} "$@"\n')
            (folder / name).chmod(0o755)

    def _copy_etc(self, name: str) -> None:
        source, target = Path("/etc", name), self.folder / "etc" / name
        if source.is_dir():
            # Symbolic links as they are: some lead to what is bound.
            shutil.copytree(source, target, symlinks=True, ignore_dangling_symlinks=True)
        elif source.exists():
            shutil.copyfile(source, target)

    def _bind(self, source: Path) -> None:
        target = self.folder / source.relative_to("/")
        target.mkdir(parents=True, exist_ok=True)
        self._mount(str(source), target, options="bind")
        # What is mounted below comes along as it is, and is not ours to change either.
        self._mount(str(source), target, options="bind,remount,ro")

    @staticmethod
    def _mount(source: str, target: Path, *, kind: str | None = None, options: str | None = None) -> None:
        command = ["mount", *(["-t", kind] if kind else []), *(["-o", options] if options else []), source, str(target)]
        subprocess.run(command, check=True, capture_output=True)

    # -- what instructions do ----------------------------------------------------------------------------------------

    def command(
        self, words: Sequence[str], *, more: Mapping[str, str] | None = None, building: bool = False
    ) -> list[str]:
        """The command that runs these words inside, as the user, in the folder and with the variables of the image.

        `building` lets the machine's own way to packages in.
        """
        environment = {**self.environment, "HOME": self._home(), **(more or {})}
        if building:
            environment |= {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
        inner = 'cd "$0" && exec "$@"'
        return [
            *("env", "-i", *(f"{name}={value}" for name, value in environment.items())),
            *("chroot", *([f"--userspec={self.user}:{self.user}"] if self.user else []), str(self.folder)),
            *("/bin/sh", "-c", inner, self.workdir, *words),
        ]  # fmt: skip

    def place(self, source: Path, target: str) -> None:
        """Copies a file, or what is in a folder, as COPY does: root owns it."""
        relative = target if target.startswith("/") else f"{self.workdir}/{target}"
        into = self.folder / relative.lstrip("/")
        if source.is_dir():
            shutil.copytree(source, into, symlinks=True, dirs_exist_ok=True)
        else:
            into = into / source.name if target.endswith("/") else into
            into.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, into)

    def account(self, name: str) -> tuple[int, str]:
        """The user id and the home of an account inside. Raises KeyError."""
        for line in (self.folder / "etc/passwd").read_text().splitlines():
            fields = line.split(":")
            if fields[0] == name:
                return int(fields[2]), fields[5]
        raise KeyError(name)

    def _home(self) -> str:
        return self.account(self.user or "root")[1]
