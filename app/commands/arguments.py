"""Arguments that several commands share, and what they say together as a generator's configuration."""

import argparse
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from app.generator.config import GeneratorConfig

DEFAULT_SEED = "seedbed"
_ROWS = re.compile(r"(?:(?P<table>.+)=)?(?P<count>[0-9][0-9_]*)(?P<unit>[kKmM]?)")
_UNITS = {"": 1, "k": 1_000, "m": 1_000_000}


@dataclass(frozen=True, slots=True)
class RowsArgument:
    """`1000`, or `orders=5000`: a count for every table, or for one."""

    table: str | None
    count: int


def read_rows(text: str) -> RowsArgument:
    """Reads one `--rows`; `k` and `M` stand for thousand and million."""
    found = _ROWS.fullmatch(text)
    if found is None:
        raise argparse.ArgumentTypeError(f"{text!r} is neither a number of rows (1000, 10k, 1M) nor TABLE=number")
    count = int(found["count"].replace("_", "")) * _UNITS[found["unit"].lower()]
    return RowsArgument(found["table"], count)


def read_positive(text: str) -> int:
    """A whole number of at least one."""
    try:
        number = int(text)
    except ValueError:
        number = 0
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number above zero")
    return number


def add_source(parser: argparse.ArgumentParser) -> None:
    """The positional SOURCE."""
    parser.add_argument(
        "source", metavar="SOURCE", help="a .sql file, a snapshot (.json), or the URL of a database (postgresql://…)"
    )
    parser.add_argument(
        "--schema",
        dest="schemas",
        metavar="NAME",
        action="append",
        help="only this schema of a database; may be repeated (default: all but the system's)",
    )


def add_request(parser: argparse.ArgumentParser) -> None:
    """What to make of a source: rows, seed, configuration."""
    parser.add_argument(
        "--config",
        metavar="FILE",
        type=Path,
        help="YAML or JSON with rows, overrides, locale, prompt (default: seedbed.yaml, where it is in this folder)",
    )
    parser.add_argument(
        "--prompt", metavar="TEXT", help="what the data are about, in plain words: '10k customers, 3-5 orders each'"
    )
    parser.add_argument(
        "--rows",
        metavar="N|TABLE=N",
        type=read_rows,
        action="append",
        default=[],
        help="rows of every table, or of one; may be repeated (default: 100)",
    )
    parser.add_argument(
        "--scale", metavar="X", type=float, help="rows of each table as a share of those that statistics say there are"
    )
    parser.add_argument("--seed", metavar="S", help=f"same seed, same bytes (default: {DEFAULT_SEED!r})")
    parser.add_argument("--locale", metavar="L", help="language and country of names and places (default: en_US)")
    parser.add_argument("--nasty", action="store_true", help="text that breaks programs, where no rule restricts it")


def add_json(parser: argparse.ArgumentParser) -> None:
    """`--json`: the result as one JSON document on standard output, errors as one on standard error."""
    parser.add_argument("--json", action="store_true", help="print the result as JSON, for programs")


@dataclass(frozen=True, slots=True)
class Request:
    """Configuration file and arguments together; an argument wins over the file."""

    values: Mapping[str, Any]
    seed: str
    prompt: str | None = None

    def generator_config(self) -> "GeneratorConfig":
        """Raises PlanRefused with every fault."""
        from app.generator.config import GeneratorConfig

        return GeneratorConfig.from_json(self.values, pointer="")


def read_request(args: argparse.Namespace) -> Request:
    """What the shared arguments ask for. Raises RequestRefused for a configuration file that is not one."""
    values = dict(_read_file(args.config))
    everywhere = [rows.count for rows in args.rows if rows.table is None]
    by_table = {rows.table: rows.count for rows in args.rows if rows.table is not None}
    if by_table:
        written = values.get("rows", {})
        base = dict(written) if isinstance(written, Mapping) else {"*": written}
        if everywhere:
            base = {"*": everywhere[-1]}
        values["rows"] = {**base, **by_table}
    elif everywhere:
        values["rows"] = everywhere[-1]
    if args.locale:
        values["locale"] = args.locale
    if args.scale is not None:
        values["scale"] = args.scale
    if args.nasty:
        values["nasty"] = True
    seed = args.seed if args.seed is not None else values.pop("seed", DEFAULT_SEED)
    values.pop("seed", None)
    written = values.pop("prompt", None)
    return Request(values, str(seed), args.prompt if args.prompt is not None else written)


def _read_file(path: Path | None) -> Mapping[str, Any]:
    """The configuration file that was named, or the one that lies in this folder."""
    from app.commands.configuration import DEFAULT_FILE, read_configuration

    if path is None and Path(DEFAULT_FILE).is_file():
        path = Path(DEFAULT_FILE)
        print(f"seedbed: by {DEFAULT_FILE} in this folder", file=sys.stderr)
    return read_configuration(path) if path is not None else {}
