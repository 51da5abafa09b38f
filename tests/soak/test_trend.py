"""What judges the long run, on rows of readings whose trend is known."""

import os
import random
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.exporting.consumption import tree, tree_open_files, tree_processor_s, tree_pss_bytes
from tests.soak.trend import by_minute, longest_s, trend

_AT_S = [10.0 * n for n in range(300)]


def test_a_leak_is_seen_through_noise() -> None:
    """Five percent in fifty minutes, under jumps of thirty."""
    chance = random.Random(5)
    values = [200 * (1 + 0.05 * at / _AT_S[-1]) + chance.choice((0, 0, 0, 0, 60)) for at in _AT_S]
    assert trend(_AT_S, values).growth_percent == pytest.approx(5.0, abs=0.5)


def test_a_few_large_exports_at_the_end_are_no_leak() -> None:
    """A quarter of the readings may be anything, wherever they stand."""
    values = [200.0] * 230 + [380.0] * 70
    assert abs(trend(_AT_S, values).growth_percent) < 0.1


def test_a_step_that_stays_is_a_trend() -> None:
    """A thing that is taken once and never given back."""
    assert trend(_AT_S, [200.0] * 150 + [260.0] * 150).growth_percent > 5


def test_one_reading_is_a_line_without_slope() -> None:
    """And none is an error, not a line."""
    assert trend([3.0], [7.0]).growth_percent == 0
    with pytest.raises(ValueError, match="nothing"):
        trend([], [])


def test_minutes_are_medians() -> None:
    """A run of an hour in sixty numbers."""
    assert by_minute([0, 10, 20, 60, 70], [1, 100, 2, 5, 7]) == [2, 6]


def test_the_longest_stretch_is_found() -> None:
    """It ends with the reading that says no; one that never does lasts to the end."""
    assert longest_s([0, 10, 20, 30, 40], [True, True, False, False, False]) == 20
    assert longest_s([0, 10, 20, 30, 40], [True, False, True, True, True]) == 20
    assert longest_s([0, 10], [False, False]) == 0


@pytest.mark.skipif(sys.platform != "linux", reason="there is no /proc elsewhere")
def test_a_tree_is_seen_whole(tmp_path: Path) -> None:
    """Children of children count, and what the ended ones used is kept by those that waited for them."""
    work = "x = bytearray(30_000_000); sum(range(3_000_000))"
    inner = f"import sys; {work}; open('{tmp_path}/file', 'w'); f = open('{tmp_path}/file'); print(1, flush=True); sys.stdin.read()"
    outer = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {inner!r}])"
    process = subprocess.Popen([sys.executable, "-c", outer], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    try:
        assert process.stdout is not None
        process.stdout.readline()
        assert len(tree(process.pid)) == 2
        assert {process.pid} < set(tree(os.getpid()))
        assert tree_pss_bytes(process.pid) > 30_000_000
        assert tree_open_files(process.pid) >= 7
        assert tree_processor_s(process.pid) > 0
    finally:
        process.communicate()
