"""The bytes are those that are kept: of this engine version, on any machine, however they are made."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from app.generator import ENGINE_VERSION
from tests.golden.digests import SCHEMAS, digests, kept

ROOT = Path(__file__).resolve().parents[2]
# Formats of text, of records and of columns.
_FORMATS = ["copy", "json", "parquet"]


@pytest.mark.parametrize("schema", SCHEMAS)
def test_the_bytes_are_those_of_the_engine_version(schema: str) -> None:
    """A change of any byte is deliberate: a new ENGINE_VERSION, a line in the changelog, `make golden`."""
    version, found = kept()
    assert version == ENGINE_VERSION, "run `make golden`: the digests are those of another engine version"
    made = digests([schema])[schema]
    changed = sorted(name for name in made if made[name] != found[schema].get(name))
    assert not changed, f"{schema}: the bytes of {', '.join(changed)} have changed: raise ENGINE_VERSION, make golden"


@pytest.mark.parametrize(
    "surroundings",
    [
        {"LC_ALL": "tr_TR.UTF-8", "TZ": "Asia/Kathmandu", "PYTHONHASHSEED": "1", "PYTHONUTF8": "0"},
        {"LC_ALL": "C", "TZ": "America/St_Johns", "PYTHONHASHSEED": "4242", "OMP_NUM_THREADS": "1"},
        {
            "LANG": "de_DE.UTF-8",
            "NPY_DISABLE_CPU_FEATURES": "AVX2 FMA3 AVX512F AVX512CD AVX512_SKX",
            "ARROW_USER_SIMD_LEVEL": "NONE",
        },
    ],
    ids=["turkish", "plain", "older processor"],
)
def test_the_surroundings_change_nothing(surroundings: dict[str, str]) -> None:
    """Another process with another locale, time zone, hash seed or processor makes the same bytes."""
    command = [sys.executable, "-W", "ignore", "-m", "tests.golden.digests", "--formats", *_FORMATS]
    environment = {**os.environ, **surroundings}
    run = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120, check=True)
    expected = {schema: {name: found[name] for name in _FORMATS} for schema, found in kept()[1].items()}
    assert json.loads(run.stdout) == expected
