"""Cuts a file of DDL into statements, the way psql reads it: meta-commands and COPY data are told apart."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

_TOKEN = re.compile(
    r"""
      (?P<line_comment>--[^\n]*)
    | (?P<block_comment>/\*)
    | (?P<escape_string>(?<![\w$])[eE]'[^'\\]*(?:(?:\\.|'')[^'\\]*)*')
    | (?P<string>'[^']*(?:''[^']*)*')
    | (?P<name>"[^"]*(?:""[^"]*)*")
    | (?P<dollar>(?<![\w$])\$(?:[^\W\d]\w*)?\$)
    | (?P<meta>\\[^\n]*)
    | (?P<open>[(\[])
    | (?P<close>[)\]])
    | (?P<end>;)
    | (?P<word>[^\W\d][\w$]*)
    | (?P<unclosed>['"])
    """,
    re.VERBOSE | re.DOTALL,
)
_SET = re.compile(r"\\set\s+(\w+)(?:\s+(.*))?")
# Meta-commands that end the statement before them in place of a semicolon.
_SENDS = re.compile(r"\\g(exec|set|x|desc)?\b|\\(watch|crosstabview)\b")
_VARIABLE = re.compile(r""":(?:'(\w+)'|"(\w+)"|([^\W\d]\w*))""")
_COMMENT_MARK = re.compile(r"/\*|\*/")
_BLANK = re.compile(r"\s+")
_COPY = re.compile(r"copy\b.*\bfrom\s+stdin\b", re.IGNORECASE | re.DOTALL)
_DATA_END = re.compile(r"^\\\.[ \t]*\r?$\n?", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement, meta-command or unfinished rest. `line` counts from 1, `offset` in characters from 0."""

    text: str
    offset: int
    line: int
    kind: Literal["sql", "meta", "unfinished"] = "sql"
    copies: bool = False


def split_statements(ddl: str) -> list[Statement]:
    """The statements of a file, in order, without comments around them and without COPY's data.

    Each line stays where it is: `line` is that of the user's file.
    """
    return list(_Splitter(ddl))


def line_and_column(text: str, offset: int) -> tuple[int, int]:
    """Where an offset is, both counted from 1."""
    before = text[:offset]
    return before.count("\n") + 1, offset - (before.rfind("\n") + 1) + 1


def variables_set(meta: str) -> dict[str, str]:
    """What a psql meta-command gives a variable: `\\set name value`."""
    match = _SET.match(meta)
    return {match[1]: (match[2] or "").strip().strip("'")} if match else {}


def fill_variables(text: str, variables: Mapping[str, str]) -> str:
    """A statement with psql's variables filled in; one that nothing sets stands for its own name."""
    out: list[str] = []
    position = 0
    while position < len(text):
        found = _VARIABLE.match(text, position)
        if found and (position == 0 or (text[position - 1] not in ":]" and not text[position - 1].isalnum())):
            literal, name, bare = found.groups()
            value = variables.get(literal or name or bare, literal or name or bare)
            out.append("'" + value.replace("'", "''") + "'" if literal else f'"{value}"' if name else value)
            position = found.end()
            continue
        token = _TOKEN.match(text, position)
        end = token.end() if token else position + 1
        if token and token.lastgroup == "dollar":
            closing = text.find(token[0], end)
            end = len(text) if closing < 0 else closing + len(token[0])
        out.append(text[position:end])
        position = end
    return "".join(out)


class _Splitter:
    def __init__(self, ddl: str) -> None:
        self._ddl = ddl
        self._line = 1
        self._counted = 0

    def __iter__(self) -> Iterator[Statement]:
        ddl, position, start = self._ddl, 0, -1
        brackets, blocks, words = 0, 0, list[str]()
        while position < len(ddl):
            blank = _BLANK.match(ddl, position)
            if blank:
                position = blank.end()
                continue
            match = _TOKEN.match(ddl, position)
            kind = match.lastgroup if match else None
            after = match.end() if match else position + 1
            if kind == "line_comment":
                position = after
                continue
            if kind == "block_comment":
                position = self._skip_comment(after)
                continue
            if kind == "meta" and start < 0:
                yield self._statement(position, after, "meta")
                position = after
                continue
            if kind == "end" and start < 0:  # an empty statement
                position = after
                continue
            if kind == "meta" and match and brackets <= 0 and _SENDS.match(match[0]):
                yield self._statement(start, position, "sql")
                yield self._statement(position, after, "meta")
                start, position, brackets, blocks, words = -1, after, 0, 0, []
                continue
            if start < 0:
                start = position
            if kind == "unclosed":
                break
            if kind == "dollar" and match:
                closing = ddl.find(match[0], after)
                if closing < 0:
                    break
                after = closing + len(match[0])
            elif kind == "open":
                brackets += 1
            elif kind == "close":
                brackets -= 1
            elif kind == "word" and match:
                word = match[0].lower()
                if len(words) < 5:
                    words.append(word)
                blocks = _count_blocks(blocks, word, words)
            elif kind == "end" and brackets <= 0 and blocks <= 0:
                statement = self._statement(start, position, "sql")
                if words[:1] == ["copy"] and _COPY.match(statement.text):
                    after = self._skip_data(after)
                    statement = Statement(statement.text, statement.offset, statement.line, "sql", copies=True)
                yield statement
                start, brackets, blocks, words = -1, 0, 0, []
            position = after
        if start >= 0:
            yield self._statement(start, len(ddl.rstrip()), "unfinished")

    def _statement(self, start: int, end: int, kind: Literal["sql", "meta", "unfinished"]) -> Statement:
        self._line += self._ddl.count("\n", self._counted, start)
        self._counted = start
        return Statement(self._ddl[start:end], start, self._line, kind)

    def _skip_comment(self, position: int) -> int:
        depth = 1  # Postgres' comments nest
        for mark in _COMMENT_MARK.finditer(self._ddl, position):
            depth += 1 if mark[0] == "/*" else -1
            if depth == 0:
                return mark.end()
        return len(self._ddl)

    def _skip_data(self, position: int) -> int:
        newline = self._ddl.find("\n", position)
        end = _DATA_END.search(self._ddl, newline + 1) if newline >= 0 else None
        return end.end() if end else len(self._ddl)


def _count_blocks(blocks: int, word: str, words: list[str]) -> int:
    """How many BEGIN and CASE are open in the body of a function that is written out (BEGIN ATOMIC ... END)."""
    if words[0] != "create" or not {"function", "procedure"} & set(words[1:4]):
        return blocks
    if word == "begin" or (word == "case" and blocks):
        return blocks + 1
    return blocks - 1 if word == "end" and blocks else blocks
