"""The fenced blocks of a page, and what the page says is done with each.

A block is one of these:

- a file, when its info string names one (```` ```sql schema.sql ````): written into the page's folder;
- a command or a program (`bash`, `python`, `js`, `sql`): run, in the order of the page;
- what the block before it prints (`text`, or `json` after a command): compared, where `…` stands for anything;
- excused, by a comment of its own above it: `<!-- not run: why -->`, or `<!-- tested by: tests/… -->` with a test that
  names the page. `<!-- sql blocks tested by: tests/… -->` anywhere speaks for all blocks of that kind, `<!-- all blocks
  tested by: … -->` for the whole page.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]
RUN_LANGUAGES = frozenset({"bash", "sh", "python", "js", "sql"})
_SHOWN_LANGUAGES = frozenset({"text", "json"})
_FENCE = re.compile(r"^(?P<fence>`{3,})(?P<info>[^`\n]*)\n(?P<text>.*?)^(?P=fence)[ \t]*$", re.M | re.S)
_COMMENT = re.compile(r"<!-- *(?P<said>not run|tested by): *(?P<about>[^>]*?) *-->\s*\Z")
_FOR_ALL = re.compile(r"<!-- *(?P<language>\w+) blocks tested by: *(?P<path>\S+) *-->")
_LEAST_REASON_CHARS = 10


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block. `excuse` is why it is not run, `tested_by` the test that runs it."""

    page: Path
    line: int
    language: str
    file: str | None
    text: str
    excuse: str | None = None
    tested_by: str | None = None

    @property
    def place(self) -> str:
        """`docs/page.md:12`"""
        return f"{self.page.relative_to(CHECKOUT)}:{self.line}"

    @property
    def excused(self) -> bool:
        return self.excuse is not None or self.tested_by is not None

    @property
    def is_run(self) -> bool:
        return not self.excused and self.file is None and self.language in RUN_LANGUAGES

    @property
    def is_shown(self) -> bool:
        """Whether it is the output of a block before it."""
        return not self.excused and self.file is None and self.language in _SHOWN_LANGUAGES


def pages() -> list[Path]:
    """Every page of the checkout that people read."""
    return sorted([*CHECKOUT.glob("*.md"), *(CHECKOUT / "docs").rglob("*.md")])


def blocks(page: Path) -> list[Block]:
    """The blocks of a page in order."""
    return list(_blocks(page, page.read_text("utf-8")))


def _blocks(page: Path, text: str) -> Iterator[Block]:
    for_all = {found["language"]: found["path"] for found in _FOR_ALL.finditer(text)}
    for found in _FENCE.finditer(text):
        language, _, file = found["info"].strip().partition(" ")
        said = _COMMENT.search(text[: found.start()])
        tested_by = for_all.get(language or "text") or for_all.get("all")
        excuse = None
        if said is not None:
            excuse = said["about"] if said["said"] == "not run" else None
            tested_by = said["about"] if said["said"] == "tested by" else tested_by
        line = text.count("\n", 0, found.start()) + 1
        yield Block(page, line, language, file.strip() or None, found["text"], excuse, tested_by)


def faults(page: Path) -> list[str]:
    """What is wrong with a page's blocks, each with its place: a block that nobody runs is one."""
    return list(_faults(page, blocks(page)))


def _faults(page: Path, found: list[Block]) -> Iterator[str]:
    name = page.relative_to(CHECKOUT).as_posix()
    printed = False
    for block in found:
        if block.excuse is not None:
            if len(block.excuse) < _LEAST_REASON_CHARS:
                yield f"{block.place}: `not run` without a reason"
        elif block.tested_by is not None:
            test = CHECKOUT / block.tested_by
            if not test.is_file():
                yield f"{block.place}: there is no {block.tested_by}"
            elif not _names(test, page):
                yield f"{block.place}: {block.tested_by} does not name {name}"
        elif block.file is not None:
            others = (other.text for other in found if other is not block)
            # What is put into the application is found by it, not named.
            if not block.file.startswith("app/") and not any(
                Path(block.file).name.partition(".")[0] in text for text in others
            ):
                yield f"{block.place}: no other block uses the file {block.file}"
        elif block.is_run:
            printed = True
        elif block.is_shown:
            if not printed:
                yield f"{block.place}: what prints this? No command stands before it"
            printed = False
        else:
            yield f"{block.place}: a block of {block.language or 'no language'} is neither run nor excused"


def _names(test: Path, page: Path) -> bool:
    """Whether a test speaks of a page: by its path, or by its name."""
    return page.name in test.read_text("utf-8")
