"""What is written down of an export's pace, and told of it."""

from dataclasses import replace

import pytest
from psycopg.types.json import Jsonb

from app.errors import StorageFailed
from app.exports.experience import Shown
from app.exports.failures import classify
from app.exports.ledger import Claim, PartMade, Sent
from app.exports.models import Status
from app.exports.pace import Pace
from app.exports.speeds import Speed
from tests.integration.exports.story import Failing, refreshed, start
from tests.integration.exports.world import World, caller

FAULT = StorageFailed("no", reason="io_error", retryable=False)


async def pace_of(world: World, export_id: object) -> Pace | None:
    ((data,),) = await world.rows("select pace from generator_exports where id = %s", export_id)
    return None if data is None else Pace.from_json(data)


async def let_pass(world: World, export_id: object, seconds: float) -> None:
    """By what is written down."""
    pace = await pace_of(world, export_id)
    assert pace is not None
    assert pace.at is not None
    before, seen = (replace(made, at=made.at - seconds) for made in (pace.before, pace.seen))
    earlier = replace(pace, at=pace.at - seconds, moment_at=pace.moment_at - seconds, before=before, seen=seen)
    await world.change(
        "update generator_exports set pace = %s where id = %s",
        Jsonb(replace(earlier, stored_at=pace.stored_at - seconds).to_json()),
        export_id,
    )


async def test_progress_tells_bytes_and_the_end(world: World) -> None:
    """The status and the events say what is left, once there is ground; nothing of the kind is left at the end."""
    export = await start(world, 5_000)
    await world.runner().run_export(export.id)
    assert (await refreshed(world, export)).seconds_left is None
    claim = await world.ledger.claim(export.id, 1, 30.0)
    assert isinstance(claim, Claim)
    await world.ledger.report(claim, 10, 30.0)
    await let_pass(world, export.id, 2.0)
    await world.change("update generator_export_events set created_at = created_at - interval '2 seconds'")
    await world.ledger.report(claim, 20, 30.0, Sent(0.5, 1.0))
    running = await refreshed(world, export)
    assert running.seconds_left is not None
    assert running.seconds_left > 1.0
    events = await world.exports.events_after(caller(export.owner_id), export.id)
    assert events[-1].kind == "progress"
    assert events[-1].details["bytes_generated"] == 0
    assert events[-1].details["eta_seconds"] > 1.0
    await world.ledger.put_back(claim, refund=True)
    await world.work_off()
    done = await refreshed(world, export)
    assert (done.status, done.seconds_left) == (Status.COMPLETED, None)


async def test_an_export_has_an_end_at_once_by_what_another_has_shown(world: World) -> None:
    """Whichever worker made that: it stands beside the export. The first of its kind has none yet."""
    first = await start(world, 5_000)
    await world.runner().run_export(first.id)
    assert (await refreshed(world, first)).seconds_left is None
    await world.work_off()
    ((data,),) = await world.rows("select pace from generator_exports where id = %s", first.id)
    shown = Shown.from_json(data)
    assert (shown.kind, shown.joined.gained > 0) == ("csv", True)
    # It was over in no time; let it have been half a minute, and its parts on their way for a second each.
    shown = replace(shown, made=Speed(25_000.0, 30.0), connection=Speed(5e6, 5.0))
    await world.change("update generator_exports set pace = %s where id = %s", Jsonb(shown.to_json()), first.id)
    second = await start(world, 5_000)
    await world.runner().run_export(second.id)
    left_s = (await refreshed(world, second)).seconds_left
    assert left_s == pytest.approx(30.0, rel=0.2)


async def test_parts_that_are_stored_before_a_report_is_due_tell_the_pace(world: World) -> None:
    """A part of a moment is reported on once, by itself; what it took is known when it is stored."""
    export = await start(world, 5_000)
    await world.runner().run_export(export.id)
    claim = await world.ledger.claim(export.id, 1, 30.0)
    assert isinstance(claim, Claim)
    await world.ledger.report(claim, 10, 30.0)
    await let_pass(world, export.id, 2.0)
    await world.ledger.finish_part(claim, PartMade("etag", 1, 1, "0" * 64, {}), 0.1)
    pace = await pace_of(world, export.id)
    assert pace is not None
    assert pace.making.seconds >= 2.0
    assert pace.end is not None
    assert (await refreshed(world, export)).seconds_left is not None


async def test_parts_that_were_there_are_no_speed(world: World) -> None:
    """An export that is run again begins with what it has, and its clock with its own first rows."""
    export = await start(world, 5_000)
    await world.runner().run_export(export.id)
    await world.runner().generate_part(export.id, 1)
    Failing(world, "put_part", FAULT, 1)
    await world.work_off()
    assert (await refreshed(world, export)).status is Status.FAILED
    await world.exports.retry(caller(export.owner_id), export.id)
    await world.runner().run_export(export.id)
    again = await refreshed(world, export)
    assert again.parts_done > 0
    pace = await pace_of(world, export.id)
    assert pace is not None
    assert 0 < pace.made < pace.cost
    assert 0 < pace.stored < pace.bytes
    assert (pace.making.gained, pace.storing.gained, pace.at) == (0.0, 0.0, None)


async def test_a_part_s_next_attempt_is_waited_for(world: World) -> None:
    """What is due in a while is not predicted to be there before."""
    export = await start(world, 5_000)
    await world.runner().run_export(export.id)
    claim = await world.ledger.claim(export.id, 1, 30.0)
    assert isinstance(claim, Claim)

    await world.ledger.fail(claim, classify(FAULT), 20.0)
    pace = await pace_of(world, export.id)
    assert pace is not None
    ((now,),) = await world.rows("select extract(epoch from now())::float8")
    assert 10.0 < pace.held_until - now <= 20.0


async def test_the_last_part_leaves_the_completion(world: World) -> None:
    """Then what is left is how long putting together takes."""
    export = await start(world, 5_000)
    await world.runner().run_export(export.id)
    for number in range(1, export.parts_total + 1):
        claim = await world.ledger.claim(export.id, number, 30.0)
        assert isinstance(claim, Claim)
        await world.ledger.finish_part(claim, PartMade(f"etag{number}", 1, 1, "0" * 64, {}), 0.1)
    pace = await pace_of(world, export.id)
    assert pace is not None
    assert pace.resting
    assert pace.made == pace.cost
    assert pace.stored == pace.bytes
    left = (await refreshed(world, export)).seconds_left
    assert left is not None
    assert left <= pace.finishing_s
