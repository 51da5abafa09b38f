"""The OpenAPI document tells what is there: every route, every code, and nothing that is not."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from litestar.routes import HTTPRoute

from app.exports.requests import FORMATS, parse_export_request
from app.web.openapi.bodies import EXAMPLE_REQUEST
from app.web.openapi.document import build_document
from app.web.problems import KINDS
from tests.json_schema import violations
from tests.unit.web.conftest import Client

DOCUMENT = build_document()
# Pages for people, static files, signed links and the development issuer are no API that programs are written against.
_LEFT_OUT = re.compile(r"/(|new|schemas|sign-in|exports/.*|static/.*|schema|schema/openapi\.json|files/.*|dev/.*)")


def operations() -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, methods in DOCUMENT["paths"].items():
        for method, operation in methods.items():
            yield path, method, operation


def without_names(path: str) -> str:
    return re.sub(r"\{[^}]*\}", "{}", path)


def test_every_route_is_documented(client: Client) -> None:
    """And every documented operation has a route."""
    routed = {
        (without_names(route.path_format), method.lower())
        for route in client.app.routes
        if isinstance(route, HTTPRoute)
        for method in route.methods
        if method not in ("OPTIONS", "HEAD") and not _LEFT_OUT.fullmatch(route.path_format)
    }
    assert routed == {(without_names(path), method) for path, method, _ in operations()}


def test_operations_have_names_of_their_own() -> None:
    """Generated clients name their methods by them."""
    names = [operation["operationId"] for _, _, operation in operations()]
    assert len(names) == len(set(names))
    assert all(re.fullmatch(r"[a-z][A-Za-z]+", name) for name in names)


def test_references_lead_somewhere() -> None:
    """Each $ref is there."""
    for reference in re.findall(r'"\$ref": "([^"]+)"', json.dumps(DOCUMENT)):
        target: Any = DOCUMENT
        for token in reference.removeprefix("#/").split("/"):
            target = target[token]
        assert target


def test_paths_declare_their_parameters() -> None:
    """Each name in braces is a parameter."""
    for path, _, operation in operations():
        declared = {p["name"] for p in operation.get("parameters", []) if p["in"] == "path"}
        assert declared == set(re.findall(r"\{([^}]*)\}", path))


def test_every_problem_is_told_with_its_status() -> None:
    """An example's code stands under the status that the table gives it."""
    for _, _, operation in operations():
        for status, answer in operation["responses"].items():
            content = answer.get("content", {}).get("application/problem+json")
            for code, example in (content or {}).get("examples", {}).items():
                assert str(KINDS[code].status) == status
                assert not violations(example["value"], content["schema"], DOCUMENT)


def test_examples_hold() -> None:
    """Each example of a body or an answer is what its schema says."""
    for _, _, operation in operations():
        contents = [operation.get("requestBody", {}).get("content", {})]
        contents += [answer.get("content", {}) for answer in operation["responses"].values()]
        for media in (media for content in contents for media in content.values()):
            if "example" in media:
                assert not violations(media["example"], media["schema"], DOCUMENT)


def test_the_example_request_is_one_that_is_taken() -> None:
    """What the reference shows can be sent as it is."""
    assert parse_export_request(EXAMPLE_REQUEST).config.format in FORMATS


@pytest.mark.parametrize(
    "body",
    [
        {},
        {**EXAMPLE_REQUEST, "extra": 1},
        {**EXAMPLE_REQUEST, "seed": ""},
        {**EXAMPLE_REQUEST, "seed": 1.5},
        {**EXAMPLE_REQUEST, "schema": {}},
        {**EXAMPLE_REQUEST, "schema": {"ddl": "x", "id": "7b0f7d0e-6f0b-4a39-9d43-52a1f1c4a001"}},
        {**EXAMPLE_REQUEST, "config": {"format": "csv"}},
        {**EXAMPLE_REQUEST, "config": {"format": "csv", "rows": -1}},
        {**EXAMPLE_REQUEST, "config": {"format": "csv", "rows": {"t": {"perParent": 1}}}},
        {**EXAMPLE_REQUEST, "notify": {"sms": "1"}},
    ],
)
def test_what_the_document_forbids_the_parser_refuses(body: dict[str, Any]) -> None:
    """The schema of the request and the code that reads it agree."""
    assert violations(body, {"$ref": "#/components/schemas/ExportRequest"}, DOCUMENT)
    with pytest.raises(Exception, match=r".+"):
        parse_export_request(body)


def test_the_document_is_served(client: Client) -> None:
    """As JSON, to everybody."""
    answer = client.get("/schema/openapi.json")
    assert answer.headers["content-type"] == "application/vnd.oai.openapi+json"
    assert answer.json() == json.loads(json.dumps(DOCUMENT))


@pytest.mark.parametrize("path", ["/schema", "/sign-in"])
def test_pages_load_nothing_from_elsewhere(client: Client, path: str) -> None:
    """Every address in a page is of this server, and nothing in it is inline code."""
    text = client.get(path).text
    assert re.findall(r'(?:src|href|action)="([^"#]*)"', text)
    for address in re.findall(r'(?:src|href|action)="([^"#]*)"', text):
        assert address.startswith("/")
        assert not address.startswith("//")
    assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\son[a-z]+=|\sstyle=", text)


def test_what_pages_link_to_is_there(client: Client) -> None:
    """Styles, scripts, and what scripts import."""
    pending = re.findall(r'"(/static/[^"]+)"', client.get("/sign-in").text)
    seen: set[str] = set()
    while pending:
        path = pending.pop()
        if path in seen:
            continue
        seen.add(path)
        answer = client.get(path)
        assert answer.status_code == 200, path
        if path.endswith(".js"):
            assert "javascript" in answer.headers["content-type"]
            pending += ["/static/" + name for name in re.findall(r'from "\./([^"]+)"', answer.text)]
    assert "/static/seedbed.css" in seen
    assert "/static/api.js" in seen
