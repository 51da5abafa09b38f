"""The worker's own process stays small: the engine is its generator processes' alone."""

import subprocess
import sys
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]


def test_the_worker_does_not_load_the_engine() -> None:
    """numpy and pyarrow are half of what a worker would weigh, and it never looks at a row."""
    program = "import sys, tasks.app; print(*sorted({'numpy', 'pyarrow', 'pglast', 'boto3'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", program], cwd=PROJECT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""
