"""The short form: every kind of fault that takes seconds, once or twice, on one running service."""

import pytest

from tests.chaos import campaign, faults
from tests.chaos.arena import Arena
from tests.chaos.faults import Fault


@pytest.mark.slow
async def test_nothing_is_lost_and_nothing_twice(arena: Arena) -> None:
    """Workers are killed, frozen and blocked, Postgres is restarted, connections are cut, silenced and refused: every
    export ends once, with the bytes of a single process, and no fault of the platform costs an attempt."""
    chosen = [
        Fault("kill", faults.kill),
        Fault("terminate", faults.terminate()),
        Fault("half open", faults.half_open),
        Fault("restart", faults.restart(0.5)),
        Fault("freeze", faults.freeze),
        Fault("storm", faults.storm),
        Fault("kill", faults.kill),
    ]
    arena.random.shuffle(chosen)
    print([fault.name for fault in chosen])
    outcome = await campaign.run(arena, "short", chosen, exports=3)
    print(campaign.table([outcome]))
    assert outcome.report.faults == ()
    assert outcome.recovered_percent == 100.0, outcome.recoveries
