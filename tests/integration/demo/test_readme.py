"""What the README says to type works when it is typed."""

import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from .conftest import CHECKOUT, Demo

Start = Callable[..., Demo]

README = (CHECKOUT / "README.md").read_text()


def test_the_walk_through_works_when_pasted(start: Start, tmp_path: Path) -> None:
    """The commands under "By hand", as they stand, against a running demo: events until the end, then the file."""
    if shutil.which("curl") is None:
        pytest.skip("curl is not installed")
    section = README.split("## By hand", 1)[1].split("\n## ", 1)[0]
    script = "\n".join(re.findall(r"```bash\n(.*?)```", section, re.S))
    demo = start()
    demo.wait_for("Ctrl-C ends it")
    try:
        done = subprocess.run(
            ["bash", "-eu", "-o", "pipefail", "-c", script], cwd=tmp_path, capture_output=True, text=True
        )
    finally:
        demo.interrupt()
    assert done.returncode == 0, done.stdout + done.stderr
    assert '"jobId"' in done.stdout
    assert re.search(r"^event: status$", done.stdout, re.M)
    assert '"status":"completed"' in done.stdout.replace(" ", "")
    assert '"downloadUrl"' in done.stdout
    assert re.search(r"^players\.csv", done.stdout, re.M)
    assert re.search(r"^teams\.csv", done.stdout, re.M)
