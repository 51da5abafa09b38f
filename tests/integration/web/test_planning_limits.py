"""Whatever a schema makes of its plan, others are answered meanwhile, and it ends."""

import asyncio
import secrets
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import httpx
import pytest

from app.adapters.planning.process import PlanningProcesses
from app.errors import PlanningBusy, PlanningFailed, PlanRefused
from app.exports.drafting import Draughtsman
from app.exports.planning import EnginePlanning, plan_text
from app.exports.ports import ResolvedSchema
from app.exports.requests import ExportConfig, ExportRequest, SchemaBySnapshot
from app.generator.snapshot.form import snapshot_from_json
from tests.conftest import Databases, Server
from tests.integration.exports.story import eventually
from tests.integration.web.conftest import settings_for
from tests.integration.web.service import BASE, REQUEST, Person, Service, serving

PART_BYTES = 32 * 1024**2


def costly(patterns: int) -> dict[str, Any]:
    """A schema whose patterns have to be met all at once: each more takes the engine a third of a second."""
    checks = [{"name": f"c{n}", "expression": f"a ~ '^(a|b|c{n}){{1,200}}[a-z]{{1,200}}$'"} for n in range(patterns)]
    columns = [{"name": "a", "type": "text", "nullable": False}]
    return {"version": 1, "tables": [{"schema": "public", "name": "t", "columns": columns, "checks": checks}]}


def asking(snapshot: dict[str, Any]) -> dict[str, Any]:
    return {"schema": {"snapshot": snapshot}, "config": {"format": "csv", "rows": 10}, "seed": "1"}


@pytest.fixture(scope="module")
def impatient(databases: Databases, postgres: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """An API that gives a plan two seconds."""
    name = databases.create(databases.migrated_template())
    settings = settings_for(databases.url(name), postgres.url(), tmp_path_factory.mktemp("objects"))
    with serving(replace(settings, planning_timeout_s=2.0)) as running:
        yield running
    databases.drop(name)


@pytest.mark.parametrize("route", ["/plan", "/preview", "/export"])
def test_others_are_answered_while_a_hostile_plan_is_made(impatient: Service, route: str) -> None:
    """The loop turns, health is told and another's export is accepted before the hostile request has its answer, which
    is that it takes too long."""
    mallory, ben = (impatient.person(f"{name}-{secrets.token_hex(4)}") for name in ("mallory", "ben"))
    assert ben.http.post(f"{BASE}/export", json=REQUEST).status_code == 202
    with ThreadPoolExecutor(1) as pool:
        hostile: Future[httpx.Response] = pool.submit(mallory.http.post, BASE + route, json=asking(costly(200)))
        healthy = accepted = 0
        while not hostile.done():
            assert ben.http.get("/healthz").status_code == 200
            healthy += not hostile.done()
            if not accepted:
                assert ben.http.post(f"{BASE}/export", json=REQUEST).status_code == 202
                accepted += not hostile.done()
    answer = hostile.result()
    assert (answer.status_code, answer.json()["code"], answer.json()["reason"]) == (422, "planning_failed", "time")
    assert accepted == 1
    assert healthy > 1
    for person in (mallory, ben):
        assert person.http.post(f"{BASE}/plan", json=REQUEST).status_code == 200
        person.http.close()


def test_refusals_come_through_whole(ann: Person) -> None:
    """Each fault with its place, its code and its facts, as if the plan had been made here."""
    body = asking(
        {"version": 1, "tables": [{"schema": "public", "name": "t", "columns": [{"name": "a", "type": "int4"}]}]}
    )
    body["config"] |= {"rows": {"t": 5, "u": 5}, "overrides": {"t.b": {"generator": "nothing"}}}
    answer = ann.http.post(f"{BASE}/export", json=body)
    assert answer.status_code == 422
    assert [(e["pointer"], e["code"]) for e in answer.json()["errors"]] == [("/config/rows/u", "unknown_table")]
    body["config"]["rows"] = 5
    answer = ann.http.post(f"{BASE}/export", json=body)
    assert (answer.status_code, answer.json()["code"]) == (422, "plan_refused")
    assert answer.json()["errors"][0]["pointer"].startswith("/config/overrides/t.b")


def _request(rows: int = 5) -> ExportRequest:
    return ExportRequest(SchemaBySnapshot({}), ExportConfig("csv", rows), "7")


async def test_a_plan_is_the_same_wherever_it_is_made() -> None:
    """The plan, the row that is stored and the layout, from a process and from a thread; snapshots that come again,
    and more of them than are kept, make no difference."""
    desk = PlanningProcesses(frozenset(), PART_BYTES)
    here = Draughtsman(EnginePlanning(), frozenset(), PART_BYTES)
    try:
        snapshots = [snapshot_from_json(costly(0)), *(snapshot_from_json(costly(n)) for n in range(1, 3))]
        many = [replace(snapshots[0], server_version=str(n)) for n in range(9)]
        for snapshot in (*snapshots, *many, *snapshots, *many[:2]):
            assert plan_text(await desk.plan(_request(), snapshot)) == plan_text(here.plan(_request(), snapshot))
        found = ResolvedSchema(snapshots[1], warnings=("left out",))
        there, mine = await desk.prepare(_request(), found, "r"), here.prepare(_request(), found, "r")
        assert replace(there.row, id=mine.row.id, file_name=mine.row.file_name) == mine.row
        assert (there.layout, there.snapshot, there.warnings) == (mine.layout, mine.snapshot, mine.warnings)
    finally:
        await desk.close()


async def test_a_process_that_is_killed_is_replaced() -> None:
    """By what ran out of memory or by an operator: one request fails and says so, the next is served; in a full line
    one is told to come back; and whoever goes away leaves no order behind."""
    desk = PlanningProcesses(frozenset(), PART_BYTES, at_once=1)
    hostile = snapshot_from_json(costly(200))

    async def busy() -> bool:
        return bool(desk._busy)

    try:
        asked = asyncio.create_task(desk.plan(_request(), hostile))
        await eventually(busy)
        desk._wait_s = 0.01
        with pytest.raises(PlanningBusy):
            await desk.plan(_request(), hostile)
        desk._wait_s = 30.0
        (child,) = desk._busy
        child.process.kill()
        with pytest.raises(PlanningFailed) as died:
            await asked
        assert died.value.facts == {"reason": "died"}
        asked = asyncio.create_task(desk.plan(_request(), hostile))
        await eventually(busy)
        (child,) = desk._busy
        asked.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asked
        assert child.process.returncode is not None
        assert (await desk.plan(_request(), snapshot_from_json(costly(1)))).rows_total == 5
    finally:
        await desk.close()


async def test_memory_is_bounded() -> None:
    """A plan that needs more than there is for it is refused."""
    desk = PlanningProcesses(frozenset(), PART_BYTES, most_bytes=400 * 1024**2)
    enormous = {"tables": {f"public.t{n}": {"x" * 100_000: "y"} for n in range(3_000)}}
    request = replace(_request(), plan=enormous)
    try:
        with pytest.raises((PlanningFailed, PlanRefused)):
            await desk.plan(request, snapshot_from_json(costly(0)))
        assert (await desk.plan(_request(), snapshot_from_json(costly(0)))).rows_total == 5
    finally:
        await desk.close()
