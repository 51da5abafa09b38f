"""Schemas that prompts are about, each read once, with the plan that is made of it without a prompt."""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from app.adapters.introspection.catalog import introspect
from app.adapters.introspection.scratch import ScratchDatabase
from app.generator import GeneratorConfig, Plan, Snapshot, make_plan
from tests.conftest import Server

FOLDER = Path(__file__).resolve().parents[2] / "prompts"
_MOST_VALUES = 8


@dataclass(frozen=True, slots=True)
class Schema:
    """A schema, and its plan without a prompt."""

    snapshot: Snapshot
    plan: Plan


class Schemas:
    """The schemas of `tests/prompts`, by name."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self.of = cache(self._read)

    def _read(self, name: str) -> Schema:
        with ScratchDatabase(self._server.url()) as scratch:
            scratch.load((FOLDER / f"{name}.sql").read_text(encoding="utf-8"))
            with scratch.connect() as connection:
                snapshot = introspect(connection)
        return Schema(snapshot, make_plan(snapshot, GeneratorConfig(rows=100), "prompts"))


@pytest.fixture(scope="session")
def schemas(postgres: Server) -> Schemas:
    """What prompts are about."""
    return Schemas(postgres)


def prompts(file: str) -> list[dict[str, Any]]:
    """The lines of a file of prompts."""
    text = (FOLDER / file).read_text(encoding="utf-8")
    return [json.loads(line) for line in text.splitlines() if line]


def shortened(overrides: dict[str, Any]) -> dict[str, Any]:
    """Overrides with long lists of values by their first and their number, as the files write them."""
    columns = [dict(column) for column in overrides.get("columns", [])]
    for column in columns:
        values = column.get("values", [])
        if len(values) > _MOST_VALUES:
            column["values"] = [values[0], f"and {len(values) - 1} more"]
    return {**overrides, "columns": columns} if columns else overrides


def in_brief(overrides: dict[str, Any]) -> list[str]:
    """Overrides a line each: `customers=10`, `orders/customers=3..5`, `orders@2023-01-01..2024-12-31`, `:DE*60`."""
    found = [f"{count['table']}={count['rows']}" for count in overrides.get("rows", [])]
    for ratio in overrides.get("ratios", []):
        spread = f" {ratio['distribution']}" if "distribution" in ratio else ""
        found.append(f"{ratio['table']}/{ratio['parent']}={ratio['min']}..{ratio['max']}{spread}")
    found += [f"{span.get('table', '*')}@{span['from']}..{span['to']}" for span in overrides.get("dates", [])]
    found += [overrides["locale"]] if "locale" in overrides else []
    for country in overrides.get("countries", []):
        weight = f"*{country['weight']:g}" if "weight" in country else ""
        found.append(f"{country.get('table', '')}:{country['code']}{weight}")
    for wish in overrides.get("columns", []):
        rest = {name: value for name, value in wish.items() if name not in ("table", "column")}
        found.append(f"{wish['table']}.{wish['column']}={json.dumps(rest, ensure_ascii=False)}")
    return sorted(found)
