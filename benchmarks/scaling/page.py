"""What a measurement changes: coefficients that `seedbed capacity` knows, and the figures of docs/ops/capacity.md."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from app.commands.sizing import Costs, rate
from benchmarks.figures import Figure

_CHECKOUT = Path(__file__).resolve().parents[2]
PAGE = _CHECKOUT / "docs/ops/capacity.md"
_MODEL = _CHECKOUT / "app/commands/sizing.py"

# Coefficient → the figure it is, by how much that is more, and how it is written.
_MEASURED = {
    "api_export_s": ("processor time of the API for an export", 1e3, ".4f"),
    "worker_job_s": ("processor time of a worker for a job, beside its rows", 1e3, ".4f"),
    "database_job_s": ("processor time of Postgres for a job", 1e3, ".4f"),
    "row_s": ("processor time of a worker for a million rows of customers as CSV", 1e6, ".2e"),
    "making_row_s": ("of that, of its generators", 1e6, ".2e"),
    "crowding": ("processor time of a job, times more for each further worker on the same cores", 1.0, ".4f"),
    "job_round_trips": ("round trips of a job, one after the other", 1.0, ".1f"),
    "job_rest_s": ("everything else that a job waits for", 1e3, ".4f"),
    "database_export_bytes": ("what an export leaves in Postgres", 1e-3, "hundreds"),
    "events_per_export": ("events of a small export", 1.0, ".1f"),
}
_WORKERS = ("1 worker", "2 workers", "4 workers", "8 workers")
_LARGE = 2_000_000
# Of the rows that are measured, as CSV, in a part of 32 MiB.
_PART_ROWS = 197_000


def coefficients(figures: Mapping[str, float]) -> dict[str, str]:
    """The measured coefficients, as they are written."""
    found = {}
    for name, (figure, times, form) in _MEASURED.items():
        value = figures[figure] / times
        if form == "hundreds":
            found[name] = f"{round(value, -2):.0f}"
        else:
            found[name] = f"{value:{form}}".replace("e-0", "e-")
    return found


def tell(figures: Sequence[Figure]) -> None:
    """Writes them into the model and the page."""
    values = {one.name: one.value for one in figures}
    model = _MODEL.read_text()
    for name, value in coefficients(values).items():
        model = re.sub(rf"^(    {name}: float = ).*$", rf"\g<1>{float(value)!r}", model, flags=re.M)
    _MODEL.write_text(model)
    PAGE.write_text(page(PAGE.read_text(), values))


def page(text: str, figures: Mapping[str, float]) -> str:
    """The page with the figures of a measurement in place of those it has."""
    costs = replace(Costs(), **{name: float(value) for name, value in coefficients(figures).items()})
    far_s = round(figures["round trip to Postgres"] / 1e3, 4)
    for name, value in coefficients(figures).items():
        text = _put(text, rf"^(\| `{name}` \| )[\d.e-]+( \|)", value)
    first, last = "| 10 ms from Postgres | Jobs/s | Predicted |\n|---|---|---|\n", "\n\nThe coefficients are"
    begins = text.index(first) + len(first)
    text = text[:begins] + "\n".join(_runs(figures)) + text[text.index(last) :]
    for size in ("1,000", "10,000", "100,000", "2,000,000"):
        ratio = figures[f"{size} rows, 1 worker: speed at 10 ms against none"]
        text = _put(text, rf"^(\| {size} \| )[\d.]+( \|)", f"{ratio:.2f}")
    median, worst = (figures[f"prediction off by, {which} of the runs above"] for which in ("median", "worst"))
    part_s = costs.worker_job_s + _PART_ROWS * costs.row_s
    cycle_s = costs.job_rest_s + costs.job_round_trips * far_s
    jobs = 4 * 0.6 / costs.database_job_s
    for words, value in (
        (r"(`select 1` takes )[\d.]+( ms)", f"{far_s * 1e3:.1f}"),
        (r"(off by )[\d.]+( % at the median)", f"{median:.0f}"),
        (r"(at the median and )[\d.]+( % at worst)", f"{worst:.0f}"),
        (r"(a core made )[\d.]+(\s+million of those)", f"{1e-6 / costs.row_s:.1f}"),
        (
            r"(comes to )5 / \([^)]*\) = \d+( small jobs)",
            f"5 / ({costs.job_rest_s:.3f} + {costs.job_round_trips:.1f} · {far_s:.4f}) = {5 / cycle_s:.0f}",
        ),
        (r"(was measured at\s+)\d+(;)", f"{figures['1,000 rows, 1 worker: jobs']:.0f}"),
        (r"(what fetching allows, )\d+(\.)", f"{1 / (costs.fetch_rest_s + costs.fetch_round_trips * far_s):.0f}"),
        (r"(outweigh its trips from )[\d,]+( rows on)", f"{_crossing(costs, far_s, 2):,}"),
        (r"(on one core from )[\d,]+(\.)", f"{_crossing(costs, far_s, 1):,}"),
        (r"(such a job computes for )[\d.]+( s)", f"{part_s:.2f}"),
        (r"(two cores do )\w+( a second)", f"{2 / part_s:.0f}"),
        (r"(waiting would allow )\w+(\.)", f"{5 / (cycle_s + _PART_ROWS * costs.making_row_s):.0f}"),
        (r"(carries some )[\d,]+( jobs a second)", f"{round(jobs, -1):,.0f}"),
        (r"(at 60 %: )[\d.]+( million small exports)", f"{jobs * 3600 / 1e6:.1f}"),
        (r"(an hour, or )\d+( million rows a second)", f"{round(jobs * _PART_ROWS / 1e6, -1):.0f}"),
    ):
        text = _put(text, words, value)
    return text


def _runs(figures: Mapping[str, float]) -> list[str]:
    """Rows of the table: measured, and predicted."""
    predicted = {name.partition(": jobs, as")[0]: value for name, value in figures.items() if ": jobs, as" in name}
    # Two jobs are no part: one cuts, one puts together.
    one = "2,000,000 rows, 1 worker"
    parts = round(figures[f"{one}: jobs"] * _LARGE / figures[f"{one}: rows"]) - 2
    told = {
        "1,000 rows, 1 worker": "1,000 rows an export, 1 worker of 5 jobs at once",
        **{f"1,000 rows, {n}": f"… {n}" for n in _WORKERS[1:]},
        "1,000 rows, 1 worker of 20 jobs": "… 1 worker of 20 jobs at once",
        one: f"four exports at once of 2,000,000 rows in {parts} parts, 1 worker",
        **{f"2,000,000 rows, {n}": f"… {n}" for n in _WORKERS[1:]},
    }
    return [f"| {words} | {figures[f'{run}: jobs']:.1f} | {predicted[run]:.1f} |" for run, words in told.items()]


def _crossing(costs: Costs, far_s: float, cores: int) -> int:
    """From how many thousand rows on the processors are the bound of one worker of five jobs."""
    rows = 0
    while (
        rate(
            costs, workers=1, concurrency=5, round_trip_s=far_s, rows_per_job=rows, cores=cores, generators=cores
        ).bound != "processors" and rows < 10_000_000
    ):  # fmt: skip
        rows += 500
    return round(rows, -3)


def _put(text: str, words: str, value: str) -> str:
    """Puts a value between the two groups of a pattern, which stands once in the page."""
    text, found = re.subn(words, lambda match: f"{match[1]}{value}{match[2]}", text, flags=re.M)
    if found != 1:
        raise ValueError(f"the page says this {found} times: {words}")
    return text
