"""The relay by which benchmarks put workers some way from Postgres: it delays, counts, and changes nothing."""

import psycopg
import pytest

from benchmarks.scaling import distance as place
from benchmarks.scaling.distance import distance, measured_round_trip_ms
from tests.conftest import Databases


def test_every_round_trip_takes_longer_and_is_counted(databases: Databases, monkeypatch: pytest.MonkeyPatch) -> None:
    """Never less than it was told, once for each statement, whatever the size of the answer."""
    # On loopback: a namespace takes root, and the relay is the same.
    monkeypatch.setattr(place, "_may_make_namespaces", lambda: False)
    url = databases.url(databases.create())
    with distance(url, 6) as far:
        assert far.within == ()
        assert measured_round_trip_ms(far.url(url), 5) >= 6
        with psycopg.connect(far.url(url), autocommit=True, prepare_threshold=None) as connection:
            before = far.round_trips()
            for size in (1, 10, 1_000_000):
                found = connection.execute("select repeat('x', %s)", [size]).fetchone()
                assert found == ("x" * size,)
            assert far.round_trips() - before == 3


def test_a_database_that_has_gone_is_seen_through_it(databases: Databases, monkeypatch: pytest.MonkeyPatch) -> None:
    """The end of a connection is handed on as everything else."""
    monkeypatch.setattr(place, "_may_make_namespaces", lambda: False)
    name = databases.create()
    with distance(databases.url(name), 2) as far, psycopg.connect(far.url(databases.url(name))) as connection:
        databases.drop(name)  # ends its sessions
        with pytest.raises(psycopg.OperationalError):
            connection.execute("select 1")
