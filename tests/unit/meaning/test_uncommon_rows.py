"""Rows of ports, learning machines, lawyers, rentals and time sheets are what such rows are."""

from tests.unit.meaning.tables import Table


def _between(values: list[object], low: float, high: float) -> bool:
    return all(low <= float(str(value)) <= high for value in values if value is not None)


def test_uncommon_things_are_as_large_as_they_are() -> None:
    """A ship draws a few metres, a model learns in small steps, a hired car costs no more a day than a dinner."""
    calls = Table("port_calls", {"vessel_nm": "varchar(60)", "draught_m": "numeric(4,1)", "teu": "int4"}).columns()
    assert _between(calls["draught_m"], 1, 14)
    assert _between(calls["teu"], 100, 14_000)
    runs = Table("training_runs", {"learning_rate": "float8", "batch_size": "int4", "val_accuracy": "float8"}).columns()
    assert _between(runs["learning_rate"], 0, 0.01)
    assert set(runs["batch_size"]) <= {None, 8, 16, 32, 64, 128, 256}
    assert _between(runs["val_accuracy"], 0.6, 0.99)
    types = {"contrnr": "varchar(12)", "kenteken": "varchar(8)", "dagprs": "numeric(7,2)", "huurder": "varchar(80)"}
    assert _between(Table("autoverhuur", types, "nl_NL").columns()["dagprs"], 25, 140)


def test_nobody_goes_to_court_against_themselves() -> None:
    """The opponent is somebody other than the client."""
    types = {"AktenZ": "varchar(20)", "Mandant": "varchar(80)", "Gegner": "varchar(80)", "Streitwert": "numeric(12,2)"}
    rows = Table("mandatsakten", types, "de_DE").rows()
    assert sum(row["Mandant"] == row["Gegner"] for row in rows) < 25


def test_people_come_in_the_morning() -> None:
    """And go in the afternoon."""
    types = {"PersNr": "varchar(8)", "KommtZeit": "time", "GehtZeit": "time", "Bemerkung": "text"}
    columns = Table("zeiterfassung", types, "de_DE").columns()
    assert all(value.hour <= 11 for value in columns["KommtZeit"] if value is not None)
    assert all(value.hour >= 16 for value in columns["GehtZeit"] if value is not None)
