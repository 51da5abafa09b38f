"""What Prometheus is told by the API of the service as a whole."""

import json
import socket
from dataclasses import replace

import httpx
import pytest

from app.errors import ConfigurationInvalid
from tests.integration.operations.processes import free_port
from tests.integration.web.service import BASE, REQUEST, Person, Service, serving


def figures(service: Service) -> dict[str, float]:
    """Each line of /metrics, by name and labels."""
    with service.client() as anybody:
        lines = anybody.get("/metrics").text.splitlines()
    return {line.rpartition(" ")[0]: float(line.rpartition(" ")[2]) for line in lines if not line.startswith("#")}


def test_what_waits_and_what_is_stored_is_told(ann: Person, service: Service) -> None:
    """Queued work by its age, stored files by their bytes, the queue, the event bus and the connections."""
    waiting, finished = ann.ask(), ann.ask()
    service.sql("update generator_exports set requested_at = now() - interval '1 hour' where id = %s", waiting)
    service.sql("update generator_exports set status = 'completed', bytes = 12345 where id = %s", finished)
    with service.client() as anybody:
        anybody.get("/readyz")  # asks the store
    found = figures(service)
    assert found["seedbed_database_up"] == 1
    assert found['seedbed_exports_active{status="queued"}'] >= 1
    assert found["seedbed_oldest_queued_export_age_seconds"] >= 3_600
    assert found["seedbed_stored_bytes"] >= 12_345
    assert found["seedbed_stored_files"] >= 1
    assert found['seedbed_jobs{status="todo",task="run_export"}'] >= 2
    assert found["seedbed_oldest_due_job_age_seconds"] >= 0
    assert found["seedbed_workers_alive"] == 0
    assert found["seedbed_event_days_ahead"] == 7
    assert found["seedbed_event_lag_seconds_count"] >= 0
    assert 0 <= found["seedbed_notify_queue_usage_ratio"] < 1
    assert found['seedbed_database_connections{application="seedbed-api"}'] >= 1
    assert found['seedbed_storage_calls_total{operation="check",outcome="ok"}'] >= 1


def test_refusals_are_counted_by_quota(ann: Person, service: Service) -> None:
    """Each 429 for a quota that is used up."""
    service.sql("insert into generator_quotas (user_id, max_active_exports) values (%s, 0)", ann.id)
    answer = ann.http.post(f"{BASE}/export", json=REQUEST)
    assert (answer.status_code, json.loads(answer.text)["quota"]) == (429, "active_exports")
    assert figures(service)['seedbed_quota_refusals_total{quota="active_exports"}'] == 1


def test_figures_are_on_a_port_of_their_own_where_one_is_set(service: Service) -> None:
    """The public one does not have them then, and serves all else."""
    port = free_port()
    with serving(replace(service.settings, metrics_port=port)) as other:
        with other.client() as public:
            assert public.get("/metrics").status_code == 404
            assert public.get("/healthz").status_code == 200
        assert "seedbed_database_up 1.0" in httpx.get(f"http://127.0.0.1:{port}/metrics").text


def test_a_port_that_is_taken_is_said(service: Service) -> None:
    """By the name of its setting; the server does not run without."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        settings = replace(service.settings, metrics_port=taken.getsockname()[1])
        with pytest.raises(ConfigurationInvalid, match=r"METRICS_PORT=[0-9]+ cannot be used"), serving(settings):
            pass
