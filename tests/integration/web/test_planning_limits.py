"""Whatever a schema makes of its plan, others are answered meanwhile, and it ends."""

import asyncio
import contextlib
import json
import secrets
import threading
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from typing import Any
from uuid import uuid4

import httpx
import psycopg
import pytest

from app.adapters.introspection import loading_process, scratch
from app.adapters.introspection.loading_process import DdlProcesses
from app.adapters.planning.process import PlanningProcesses
from app.errors import DdlRefused, PlanningBusy, PlanningFailed, PlanRefused
from app.exports.asking import ASKING
from app.exports.documents import Document
from app.exports.drafting import Draughtsman
from app.exports.planning import EnginePlanning
from app.exports.ports import ResolvedSchema
from app.exports.posting import INLINE_BYTES
from app.exports.requests import ExportConfig, ExportRequest, SchemaBySnapshot
from app.generator.snapshot.form import canonical_json, snapshot_from_json
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


def wordy() -> dict[str, Any]:
    """A request whose prompt says so little with so many words that its rules take minutes."""
    columns = [{"name": f"c{n}", "type": "int4"} for n in range(20)]
    tables = [{"schema": "public", "name": f"t{n}", "columns": columns} for n in range(200)]
    return {**asking({"version": 1, "tables": tables}), "promptContext": "every user has 3 to 5 " * 350}


@pytest.mark.parametrize(
    ("route", "hostility"), [("/plan", "checks"), ("/preview", "checks"), ("/export", "checks"), ("/export", "prompt")]
)
def test_others_are_answered_while_a_hostile_plan_is_made(impatient: Service, route: str, hostility: str) -> None:
    """The loop turns, health is told and another's export is accepted before the hostile request has its answer, which
    is that it takes too long."""
    mallory, ben = (impatient.person(f"{name}-{secrets.token_hex(4)}") for name in ("mallory", "ben"))
    body = wordy() if hostility == "prompt" else asking(costly(200))
    with mallory.http, ben.http, ThreadPoolExecutor(2) as pool:
        assert ben.http.post(f"{BASE}/export", json=REQUEST).status_code == 202
        # Two at once, so that there are two children before it matters how long one takes to start.
        warm = pool.map(lambda _: ben.http.post(f"{BASE}/export", json=asking(costly(3))).status_code, range(2))
        assert set(warm) == {202}
        hostile: Future[httpx.Response] = pool.submit(mallory.http.post, BASE + route, json=body)
        healthy = accepted = 0
        while not hostile.done():
            assert ben.http.get("/healthz").status_code == 200
            healthy += not hostile.done()
            if not accepted:
                assert ben.http.post(f"{BASE}/export", json=REQUEST).status_code == 202
                accepted += not hostile.done()
        for person in (mallory, ben):
            assert person.http.post(f"{BASE}/plan", json=REQUEST).status_code == 200
    answer = hostile.result()
    assert (answer.status_code, answer.json()["code"], answer.json()["reason"]) == (422, "planning_failed", "time")
    assert accepted == 1
    assert healthy > 1


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
            for found in (ResolvedSchema(snapshot), ResolvedSchema(Document(canonical_json(snapshot)))):
                assert await desk.plan(_request(), found) == here.sheet(_request(), found)
        found = ResolvedSchema(snapshots[1], warnings=("left out",))
        there, mine = await desk.prepare(_request(), found, "r"), here.prepare(_request(), found, "r")
        assert replace(there.row, id=mine.row.id, file_name=mine.row.file_name) == mine.row
        assert (there.layout, there.schema, there.warnings) == (mine.layout, mine.schema, mine.warnings)
    finally:
        await desk.close()


