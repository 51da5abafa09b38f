"""Plans and previews over HTTP: seen first, sent back, edited, refused; prompts that act when the plan is made."""

import asyncio
import contextlib
import json
import time
import zipfile
from collections.abc import Callable
from copy import deepcopy
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

import pytest

from app.adapters.previews.process import PreviewProcess
from app.errors import PlanningBusy, PlanRefused, PreviewFailed
from app.exports.documents import Document
from app.exports.file_renderer import FileRenderer
from app.exports.preview_main import Previewer
from app.exports.rendering import Order
from app.generator import batches
from app.generator.formats.csv import CsvEncoder
from app.generator.layout import Output, layout
from app.generator.plan import Plan

from .service import BASE, REQUEST, Person, Service

SHOP = """
create type state as enum ('open', 'paid', 'returned');
create table customers (id int primary key, email text not null unique, phone text, city text, joined date not null);
create table orders (
    id int primary key, customer_id int not null references customers, status state not null,
    total numeric(8,2) not null check (total > 0), placed_at timestamptz not null
);
"""
PROMPT = "30 customers, 2-4 orders each, 20 % returned, 2023 to 2024, and purple unicorns"
PROMPTED: dict[str, Any] = {
    "schema": {"ddl": SHOP},
    "config": {"format": "csv", "rows": 10},
    "seed": "prompted",
    "promptContext": PROMPT,
}


@pytest.fixture(scope="module")
def answered() -> dict[str, Any]:
    """Kept for the module: the answer is the same every time."""
    return {}


@pytest.fixture
def planned(ann: Person, answered: dict[str, Any]) -> dict[str, Any]:
    """The answer to a request with a prompt."""
    if not answered:
        answer = ann.http.post(f"{BASE}/plan", json=PROMPTED)
        assert answer.status_code == 200, answer.text
        answered.update(answer.json())
    return deepcopy(answered)


def test_a_plan_says_what_fills_each_column_and_why(planned: dict[str, Any]) -> None:
    """Order, relations with their cardinalities, capacities, bytes by format, seconds, and what the prompt changed."""
    customers, orders = planned["tables"]
    assert (customers["name"], customers["order"], customers["rows"]) == ("public.customers", 1, 30)
    (relation,) = orders["relations"]
    assert (relation["parent"], relation["least"], relation["most"]) == ("public.customers", 2, 4)
    assert 60 <= orders["rows"] <= 120
    status = next(column for column in orders["columns"] if column["name"] == "status")
    assert (status["generator"], status["why"]) == ("one_of", "override")
    assert status["note"] == "prompt: orders.status: returned 20 %"
    email = next(key for key in customers["keys"] if key["columns"] == ["email"])
    assert email["capacity"] > 1_000_000
    assert planned["expectedBytes"].keys() == {"csv", "tsv", "ndjson", "json", "parquet", "xlsx", "copy", "sql"}
    assert all(size > 0 for size in planned["expectedBytes"].values())
    assert planned["expectedSeconds"] > 0


def test_what_a_prompt_could_not_do_is_listed(planned: dict[str, Any]) -> None:
    """Who read it, what it changed, and what of it had no effect."""
    prompt = planned["prompt"]
    assert (prompt["planner"], prompt["text"]) == ("builtin", PROMPT)
    assert prompt["overrides"]["rows"] == [{"table": "customers", "rows": 30}]
    assert [item["text"] for item in prompt["notApplied"]] == ["purple unicorns"]


def test_the_expected_bytes_are_near(ann: Person, planned: dict[str, Any], service: Service) -> None:
    """Within a quarter of what the file's tables really are."""
    plan = Plan.from_json(planned["plan"])
    real = sum(len(CsvEncoder(t).encode(b, 0)) for t in plan.tables for b in batches(plan, t.name))
    assert 0.75 * real <= planned["expectedBytes"]["csv"] <= 1.25 * real


