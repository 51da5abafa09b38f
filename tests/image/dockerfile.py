"""Reads a Dockerfile: its stages, and their instructions in order.

Only what ours needs is known. Anything else is refused by name, so that a replay never passes over an instruction that
an engine would have carried out.
"""

import json
import re
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

KNOWN = frozenset({"FROM", "RUN", "COPY", "WORKDIR", "ENV", "USER", "EXPOSE", "CMD"})


class DockerfileError(Exception):
    """What the Dockerfile says cannot be carried out, or is not known here."""


@dataclass(frozen=True, slots=True)
class Instruction:
    """One instruction; `text` is what comes after its name, with continued lines joined."""

    name: str
    text: str
    line: int

    def words(self) -> list[str]:
        """The words of the text, as a shell would cut them; of a JSON array, its strings."""
        if self.text.startswith("["):
            try:
                found = json.loads(self.text)
            except ValueError as error:
                raise DockerfileError(f"line {self.line}: {self.name} is not a JSON array: {error}") from error
            return [str(word) for word in found]
        return shlex.split(self.text)

    def flags(self) -> tuple[Mapping[str, str], list[str]]:
        """`--name=value` options that stand before the words, and the words."""
        words = self.words()
        flags = {}
        while words and words[0].startswith("--"):
            name, _, value = words.pop(0)[2:].partition("=")
            flags[name] = value
        return flags, words


@dataclass(frozen=True, slots=True)
class Stage:
    """What is built on one base image."""

    base: str
    name: str | None
    instructions: list[Instruction] = field(default_factory=list)


def read_dockerfile(text: str) -> list[Stage]:
    """The stages. Raises DockerfileError for what is not known, with its line."""
    stages: list[Stage] = []
    for one in _instructions(text):
        if one.name not in KNOWN:
            raise DockerfileError(f"line {one.line}: {one.name} is not an instruction that is known here")
        if one.name == "FROM":
            words = one.words()
            named = len(words) == 3 and words[1].upper() == "AS"
            if not named and len(words) != 1:
                raise DockerfileError(f"line {one.line}: FROM {one.text} is not understood")
            stages.append(Stage(words[0], words[2] if named else None))
        elif not stages:
            raise DockerfileError(f"line {one.line}: {one.name} stands before the first FROM")
        else:
            stages[-1].instructions.append(one)
    if not stages:
        raise DockerfileError("there is no FROM")
    return stages


def _instructions(text: str) -> list[Instruction]:
    found, pending, began = list[Instruction](), "", 0
    for number, line in enumerate(text.splitlines(), 1):
        if line.lstrip().startswith("#") or (not line.strip() and not pending):
            continue  # a comment may stand between continued lines
        began = began or number
        if line.rstrip().endswith("\\"):
            pending += line.rstrip()[:-1] + " "
            continue
        name, _, rest = (pending + line).strip().partition(" ")
        found.append(Instruction(name.upper(), rest.strip(), began))
        pending, began = "", 0
    if pending:
        raise DockerfileError(f"line {began}: the file ends in the middle of an instruction")
    return found


def expand(text: str, environment: Mapping[str, str]) -> str:
    """`$NAME` and `${NAME}` by the environment; what is not set is empty, as in an engine."""
    return re.sub(r"\$(?:\{(\w+)\}|(\w+))", lambda match: environment.get(match[1] or match[2], ""), text)


def environment_of(one: Instruction, environment: Mapping[str, str]) -> dict[str, str]:
    """The variables that an ENV sets."""
    found = {}
    for word in shlex.split(one.text):
        name, equals, value = word.partition("=")
        if not equals:
            raise DockerfileError(f"line {one.line}: ENV {one.text} is not NAME=VALUE")
        found[name] = expand(value, environment)
    return found


class Ignored:
    """A .dockerignore: patterns, the last one that matches decides; `!` lets in again."""

    def __init__(self, text: str) -> None:
        self._rules: Sequence[tuple[re.Pattern[str], bool]] = [
            (_pattern(line.lstrip("!").strip().strip("/")), not line.startswith("!"))
            for line in map(str.strip, text.splitlines())
            if line and not line.startswith("#")
        ]

    def __call__(self, path: str) -> bool:
        """Whether a file, by its path in the context, is kept from the image. A rule for a folder is one for all in it."""
        parts = path.split("/")
        ancestors = ["/".join(parts[: n + 1]) for n in range(len(parts))]
        ignored = False
        for pattern, ignores in self._rules:
            if any(pattern.fullmatch(one) for one in ancestors):
                ignored = ignores
        return ignored


def _pattern(glob: str) -> re.Pattern[str]:
    out, rest = "", glob
    while rest:
        if rest.startswith("**/"):
            out, rest = out + "(?:.*/)?", rest[3:]
        elif rest.startswith("**"):
            out, rest = out + ".*", rest[2:]
        elif rest[0] == "*":
            out, rest = out + "[^/]*", rest[1:]
        elif rest[0] == "?":
            out, rest = out + "[^/]", rest[1:]
        else:
            out, rest = out + re.escape(rest[0]), rest[1:]
    return re.compile(out)
