"""The `seedbed` command: finds the command by its name, and turns errors into one sentence and an exit code.

Each command is a module of `app.commands`, imported only when it is called, since start-up is part of every run.
"""

import json
import os
import signal
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from types import FrameType, ModuleType
from typing import NoReturn

from app import __version__
from app.commands.catalogue import COMMANDS, EXIT_USAGE, Parser, configure
from app.commands.terminal import paint, showing
from app.errors import Fault, RequestRefused, SeedbedError

__all__ = ["COMMANDS", "command", "main"]

EXIT_FAILED = 1
# What ends a command, and what it says then; its exit code is 128 and the signal's number, as of a shell.
_ENDINGS = {signal.SIGINT: "interrupted", signal.SIGTERM: "ended by SIGTERM", signal.SIGHUP: "ended by SIGHUP"}
# These look after signals themselves: they have more to put in order.
_RUN_ON = ("serve", "demo")
# These have put all in order when they end: to take the interpreter's modules apart is a tenth of a small file's time.
_END_AT_ONCE = ("generate",)
_SHOWN_FAULTS = 20
_FILE = "file_unusable"

_DESCRIPTION = "Believable, referentially intact test data for any Postgres schema."
_EXAMPLES = """\
examples:
  seedbed demo
  seedbed generate schema.sql --rows 1000 --rows orders=5000 --seed 7 --format csv -o data.zip
  seedbed verify postgresql://localhost/shop --rows 100
  seedbed load schema.sql --database-url postgresql://localhost/shop_test --rows 1000
"""


def main(argv: Sequence[str] | None = None) -> int:
    """Runs one command line; returns the exit code: 0, 1 for a failure, 2 for wrong usage, 128 + n by a signal."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    if _command_of(arguments) in _RUN_ON:  # what these print is their log
        return _run(arguments)
    with showing():
        return _run(arguments)


def command() -> NoReturn:
    """Runs this process' command line, and ends it with the exit code."""
    code = main()
    if _command_of(sys.argv[1:]) in _END_AT_ONCE:
        with suppress(AttributeError, OSError, ValueError):
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(code)
    sys.exit(code)


def _command_of(arguments: Sequence[str]) -> str | None:
    return next((word for word in arguments if not word.startswith("-")), None)


def _run(arguments: list[str]) -> int:
    # numpy's linear algebra, of which nothing is used here, would start a thread for each core that spins for a while.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    name = _command_of(arguments)
    try:
        parser, own, command = _parser(name if name in COMMANDS else None)
        args, unknown = parser.parse_known_args(arguments)
        if unknown:
            # The command's own parser knows what may have been meant.
            own.error(f"unrecognized arguments: {' '.join(unknown)}")
        if command is None:
            parser.print_help(sys.stderr)
            return EXIT_USAGE
        with _ending_by_signals(name):
            code = int(command.run(args))
            if sys.stdout is not None:
                sys.stdout.flush()  # here a reader that has gone can still be met
            return code
    except SystemExit as stop:  # argparse has printed its own message
        return stop.code if isinstance(stop.code, int) else EXIT_USAGE
    except KeyboardInterrupt as stop:
        number = stop.number if isinstance(stop, _Ended) else signal.SIGINT
        print(f"{_prefix()} {_ENDINGS[number]}", file=sys.stderr)
        return 128 + number
    except BrokenPipeError:
        _let_go_of_output()
        return 0
    except Exception as error:
        if os.environ.get("SEEDBED_DEBUG"):
            raise
        _let_go_of_output()
        _print_error(error, as_json="--json" in arguments)
        return EXIT_FAILED


class _Ended(KeyboardInterrupt):
    """A signal asked for the end: it goes the way of a Ctrl-C, by every `finally`."""

    def __init__(self, number: signal.Signals) -> None:
        super().__init__()
        self.number = number


@contextmanager
def _ending_by_signals(command: str | None) -> Iterator[None]:
    """Within, SIGTERM and SIGHUP end what is done as tidily as Ctrl-C: no piece of a file stays, no server."""
    if command in _RUN_ON or threading.current_thread() is not threading.main_thread():
        yield
        return

    def end(number: int, _frame: FrameType | None) -> None:
        raise _Ended(signal.Signals(number))

    # One that is ignored stays so: that is how `nohup` works.
    ours = [number for number in (signal.SIGTERM, signal.SIGHUP) if signal.getsignal(number) is signal.SIG_DFL]
    for number in ours:
        signal.signal(number, end)
    try:
        yield
    finally:
        for number in ours:
            signal.signal(number, signal.SIG_DFL)


def _let_go_of_output() -> None:
    """Writes what can be written; where nobody reads any more, as behind `head`, the rest has nowhere to go."""
    if sys.stdout is None:
        return
    try:
        sys.stdout.flush()
    except OSError:
        with suppress(OSError, ValueError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _prefix() -> str:
    return paint("seedbed:", "bad", sys.stderr)


def _parser(name: str | None) -> tuple[Parser, Parser, ModuleType | None]:
    """The parser, that of the one command that was named, and its module, which has `run(args)`."""
    parser = Parser(prog="seedbed", description=_DESCRIPTION, epilog=_EXAMPLES)
    parser.add_argument("--version", action="version", version=f"seedbed {__version__}")
    commands = parser.add_subparsers(metavar="COMMAND", title="commands")
    command: ModuleType | None = None
    chosen = parser
    for known, summary in COMMANDS.items():
        own = commands.add_parser(known, help=summary, description=f"{summary[0].upper()}{summary[1:]}.")
        if known == name:
            chosen, command = own, configure(known, own)
    return parser, chosen, command


def _print_error(error: Exception, *, as_json: bool) -> None:
    faults = error.faults if isinstance(error, RequestRefused) else []
    code = error.code if isinstance(error, SeedbedError) else _FILE if isinstance(error, OSError) else "internal_error"
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
        print(f"{_prefix()} {len(faults)} things are wrong:", file=sys.stderr)
        for fault in faults[:_SHOWN_FAULTS]:
            print(f"  {_told(fault)}", file=sys.stderr)
        if len(faults) > _SHOWN_FAULTS:
            print(f"  and {len(faults) - _SHOWN_FAULTS} more; --json lists all of them", file=sys.stderr)
        return
    print(f"{_prefix()} {message}", file=sys.stderr)


def _told(fault: Fault) -> str:
    """The fault's message, with the table's name where the message leaves it to the pointer."""
    place, _, name = fault.pointer.rpartition("/")
    name = name.replace("~1", "/").replace("~0", "~")
    return f"{name}: {fault.message}" if place.endswith("/rows") and name not in fault.message else fault.message


def _sentence(error: Exception) -> str:
    if isinstance(error, SeedbedError):
        return " ".join(error.message.split())
    if isinstance(error, OSError) and error.strerror:
        return f"{error.filename}: {error.strerror.lower()}" if error.filename else error.strerror.lower()
    # Compared by name: importing the driver here would cost every command a tenth of a second.
    if type(error).__module__.startswith("psycopg"):
        return f"the database answered: {' '.join(str(error).split())}"
    return f"unexpected {type(error).__name__}: {error} (SEEDBED_DEBUG=1 shows where)"


if __name__ == "__main__":
    command()
