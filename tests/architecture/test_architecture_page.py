"""docs/architecture.md draws what is there: each room of its diagram, in the order that the import contract has."""

import re
import tomllib
from itertools import pairwise
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]
TEXT = (CHECKOUT / "docs" / "architecture.md").read_text("utf-8")
DIAGRAM = TEXT.split("```text\n", 1)[1].split("```", 1)[0]
ROOM = re.compile(r"\b(app/[\w.]+|tasks)/?")


def layers() -> list[set[str]]:
    """The layers of the import contract, as paths without endings."""
    contracts = tomllib.loads((CHECKOUT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    return [{name.strip().replace(".", "/") for name in layer.split("|")} for layer in contracts[0]["layers"]]


def test_each_room_of_the_page_is_there() -> None:
    """A folder that was renamed is renamed on the page."""
    for name in set(ROOM.findall(TEXT)):
        assert (CHECKOUT / name).exists(), name


def test_each_room_that_is_there_is_on_the_page() -> None:
    """A newcomer finds every folder of `app` explained."""
    folders = {f"app/{path.name}" for path in (CHECKOUT / "app").iterdir() if path.is_dir() and path.name[0] != "_"}
    assert {name for name in folders if name not in TEXT} == set()


def test_the_diagram_has_the_order_of_the_contract() -> None:
    """What stands above another in the diagram may import it, by the contract too."""
    place = {name: number for number, layer in enumerate(layers()) for name in layer}
    lines = [
        [place[n] for name in ROOM.findall(line) if (n := name.removesuffix(".py")) in place]
        for line in DIAGRAM.splitlines()
    ]
    rows = [line for line in lines if line]
    assert all(max(above) < min(below) for above, below in pairwise(rows)), rows
    assert len(rows) >= 6
