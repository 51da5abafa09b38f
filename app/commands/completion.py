"""`seedbed completion`: scripts by which shells complete commands, options and file names."""

import argparse
import shlex
from collections.abc import Mapping
from dataclasses import dataclass

from app.commands.catalogue import COMMANDS, Parser
from app.commands.catalogue import configure as configure_command

SHELLS = ("bash", "zsh", "fish")

_BASH = """\
# bash completion for seedbed
_seedbed() {{
    local word=${{COMP_WORDS[COMP_CWORD]}} command=${{COMP_WORDS[1]}}
    COMPREPLY=()
    if [ "$COMP_CWORD" -eq 1 ]; then
        COMPREPLY=($(compgen -W "{commands}" -- "$word"))
        return
    fi
    if [ "${{word:0:1}}" != "-" ]; then
        COMPREPLY=($(compgen -f -- "$word"))
    fi
    case $command in
{cases}
    esac
}}
complete -o filenames -F _seedbed seedbed
"""
_ZSH = "#compdef seedbed\nautoload -U +X bashcompinit && bashcompinit\n"


@dataclass(frozen=True, slots=True)
class Known:
    """An option: its names, what it is for, and whether a value follows it."""

    names: tuple[str, ...]
    about: str
    takes_value: bool
    choices: tuple[str, ...] = ()


def configure(parser: argparse.ArgumentParser) -> None:
    """Adds the command's arguments."""
    parser.add_argument("shell", choices=SHELLS, metavar="SHELL", help="bash, zsh or fish")


def run(args: argparse.Namespace) -> int:
    """Prints the script."""
    print(script(args.shell), end="")
    return 0


def script(shell: str) -> str:
    """The script for one of SHELLS."""
    found = options()
    return _fish(found) if shell == "fish" else (_ZSH if shell == "zsh" else "") + _bash(found)


def options() -> Mapping[str, tuple[Known, ...]]:
    """The options of each command, as its parser has them."""
    found = {}
    for name in COMMANDS:
        parser = Parser(prog=f"seedbed {name}")
        configure_command(name, parser)
        found[name] = tuple(_known(action) for action in parser._actions)
    return found


def _known(action: argparse.Action) -> Known:
    choices = tuple(str(choice) for choice in action.choices or ())
    about = "" if action.help is None else action.help.split(";")[0].split("(")[0].strip()
    return Known(tuple(action.option_strings), about, action.nargs != 0, choices)


def _bash(found: Mapping[str, tuple[Known, ...]]) -> str:
    cases = [
        f'        {name})\n            COMPREPLY+=($(compgen -W "{" ".join(_words(known))}" -- "$word")) ;;'
        for name, known in found.items()
    ]
    return _BASH.format(commands=" ".join(found), cases="\n".join(cases))


def _words(known: tuple[Known, ...]) -> list[str]:
    return [word for option in known for word in (option.names or option.choices)]


def _fish(found: Mapping[str, tuple[Known, ...]]) -> str:
    lines = ["# fish completion for seedbed"]
    for name, summary in COMMANDS.items():
        lines.append(f"complete -c seedbed -f -n __fish_use_subcommand -a {name} -d {shlex.quote(summary)}")
    for name, known in found.items():
        chosen = f"complete -c seedbed -n {shlex.quote(f'__fish_seen_subcommand_from {name}')}"
        for option in known:
            words = [f"-l {n[2:]}" if n.startswith("--") else f"-s {n[1:]}" for n in option.names]
            if option.choices and not words:
                lines.append(f"{chosen} -f -a {shlex.quote(' '.join(option.choices))}")
            elif words:
                value = " -r" if option.takes_value else ""
                lines.append(f"{chosen} {' '.join(words)}{value} -d {shlex.quote(option.about)}")
    return "\n".join(lines) + "\n"