def test_a_plan_sent_back_makes_the_same_export(ann: Person, planned: dict[str, Any], service: Service) -> None:
    """The same plan, hash for hash, with the prompt beside it and without; nothing is read anew."""
    bare = {"schema": PROMPTED["schema"], "config": {"format": "csv"}, "plan": planned["plan"]}
    for body in (bare, {**PROMPTED, "plan": planned["plan"]}):
        job = ann.http.post(f"{BASE}/export", json=body)
        assert job.status_code == 202, job.text
        stored = ann.http.get(f"{BASE}/export/{job.json()['jobId']}/plan").json()
        assert stored["planSha256"] == planned["planSha256"]
        assert stored["prompt"]["notApplied"] == planned["prompt"]["notApplied"]
        assert Plan.from_json(stored["plan"]).digest == planned["planSha256"]
        assert ann.http.get(f"{BASE}/export/{job.json()['jobId']}").json()["promptContext"] == PROMPT


def test_a_prompt_is_stored_with_the_export(ann: Person, planned: dict[str, Any], service: Service) -> None:
    """Text, planner and overrides, in the row that audits look at."""
    job = ann.http.post(f"{BASE}/export", json=PROMPTED).json()["jobId"]
    ((prompt, context),) = service.sql(
        "select plan -> 'prompt', prompt_context from generator_exports where id = %s", job
    )
    assert context == PROMPT
    assert (prompt["planner"], prompt["overrides"]) == ("builtin", planned["prompt"]["overrides"])


def test_an_edited_plan_is_served(ann: Person, planned: dict[str, Any]) -> None:
    """Rows, a generator with its options, and a share of nulls."""
    plan = deepcopy(planned["plan"])
    customers = plan["tables"][0]
    customers["rows"] = 12
    phone = next(column for column in customers["columns"] if column["name"] == "phone")
    phone |= {"generator": "pattern", "options": {"pattern": "##-##"}, "nullPpm": 0}
    plan["tables"][1]["relations"][0]["perParent"] = {"low": 1, "high": 1, "foreignKey": "orders_customer_id_fkey"}
    plan["tables"][1]["rows"] = 12
    body = {"schema": PROMPTED["schema"], "config": {"format": "csv"}, "plan": plan}
    shown = ann.http.post(f"{BASE}/preview?rows=100&tables=customers", json=body)
    assert shown.status_code == 200, shown.text
    (table,) = shown.json()["tables"]
    phones = [row[table["columns"].index("phone")] for row in table["rows"]]
    assert len(phones) == 12
    assert all(phone is not None and len(phone) == 5 for phone in phones)


