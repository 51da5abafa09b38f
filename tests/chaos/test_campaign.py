"""The long form, `make chaos`: every scenario many times over, a table, and the figures under benchmarks/results/.

CHAOS_ONLY=name,name runs some scenarios. What a scenario came to is written when it is over, in place of what stood
there of it.
"""

import json
import os
from collections.abc import Sequence
from pathlib import Path

import pytest

from benchmarks.figures import RESULTS, Figure, write
from tests.chaos import campaign, faults
from tests.chaos.arena import Arena
from tests.chaos.campaign import Outcome
from tests.chaos.faults import Fault
from tests.fixtures.programs import library

_RESULTS = RESULTS / "chaos.json"
_KILLS = 200
_LISTENERS = "query like 'LISTEN%%'"
_POOLS = "query not like 'LISTEN%%'"


def scenarios() -> dict[str, Sequence[Fault]]:
    """Every scenario, with as many faults as it is made of."""
    return {
        "two of three workers killed": [Fault("kill", faults.kill_two)] * (_KILLS // 2),
        "worker frozen beyond its lease": [Fault("freeze", faults.freeze)] * 10,
        "event loop blocked beyond the lease": [Fault("block", faults.block)] * 8,
        "Postgres away for 1 s": [Fault("restart", faults.restart(1))] * 6,
        "Postgres away for 15 s": [Fault("restart", faults.restart(15))] * 3,
        "Postgres away for 60 s": [Fault("restart", faults.restart(60))] * 2,
        "every connection terminated": [Fault("terminate", faults.terminate())] * 10,
        "listener terminated": [Fault("terminate", faults.terminate(_LISTENERS))] * 8,
        "pooled connections terminated": [Fault("terminate", faults.terminate(_POOLS))] * 8,
        "no connection to be had": [Fault("exhaust", faults.exhaust)] * 5,
        "connections half open": [Fault("half open", faults.half_open)] * 8,
        "network silent for 3-8 s": [Fault("silence", faults.silence)] * 6,
        "object store refuses": [Fault("store", faults.lose_store, attempts=True)] * 8,
        "clock of a worker hours off": [Fault("skew", faults.skew)] * 4,
        "one request many times": [Fault("post", faults.post_twice)] * 10,
        "one request many times to an API that is killed": [Fault("post", faults.post_to_killed)] * 6,
        "cancelled at any moment": [Fault("storm", faults.storm)] * 8,
        "rolling deploys": [Fault("deploy", faults.deploy)] * 5,
    }


@pytest.mark.chaos
async def test_every_scenario_is_recovered_from(tmp_path: Path, arena: Arena) -> None:
    """At least 99 % of the faults of each scenario are got over without help, and each audit is clean."""
    library("libfaketime.so.1", "libfaketime")
    only = os.environ.get("CHAOS_ONLY", "")
    outcomes: list[Outcome] = []
    for name, chosen in scenarios().items():
        if only and name not in only.split(","):
            continue
        # The store is away for longer than two retries of this suite's short waits would bridge.
        arena.settings = {"RETRY_COUNT": "8"} if any(fault.attempts for fault in chosen) else {}
        arena.workers_wanted = 3 if "three" in name else 2
        outcomes.append(await campaign.run(arena, name, chosen))
        print(campaign.table(outcomes[-1:]), *outcomes[-1].report.faults, sep="\n", flush=True)
        _write(outcomes[-1])
    print(campaign.table(outcomes))
    assert [fault for outcome in outcomes for fault in outcome.report.faults] == []
    assert [outcome.name for outcome in outcomes if outcome.recovered_percent < 99.0] == []


@pytest.mark.chaos
async def test_ten_rolling_deploys_in_one_export_cost_nothing(arena: Arena) -> None:
    """Every worker is replaced ten times while one large export is made: it completes with no attempt spent."""
    reference = await arena.reference("huge")
    # Long leases: a slow machine must not look like a lost worker.
    arena.settings = {"LEASE_S": "60"}
    await faults.deploy(arena)
    export = await arena.submit("huge")
    for _ in range(10):
        await faults.deploy(arena)
    assert (await arena.site.get(export)).status == "running", "the export was over before the deploys were"
    done = await arena.site.ended(export, 300)
    assert (done.status, done.attempts, done.sha256) == ("completed", 0, reference), done.error_details


def _write(outcome: Outcome) -> None:
    known = json.loads(_RESULTS.read_text())["figures"] if _RESULTS.exists() else []
    figures = {figure["name"]: Figure(**{**figure, "runs": tuple(figure["runs"])}) for figure in known}
    figures |= {figure.name: figure for figure in _figures(outcome)}
    order = list(scenarios())
    write("chaos", sorted(figures.values(), key=lambda figure: order.index(figure.name.partition(":")[0])))


def _figures(outcome: Outcome) -> list[Figure]:
    times = tuple(round(one, 2) for one in outcome.recoveries if one is not None)
    clean = not outcome.report.faults
    return [
        Figure(
            f"{outcome.name}: recovered",
            round(outcome.recovered_percent, 2),
            "%",
            99.0,
            outcome.recovered_percent >= 99.0,
            tuple(100.0 if one is not None else 0.0 for one in outcome.recoveries),
        ),
        Figure(f"{outcome.name}: time to recover, median", round(outcome.p50_s, 2), "s", None, True, times),
        Figure(f"{outcome.name}: time to recover, longest", round(outcome.max_s, 2), "s", None, True, ()),
        Figure(
            f"{outcome.name}: exports ended once, with the right bytes",
            float(outcome.report.exports if clean else 0),
            "exports",
            float(outcome.report.exports),
            clean,
            (),
        ),
    ]
