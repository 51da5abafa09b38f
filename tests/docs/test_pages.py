"""Every command and snippet of every page does what the page says."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import Databases
from tests.docs.blocks import CHECKOUT, blocks, pages
from tests.docs.world import PageRun, World, open_world
from tests.fixtures.programs import program

RUN = [page for page in pages() if any(block.is_run for block in blocks(page))]


@pytest.fixture(scope="module")
def world(databases: Databases) -> Iterator[World]:
    """One running service for all pages of this process."""
    program("bash")
    program("curl")
    with open_world(databases) as opened:
        yield opened


@pytest.mark.parametrize("page", RUN, ids=lambda page: page.relative_to(CHECKOUT).as_posix())
def test_the_page_holds(world: World, page: Path) -> None:
    """Its files are written, its commands run in order, and what it shows is what they print."""
    found = blocks(page)
    text = " ".join(f"{block.language} {block.text}" for block in found if block.is_run)
    for needed, package in (("node", "nodejs"), ("nginx", "nginx-light"), ("psql", "postgresql-client")):
        if re.search(rf"^{needed}\b|\b{needed} -", text, re.M):
            program(needed, package)
    run = PageRun(world, page, found)
    try:
        wrong = run.run(found)
    finally:
        run.end()
    assert wrong == [], "\n".join(wrong)
