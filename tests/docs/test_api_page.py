"""docs/api.md: every route of the OpenAPI document, each with a command, an answer and its errors."""

import re
from typing import Any

from app.web.openapi.document import build_document
from app.web.parameters import MOST_LISTED
from tests.docs.blocks import CHECKOUT, blocks

PAGE = CHECKOUT / "docs" / "api.md"
TEXT = PAGE.read_text("utf-8")
HEADING = re.compile(r"^### `([A-Z]+) (\S+)`$", re.M)
METHODS = ("get", "post", "put", "patch", "delete")


def operations() -> dict[tuple[str, str], dict[str, Any]]:
    """The operations by method and path."""
    paths: dict[str, dict[str, Any]] = build_document()["paths"]
    return {(m.upper(), path): on[m] for path, on in paths.items() for m in METHODS if m in on}


def sections() -> dict[tuple[str, str], str]:
    """What the page says of each, by method and path."""
    parts = HEADING.split(TEXT)[1:]
    found = {(m, path): text for m, path, text in zip(parts[::3], parts[1::3], parts[2::3], strict=True)}
    return {route: re.split(r"^## ", text, maxsplit=1, flags=re.M)[0] for route, text in found.items()}


def codes(text: str) -> set[str]:
    return set(re.findall(r"`([a-z]+_[a-z_]+)`", text))


def test_every_route_is_on_the_page() -> None:
    """Neither a route that nobody is told of, nor one that is no more."""
    assert set(sections()) == set(operations())


def test_every_route_has_a_command_that_asks_it_and_shows_the_answer() -> None:
    """A command in the route's section speaks to its path by its method, and the next block is what comes."""
    for (method, path), text in sections().items():
        shown = re.findall(r"```bash\n(.*?)```\n+```(?:json|text)\n", text, re.S)
        spoken = re.escape(
            path.replace("/api/data-generator", "$api") if "data-generator" in path else f"$SEEDBED_URL{path}"
        )
        pattern = re.sub(r"\\\{\w+\\\}", r"(?:\\$\\w+|\\$\\([^)]*\\)|\\d+)", spoken) + r"""["?]"""
        asking = [line for command in shown for line in command.splitlines() if re.search(pattern, line)]
        assert asking, (method, path, pattern)
        assert any(_method(line) == method for line in asking), (method, path)


def _method(command: str) -> str:
    said = re.search(r"-X ([A-Z]+)", command)
    return said[1] if said else "POST" if " -d " in command else "GET"


def test_every_error_of_a_route_is_named() -> None:
    """In the route's own table, or in that of all routes."""
    common = codes(TEXT.partition("## Exports")[0])
    for route, operation in operations().items():
        possible = {
            code
            for answer in operation["responses"].values()
            for media in answer.get("content", {}).values()
            for code in media.get("examples", {})
        }
        told = codes(sections()[route])
        assert possible - common <= told, (route, possible - common - told)
        known = {code for code in told if code in _all_codes()}
        assert known <= possible | common, (route, known - possible)


def test_each_path_parameter_and_status_of_the_page_is_real() -> None:
    """The statuses in the tables are those that the document has for the route."""
    for route, operation in operations().items():
        for statuses in re.findall(r"^\| (\d{3}(?:, \d{3})*) \|", sections()[route], re.M):
            assert set(statuses.split(", ")) <= set(operation["responses"]), (route, statuses)


def test_the_page_is_run() -> None:
    """It excuses none of its blocks."""
    assert not [block.place for block in blocks(PAGE) if block.excused]


def _all_codes() -> set[str]:
    from app.web.problems import KINDS

    return set(KINDS)


def test_the_longest_page_of_a_list_is_as_long_as_the_page_says() -> None:
    """The number of both is the one that requests are held to."""
    assert f"(at most {MOST_LISTED})" in TEXT
