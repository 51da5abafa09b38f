"""The jobs that carry an export forward, by name. Their arguments are ids: they are logged."""

from uuid import UUID

from app.exports.ports import Job

RUN_EXPORT = "run_export"
GENERATE_PART = "generate_part"
FINALISE_EXPORT = "finalise_export"
SETTLE_CANCEL = "settle_cancel"
DELIVER = "deliver"

# The end of an export, and of what hangs on it, waits for nobody.
URGENT = 10
# Rows that cost as much as a job costs by itself.
_ROWS_OF_ONE = 20_000
# A part is cut by its bytes: however many rows it has, it takes no longer than this.
_MOST = 50


def _cost(rows: int) -> int:
    """What a job takes of its owner's share; as a priority, which `seedbed.take_turn` makes a place in the queue of."""
    return -(1 + min(rows // _ROWS_OF_ONE, _MOST))


def run_job(export_id: UUID, owner_id: UUID, rows: int = 0) -> Job:
    """Starts an export: makes a small one, of so many rows; cuts up a large one."""
    return Job(RUN_EXPORT, {"export_id": str(export_id), "owner_id": str(owner_id)}, _cost(rows))


def part_job(export_id: UUID, owner_id: UUID, part_no: int, rows: int) -> Job:
    """Makes a part of so many rows."""
    arguments = {"export_id": str(export_id), "part_no": part_no, "owner_id": str(owner_id)}
    return Job(GENERATE_PART, arguments, _cost(rows))


def finalise_job(export_id: UUID) -> Job:
    """Puts the file of an export together."""
    return Job(FINALISE_EXPORT, {"export_id": str(export_id)}, URGENT)


def deliver_job(delivery_id: UUID) -> Job:
    """Sends word of an export's end."""
    return Job(DELIVER, {"delivery_id": str(delivery_id)})


def settle_job(export_id: UUID) -> Job:
    """Ends an export that is being cancelled, once nobody works on it."""
    return Job(SETTLE_CANCEL, {"export_id": str(export_id)}, URGENT)
