"""The commands: what each is for, examples of it, and the parser of its arguments."""

import argparse
import importlib
import textwrap
from difflib import get_close_matches
from types import ModuleType
from typing import Any, NoReturn

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
    "capacity": "what machines and which Postgres a load takes",
    "sweep": "remove files that no export owns any more",
    "completion": "print what a shell needs to complete these commands",
}

# As people would type them; a test has each of them parsed.
EXAMPLES = {
    "demo": ("seedbed demo", "seedbed demo --once", "DATABASE_URL=postgresql://localhost/try seedbed demo --port 8100"),
    "snapshot": (
        "seedbed snapshot --ddl schema.sql -o snapshot.json",
        "seedbed snapshot --database-url postgresql://localhost/shop --schema public --with-stats -o shop.json",
    ),
    "plan": (
        "seedbed plan schema.sql --rows 1000",
        "seedbed plan schema.sql --prompt '10k customers, 3-5 orders each' --explain",
        "seedbed plan schema.sql --seed 7 --json > plan.json",
    ),
    "diff": ("seedbed diff old.json new.json", "seedbed diff old.json new.json --exit-code"),
    "preview": (
        "seedbed preview schema.sql --limit 3",
        "seedbed preview postgresql://localhost/shop --table orders --seed 7",
    ),
    "generate": (
        "seedbed generate schema.sql --rows 1000 --rows orders=5000 --seed 7 -o data.zip",
        "seedbed generate schema.sql --rows 1M --format csv --compression zstd -o orders.csv.zst --jobs 4",
        "seedbed generate schema.sql --rows 100 --format copy -o - | psql shop_test",
    ),
    "verify": (
        "seedbed verify schema.sql --rows 1000",
        "seedbed verify postgresql://localhost/shop --rows 100 --json",
    ),
    "load": (
        "seedbed load schema.sql --database-url postgresql://localhost/shop_test --rows 1000",
        "seedbed load postgresql://localhost/shop --database-url postgresql://localhost/shop_test --scale 0.01",
    ),
    "serve": ("seedbed serve", "seedbed serve --host 0.0.0.0 --port 8000"),
    "migrate": ("seedbed migrate", "seedbed migrate --database-url postgresql://localhost/seedbed --to 0005"),
    "doctor": ("seedbed doctor", "seedbed doctor --json"),
    "capacity": (
        "seedbed capacity --exports-per-hour 600 --rows 100000",
        "seedbed capacity --exports-per-hour 20000 --rows 1000 --round-trip-ms 10 --watchers 3",
    ),
    "sweep": ("seedbed sweep --dry-run", "seedbed sweep --json"),
    "completion": (
        "seedbed completion bash > ~/.local/share/bash-completion/completions/seedbed",
        'seedbed completion zsh > "${fpath[1]}/_seedbed"',
        "seedbed completion fish > ~/.config/fish/completions/seedbed.fish",
    ),
}

EXIT_USAGE = 2
_WIDTH = 79


class Parser(argparse.ArgumentParser):
    """A parser whose errors are one line that says what to do."""

    def __init__(self, prog: str, description: str | None = None, epilog: str | None = None, **more: Any) -> None:
        super().__init__(
            prog=prog,
            description=description,
            epilog=epilog,
            formatter_class=argparse.RawDescriptionHelpFormatter,
            # An abbreviation that works today is another option's tomorrow.
            allow_abbrev=False,
            **more,
        )

    def error(self, message: str) -> NoReturn:
        """Exits with 2."""
        self.exit(EXIT_USAGE, f"{self.prog}: {self._told(message)}; see `{self.prog} --help`\n")

    def _told(self, message: str) -> str:
        words = message.split()
        if message.startswith("unrecognized arguments:") and words[-1]:
            known = [name for action in self._actions for name in action.option_strings]
            wrong = next((word for word in words[2:] if word.startswith("-")), words[2])
            return f"there is no argument {wrong}{_meant(wrong.partition('=')[0], known)}"
        if "invalid choice:" in message and "COMMAND" in message:
            wrong = message.split("'")[1]
            return f"there is no command {wrong!r}{_meant(wrong, list(COMMANDS))}"
        return message.removeprefix("argument ")


def _meant(wrong: str, known: list[str]) -> str:
    found = get_close_matches(wrong, known, n=1)
    return f", did you mean {found[0]}?" if found else ""


def module_of(name: str) -> ModuleType:
    """The module of a command: it has `configure(parser)` and `run(args)`."""
    return importlib.import_module(f"app.commands.{name}")


def configure(name: str, parser: argparse.ArgumentParser) -> ModuleType:
    """Gives a command's parser its arguments, and its help the examples."""
    module = module_of(name)
    module.configure(parser)
    remark = f"{textwrap.fill(parser.epilog, _WIDTH)}\n\n" if parser.epilog else ""
    parser.epilog = remark + "\n".join(("examples:", *(f"  {example}" for example in EXAMPLES[name])))
    return module
