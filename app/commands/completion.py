"""`seedbed completion`: scripts by which shells complete commands, options and file names."""

import argparse
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

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
    case ${{COMP_WORDS[COMP_CWORD-1]}} in
{values}
    esac
    if [ "${{word:0:1}}" != "-" ]; then
        COMPREPLY=($(compgen -f -- "$word"))
    fi
    case $command in
{cases}
    esac
}}
complete -o filenames -F _seedbed seedbed
"""
# In a folder of $fpath the whole file is read when it is first asked, and has to answer at once; it can be sourced too.
_ZSH = """\
#compdef seedbed
# zsh completion for seedbed
_seedbed() {{
    local -a found
    if (( CURRENT == 2 )); then
        found=({commands})
        _describe command found
        return
    fi
    case ${{words[CURRENT-1]}} in
{values}
    esac
    case ${{words[2]}} in
{cases}
    esac
    if [[ $PREFIX == -* ]]; then
        _describe -o option found
    else
        _files
    fi
}}
if [[ ${{funcstack[1]}} == _seedbed ]]; then
    _seedbed "$@"
else
    compdef _seedbed seedbed
fi
"""


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
    return {"bash": _bash, "zsh": _zsh, "fish": _fish}[shell](options())


def options() -> Mapping[str, tuple[Known, ...]]:
    """The options of each command, as its parser has them."""
    found = {}
    for name in COMMANDS:
        parser = Parser(prog=f"seedbed {name}")
        configure_command(name, parser)
        found[name] = tuple(_known(action) for action in parser._actions)
    return found


@cache
def _values() -> Mapping[str, tuple[str, ...]]:
    """The values of options that are judged later, by the engine, which says more of a wrong one than a parser does."""
    from app.exports.requests import COMPRESSIONS
    from app.generator.formats.registry import FORMATS
    from app.generator.pools import LOCALES

    return {"format": tuple(FORMATS), "compression": COMPRESSIONS, "locale": LOCALES}


def _known(action: argparse.Action) -> Known:
    choices = tuple(str(choice) for choice in action.choices or _values().get(action.dest, ()))
    about = "" if action.help is None else action.help.split(";")[0].split("(")[0].strip()
    return Known(tuple(action.option_strings), about, action.nargs != 0, choices)


def _bash(found: Mapping[str, tuple[Known, ...]]) -> str:
    cases = [
        f'        {name})\n            COMPREPLY+=($(compgen -W "{" ".join(_words(known))}" -- "$word")) ;;'
        for name, known in found.items()
    ]
    values = [
        f'        {names})\n            COMPREPLY=($(compgen -W "{" ".join(choices)}" -- "$word")); return ;;'
        for names, choices in _valued(found)
    ]
    return _BASH.format(commands=" ".join(found), values="\n".join(values), cases="\n".join(cases))


def _valued(found: Mapping[str, tuple[Known, ...]]) -> list[tuple[str, tuple[str, ...]]]:
    """Options whose values are known, as patterns of a `case`; an option is the same for every command."""
    valued = {o.names: o.choices for known in found.values() for o in known if o.names and o.choices}
    return [("|".join(names), choices) for names, choices in sorted(valued.items())]


def _zsh(found: Mapping[str, tuple[Known, ...]]) -> str:
    values = [f"        {names}) compadd -- {' '.join(choices)}; return ;;" for names, choices in _valued(found)]
    cases = []
    for name, known in found.items():
        words = [_zsh_word(n, option.about) for option in known for n in option.names]
        bare = " ".join(choice for option in known if not option.names for choice in option.choices)
        first = f"compadd -- {bare}; return" if bare else f"found=({' '.join(words)})"
        cases.append(f"        {name}) {first} ;;")
    commands = " ".join(_zsh_word(name, about) for name, about in COMMANDS.items())
    return _ZSH.format(commands=commands, values="\n".join(values), cases="\n".join(cases))


def _zsh_word(word: str, about: str) -> str:
    """What `_describe` takes: a colon parts a word from what is said of it."""
    return shlex.quote(f"{word}:{about}" if about else word)


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
                if option.choices:
                    value = f" -x -a {shlex.quote(' '.join(option.choices))}"
                lines.append(f"{chosen} {' '.join(words)}{value} -d {shlex.quote(option.about)}")
    return "\n".join(lines) + "\n"
