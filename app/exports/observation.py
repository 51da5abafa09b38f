"""What is counted of the workers' work, by whoever counts: a protocol, and the observer that does not."""

from enum import StrEnum
from typing import Protocol

from app.exports.ledger import Claim
from app.exports.models import Status


class Outcome(StrEnum):
    """How a run at a part ended."""

    DONE = "done"
    RETRIED = "retried"
    FAILED = "failed"
    PUT_BACK = "put_back"
    # Somebody else had taken the part meanwhile: what this worker made was not counted.
    FENCED = "fenced"


class Observer(Protocol):
    """Hears of what ended. Called on the event loop: it counts and returns."""

    def part_ended(self, kind: str, outcome: Outcome, seconds: float, rows: int) -> None:
        """A run at a part ended; `kind` is "make_whole", "split", "make_part" or "finalise"."""
        ...

    def rendered(self, size: int) -> None:
        """So many bytes of a file were made: a part, a whole, or what stands at its end."""
        ...

    def export_started(self, claim: Claim) -> None:
        """An export was taken up for the first time."""
        ...

    def export_ended(self, status: Status, claim: Claim | None, size: int = 0) -> None:
        """An export came to its end by this worker's doing; `size` in bytes where there is a file. Cancelled ones end
        without a claim."""
        ...


class Unobserved:
    """Counts nothing."""

    def part_ended(self, kind: str, outcome: Outcome, seconds: float, rows: int) -> None:
        """Nothing."""

    def rendered(self, size: int) -> None:
        """Nothing."""

    def export_started(self, claim: Claim) -> None:
        """Nothing."""

    def export_ended(self, status: Status, claim: Claim | None, size: int = 0) -> None:
        """Nothing."""
