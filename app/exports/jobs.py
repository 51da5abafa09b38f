"""The jobs that carry an export forward, by name. Their arguments are ids: they are logged."""

from uuid import UUID

from app.exports.ports import Job

RUN_EXPORT = "run_export"
GENERATE_PART = "generate_part"
FINALISE_EXPORT = "finalise_export"
SETTLE_CANCEL = "settle_cancel"
DELIVER = "deliver"

# What is done within moments does not queue behind the parts of large exports, nor does the end of an export.
SMALL_FIRST = 10


def run_job(export_id: UUID, parts_total: int) -> Job:
    """Starts an export: makes a small one, cuts up a large one."""
    return Job(RUN_EXPORT, {"export_id": str(export_id)}, SMALL_FIRST if parts_total == 1 else 0)


def part_job(export_id: UUID, part_no: int) -> Job:
    return Job(GENERATE_PART, {"export_id": str(export_id), "part_no": part_no})


def finalise_job(export_id: UUID) -> Job:
    return Job(FINALISE_EXPORT, {"export_id": str(export_id)}, SMALL_FIRST)


def deliver_job(delivery_id: UUID) -> Job:
    """Sends word of an export's end."""
    return Job(DELIVER, {"delivery_id": str(delivery_id)})


def settle_job(export_id: UUID) -> Job:
    """Ends an export that is being cancelled, once nobody works on it."""
    return Job(SETTLE_CANCEL, {"export_id": str(export_id)}, SMALL_FIRST)
