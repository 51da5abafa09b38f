"""The engine at the command line against other ways to make the same tables, and two cores against one.

Whole processes, start-up included, each on one core, take turns: a round is one run of each. Ratios are those of one
round, of processor time (user and system), which other programs on the machine disturb less than they do the clock.
"""

import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from benchmarks.figures import Figure, judge
from benchmarks.processes import Took, run, run_beside_each_other, working_folder

CHECKOUT = Path(__file__).resolve().parents[1]
_SCHEMAS = Path(__file__).with_name("schemas")
_RIVALS = Path(__file__).with_name("rivals")
_SEEDBED: tuple[str | Path, ...] = (sys.executable, "-m", "app.cli")
_ROUNDS, _SMALL_ROUNDS, _CORE_ROUNDS = 3, 7, 3
_SMALL, _ROWS = 1_000, 5_000_000
# Of two seconds on one core a sixth is start-up, which no second core shortens; of eight, little.
_CORE_ROWS = (5_000_000, 20_000_000)
_FAKER_ROWS, _MIMESIS_ROWS = 5_000, 60_000
# A scale factor of 1 is six million rows.
_TPCH_SCALE, _LINEITEMS = "0.5", 3_000_000


@dataclass(frozen=True, slots=True)
class Contestant:
    """One way to make a table; it leaves `output` in the folder."""

    name: str
    rows: int | None
    output: str
    run: Callable[[], Took]


@dataclass(frozen=True, slots=True)
class Lap:
    """One run of a contestant."""

    took: Took
    rows: int
    bytes: int

    @property
    def rows_per_s(self) -> float:
        return self.rows / self.took.cpu_s

    @property
    def mb_per_s(self) -> float:
        return self.bytes / 1e6 / self.took.cpu_s


def measure() -> list[Figure]:
    """Every figure of this benchmark."""
    with working_folder() as name:
        folder = Path(name)
        for table in ("customers", "lineitem"):
            # The schema is read once; what is timed from then on is planning and generating.
            schema = _SCHEMAS / f"{table}.sql"
            run([*_SEEDBED, "snapshot", "--ddl", schema, "-o", f"{table}.json"], folder, path=CHECKOUT)
        (folder / "words.json").write_text(json.dumps(_words()), encoding="utf-8")
        small = [_generate(folder, "customers", _SMALL, 1) for _ in range(_SMALL_ROUNDS)]
        laps = _take_turns(_contestants(folder), folder, _ROUNDS)
        cores = {rows: [_one_by_two(folder, rows) for _ in range(_CORE_ROUNDS)] for rows in _CORE_ROWS}
    return [
        judge(
            "1,000 customers by the command line, start-up included: clock", [t.wall_s for t in small], "s", target=0.7
        ),
        judge("1,000 customers by the command line: processor", [t.cpu_s for t in small], "s", target=0.7),
        *(figure for name, runs in laps.items() for figure in _of(name, runs)),
        _ratio("customers: rows/s against DuckDB", laps, "Seedbed, customers", "DuckDB, customers", "rows_per_s", 2),
        _ratio("customers: rows/s against Faker", laps, "Seedbed, customers", "Faker, customers", "rows_per_s", 800),
        _ratio("customers: rows/s against Mimesis", laps, "Seedbed, customers", "Mimesis, customers", "rows_per_s", 50),
        _ratio("lineitem: MB/s against tpchgen-cli", laps, "Seedbed, lineitem", "tpchgen-cli, lineitem", "mb_per_s", 2),
        *(figure for rows, laps in cores.items() for figure in _of_two_cores(rows, laps)),
    ]


@dataclass(frozen=True, slots=True)
class Cores:
    """How many times as much is done in the same time, by the clock, as by one process on one core: by two processes
    that make one file, and by two that make one each and have nothing to do with each other. These are what two cores
    of this machine come to: they share memory, caches and, on many a virtual machine, more than that."""

    two: float
    apart: float


def _one_by_two(folder: Path, rows: int) -> Cores:
    walls = []
    for jobs in (1, 2):
        walls.append(_generate(folder, "customers", rows, jobs).wall_s)
        (folder / "out.csv").unlink()
    names = ["out.csv", "beside.csv"]
    apart = run_beside_each_other([_command("customers", rows, 1, name) for name in names], folder, CHECKOUT)
    for name in names:
        (folder / name).unlink()
    return Cores(walls[0] / walls[1], 2 * walls[0] / apart)


