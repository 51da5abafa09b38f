"""Statistics of a live database: read without its values, kept in the snapshot, and seen in the data that come out."""

import json
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from itertools import pairwise
from typing import Any

import psycopg
import pytest

from app.adapters.introspection.catalog import introspect
from app.adapters.introspection.statistics import with_statistics
from app.errors import PlanRefused, SnapshotInvalid
from app.generator import GeneratorConfig, Plan, Snapshot, batches, make_plan
from app.generator.planning.revising import revise
from app.generator.schema_check import faults_of
from app.generator.snapshot.form import form_schema, snapshot_from_json, snapshot_to_json
from app.generator.snapshot.model import QName

ORDERS = QName("public", "orders")
SQL = """
create table customers (id int primary key, name text not null, nickname text);
create table orders (
    id int primary key, customer_id int references customers, amount int not null, code text not null,
    state text not null check (state in ('open', 'paid', 'lost')), placed_at timestamptz not null, secret text
);
insert into customers select n, 'somebody', case when n % 4 = 0 then 'nick' end from generate_series(1, 400) n;
insert into orders
select n, case when n % 5 > 0 then n % 400 + 1 end, n % 7 * 10, 'c' || n % 12,
    case when n % 10 = 0 then 'lost' when n % 10 < 3 then 'open' else 'paid' end,
    timestamptz '2024-01-01' + n * interval '1 hour', 'TOPSECRET' || n % 3
from generate_series(1, 4000) n;
analyze;
"""


@pytest.fixture(scope="module")
def database(postgres: Any) -> Iterator[psycopg.Connection[Any]]:
    """A database with rows in it, analysed."""
    name = "seedbed_statistics"
    with psycopg.connect(postgres.url(), autocommit=True) as admin:
        admin.execute(f"drop database if exists {name} with (force)")
        admin.execute(f"create database {name}")
        with psycopg.connect(postgres.url(name), autocommit=True) as connection:
            connection.execute(SQL)
            yield connection
        admin.execute(f"drop database {name} with (force)")


@pytest.fixture(scope="module")
def snapshot(database: psycopg.Connection[Any]) -> Snapshot:
    """With statistics, without values."""
    return with_statistics(database, introspect(database))


def rows_of(plan: Plan, name: QName = ORDERS) -> list[dict[str, Any]]:
    return [row for batch in batches(plan, name) for row in batch.to_pylist()]


def test_no_value_is_read_unless_asked_for(database: psycopg.Connection[Any], snapshot: Snapshot) -> None:
    """Counts and shares alone; the most common values only by their own switch."""
    assert "TOPSECRET" not in json.dumps(snapshot_to_json(snapshot))
    told = with_statistics(database, introspect(database), values=True)
    assert "TOPSECRET" in json.dumps(snapshot_to_json(told))


def test_statistics_are_part_of_the_form(snapshot: Snapshot) -> None:
    """They are written by the published schema, read back as they were, and refused where they contradict."""
    form = snapshot_to_json(snapshot)
    assert not faults_of(form, form_schema())
    assert snapshot_from_json(json.loads(json.dumps(form))) == snapshot
    for change in (
        {"table": "nowhere"}, {"rows": -1}, {"rows": 1.5}, {"columns": [{"column": "nothing"}]}, {"more": 1},
        {"columns": [{"column": "id", "nullFraction": 2}]}, {"columns": [{"column": "id", "distinct": float("nan")}]},
        {"columns": [{"column": "id", "common": [["x"]]}]},
    ):  # fmt: skip
        broken = {**form, "statistics": [{**form["statistics"][0], **change}]}
        with pytest.raises(SnapshotInvalid):
            snapshot_from_json(broken)


def test_data_take_the_shape_of_the_real_ones(snapshot: Snapshot) -> None:
    """Shares of nulls, numbers of different values, the order of the rows; keys and checks as ever."""
    plan = make_plan(snapshot, GeneratorConfig(rows=2_000), 7)
    orders = rows_of(plan)
    assert 0.17 < sum(row["customer_id"] is None for row in orders) / len(orders) < 0.23
    assert len({row["amount"] for row in orders}) <= 7
    assert len({row["code"] for row in orders}) <= 12
    placed: list[datetime] = [row["placed_at"] for row in orders]
    assert all(before <= after for before, after in pairwise(placed))
    assert {row["state"] for row in orders} <= {"open", "paid", "lost"}
    names = rows_of(plan, QName("public", "customers"))
    assert 0.7 < sum(row["nickname"] is None for row in names) / len(names) < 0.8


def test_the_plan_says_where_statistics_were_used(snapshot: Snapshot) -> None:
    """In the note of each column, and nowhere else."""
    plan = make_plan(snapshot, GeneratorConfig(rows=100), 7)
    notes = {column.name: column.note for column in plan.table(ORDERS).columns if column.note}
    assert notes["customer_id"] == "statistics: 20 % null"
    assert notes["placed_at"].startswith("statistics: rising")
    assert notes["code"] == "statistics: 12 different values"
    assert "id" not in notes


def test_a_request_wins_over_statistics(snapshot: Snapshot) -> None:
    """What an override says of a column is all there is."""
    config = GeneratorConfig(rows=100, overrides={"orders": {"code": "same"}})
    column = make_plan(snapshot, config, 7).table(ORDERS).column("code")
    assert (column.generator, column.note) == ("constant", "")


def test_rows_are_a_share_of_the_real_ones(snapshot: Snapshot) -> None:
    """By `scale`, for tables that have no count of their own; without statistics it is refused."""
    plan = make_plan(snapshot, GeneratorConfig.from_json({"scale": 0.1}), 7)
    assert {table.name.name: table.rows for table in plan.tables} == {"customers": 40, "orders": 400}
    assert any("statistics" in warning for warning in plan.warnings)
    plan = make_plan(snapshot, GeneratorConfig.from_json({"scale": 0.1, "rows": {"orders": 7}}), 7)
    assert plan.table(ORDERS).rows == 7
    bare = snapshot_from_json({name: part for name, part in snapshot_to_json(snapshot).items() if name != "statistics"})
    with pytest.raises(PlanRefused, match="with-stats"):
        make_plan(bare, GeneratorConfig.from_json({"scale": 0.1}), 7)


def test_a_plan_with_statistics_is_made_again_from_itself(snapshot: Snapshot) -> None:
    """Posted back it is the same, with the statistics and on a snapshot without them."""
    plan = make_plan(snapshot, GeneratorConfig(rows=50), 7)
    document = json.loads(json.dumps(plan.to_json()))
    assert revise(snapshot, document).digest == plan.digest


def test_the_most_common_values_are_used_when_they_are_there(database: psycopg.Connection[Any]) -> None:
    """By their shares."""
    told = with_statistics(database, introspect(database), values=True)
    states = Counter(row["state"] for row in rows_of(make_plan(told, GeneratorConfig(rows=2_000), 7)))
    assert 0.65 < states["paid"] / 2_000 < 0.75
    assert 0.07 < states["lost"] / 2_000 < 0.13
