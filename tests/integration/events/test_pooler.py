"""Behind a real transaction pooler: the start says what to change, and with that changed everything works."""

from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest

from app.adapters.postgres.hub import EventHub
from app.errors import ConfigurationInvalid
from tests.conftest import Server
from tests.fixtures.pgbouncer import pgbouncer
from tests.integration.events.exports import append_event, insert_export
from tests.integration.events.test_hub import follow
from tests.integration.web.conftest import settings_for
from tests.integration.web.service import BASE, read_events, serving


async def test_a_transaction_pooler_is_noticed_at_the_start(database_url: str) -> None:
    """It takes LISTEN without a word and passes nothing on: the error names the setting and the port."""
    with pgbouncer(database_url) as pooled:
        hub = EventHub(pooled, pooled)
        hub._listener.hearing_timeout_s = 0.5
        with pytest.raises(ConfigurationInvalid, match=r"transaction pooler.*DATABASE_DIRECT_URL.*5432, not 6543"):
            await hub.start()


async def test_a_session_pooler_will_do(database_url: str) -> None:
    """It keeps a server connection for each client's own, and so the LISTEN."""
    with pgbouncer(database_url, mode="session") as pooled:
        hub = EventHub(pooled, pooled, sweep_s=60)
        await hub.start()
        try:
            async with await psycopg.AsyncConnection.connect(database_url, autocommit=True) as connection:
                export_id = await insert_export(connection, uuid4())
                follower = follow(hub, export_id)
                await append_event(connection, export_id)
                await follower.has(export_id, 1)
        finally:
            await hub.close()


def test_the_api_works_through_a_pooler(database_url: str, postgres: Server, tmp_path: Path) -> None:
    """With a direct URL beside it for LISTEN alone: requests, streams and what they are told of."""
    with pgbouncer(database_url) as pooled:
        settings = replace(
            settings_for(pooled, postgres.url(), tmp_path), database_direct_url=database_url, webhook_ports=("443",)
        )
        with serving(settings) as service:
            ann = service.person("ann")
            for _ in range(8):  # more than there are server connections
                job_id = ann.ask()
            with ann.http.stream("GET", f"{BASE}/export/{job_id}/events") as response:
                service.sql("select generator_append_event(%s, 'progress')", job_id)
                ann.complete(job_id)
                events = read_events(response)
            assert [event.seq for event in events] == [1, 2, 3]
            assert ann.http.get(f"{BASE}/export/{job_id}").json()["status"] == "completed"
            ann.http.close()
