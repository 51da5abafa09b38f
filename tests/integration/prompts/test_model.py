"""The model planner against a server that speaks the protocol: good answers, bad ones, hostile ones, and none."""

import json
import os
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
import structlog

from app.adapters.prompts.chat import ChatModel, ChatPlanner
from app.bootstrap import open_prompts
from app.exports.prompting import FallbackPlanner, PlannedReader, PromptReading, with_prompt
from app.generator.plan import Plan
from app.generator.snapshot.model import QName
from app.settings import Settings

from .chat_server import ChatServer, completion, serving
from .conftest import Schema, Schemas

KEY = "sk-a-key-that-nobody-may-see"
GOOD = {"rows": [{"table": "customers", "rows": 42}], "columns": [
    {"table": "orders", "column": "status", "shares": {"returned": 5}}]}  # fmt: skip
PROMPT = "42 customers, 5 % returned"


@pytest.fixture
def server() -> Iterator[ChatServer]:
    """The endpoint."""
    with serving() as running:
        yield running


@pytest.fixture
def shop(schemas: Schemas) -> Schema:
    """The shop, and its plan."""
    return schemas.of("shop")


@pytest.fixture
async def planner(server: ChatServer) -> AsyncIterator[FallbackPlanner]:
    """The planner, with the rules behind it."""
    model = ChatModel(server.url, "tiny", KEY, timeout_s=2, most_tokens=500)
    yield FallbackPlanner(ChatPlanner(model))
    await model.close()


def applied(shop: Schema, reading: PromptReading) -> Plan:
    return with_prompt(shop.snapshot, {"rows": 100}, shop.plan, PROMPT, reading)


async def test_an_answer_becomes_overrides(server: ChatServer, planner: FallbackPlanner, shop: Schema) -> None:
    """With the model's name and the hash of what it said, in the plan."""
    server.answers = [completion(GOOD)]
    plan = applied(shop, await planner.read(PROMPT, PlannedReader(shop.snapshot, shop.plan)))
    assert plan.table(QName("public", "customers")).rows == 42
    assert plan.prompt is not None
    assert (plan.prompt.planner, plan.prompt.model, plan.prompt.fallback) == ("model", "tiny", None)
    assert plan.prompt.response_sha256 is not None
    assert len(plan.prompt.response_sha256) == 64


async def test_what_is_sent(server: ChatServer, planner: FallbackPlanner, shop: Schema) -> None:
    """Names, types and the prompt as material; the JSON Schema of the answer; limits; the key in its header alone."""
    server.answers = [completion(GOOD)]
    await planner.read(PROMPT, PlannedReader(shop.snapshot, shop.plan))
    (asked,) = server.asked
    assert server.headers[0]["authorization"] == f"Bearer {KEY}"
    assert KEY not in json.dumps(asked)
    assert (asked["model"], asked["max_tokens"], asked["temperature"]) == ("tiny", 500, 0)
    assert asked["response_format"]["json_schema"]["schema"]["title"] == "Plan overrides"
    assert [message["role"] for message in asked["messages"]] == ["system", "user"]
    material = json.loads(asked["messages"][1]["content"])
    assert material["description"] == PROMPT
    assert {table["table"] for table in material["schema"]} == {t.name.name for t in shop.plan.tables}


@pytest.mark.parametrize(
    "first",
    ["no JSON at all", '{"rows": [', {"rows": "many"}, {"exec": "rm"}, {"rows": [{"table": "nowhere", "rows": 1}]},
     {"columns": [{"table": "orders", "column": "nothing", "min": 1}]}, {"locale": "../../etc"}],
    ids=str,
)  # fmt: skip
async def test_an_answer_that_does_not_hold_is_asked_for_again(
    server: ChatServer, planner: FallbackPlanner, shop: Schema, first: Any
) -> None:
    """With what was wrong; the second answer counts."""
    server.answers = [completion(first), completion("```json\n" + json.dumps(GOOD) + "\n```")]
    reading = await planner.read(PROMPT, PlannedReader(shop.snapshot, shop.plan))
    assert (reading.planner, len(server.asked)) == ("model", 2)
    assert "does not hold" in server.asked[1]["messages"][-1]["content"]


