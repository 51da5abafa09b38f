"""What callers see while something that is needed is away, and that it ends when it is back."""

import time

import psycopg
import pytest
from psycopg import sql

from app.adapters.auth import DevelopmentIssuer
from app.errors import ConfigurationInvalid, DatabaseUnavailable
from app.settings import Settings
from tests.conftest import Server
from tests.integration.web.conftest import settings_for
from tests.integration.web.service import BASE, REQUEST, Person, Service, serving


def close_database(postgres: Server, name: str, *, closed: bool) -> None:
    """Takes a database away from everybody, or gives it back."""
    with psycopg.connect(postgres.url(), autocommit=True) as connection:
        statement = sql.SQL("alter database {} with allow_connections {}")
        connection.execute(statement.format(sql.Identifier(name), sql.SQL("false" if closed else "true")))
        if closed:
            connection.execute("select pg_terminate_backend(pid) from pg_stat_activity where datname = %s", [name])


def test_a_database_that_is_away_is_told_as_such(ann: Person, service: Service, postgres: Server) -> None:
    """503 with a time to come back, for every route; and without a restart all is well when it is back."""
    ((name,),) = service.sql("select current_database()")
    job_id = ann.ask()
    close_database(postgres, name, closed=True)
    try:
        for answer in (
            ann.http.get(f"{BASE}/export/{job_id}"),
            ann.http.post(f"{BASE}/export", json=REQUEST),
            ann.http.get(f"{BASE}/export/{job_id}/events"),
            ann.http.get(f"{BASE}/events"),
        ):
            assert (answer.status_code, answer.json()["code"]) == (503, "database_unavailable")
            assert int(answer.headers["retry-after"]) > 0
            assert name not in answer.text
        with service.client() as anybody:
            assert anybody.get("/readyz").json()["checks"]["database"] == "unavailable"
            assert anybody.get("/healthz").status_code == 200
    finally:
        close_database(postgres, name, closed=False)
    assert ann.http.get(f"{BASE}/export/{job_id}").status_code == 200
    deadline = time.monotonic() + 30
    with service.client() as anybody:
        while anybody.get("/readyz").status_code != 200:
            assert time.monotonic() < deadline
    assert ann.http.post(f"{BASE}/export", json=REQUEST).status_code == 202


def test_an_expired_token_is_told_as_such(service: Service) -> None:
    """401 and why, so that a client refreshes its session."""
    issuer = DevelopmentIssuer.of(service.settings)
    token = issuer.issue(issuer.user_id("ann@example.com"), "ann@example.com", ttl_s=-3600)
    with service.client(authorization=f"Bearer {token}") as client:
        answer = client.get(f"{BASE}/export")
    assert (answer.status_code, answer.json()["code"], answer.json()["reason"]) == (401, "not_authenticated", "expired")
    assert 'error="invalid_token"' in answer.headers["www-authenticate"]


def test_a_start_without_a_database_fails_with_one_sentence(service: Service) -> None:
    """Not with a stack from somewhere inside."""
    settings = settings_for(
        "postgresql://nobody@127.0.0.1:1/none", "postgresql://nobody@127.0.0.1:1/none", service.settings.local_store_dir
    )
    with pytest.raises(DatabaseUnavailable, match="cannot be reached"), serving(settings):
        pass


def test_the_development_issuer_does_not_start_beside_a_project(service: Service) -> None:
    """Even when nothing checked the settings before."""
    settings = Settings(
        database_url=service.database_url,
        dev_auth=True,
        dev_auth_key="local",
        supabase_url="https://abcdefgh.supabase.co",
        local_store_secret="0123456789abcdef",
        local_store_dir=service.settings.local_store_dir,
        port=0,
    )
    with pytest.raises(ConfigurationInvalid, match="SUPABASE_URL"), serving(settings):
        pass