async def test_a_process_that_is_killed_is_replaced() -> None:
    """By what ran out of memory or by an operator: one request fails and says so, the next is served; in a full line
    one is told to come back; and whoever goes away leaves no order behind."""
    desk = PlanningProcesses(frozenset(), PART_BYTES, at_once=1)
    hostile = snapshot_from_json(costly(200))

    async def busy() -> bool:
        return bool(desk.children.busy)

    try:
        asked = asyncio.create_task(desk.plan(_request(), ResolvedSchema(hostile)))
        await eventually(busy)
        desk.children.wait_s = 0.01
        with pytest.raises(PlanningBusy):
            await desk.plan(_request(), ResolvedSchema(hostile))
        desk.children.wait_s = 30.0
        (child,) = desk.children.busy
        child.process.kill()
        with pytest.raises(PlanningFailed) as died:
            await asked
        assert died.value.facts == {"reason": "died"}
        asked = asyncio.create_task(desk.plan(_request(), ResolvedSchema(hostile)))
        await eventually(busy)
        (child,) = desk.children.busy
        asked.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asked
        assert child.process.returncode is not None
        assert (await desk.plan(_request(), ResolvedSchema(snapshot_from_json(costly(1))))).rows_total == 5
    finally:
        await desk.close()


async def test_who_fills_all_places_holds_up_nobody_else() -> None:
    """Somebody's orders take every place, and more of theirs stand in line: another is served all the same, one order
    after the other, by a process that is gone afterwards."""
    desk = PlanningProcesses(frozenset(), PART_BYTES, at_once=1, limit_s=600, wait_s=600)
    mallory, ben = uuid4(), uuid4()
    # Longer than the other's orders take on any machine; it is cut short in the end.
    hostile, own = (ResolvedSchema(snapshot_from_json(costly(n))) for n in (3_000, 1))
    ASKING.set(mallory)
    theirs = [asyncio.create_task(desk.plan(_request(), hostile)) for _ in range(3)]

    async def busy() -> bool:
        return bool(desk.children.busy)

    try:
        await eventually(busy)
        (first,) = desk.children.busy
        ASKING.set(ben)
        for sheet in await asyncio.gather(*(desk.plan(_request(), own) for _ in range(2))):
            assert sheet.rows_total == 5
        assert not any(task.done() for task in theirs)
        assert desk.children.busy == {first}
    finally:
        for task in theirs:
            task.cancel()
        await asyncio.wait(theirs)
        await desk.close()


async def test_memory_is_bounded() -> None:
    """A plan that needs more than there is for it is refused."""
    desk = PlanningProcesses(frozenset(), PART_BYTES, most_bytes=400 * 1024**2)
    enormous = {"tables": {f"public.t{n}": {"x" * 100_000: "y"} for n in range(3_000)}}
    request = replace(_request(), plan=enormous)
    try:
        with pytest.raises((PlanningFailed, PlanRefused)):
            await desk.plan(request, ResolvedSchema(snapshot_from_json(costly(0))))
        assert (await desk.plan(_request(), ResolvedSchema(snapshot_from_json(costly(0))))).rows_total == 5
    finally:
        await desk.close()


