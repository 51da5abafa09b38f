"""Exports of the live database: what the caller may not see is not there, and a refusal names what was missing."""

from typing import Any

import pytest

from app.adapters.schemas import OWN_TABLES
from tests.integration.web.service import BASE, Person, Service


@pytest.fixture(scope="module")
def live(service: Service) -> Service:
    """A schema of which people may read a part."""
    service.sql("""
        create schema live; grant usage on schema live to authenticated;
        create table live.open (id int primary key, name text, secret text);
        grant select (id, name), insert (id, name) on live.open to authenticated;
        create table live.closed (id int primary key);
        create table live.child (id int primary key, closed_id int not null references live.closed);
        grant select on live.child to authenticated;
        create table live.views_it (id int primary key);
        revoke all on live.views_it from authenticated, public;
        create schema shut; create table shut.t (id int primary key); grant select on shut.t to authenticated;
    """)
    return service


def asking(database: dict[str, Any]) -> dict[str, Any]:
    return {"schema": {"database": database}, "config": {"format": "csv", "rows": 3}, "seed": 1}


@pytest.mark.parametrize(
    ("database", "pointer", "named"),
    [
        ({"tables": ["live.closed"]}, "/tables/0", "live.closed"),
        ({"tables": ["live.open", "live.nowhere"]}, "/tables/1", "live.nowhere"),
        ({"tables": ["shut.t"]}, "/tables/0", "shut.t"),
        ({"schemas": ["live"], "tables": ["open", "views_it"]}, "/tables/1", "views_it"),
        ({"schemas": ["shut"]}, "/schemas/0", "shut"),
        ({"schemas": ["live", "nowhere"]}, "/schemas/1", "nowhere"),
        ({"schemas": ["queue"]}, "/schemas/0", "queue"),
    ],
)
def test_what_is_not_the_callers_is_named(
    live: Service, ann: Person, database: dict[str, Any], pointer: str, named: str
) -> None:
    """By every route, before anything is queued; a table of others and one that is not there look alike."""
    for route, prefix in (
        ("export", "/schema/database"),
        ("plan", "/schema/database"),
        ("preview", "/schema/database"),
    ):
        answer = ann.http.post(f"{BASE}/{route}", json=asking(database))
        assert (answer.status_code, answer.json()["code"]) == (403, "schema_not_permitted"), route
        assert [(fault["pointer"], fault["code"]) for fault in answer.json()["errors"]] == [
            (prefix + pointer, "not_readable")
        ]
        assert named in answer.json()["errors"][0]["message"]
    answer = ann.http.post(f"{BASE}/schema/introspect", json=database)
    assert [fault["pointer"] for fault in answer.json()["errors"]] == [pointer]
    assert live.sql("select count(*) from generator_exports") == [(0,)]


def test_a_parent_out_of_sight_is_named(live: Service, ann: Person) -> None:
    """An export could not be loaded, so it is refused; a stored snapshot says what it lacks, and may be used."""
    refused = ann.http.post(f"{BASE}/export", json=asking({"schemas": ["live"]}))
    assert refused.status_code == 403
    [fault] = refused.json()["errors"]
    assert (fault["table"], fault["constraint"], fault["parent"]) == (
        "live.child",
        "child_closed_id_fkey",
        "live.closed",
    )
    stored = ann.http.post(f"{BASE}/schema/introspect", json={"schemas": ["live"]})
    assert stored.status_code == 201
    [warning] = stored.json()["warnings"]
    assert "child_closed_id_fkey" in warning
    assert "live.closed" in warning
    body = {"schema": {"id": stored.json()["id"]}, "config": {"format": "csv", "rows": 3}, "seed": 1}
    assert ann.http.post(f"{BASE}/plan", json=body).status_code == 200


def test_columns_out_of_sight_are_not_there(live: Service, ann: Person) -> None:
    """Only columns that the caller may read or write are in the plan."""
    answer = ann.http.post(f"{BASE}/plan", json=asking({"tables": ["live.open"]}))
    assert answer.status_code == 200, answer.text
    [table] = answer.json()["tables"]
    assert (table["name"], [column["name"] for column in table["columns"]]) == ("live.open", ["id", "name"])
    assert "secret" not in answer.text


def test_a_privilege_that_is_taken_back_counts_at_once(live: Service, ann: Person) -> None:
    """Nothing is remembered of what a caller could read before."""
    live.sql("create table live.passing (id int primary key); grant select on live.passing to authenticated")
    wanted = asking({"tables": ["live.passing"]})
    assert ann.http.post(f"{BASE}/plan", json=wanted).status_code == 200
    live.sql("revoke all on live.passing from authenticated")
    assert ann.http.post(f"{BASE}/plan", json=wanted).status_code == 403
    live.sql("drop table live.passing")


def test_a_stored_schema_is_its_owners(live: Service, ann: Person, ben: Person) -> None:
    """By its id nobody else can plan, preview, export or read it, and it is not said that there is one."""
    stored = ann.http.post(f"{BASE}/schema", json={"ddl": "create table private_names (id int primary key)"}).json()
    body = {"schema": {"id": stored["id"]}, "config": {"format": "csv", "rows": 3}, "seed": 1}
    for route in ("export", "plan", "preview"):
        answer = ben.http.post(f"{BASE}/{route}", json=body)
        assert (answer.status_code, answer.json()["code"]) == (404, "schema_not_found")
        assert "private_names" not in answer.text
    assert ben.http.get(f"{BASE}/schema/{stored['id']}").status_code == 404
    assert ann.http.post(f"{BASE}/plan", json=body).status_code == 200


def test_the_services_own_tables_are_left_out(live: Service, ann: Person) -> None:
    """`public` holds them beside the project's; the list of them is whole, and naming one reads it all the same."""
    live.sql("create table public.things (id int primary key); grant select on public.things to authenticated")
    answer = ann.http.post(f"{BASE}/plan", json=asking({}))
    assert [table["name"] for table in answer.json()["tables"]] == ["public.things"]
    found = live.sql(
        "select schemaname || '.' || tablename from pg_tables where schemaname = 'public' and tablename <> 'things' order by 1"
    )
    assert [name for (name,) in found] == sorted(OWN_TABLES)
