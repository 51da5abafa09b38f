"""Which state may follow which, as data."""

from collections.abc import Mapping

from app.exports.models import Status

# `failed`, `cancelled` and `expired` may be run again: same plan, same bytes.
TRANSITIONS: Mapping[Status, frozenset[Status]] = {
    Status.QUEUED: frozenset({Status.RUNNING, Status.CANCELLED, Status.FAILED}),
    Status.RUNNING: frozenset({Status.COMPLETED, Status.FAILED, Status.CANCELLING}),
    Status.CANCELLING: frozenset({Status.CANCELLED}),
    Status.COMPLETED: frozenset({Status.EXPIRED}),
    Status.FAILED: frozenset({Status.QUEUED}),
    Status.CANCELLED: frozenset({Status.QUEUED}),
    Status.EXPIRED: frozenset({Status.QUEUED}),
}

ACTIVE = frozenset({Status.QUEUED, Status.RUNNING, Status.CANCELLING})
TERMINAL = frozenset(Status) - ACTIVE


def allowed(origin: Status, target: Status) -> bool:
    """Whether an export may go from `origin` to `target`."""
    return target in TRANSITIONS[origin]


def origins(target: Status) -> tuple[Status, ...]:
    """The states from which `target` can be reached: what a compare-and-set compares with."""
    return tuple(origin for origin in Status if target in TRANSITIONS[origin])
