"""What `seedbed capacity` says: the model's arithmetic, its coefficients, and the words."""

import json
import re
from dataclasses import asdict, replace
from pathlib import Path

import pytest

from app.cli import main
from app.commands.capacity import supabase_size
from app.commands.sizing import Costs, Load, Rate, forecast, most_connections, rate
from app.settings import Settings
from benchmarks.scaling.page import page
from tasks.transport import pool_arguments

CHECKOUT = Path(__file__).resolve().parents[3]
PAGE = (CHECKOUT / "docs/ops/capacity.md").read_text()
FIGURES = {
    one["name"]: one["value"]
    for one in json.loads((CHECKOUT / "benchmarks/results/scaleout.json").read_text())["figures"]
}
SMALL = Load(exports_per_hour=3_600, rows=1_000)


def worker(concurrency: int, round_trip_s: float, rows: int, cores: int) -> Rate:
    """What one worker process comes to, with as many generators as cores."""
    return rate(
        Costs(),
        workers=1,
        concurrency=concurrency,
        round_trip_s=round_trip_s,
        rows_per_job=rows,
        cores=cores,
        generators=cores,
    )


def test_coefficients_are_those_that_were_measured() -> None:
    """A new measurement is a new model: the command knows what benchmarks/scaleout.py found last."""
    measured = {
        "api_export_s": FIGURES["processor time of the API for an export"] / 1e3,
        "worker_job_s": FIGURES["processor time of a worker for a job, beside its rows"] / 1e3,
        "database_job_s": FIGURES["processor time of Postgres for a job"] / 1e3,
        "row_s": FIGURES["processor time of a worker for a million rows of customers as CSV"] / 1e6,
        "making_row_s": FIGURES["of that, of its generators"] / 1e6,
        "crowding": FIGURES["processor time of a job, times more for each further worker on the same cores"],
        "job_round_trips": FIGURES["round trips of a job, one after the other"],
        "job_rest_s": FIGURES["everything else that a job waits for"] / 1e3,
        "database_export_bytes": FIGURES["what an export leaves in Postgres"] * 1e3,
        "events_per_export": FIGURES["events of a small export"],
    }
    known = asdict(Costs())
    assert {name: known[name] for name in measured} == pytest.approx(measured, rel=0.02)


def test_the_page_has_the_coefficients_of_the_code() -> None:
    """All of them, with their values."""
    told = {name: float(value) for name, value in re.findall(r"^\| `(\w+)` \| ([\d.e-]+) \|", PAGE, re.M)}
    assert told == asdict(Costs())


def test_the_page_has_the_figures_of_the_measurement() -> None:
    """It is what `make bench ARGS=scaleout` makes of its results: the runs, how far predictions are off, what follows."""
    assert page(PAGE, FIGURES) == PAGE


def test_another_measurement_is_another_page() -> None:
    """Each figure of it is put in its place, and can be again."""
    slower = {name: value * 1.5 if value else value for name, value in FIGURES.items()}
    told = page(PAGE, slower)
    assert len([line for line in PAGE.splitlines() if line not in told.splitlines()]) > 20
    assert (
        f"| `row_s` | {slower['processor time of a worker for a million rows of customers as CSV'] / 1e6:.2e}".replace(
            "e-0", "e-"
        )
        in told
    )
    assert page(told, FIGURES) == PAGE


def test_small_jobs_at_a_distance_wait() -> None:
    """Round trips bound one worker, twice as many jobs at once do twice as much, until one fetch at a time is the bound."""
    two, four, many = (worker(c, 0.01, 1_000, cores=64) for c in (2, 4, 200))
    assert two.bound == "round trips"
    assert four.jobs_per_s == pytest.approx(2 * two.jobs_per_s)
    assert many.bound == "fetching"
    assert 10 < two.jobs_per_s < 40


def test_large_jobs_do_not_feel_the_distance() -> None:
    """A part of 32 MiB is bound by processors at 10 ms as it is at none."""
    near, far = (worker(5, distance_s, 197_000, cores=2) for distance_s in (0.0, 0.01))
    assert (near.bound, far.bound) == ("processors", "processors")
    assert near == far


def test_twice_the_load_takes_no_more_than_twice_the_machines() -> None:
    """And more than before, once one is not enough."""
    one = forecast(replace(SMALL, exports_per_hour=400_000))
    two = forecast(replace(SMALL, exports_per_hour=800_000))
    assert one.workers < two.workers <= 2 * one.workers
    assert two.database_cores == pytest.approx(2 * one.database_cores)
    assert two.connections <= 2 * one.connections


def test_connections_are_bounded_by_the_pools() -> None:
    """A worker's queue has its pool, and an ear for each of two queues; three more of the API are for events."""
    queue = pool_arguments(Settings(database_url="postgresql://localhost/x"))["max_size"] + 2
    assert most_connections(0, 1, pool_size=10, concurrency=20) == 25 + queue
    assert most_connections(2, 0, pool_size=10, concurrency=5) == 2 * 13
    assert f"at most {queue} for its queue" in PAGE


def test_large_exports_are_cut() -> None:
    """Seventeen gigabytes are some five hundred parts, with four reports a second and no more."""
    found = forecast(Load(exports_per_hour=10, rows=100_000_000))
    assert 490 < found.parts_per_export < 520
    assert found.jobs_per_s == pytest.approx(found.exports_per_s * (found.parts_per_export + 2))
    assert found.events_per_s <= found.exports_per_s * (4 + 4 * found.export_s) + 1e-9


def test_supabase_sizes_count_cores_and_connections() -> None:
    """The smaller of two that would compute it has too few connections for many workers."""
    small = forecast(SMALL)
    assert supabase_size(small) == "Micro"
    assert supabase_size(replace(small, connections=150)) == "XL"
    assert supabase_size(replace(small, database_cores=7.5)) == "2XL"
    assert supabase_size(replace(small, connections=2_000)) is None


def test_the_command_says_it_in_words_and_in_json(capsys: pytest.CaptureFixture[str]) -> None:
    """With what bounds a worker, and what may be done about it."""
    words = ["capacity", "--exports-per-hour", "200000", "--rows", "1000", "--round-trip-ms", "10"]
    assert main(words) == 0
    said = capsys.readouterr().out
    assert "bound by its round trips" in said
    assert "--concurrency" in said
    assert main([*words, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["forecast"]["workers"] > 1
    assert found["load"]["round_trip_ms"] == 10


@pytest.mark.parametrize(
    ("option", "value", "words"),
    [
        ("--exports-per-hour", "0", "not above zero"),
        ("--rows", "many", "not a whole number"),
        ("--busy", "1.5", "more than 1"),
        ("--peak", "nan", "not a number from zero up"),
    ],
)
def test_what_makes_no_sense_is_refused(
    option: str, value: str, words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """With the word that was not understood, and exit code 2."""
    given = {"--exports-per-hour": "10", "--rows": "10", option: value}
    assert main(["capacity", *(word for pair in given.items() for word in pair)]) == 2
    assert words in capsys.readouterr().err
