"""docs/ops/metrics.md lists every figure there is, by what it says of itself; dashboard and alerts use no other."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from prometheus_client import CollectorRegistry

from app.adapters.objects.observed import StorageMetrics
from app.adapters.postgres.figures import DatabaseFigures, event_lag
from app.web.edge import Metrics
from tasks.health import HealthServer, Vitals
from tasks.maintenance import Swept
from tasks.metrics import WorkerMetrics

FOLDER = Path(__file__).resolve().parents[3] / "docs" / "ops"
MOST_LABEL_VALUES = 40


def registries() -> dict[str, list[CollectorRegistry]]:
    """What each kind of process serves."""
    api, worker = CollectorRegistry(), CollectorRegistry()
    StorageMetrics(api)
    StorageMetrics(worker)
    no_database: Any = None
    DatabaseFigures(no_database, api)
    event_lag(api)
    WorkerMetrics(worker)
    HealthServer("127.0.0.1", 0, Vitals(), worker)
    return {"API": [api, Metrics(lambda: 0).registry], "worker": [worker]}


def rows() -> Iterator[str]:
    """The lines of the page's table."""
    found: dict[str, tuple[str, str, str, list[str]]] = {}
    for process, held in registries().items():
        for registry in held:
            for collector in registry._collector_to_names:
                # The only way to a metric's labels before it has any values.
                labels = ", ".join(f"`{label}`" for label in getattr(collector, "_labelnames", ()))
                for metric in collector.describe() if hasattr(collector, "describe") else collector.collect():
                    name = metric.name + ("_total" if metric.type == "counter" else "")
                    found.setdefault(name, (metric.type, labels, metric.documentation, []))[3].append(process)
    for name, (kind, labels, documentation, processes) in sorted(found.items()):
        yield f"| `{name}` | {kind} | {labels} | {', '.join(processes)} | {documentation} |"


def test_the_page_lists_every_figure() -> None:
    """The table is what the registries say; a new figure is missing until it is written there."""
    text = (FOLDER / "metrics.md").read_text()
    assert [line for line in text.splitlines() if line.startswith("| `seedbed_")] == list(rows())


def test_what_a_sweep_removed_is_counted() -> None:
    """All of it, by kind: bytes by themselves, days of events by how many they are."""
    registry = CollectorRegistry()
    WorkerMetrics(registry).count_swept(Swept(2, 300, 4, 5, ("events_20250101", "events_20250102"), 6, 7, 8, 9))
    swept = {
        sample.labels["what"]: sample.value
        for metric in registry.collect()
        for sample in metric.samples
        if sample.name == "seedbed_swept_total"
    }
    assert registry.get_sample_value("seedbed_swept_bytes_total") == 300
    assert swept["event_days_dropped"] == 2
    assert (sum(swept.values()), len(swept)) == (43, 8)


def test_names_keep_the_conventions() -> None:
    """One prefix; base units; counters end in _total, what has a unit says so."""
    for line in rows():
        name, kind = (cell.strip(" `") for cell in line.split("|")[1:3])
        assert re.fullmatch(r"seedbed_[a-z0-9]+(_[a-z0-9]+)*", name)
        assert name.endswith("_total") == (kind == "counter"), name
        if kind == "histogram":
            assert name.endswith("_seconds"), name


@pytest.mark.parametrize("file", ["dashboard.json", "alerts.yml"])
def test_what_is_looked_at_exists(file: str) -> None:
    """Every name in the dashboard and the alert rules is a figure that is served."""
    known = {line.split("`")[1] for line in rows()}
    text = (FOLDER / file).read_text()
    used = {re.sub(r"_(bucket|sum|count)$", "", name) for name in re.findall(r"\bseedbed_[a-z0-9_]+", text)}
    assert used
    assert used <= known
    if file.endswith(".json"):
        json.loads(text)
