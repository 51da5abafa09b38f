"""The predicted end of an export, as it is told."""

from app.exports.models import Status
from app.web.views import eta_seconds
from tests.unit.web.doubles import an_export


def test_only_what_runs_is_predicted() -> None:
    """Nothing before there is ground, nothing after a failure, and no time when it is there."""
    assert eta_seconds(an_export()) is None
    assert eta_seconds(an_export(seconds_left=1.234)) == 1.2
    assert eta_seconds(an_export(status=Status.COMPLETED)) == 0
    assert eta_seconds(an_export(status=Status.FAILED)) is None