async def test_who_leaves_work_behind_waits_for_its_end(postgres: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """DDL whose server process cannot be ended yet: whoever sent it is told to come back, others are served, and so is
    that one when it is gone."""

    class Scratch:
        def url(self) -> str:
            return postgres.url()

    gone = threading.Event()
    monkeypatch.setattr(loading_process, "discard", lambda url, name: gone.is_set() and scratch.discard(url, name))
    monkeypatch.setattr(loading_process, "_PAUSE_S", 0.01)
    processes = DdlProcesses(Scratch(), at_once=1)
    mallory, ben = uuid4(), uuid4()
    hostile = "".join(f"create table u{n} (a int check ({' or '.join(['a=1'] * 4_000)}));" for n in range(100))

    async def served() -> bool:
        with contextlib.suppress(PlanningBusy):
            await processes.load("create table t (a int)")
            return True
        return False

    try:
        ASKING.set(mallory)
        processes.children.limit_s = 0.5
        with pytest.raises(DdlRefused):
            await processes.load(hostile)
        processes.children.limit_s = 60.0
        await asyncio.sleep(0)
        assert not await served()
        ASKING.set(ben)
        assert await served()
        gone.set()
        ASKING.set(mallory)
        await eventually(served)
    finally:
        gone.set()
        await processes.close()


async def test_ddl_is_read_where_it_can_be_stopped(postgres: Server) -> None:
    """DDL that keeps the gate busy is refused when its time is up, with its process; whoever goes away leaves neither
    an order nor a database behind; and the next DDL is served."""

    class Scratch:
        def url(self) -> str:
            return postgres.url()

    def left_behind() -> list[tuple[str]]:
        with psycopg.connect(postgres.url()) as connection:
            names = "select datname from pg_database union select rolname from pg_roles"
            return connection.execute(f"select * from ({names}) as n where datname ~ %s", (mark,)).fetchall()

    async def busy() -> bool:
        return bool(processes.children.busy)

    processes = DdlProcesses(Scratch(), at_once=1)
    mark = f"^seedbed_(scratch|confined)_{str(int(time.time()))[:6]}"
    hostile = "".join(f"create table u{n} (a int check ({' or '.join(['a=1'] * 4_000)}));" for n in range(100))
    try:
        snapshot, _ = await processes.load("create table t (a int)")
        before = left_behind()
        processes.children.limit_s = 0.5
        with pytest.raises(DdlRefused) as refused:
            await processes.load(hostile)
        assert [fault.code for fault in refused.value.faults] == ["ddl_timeout"]
        processes.children.limit_s = 60.0
        asked = asyncio.create_task(processes.load(hostile))
        await eventually(busy)
        (child,) = processes.children.busy
        asked.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asked
        assert child.process.returncode is not None
        assert (await processes.load("create table t (a int)"))[0] == snapshot
        with pytest.raises(DdlRefused):
            await processes.load("load 'evil'")
        assert set(left_behind()) <= set(before)
    finally:
        await processes.close()


def test_a_large_request_is_what_a_small_one_is(impatient: Service) -> None:
    """Read apart from the small ones, it means the same: its faults, its key and its export."""
    ann = impatient.person(f"ann-{secrets.token_hex(4)}")
    snapshot = {"version": 1, "tables": [{"schema": "public", "name": "t", "columns": [{"name": "a", "type": "int4"}]}]}
    small = {**asking(snapshot), "promptContext": "7 rows in t"}
    padding = " " * INLINE_BYTES
    kind = {"content-type": "application/json"}
    key = {"idempotency-key": secrets.token_hex(8)}

    def posted(route: str, body: dict[str, Any], space: str, **headers: str) -> httpx.Response:
        return ann.http.post(BASE + route, content=json.dumps(body) + space, headers={**kind, **headers})

    plans = [posted("/plan", small, space).json() for space in ("", padding)]
    for timed in (found for plan in plans for found in (plan, *plan["tables"])):
        del timed["expectedSeconds"]  # is measured
    assert plans[0] == plans[1]
    assert plans[0]["rowsTotal"] == 7
    wrong = {**small, "seed": [], "unknown": 1, "config": {"format": "csv"}}
    assert len({str(posted("/plan", wrong, space).json()["errors"]) for space in ("", padding)}) == 1
    bad = {"schema": {"snapshot": {**snapshot, "tables": [{"name": 1}]}}, "config": small["config"], "seed": "1"}
    assert len({str(posted("/export", bad, space).json()["errors"]) for space in ("", padding)}) == 1
    assert posted("/export", bad, padding).json()["errors"][0]["pointer"].startswith("/schema/snapshot/tables/0")
    jobs = {posted("/export", small, space, **key).json()["jobId"] for space in ("", padding)}
    assert len(jobs) == 1
    for route, body in (
        ("/schema", {"name": "s", "snapshot": snapshot}),
        ("/schema", {"ddl": "create table t (a int)"}),
    ):
        stored = [posted(route, body, space) for space in ("", padding)]
        assert [answer.status_code for answer in stored] == [201, 201]
        assert len({answer.json()["id"] for answer in stored}) == 1
    assert posted("/schema", {"name": [], "ddl": ""}, padding).status_code == 422
    assert posted("/plan", small, padding + "}").status_code == 400
    invitation = {"email": "x@example.com", "role": "viewer"}
    assert posted(f"/export/{jobs.pop()}/shares", invitation, padding).status_code == 413
    ann.http.close()