FAILURES: dict[str, list[Any]] = {
    "a refusal": [completion(None, refusal="I cannot help with that.")],
    "an answer that never holds": [completion({"rows": "many"})],
    "an answer cut off": [completion('{"rows": [', ending="length")],
    "an empty answer": [completion("")],
    "no completion": [b'{"object": "list", "data": []}'],
    "no JSON": [b"<html>bad gateway</html>"],
    "JSON that is deep": [completion("[" * 100_000)],
    "a protocol that is deep": [b"[" * 100_000],
    "more than is read": [b"x" * 3_000_000],
    "numbers that are none": [completion('{"rows": [{"table": "customers", "rows": NaN}]}')],
    "an error": [500],
    "too many requests": [429],
    "a wrong key": [401],
    "a redirect": [302],
    "silence": ["wait"],
    "an answer byte by byte": ["trickle"],
}


@pytest.mark.parametrize("name", FAILURES)
async def test_the_rules_answer_when_the_model_does_not(
    server: ChatServer, planner: FallbackPlanner, shop: Schema, name: str
) -> None:
    """In bounded time, and the plan says why; three rounds at most."""
    server.answers = FAILURES[name]
    plan = applied(shop, await planner.read(PROMPT, PlannedReader(shop.snapshot, shop.plan)))
    assert plan.table(QName("public", "customers")).rows == 42
    assert plan.prompt is not None
    assert (plan.prompt.planner, plan.prompt.model) == ("builtin", None)
    assert plan.prompt.fallback
    assert len(server.asked) <= 3


async def test_nobody_there(shop: Schema) -> None:
    """A port where nothing listens is a failure like others."""
    planner = FallbackPlanner(ChatPlanner(ChatModel("http://127.0.0.1:9/v1", "tiny", KEY, timeout_s=2)))
    reading = await planner.read(PROMPT, PlannedReader(shop.snapshot, shop.plan))
    assert (reading.planner, reading.fallback is not None) == ("builtin", True)


HOSTILE: dict[str, Any] = {
    "a huge table": {"rows": [{"table": "customers", "rows": 10**10}]},
    "all foreign keys by hand": {"columns": [{"table": "orders", "column": "customer_id", "values": [1]}]},
    "a key by hand": {"columns": [{"table": "orders", "column": "id", "values": [1, 2]}]},
    "values no check allows": {"columns": [{"table": "customers", "column": "gender", "values": ["'; drop table--"]}]},
    "ratios of strangers": {"ratios": [{"table": "employees", "parent": "orders", "min": 1, "max": 2}]},
    "dates that are none": {"dates": [{"from": "2024-02-31", "to": "2024-13-01"}]},
    "countries that are none": {"countries": [{"code": "XX"}]},
    "a formula": {"columns": [{"table": "products", "column": "name", "values": ["=cmd|' /C calc'!A0"]}]},
    "shares of more than all": {"columns": [{"table": "orders", "column": "status", "shares": {"paid": 99, "open": 9}}]},
    "a column after itself": {"correlations": [
        {"table": "orders", "column": "placed_at", "kind": "after", "of": ["placed_at"]}]},
    "two that wait for each other": {"correlations": [
        {"table": "orders", "column": "placed_at", "kind": "after", "of": ["shipped_at"]},
        {"table": "orders", "column": "shipped_at", "kind": "after", "of": ["placed_at"]}]},
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
async def test_a_hostile_answer_is_only_data(
    server: ChatServer, planner: FallbackPlanner, shop: Schema, name: str
) -> None:
    """There is a plan all the same, every key and check in it holds, and what was refused is listed."""
    server.answers = [completion(HOSTILE[name])]
    plan = applied(shop, await planner.read(PROMPT, PlannedReader(shop.snapshot, shop.plan)))
    assert plan.prompt is not None
    assert plan.prompt.planner == "model"
    for table in plan.tables:
        assert [c.name for c in table.columns] == [c.name for c in shop.plan.table(table.name).columns]
        assert [key.name for key in table.keys] == [key.name for key in shop.plan.table(table.name).keys]
    unharmed = {"a huge table", "a formula"}
    assert name in unharmed or plan.prompt.not_applied, plan.prompt.applied


async def test_the_key_is_in_no_log_and_no_error(server: ChatServer, shop: Schema) -> None:
    """Not when all goes wrong, and not in what settings show of themselves."""
    server.answers = [500]
    environment = {"PROMPT_API_URL": server.url, "PROMPT_API_KEY": KEY, "PROMPT_MODEL": "tiny", **os.environ}
    settings = Settings.from_env(environment, needs=frozenset())
    assert KEY not in repr(settings)
    assert KEY in settings.secrets()
    with structlog.testing.capture_logs() as logs:
        async with open_prompts(settings) as prompts:
            reading = await prompts.read(PROMPT, PlannedReader(shop.snapshot, shop.plan))
    assert reading.fallback == "the model's endpoint answered with status 500"
    assert logs
    assert KEY not in json.dumps(logs, default=str)