Edit = Callable[[dict[str, Any]], Any]
HOSTILE: dict[str, Edit] = {
    "a huge count": lambda p: p["tables"][0].update(rows=10**18),
    "a negative count": lambda p: p["tables"][0].update(rows=-1),
    "a count that is none": lambda p: p["tables"][0].update(rows="many"),
    "another table": lambda p: p["tables"][0].update(name={"schema": "auth", "name": "users"}),
    "a table twice": lambda p: p["tables"].append(p["tables"][0]),
    "no tables": lambda p: p.update(tables=[]),
    "a generator that is none": lambda p: p["tables"][0]["columns"][1].update(generator="os.system"),
    "options of no generator": lambda p: p["tables"][0]["columns"][2].update(options={"__class__": "x"}),
    "a key that is not one": lambda p: p["tables"][0]["columns"][0].update(generator="constant", options={"value": 1}),
    "a reference by hand": lambda p: p["tables"][1]["columns"][1].update(generator="constant", options={"value": 1}),
    "values that no check allows": lambda p: p["tables"][1]["columns"][2].update(options={"values": ["gone"]}),
    "another type": lambda p: p["tables"][0]["columns"][0].update(type={"schema": "pg_catalog", "name": "text"}),
    "a check left out": lambda p: p["tables"][1].pop("checks"),
    "a check of its own": lambda p: p["tables"][1]["checks"].append({"name": "x", "expression": "pg_sleep(9) is null"}),
    "a function of its own": lambda p: p.update(functions=[{"name": {"schema": "a", "name": "f"}, "arguments": [],
        "returns": {"schema": "pg_catalog", "name": "int4"}, "body": "select 1"}]),
    "keys left out": lambda p: p["tables"][0].update(keys=[]),
    "nulls where none may be": lambda p: p["tables"][0]["columns"][4].update(nullPpm=500_000),
    "more nulls than rows": lambda p: p["tables"][0]["columns"][2].update(nullPpm=2_000_000),
    "another engine": lambda p: p.update(engineVersion=999),
    "another seed": lambda p: p.update(seed="other"),
    "no seed": lambda p: p.pop("seed"),
    "a column left out": lambda p: p["tables"][0]["columns"].pop(),
    "a column too many": lambda p: p["tables"][0]["columns"].append(p["tables"][0]["columns"][0]),
    "unknown members": lambda p: p.update(exec="rm -rf /"),
    "a reference time without a zone": lambda p: p.update(reference="2026-01-01T00:00:00"),
    "no locale": lambda p: p.update(locale="../../etc/passwd"),
    "endless remarks": lambda p: p["tables"][0]["columns"][0].update(note="x" * 100_000),
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_a_plan_can_ask_for_nothing_that_a_request_could_not(ann: Person, planned: dict[str, Any], name: str) -> None:
    """Whatever is changed beyond what may be is refused, with pointers into the plan, and quickly."""
    plan = deepcopy(planned["plan"])
    HOSTILE[name](plan)
    begun = time.monotonic()
    answer = ann.http.post(f"{BASE}/export", json={**PROMPTED, "plan": plan})
    assert answer.status_code == 422, answer.text
    assert answer.json()["errors"]
    assert all(fault["pointer"].startswith("/plan") for fault in answer.json()["errors"]), answer.json()["errors"]
    assert time.monotonic() - begun < 20


def test_a_refusal_suggests_what_would_help(ann: Person) -> None:
    """More rows than a key has room for: the count that there is room for."""
    body = {**REQUEST, "schema": {"ddl": "create table flags (on_off boolean primary key)"}, "config": {
        "format": "csv", "rows": {"flags": 3}}}  # fmt: skip
    (fault,) = ann.http.post(f"{BASE}/plan", json=body).json()["errors"]
    assert fault["suggestion"] == {"rows": {"public.flags": 2}}


def test_a_preview_shows_the_very_rows_of_the_export(ann: Person, planned: dict[str, Any], tmp_path: Any) -> None:
    """Cell for cell what the file has, whatever is asked for: all tables, some, few rows or many."""
    plan = Plan.from_json(planned["plan"])
    export = {**PROMPTED, "config": {"format": "ndjson", "rows": 10}}
    job = ann.http.post(f"{BASE}/export", json=export).json()["jobId"]
    stored = ann.http.get(f"{BASE}/export/{job}/plan").json()["plan"]
    assert stored == planned["plan"]
    for table in plan.tables:
        alone = Plan.from_json({**planned["plan"], "tables": planned["plan"]["tables"]})
        shape = layout(alone, Output("ndjson", None), 32 * 1024**2)
        path = tmp_path / f"{table.name.name}.zip"
        FileRenderer().carry_out(Order("whole", str(path), json.dumps(stored), shape.to_json()), lambda rows: None)
        with zipfile.ZipFile(path) as archive:
            member = next(name for name in archive.namelist() if table.name.name in name and name.endswith(".ndjson"))
            lines = archive.read(member).decode().splitlines()
        shown = ann.http.post(f"{BASE}/preview?rows=100&tables={table.name}", json=export).json()["tables"]
        assert [one["name"] for one in shown] == [str(table.name)]
        rows = [dict(zip(shown[0]["columns"], row, strict=True)) for row in shown[0]["rows"]]
        written = [json.loads(line) for line in lines[: len(rows)]]
        assert len(rows) == min(100, table.rows)
        assert [{k: _same(v) for k, v in row.items()} for row in rows] == [
            {k: _same(v) for k, v in row.items()} for row in written
        ]


def _same(value: Any) -> Any:
    """A cell by what it says: 119.60 and 119.6 are one number, whatever quotes and zeros a format has."""
    if value is None or isinstance(value, bool):
        return value
    with contextlib.suppress(InvalidOperation):
        return Decimal(str(value))
    with contextlib.suppress(ValueError):
        return datetime.fromisoformat(str(value))
    return value


def test_an_unknown_table_in_a_preview_is_refused(ann: Person) -> None:
    """With the name, since an empty answer would look like an empty table."""
    answer = ann.http.post(f"{BASE}/preview?tables=customerz", json=REQUEST)
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (422, "unknown_table")


async def test_a_preview_that_takes_too_long_is_ended(planned: dict[str, Any]) -> None:
    """The child is killed, whoever asked is told, and the next one is served."""
    plan = Document(json.dumps(planned["plan"]).encode())
    previews = PreviewProcess(limit_s=0.001)
    try:
        with pytest.raises(PreviewFailed) as failed:
            await previews.preview(plan, 10)
        assert failed.value.facts == {"reason": "time"}
        previews.children.limit_s = 30.0
        assert len((await previews.preview(plan, 5)).read()) == 2
    finally:
        await previews.close()


async def test_a_preview_leaves_the_event_loop_alone(planned: dict[str, Any]) -> None:
    """While rows are made the loop goes on turning."""
    plan = Document(json.dumps(planned["plan"]).encode())
    previews = PreviewProcess()
    turns = 0

    async def turn() -> None:
        nonlocal turns
        while True:
            await asyncio.sleep(0)
            turns += 1

    counting = asyncio.create_task(turn())
    try:
        await previews.explain(plan)
    finally:
        counting.cancel()
        await previews.close()
    assert turns > 1_000


def test_what_is_left_out_of_a_schema_is_said(ann: Person) -> None:
    """A foreign key to a table that is not there is nothing to keep: the plan and the answer to the request say so."""
    wanted = {
        "schema": {"ddl": "create table b (id int primary key, a_id int references missing_table)"},
        "config": {"format": "csv", "rows": 3},
        "seed": 1,
    }
    for path, status in (("plan", 200), ("export", 202)):
        answer = ann.http.post(f"{BASE}/{path}", json=wanted)
        assert answer.status_code == status, answer.text
        assert any("missing_table" in warning for warning in answer.json()["warnings"]), answer.json()["warnings"]


async def test_previews_fail_as_previews(planned: dict[str, Any]) -> None:
    """Whatever befalls the process: no plan, a plan that no engine knows, a full line."""
    previews = PreviewProcess()
    plan = Document(json.dumps(planned["plan"]).encode())
    try:
        with pytest.raises(PlanRefused):
            await previews.explain(Document(json.dumps({**planned["plan"], "engine_version": 0}).encode()))
        with pytest.raises(PreviewFailed) as failed:
            await previews.preview(Document(b"{"), 5)
        assert failed.value.facts == {"reason": "engine"}
        previews.children.wait_s = 0.01
        async with previews.children._places:
            previews.children._held[None] += 1
            with pytest.raises(PlanningBusy):
                await previews.preview(plan, 5)
    finally:
        await previews.close()


def test_an_answer_is_no_larger_than_it_may_be(planned: dict[str, Any]) -> None:
    """Rows of megabytes each are not held by the process that answers everybody."""
    plan = json.dumps(planned["plan"]).encode()
    order = {"do": "rows", "plan": plan, "rows": 10, "tables": None}
    _, [text] = Previewer().answer(order)
    assert len(Previewer(most_bytes=len(text)).answer(order)[1]) == 1
    with pytest.raises(PreviewFailed):
        Previewer(most_bytes=len(text) - 1).answer(order)
