"""The API against its own description: whatever is sent, it answers as it says it does, and never with a 5xx.

The short form is part of `make test`; `make fuzz` takes FUZZ_EXAMPLES cases of each kind for each operation.
"""

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import hypothesis.strategies as st
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode
from schemathesis.config import SchemathesisConfig

from app.web.openapi.document import build_document
from tests.integration.web.service import BASE, Person, Service

EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "3"))
# A stream of everything does not end; test_a_stream_of_everything is about what may be sent to it.
ENDLESS = {"followExports"}
DDL = "create table t (id int primary key, name text not null)"


@dataclass(slots=True)
class World:
    """Somebody with exports in several states, whose ids take the place of made-up ones now and then."""

    service: Service
    person: Person
    ids: Mapping[str, list[str]]
    sent: dict[str, int] = field(default_factory=dict)


# What the description allows may still be refused for what it means: no table of that name, no such cursor.
_MEANING = {"expected-statuses": ["2xx", "3xx", "401", "403", "404", "409", "422", "429"]}


@cache
def document() -> Any:
    """The description, as schemathesis reads it."""
    config = SchemathesisConfig.from_dict({"checks": {"positive_data_acceptance": _MEANING}})
    return schemathesis.openapi.from_dict(build_document(), config=config)


def kinds() -> Iterator[tuple[str, str, str, GenerationMode]]:
    """Operation id, method and path of all that end by themselves; wrong requests of those where one can be wrong."""
    for path, methods in build_document()["paths"].items():
        for method, operation in methods.items():
            if operation["operationId"] in ENDLESS:
                continue
            yield operation["operationId"], method, path, GenerationMode.POSITIVE
            if "parameters" in operation or "requestBody" in operation:
                yield operation["operationId"], method, path, GenerationMode.NEGATIVE


@pytest.fixture(scope="module")
def world(fuzzed: Service) -> Iterator[World]:
    """With a count of what was sent, printed in the end."""
    person = fuzzed.person("fuzz")
    exports = [person.ask(schema={"ddl": DDL}, config={"format": "csv", "rows": 3}) for _ in range(2)]
    person.complete(exports[0])
    stored = person.http.post(f"{BASE}/schema", json={"ddl": DDL}).json()["id"]
    made = World(fuzzed, person, {"exportId": exports[:1], "schemaId": [stored]})
    yield made
    person.http.close()
    print(f"\n{sum(made.sent.values()):,} cases: {made.sent}")


@pytest.mark.parametrize(
    ("name", "method", "path", "mode"), [pytest.param(*kind, id=f"{kind[0]} {kind[3].value}") for kind in kinds()]
)
def test_an_operation_answers_as_described(
    world: World, name: str, method: str, path: str, mode: GenerationMode
) -> None:
    """Requests that the description allows and ones that it forbids: every check that schemathesis knows."""
    operation = document()[path][method]

    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(st.data())
    def check(data: st.DataObject) -> None:
        case = data.draw(operation.as_strategy(generation_mode=mode))
        for parameter, known in world.ids.items() if mode is GenerationMode.POSITIVE else ():
            if parameter in (case.path_parameters or {}) and data.draw(st.booleans()):
                case.path_parameters[parameter] = data.draw(st.sampled_from(known))
        world.sent[name] = world.sent.get(name, 0) + 1
        case.call_and_validate(
            base_url=world.service.url, headers={"Authorization": f"Bearer {world.person.token}"}, timeout=60
        )

    check()


@pytest.mark.parametrize(
    ("headers", "query", "status"),
    [
        ({}, "", 200),
        ({"last-event-id": "9" * 16}, "", 200),
        ({"last-event-id": "x"}, "", 400),
        ({}, "?lastEventId=-1", 400),
        ({}, "?ticket=x", 401),
        ({}, f"?ticket={'x' * 5000}", 401),
        ({"authorization": "Bearer x"}, "", 401),
    ],
)
def test_a_stream_of_everything(world: World, headers: dict[str, str], query: str, status: int) -> None:
    """It does not end by itself, so only its beginning is looked at."""
    with world.person.http.stream("GET", f"{BASE}/events{query}", headers=headers) as answer:
        assert answer.status_code == status
