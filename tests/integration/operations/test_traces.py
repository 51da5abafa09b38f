"""One trace from the request over the queue to the object store, over processes; and nothing of it where it is off."""

import subprocess
import sys
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest

from tests.conftest import Databases
from tests.integration.operations.otlp import Collector, Sent, collecting
from tests.integration.operations.processes import (
    PROJECT,
    SECRET,
    answers,
    free_port,
    make_export,
    running,
    service_environment,
)

WORKER = ("procrastinate", "--app=tasks.app", "worker")
API_KEY = "api-key-of-the-collector"
STATE = "vendor=t61rcWkgMzE,other@tenant=00f0"
MEMBERS = [f"v{number}={'x' * 60}" for number in range(10)]


def above(collector: Collector, span: Sent) -> list[str]:
    """The names of the spans that it is part of, from the nearest to the outermost that was sent."""
    by_id = {found.span_id: found for found in collector.spans}
    names = []
    while (span_or_none := by_id.get(span.parent_id)) is not None:
        span = span_or_none
        names.append(span.name)
    return names


@pytest.mark.slow
async def test_a_request_and_its_work_are_one_trace(databases: Databases, tmp_path: Path) -> None:
    """POST, job, part and upload hang together, as part of the caller's own trace, with ids and numbers and no secret."""
    name = databases.create(databases.migrated_template())
    port = free_port()
    trace_id, caller_id = uuid4().hex, "00f067aa0ba902b7"
    with collecting() as collector:
        variables = {
            **service_environment(databases.url(name), tmp_path, port, free_port()),
            "PART_BYTES": str(6 * 1024**2),
            "OTEL_EXPORTER_OTLP_ENDPOINT": collector.url,
            "OTEL_EXPORTER_OTLP_HEADERS": f"api-key={API_KEY}",
            "OTEL_BSP_SCHEDULE_DELAY": "100",
        }
        async with (
            running(tmp_path, "api", "app.cli", "serve", variables=variables),
            running(tmp_path, "worker", *WORKER, variables=variables) as log,
        ):
            await answers(f"http://127.0.0.1:{port}/readyz")
            headers = {"traceparent": f"00-{trace_id}-{caller_id}-01", "tracestate": STATE}
            small = await make_export(f"http://127.0.0.1:{port}", headers=headers)
            headers = {"traceparent": f"00-{uuid4().hex}-{caller_id}-01", "tracestate": ",".join(MEMBERS)}
            large = await make_export(f"http://127.0.0.1:{port}", rows=2_000_000, headers=headers)
            assert (small["status"], large["status"]) == ("completed", "completed")
            collector.until("job finalise_export", "storage put_file", "storage complete_upload")
            assert trace_id in log.read_text()
    (post,) = (span for span in collector.named("POST /api/data-generator/export") if span.trace_id == trace_id)
    assert (post.service, post.parent_id) == ("seedbed-api", caller_id)
    assert post.facts["seedbed.export_id"] == small["jobId"]
    theirs = [span for span in collector.spans if span.trace_id == trace_id]
    assert {span.state for span in theirs} == {STATE}, "what the caller's vendors added goes on to job, part and upload"
    assert {span.service for span in theirs} == {"seedbed-api", "seedbed-worker"}
    (upload,) = collector.named("storage put_file")
    assert (upload.service, upload.trace_id) == ("seedbed-worker", trace_id)
    assert above(collector, upload) == ["part make_whole", "job run_export", "POST /api/data-generator/export"]
    parts = collector.named("storage put_part")
    assert len(parts) > 1
    assert len({part.trace_id for part in parts} - {trace_id}) == 1
    others = {(span.service, span.state) for span in collector.spans if span.trace_id == parts[0].trace_id}
    # 512 characters are handed on, and no member of the state is cut.
    assert others == {("seedbed-api", ",".join(MEMBERS)), ("seedbed-worker", ",".join(MEMBERS[:8]))}
    made = [part for part in parts if above(collector, part)[0] == "part make_part"]
    assert len(made) > 1
    for part in made:
        assert above(collector, part)[1:] == ["job generate_part", "POST /api/data-generator/export"]
    assert not any(span.failed for span in collector.spans)
    password = psycopg.conninfo.conninfo_to_dict(databases.url(name)).get("password") or SECRET
    for secret in (SECRET, API_KEY, str(password), "Bearer", "eyJ", "create table", "/metrics", "/readyz"):
        assert secret.encode() not in collector.raw, secret
    databases.drop(name)


def loaded(*modules: str, **variables: str) -> str:
    """Which of OpenTelemetry's modules a process has that imports these, and enters what sends traces."""
    code = (
        f"import sys, {', '.join(modules)}, app.tracing\n"
        "with app.tracing.tracing('x'), app.tracing.span('y'), app.tracing.request('GET', None):\n"
        "    assert app.tracing.here() is None\n"
        "print([name for name in sys.modules if name.startswith('opentelemetry')])"
    )
    environment = {"PYTHONPATH": str(PROJECT), "PATH": "", **variables}
    result = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    return result.stdout.strip() + result.stderr


@pytest.mark.parametrize(
    ("modules", "variables"),
    [
        (("app.main", "tasks.app"), {}),
        ((), {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:9", "OTEL_SDK_DISABLED": "true"}),
        ((), {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:9", "OTEL_TRACES_EXPORTER": "none"}),
    ],
    ids=["no endpoint", "disabled", "no exporter"],
)
def test_nothing_is_loaded_where_it_is_off(modules: tuple[str, ...], variables: dict[str, str]) -> None:
    """Neither by the API's modules nor by the worker's."""
    assert loaded("app.logging", *modules, **variables) == "[]"


def test_an_endpoint_without_the_extra_is_said(tmp_path: Path) -> None:
    """The service runs on without traces, and its log says what is missing."""
    (tmp_path / "opentelemetry.py").write_text("raise ImportError('not installed')")
    said = loaded(
        "app.logging",
        OTEL_EXPORTER_OTLP_TRACES_ENDPOINT="http://127.0.0.1:9",
        PYTHONPATH=f"{tmp_path}:{PROJECT}",
    )
    assert "seedbed[otel]" in said
