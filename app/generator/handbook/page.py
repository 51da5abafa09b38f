"""`docs/generators.md`, made from the registry, the examples and the types, so that it says what the code does."""

import json
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import pyarrow as pa

from app.errors import PlanRefused
from app.generator.config import GeneratorConfig
from app.generator.engine.batches import batches
from app.generator.handbook.examples import EXAMPLES, REFUSED, Example
from app.generator.plan import Plan
from app.generator.planning.making import make_plan
from app.generator.pools.library import LOCALES, pool_names
from app.generator.snapshot.form import snapshot_from_json
from app.generator.snapshot.model import QName, Snapshot
from app.generator.values.registry import describe
from app.generator.values.type_catalogue import describe_types

FOLDER = Path(__file__).parent
SEED = "handbook"


@lru_cache(maxsize=1)
def shop() -> Snapshot:
    """The shop of the examples, as read from `shop.sql`."""
    return snapshot_from_json(json.loads((FOLDER / "shop.json").read_text("utf-8")))


def plan_of(config: Mapping[str, Any]) -> Plan:
    """The plan of an example. Raises PlanRefused."""
    return make_plan(shop(), GeneratorConfig.from_json(config), SEED)


def page() -> str:
    """The whole page."""
    parts = [
        (FOLDER / "introduction.txt").read_text("utf-8"),
        _fenced("sql", (FOLDER / "shop.sql").read_text("utf-8").strip()),
    ]
    parts += [_example(example) for example in EXAMPLES]
    parts += [_refusal(), _generators(), _types()]
    return "\n".join(part.rstrip() + "\n" for part in parts)


def _example(example: Example) -> str:
    table = pa.Table.from_batches(batches(plan_of(example.config), QName("public", example.table), 0, example.rows))
    rows = [[cell(row[column]) for column in example.columns] for row in table.to_pylist()]
    config = _fenced("json", _json(example.config))
    return f"### {example.title}\n\n{example.about}\n\n{config}\n{tabulated(example.columns, rows)}"


def _refusal() -> str:
    try:
        plan_of(REFUSED)
    except PlanRefused as refusal:
        rows = [[f"`{fault.pointer}`", f"`{fault.code}`", _text(fault.message)] for fault in refusal.faults]
    else:
        raise AssertionError("the request of the handbook that is to be refused is not")
    about = "Every fault comes in one answer, as an RFC 9457 problem over HTTP and in sentences at the command line."
    config = _fenced("json", _json(REFUSED))
    return f"### What is said when it is wrong\n\n{about}\n\n{config}\n{tabulated(('where', 'code', 'what'), rows)}"


def _generators() -> str:
    lines = [
        "## Generators",
        "",
        f"Locales: {', '.join(LOCALES)}.",
        f"Pools for `pool`: {', '.join(pool_names())}.",
        "",
    ]
    for entry in describe():
        lines += [f"### `{entry['name']}`", "", f"{entry['about']}. For columns of: {', '.join(entry['serves'])}.", ""]
        rows = [
            [f"`{name}`" + (", required" if option["required"] else ""), option["kind"],
             _text(option["about"]) + _choices(option)]
            for name, option in entry["options"].items()
        ]  # fmt: skip
        lines += [tabulated(("option", "kind", "what"), rows)] if rows else []
        lines += [_fenced("json", json.dumps(entry["example"], ensure_ascii=False))]
    return "\n".join(lines)


def _choices(option: Mapping[str, Any]) -> str:
    return f": {', '.join(option['choices'])}" if option.get("choices") else ""


def _types() -> str:
    rows = [
        [f"`{entry.type}`", _text(entry.about), "any number" if entry.capacity is None else f"{entry.capacity:,}",
         ", ".join(cell(value) for value in entry.examples[:2])]
        for entry in describe_types()
    ]  # fmt: skip
    about = (
        "What a column gets of which nothing else is known. Arrays, enums, domains, composites and ranges follow from "
        "these; bounds, lengths and patterns of checks are honoured by each."
    )
    return f"## Types\n\n{about}\n\n{tabulated(('type', 'default', 'distinct values', 'examples'), rows)}"


def tabulated(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    titles = list(head)
    lines = ["| " + " | ".join(titles) + " |", "|" + "---|" * len(titles)]
    return "\n".join([*lines, *("| " + " | ".join(row) + " |" for row in rows)]) + "\n"


def cell(value: Any) -> str:
    """A value in one line: NULL, text as JSON has it where it would break the table, all else as it is."""
    if value is None:
        return "NULL"
    text = str(value)
    plain = text.isprintable() and text.isascii() and text == text.strip() and text
    if plain and not set(text) & set("|<>`*_\\[]"):
        return text
    quoted = json.dumps(text[:60] + ("..." if len(text) > 60 else ""), ensure_ascii=not text.isprintable())
    # GitHub reads an escaped bar even within code.
    return (f"`{quoted}`" if "`" not in quoted else quoted).replace("|", "\\|")


def _text(text: str) -> str:
    return text.replace("|", "\\|").replace("<", "&lt;").replace("\n", " ")


def _fenced(language: str, text: str) -> str:
    return f"```{language}\n{text}\n```\n"


def _json(config: Mapping[str, Any]) -> str:
    """JSON with short objects in one line."""
    return "\n".join(_lines(config, ""))


def _lines(value: Any, indent: str) -> Iterator[str]:
    short = json.dumps(value, ensure_ascii=False)
    if not isinstance(value, Mapping) or len(indent) + len(short) <= 90:
        yield indent + short
        return
    yield indent + "{"
    for place, (name, inner) in enumerate(value.items()):
        first, *rest = _lines(inner, indent + "  ")
        lines = [f"{indent}  {json.dumps(name)}: {first.strip()}", *rest]
        lines[-1] += "," if place < len(value) - 1 else ""
        yield from lines
    yield indent + "}"
