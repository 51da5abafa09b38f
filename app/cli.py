"""The `seedbed` command: finds the command by its name, and turns errors into one sentence and an exit code.

Each command is a module of `app.commands`, imported only when it is called, since start-up is part of every run.
"""

import argparse
import importlib
import json
import os
import sys
from collections.abc import Sequence
from types import ModuleType

from app import __version__
from app.errors import Fault, RequestRefused, SeedbedError

COMMANDS = {
    "demo": "the whole service on this machine, with one finished export",
    "snapshot": "read a schema from a database or a .sql file",
    "plan": "show how each column would be filled",
    "diff": "show what two plans change",
    "preview": "show the first rows of each table",
    "generate": "write test data to a file",
    "verify": "load test data into a scratch database and report by constraint",
    "load": "put test data into a database",
    "serve": "run the API",
    "migrate": "bring the service's database up to date",
    "doctor": "check database, queue, storage and sign-in, and say how to mend them",
    "sweep": "remove files that no export owns any more",
}

EXIT_FAILED = 1
EXIT_USAGE = 2
_EXIT_INTERRUPTED = 130
_SHOWN_FAULTS = 20

_DESCRIPTION = "Believable, referentially intact test data for any Postgres schema."
_EXAMPLES = """\
examples:
  seedbed demo
  seedbed generate schema.sql --rows 1000 --rows orders=5000 --seed 7 --format csv -o data.zip
  seedbed verify postgresql://localhost/shop --rows 100
  seedbed load schema.sql --database-url postgresql://localhost/shop_test --rows 1000
"""


def main(argv: Sequence[str] | None = None) -> int:
    """Runs one command line; returns the exit code: 0, 1 for a failure, 2 for wrong usage."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    name = next((word for word in arguments if not word.startswith("-")), None)
    try:
        parser, command = _parser(name if name in COMMANDS else None)
        args = parser.parse_args(arguments)
        if command is None:
            parser.print_help(sys.stderr)
            return EXIT_USAGE
        return int(command.run(args))
    except SystemExit as stop:  # argparse has printed its own message
        return stop.code if isinstance(stop.code, int) else EXIT_USAGE
    except KeyboardInterrupt:
        print("seedbed: interrupted", file=sys.stderr)
        return _EXIT_INTERRUPTED
    except BrokenPipeError:
        # The reader of our output has gone, as `head` does; what is left in the buffer has nowhere to go.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception as error:
        if os.environ.get("SEEDBED_DEBUG"):
            raise
        _print_error(error, as_json="--json" in arguments)
        return EXIT_FAILED


def _parser(name: str | None) -> tuple[argparse.ArgumentParser, ModuleType | None]:
    """The parser, and the module of the one command that was named: it has `configure(parser)` and `run(args)`."""
    parser = argparse.ArgumentParser(
        prog="seedbed",
        description=_DESCRIPTION,
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"seedbed {__version__}")
    commands = parser.add_subparsers(metavar="COMMAND", title="commands")
    command: ModuleType | None = None
    for known, summary in COMMANDS.items():
        own = commands.add_parser(
            known,
            help=summary,
            description=f"{summary[0].upper()}{summary[1:]}.",
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        if known == name:
            command = importlib.import_module(f"app.commands.{known}")
            command.configure(own)
    return parser, command


def _print_error(error: Exception, *, as_json: bool) -> None:
    faults = error.faults if isinstance(error, RequestRefused) else []
    code = error.code if isinstance(error, SeedbedError) else "internal_error"
    message = _told(faults[0]) if len(faults) == 1 else _sentence(error)
    if as_json:
        facts = error.facts if isinstance(error, SeedbedError) else {}
        problem: dict[str, object] = {"code": code, "message": message, **({"facts": facts} if facts else {})}
        if faults:
            problem["faults"] = [
                {"pointer": fault.pointer, "code": fault.code, "message": fault.message} for fault in faults
            ]
        print(json.dumps({"error": problem}, default=str), file=sys.stderr)
        return
    if len(faults) > 1:
        print(f"seedbed: {len(faults)} things are wrong:", file=sys.stderr)
        for fault in faults[:_SHOWN_FAULTS]:
            print(f"  {_told(fault)}", file=sys.stderr)
        if len(faults) > _SHOWN_FAULTS:
            print(f"  and {len(faults) - _SHOWN_FAULTS} more; --json lists all of them", file=sys.stderr)
        return
    print(f"seedbed: {message}", file=sys.stderr)


def _told(fault: Fault) -> str:
    """The fault's message, with the table's name where the message leaves it to the pointer."""
    place, _, name = fault.pointer.rpartition("/")
    name = name.replace("~1", "/").replace("~0", "~")
    return f"{name}: {fault.message}" if place.endswith("/rows") and name not in fault.message else fault.message


def _sentence(error: Exception) -> str:
    if isinstance(error, SeedbedError):
        return error.message
    if isinstance(error, OSError) and error.strerror:
        return f"{error.filename}: {error.strerror.lower()}" if error.filename else error.strerror.lower()
    # Compared by name: importing the driver here would cost every command a tenth of a second.
    if type(error).__module__.startswith("psycopg"):
        return f"the database answered: {' '.join(str(error).split())}"
    return f"unexpected {type(error).__name__}: {error} (SEEDBED_DEBUG=1 shows where)"


if __name__ == "__main__":
    sys.exit(main())
