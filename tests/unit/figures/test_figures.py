"""A figure that was not measured is no figure."""

import pytest

from benchmarks.figures import judge


def test_the_median_is_held_against_the_target() -> None:
    """Less is better, unless said otherwise; no target always holds."""
    assert judge("a", [3, 1, 2], "s", target=2).holds
    assert not judge("a", [3, 1, 2], "s", target=1.9).holds
    assert judge("a", [3, 1, 2], "x", target=2, better="more").holds
    assert not judge("a", [3, 1, 2], "x", target=2.1, better="more").holds
    assert judge("a", [3], "s").holds


@pytest.mark.parametrize("run", [float("nan"), float("inf")])
def test_what_was_not_measured_is_refused(run: float) -> None:
    """A comparison with it would be false, or true for ever, and JSON cannot hold it."""
    with pytest.raises(ValueError, match="delivery, p99: not measured"):
        judge("delivery, p99", [1.0, run], "ms", target=500)
