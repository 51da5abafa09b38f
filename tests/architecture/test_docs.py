"""The documents lead somewhere, headings included, and each of their blocks is run by some test or says why not."""

import re
from pathlib import Path

import pytest

from app.commands.catalogue import COMMANDS
from app.commands.completion import options
from tests.docs.blocks import faults

CHECKOUT = Path(__file__).resolve().parents[2]
PAGES = [*CHECKOUT.glob("*.md"), *(CHECKOUT / "docs").rglob("*.md")]


def anchors(path: Path) -> set[str]:
    """The headings of a page, as its links name them."""
    headings = re.findall(r"^#+ (.+)$", path.read_text(), re.M)
    return {re.sub(r"[^\w\- ]", "", heading).strip().lower().replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(CHECKOUT).as_posix())
def test_links_lead_somewhere(page: Path) -> None:
    """A file that is there, and a heading that it has."""
    prose = re.sub(r"```.*?```", "", page.read_text(), flags=re.S)
    for target in re.findall(r"\]\(([^)\s]+)\)", prose):
        if re.match(r"[a-z]+:", target):
            continue
        name, _, anchor = target.partition("#")
        found = (page.parent / name).resolve() if name else page
        assert found.exists(), target
        if anchor and found.suffix == ".md":
            assert anchor in anchors(found), target


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(CHECKOUT).as_posix())
def test_each_block_is_run_or_says_why_not(page: Path) -> None:
    """tests/docs runs what it can; see tests/docs/blocks.py for how a page says of a block that something else does."""
    assert faults(page) == []


def test_every_page_is_in_the_index() -> None:
    """docs/README.md leads to each."""
    index = CHECKOUT / "docs" / "README.md"
    linked = {
        (index.parent / name.partition("#")[0]).resolve() for name in re.findall(r"\]\(([^)\s]+)\)", index.read_text())
    }
    assert {page for page in PAGES if page.is_relative_to(CHECKOUT / "docs")} - linked - {index} == set()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(CHECKOUT).as_posix())
def test_commands_in_the_text_are_there(page: Path) -> None:
    """`seedbed …` and `make …` between backticks: the command, its options, the target."""
    prose = re.sub(r"```.*?```", "", page.read_text(), flags=re.S)
    targets = set(re.findall(r"^([\w-]+):", (CHECKOUT / "Makefile").read_text(), re.M))
    for said in re.findall(r"`([^`\n]+)`", prose):
        words = said.split()
        if words[0] == "make" and len(words) > 1:
            assert words[1] in targets, said
        if words[0] == "seedbed" and len(words) > 1 and words[1].isalpha() and words[1].islower():
            assert words[1] in COMMANDS, said
            known = {name for option in options()[words[1]] for name in option.names}
            given = {word.partition("=")[0].rstrip(",;)") for word in words[2:] if re.match(r"--?[a-z]", word)}
            assert given <= known, said
