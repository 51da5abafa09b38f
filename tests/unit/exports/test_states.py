"""The states' rules, as data."""

from pathlib import Path

from app.exports.models import Status
from app.exports.states import ACTIVE, TERMINAL, TRANSITIONS, allowed, origins

FUNCTIONS = Path(__file__).resolve().parents[3] / "sql" / "functions" / "states.sql"


def test_every_state_has_its_followers() -> None:
    """No state is forgotten in the table."""
    assert set(TRANSITIONS) == set(Status)
    assert set(Status) == ACTIVE | TERMINAL
    assert not ACTIVE & TERMINAL


def test_an_ended_export_goes_back_to_the_queue_or_expires() -> None:
    """Nothing runs that was not queued first, and nothing completes that does not run."""
    for ended in TERMINAL:
        assert TRANSITIONS[ended] <= {Status.QUEUED, Status.EXPIRED}
    assert origins(Status.COMPLETED) == (Status.RUNNING,)
    assert origins(Status.RUNNING) == (Status.QUEUED,)
    assert not allowed(Status.CANCELLING, Status.COMPLETED)


def test_every_state_can_be_reached_and_left() -> None:
    """From the queue every state is reached; from every state there is a way on."""
    reached, new = {Status.QUEUED}, {Status.QUEUED}
    while new:
        new = {follower for state in new for follower in TRANSITIONS[state]} - reached
        reached |= new
    assert reached == set(Status)
    assert all(TRANSITIONS.values())


def test_the_functions_in_the_database_agree() -> None:
    """The states from which people may run an export again are the same in SQL."""
    listed = "', '".join(state.value for state in origins(Status.QUEUED))
    assert f"found.status not in ('{listed}')" in FUNCTIONS.read_text()
