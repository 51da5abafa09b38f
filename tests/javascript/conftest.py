"""The npm packages of these tests, installed once."""

import fcntl
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.fixtures.programs import program

HERE = Path(__file__).parent


@pytest.fixture(scope="session")
def packages() -> Path:
    """A folder with `node_modules` as the lock has them; kept in the environment, installed once."""
    npm = program("npm")
    folder = Path(sys.prefix) / "javascript"
    folder.mkdir(exist_ok=True)
    lock = (HERE / "package-lock.json").read_bytes()
    with (folder / "lock").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        installed = folder / "installed.json"
        if not installed.exists() or installed.read_bytes() != lock:
            for name in ("package.json", "package-lock.json"):
                shutil.copy(HERE / name, folder / name)
            command = [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
            found = subprocess.run(command, cwd=folder, capture_output=True, text=True)
            if found.returncode != 0 and not os.environ.get("CI"):
                pytest.skip(f"npm cannot install the locked packages: {found.stderr.strip()[-300:]}")
            assert found.returncode == 0, found.stderr
            installed.write_bytes(lock)
    return folder