def _of_two_cores(rows: int, laps: list[Cores]) -> list[Figure]:
    what = f"{rows // 1_000_000}M customers"
    return [
        judge(f"{what}, two cores against one", [lap.two for lap in laps], "x", target=1.8, better="more"),
        judge(f"{what}, two independent processes against one", [lap.apart for lap in laps], "x", better="more"),
    ]


def _contestants(folder: Path) -> list[Contestant]:
    python = sys.executable
    tpchgen = Path(python).with_name("tpchgen-cli")
    tpch: list[str | Path] = [tpchgen, "csv", "-s", _TPCH_SCALE, "-T", "lineitem", "-n", "1", "-o", ".", "--overwrite"]
    words = ["words.json"]

    def rival(name: str, rows: int, *more: str) -> Callable[[], Took]:
        return lambda: run([python, _RIVALS / f"{name}.py", str(rows), "rival.csv", *more], folder)

    return [
        Contestant("Seedbed, customers", _ROWS, "out.csv", lambda: _generate(folder, "customers", _ROWS, 1)),
        Contestant("DuckDB, customers", _ROWS, "rival.csv", rival("duckdb_query", _ROWS, *words)),
        Contestant("Faker, customers", _FAKER_ROWS, "rival.csv", rival("faker_loop", _FAKER_ROWS)),
        Contestant("Mimesis, customers", _MIMESIS_ROWS, "rival.csv", rival("mimesis_loop", _MIMESIS_ROWS)),
        Contestant("Seedbed, lineitem", _LINEITEMS, "out.csv", lambda: _generate(folder, "lineitem", _LINEITEMS, 1)),
        Contestant("tpchgen-cli, lineitem", None, "lineitem.csv", lambda: run(tpch, folder)),
    ]


def _take_turns(contestants: list[Contestant], folder: Path, rounds: int) -> dict[str, list[Lap]]:
    laps: dict[str, list[Lap]] = {contestant.name: [] for contestant in contestants}
    for _ in range(rounds):
        for contestant in contestants:
            took = contestant.run()
            output = folder / contestant.output
            rows = contestant.rows if contestant.rows is not None else _lines(output)
            laps[contestant.name].append(Lap(took, rows, output.stat().st_size))
            output.unlink()
    return laps


def _lines(path: Path) -> int:
    """Rows of a CSV file none of whose values has a line break."""
    with path.open("rb") as file:
        return sum(block.count(b"\n") for block in iter(lambda: file.read(1 << 20), b"")) - 1


def _of(name: str, laps: list[Lap]) -> list[Figure]:
    return [
        judge(f"{name}: by processor time", [lap.rows_per_s for lap in laps], "rows/s", better="more"),
        judge(f"{name}: bytes by processor time", [lap.mb_per_s for lap in laps], "MB/s", better="more"),
        judge(f"{name}: peak memory", [lap.took.peak_bytes / 1e6 for lap in laps], "MB"),
    ]


def _ratio(name: str, laps: dict[str, list[Lap]], ours: str, theirs: str, unit: str, target: float) -> Figure:
    ratios = [getattr(a, unit) / getattr(b, unit) for a, b in zip(laps[ours], laps[theirs], strict=True)]
    return judge(name, ratios, "x", target=target, better="more")


def _words() -> dict[str, object]:
    """The words that our own columns are made of, for the rivals that bring none."""
    from app.generator.pools import pool, table

    locale = "en_US"
    places = table(locale, "places")
    first = pool(locale, "first_names_f").to_pylist() + pool(locale, "first_names_m").to_pylist()
    return {
        "first": first,
        "last": pool(locale, "last_names").to_pylist(),
        "company": pool(locale, "company_stems").to_pylist(),
        "company_kind": pool(locale, "company_kinds").to_pylist(),
        "company_form": pool(locale, "company_forms").to_pylist(),
        "street": pool(locale, "streets").to_pylist(),
        "place": {
            "city": places["city"].to_pylist(),
            "postal": [text.replace("#", "4").replace("?", "K") for text in places["postal"].to_pylist()],
            "country": places["country_code"].to_pylist(),
            "phone": [text.rstrip("#").replace("#", "5") for text in places["phone"].to_pylist()],
        },
    }


def _generate(folder: Path, table: str, rows: int, jobs: int) -> Took:
    return run(_command(table, rows, jobs), folder, cores=jobs, path=CHECKOUT)


def _command(table: str, rows: int, jobs: int, output: str = "out.csv") -> list[str | Path]:
    config = _SCHEMAS / f"{table}.yaml"
    options: list[str | Path] = ["--config", config] if config.exists() else []
    words = ["generate", f"{table}.json", f"--rows={rows}", "--seed=7", f"--jobs={jobs}"]
    return [*_SEEDBED, *words, *options, "-o", output]
