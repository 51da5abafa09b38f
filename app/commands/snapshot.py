"""`seedbed snapshot`: a schema as one JSON document, to be kept, reviewed, or sent to the API."""

import argparse
import json
import sys
from pathlib import Path

from app.commands.sources import connected, read_database, read_ddl, read_text
from app.errors import Fault, RequestRefused


def configure(parser: argparse.ArgumentParser) -> None:
    """Adds the command's arguments."""
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument("--database-url", metavar="U", help="read the catalogues of this database")
    source.add_argument(
        "--ddl", metavar="F", type=Path, help="load this .sql file into a scratch database, and read it"
    )
    parser.add_argument(
        "--schema", dest="schemas", metavar="S", action="append", help="only this schema; may be repeated"
    )
    parser.add_argument(
        "--with-stats", action="store_true", help="with row estimates, shares of nulls, distinct counts, correlations"
    )
    parser.add_argument(
        "--with-values", action="store_true", help="and with the most common values, which are data of the database"
    )
    parser.add_argument(
        "-o", "--output", metavar="PATH", type=Path, help="where to write it (default: standard output)"
    )


def run(args: argparse.Namespace) -> int:
    """Writes the snapshot."""
    from app.generator.snapshot.form import snapshot_to_json

    if args.with_values and not args.with_stats:
        raise RequestRefused([Fault("", "usage", "--with-values goes with --with-stats")])
    if args.with_stats and args.ddl is not None:
        raise RequestRefused([Fault("", "usage", "--with-stats needs a database: DDL has no rows to count")])
    if args.ddl is not None:
        snapshot = read_ddl(read_text(str(args.ddl)))
    else:
        snapshot = read_database(args.database_url, args.schemas)
        if args.with_stats:
            from app.adapters.introspection.statistics import with_statistics

            with connected(args.database_url) as connection:
                snapshot = with_statistics(connection, snapshot, values=args.with_values)
    text = json.dumps(snapshot_to_json(snapshot), indent=2, ensure_ascii=False) + "\n"
    if args.output is None or str(args.output) == "-":
        sys.stdout.write(text)
    else:
        args.output.write_text(text, encoding="utf-8")
        print(f"{args.output}: {len(snapshot.tables)} tables, {len(snapshot.types)} types")
    return 0
