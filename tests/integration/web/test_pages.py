"""The pages as a browser gets them, without their scripts."""

import re
from collections.abc import Iterator

import httpx
import pytest

from app.web.sessions import cookie_name, session_cookie
from tests.integration.web.service import BASE, SHOP, Person, Service


@pytest.fixture
def browser(service: Service, ann: Person) -> Iterator[httpx.Client]:
    """A browser in which Ann is signed in."""
    with service.client(accept="text/html") as client:
        client.cookies.set(cookie_name(None), session_cookie(ann.token))
        yield client


@pytest.mark.parametrize(
    ("path", "to"),
    [
        ("/", "/sign-in"),
        ("/new?schema=1", "/sign-in?next=%2Fnew%3Fschema%3D1"),
        (
            "/exports/7b0f7d0e-6f0b-4a39-9d43-52a1f1c4a001",
            "/sign-in?next=%2Fexports%2F7b0f7d0e-6f0b-4a39-9d43-52a1f1c4a001",
        ),
    ],
)
def test_strangers_are_sent_to_sign_in(service: Service, path: str, to: str) -> None:
    """Also with a session that is over, and whatever the page would show; the way back is kept."""
    with service.client(accept="text/html") as stranger:
        answer = stranger.get(path)
        stranger.cookies.set(cookie_name(None), session_cookie("old"))
        again = stranger.get(path)
    for sent in (answer, again):
        assert (sent.status_code, sent.headers["location"]) == (303, to)


def test_signing_in_and_out(service: Service) -> None:
    """The form's call sets the cookie that the pages are shown by; signing out takes it away."""
    with service.client(accept="text/html") as client:
        own = {"origin": service.url}
        assert client.get("/sign-in").status_code == 200
        assert client.post("/dev/sign-in", json={"email": "carla@example.com"}, headers=own).status_code == 200
        assert "carla@example.com" in client.get("/").text
        assert client.post("/dev/sign-out", headers=own).status_code == 204
        assert client.get("/").status_code == 303


def test_the_list_shows_every_export(ann: Person, browser: httpx.Client) -> None:
    """With a bar for each, newest first, page by page."""
    assert "Nothing is growing yet" in browser.get("/").text
    made = [ann.ask() for _ in range(2)]
    text = browser.get("/").text
    assert re.findall(r'<li class="card" data-job-id="([^"]+)"', text)[:2] == made[::-1]
    assert text.count("<progress") >= 2
    assert browser.get("/?cursor=nonsense").status_code in (400, 422)


def test_an_export_shows_its_story(ann: Person, browser: httpx.Client) -> None:
    """What happened, how far it is, and the link when there is a file."""
    job_id = ann.ask()
    before = browser.get(f"/exports/{job_id}").text
    ann.complete(job_id)
    after = browser.get(f"/exports/{job_id}").text
    download = re.compile(r'data-slot="download" href="([^"]+)" (hidden)?>')
    assert download.findall(before) == [(f"{BASE}/export/{job_id}/download", "hidden")]
    assert download.findall(after) == [(f"{BASE}/export/{job_id}/download", "")]
    assert re.findall(r'<li data-seq="\d+" data-kind="(\w+)"', after) == ["queued", "completed"]


def test_what_people_write_is_text(ann: Person, browser: httpx.Client) -> None:
    """Markup in a seed is shown, not obeyed."""
    evil = "<script>alert(1)</script>\"'"
    job_id = ann.ask(seed=evil)
    text = browser.get(f"/exports/{job_id}").text
    assert "<script>alert" not in text
    assert "&lt;script&gt;alert(1)" in text


def test_a_viewer_is_offered_nothing_they_may_not_do(ann: Person, ben: Person, service: Service) -> None:
    """No download, no button that would be refused."""
    job_id = ann.ask()
    ann.complete(job_id)
    ann.http.put(f"{BASE}/export/{job_id}/shares/{ben.id}", json={"role": "viewer"})
    with service.client(accept="text/html") as client:
        client.cookies.set(cookie_name(None), session_cookie(ben.token))
        text = client.get(f"/exports/{job_id}").text
    assert re.search(r'data-slot="download"[^>]* hidden>', text)
    for action in ("cancel", "retry", "delete"):
        assert re.search(rf'data-action="{action}"[^>]* hidden>', text)


def test_anothers_export_is_a_page_that_says_so(ben: Person, browser: httpx.Client) -> None:
    """404, in words, with the request's id."""
    answer = browser.get(f"/exports/{ben.ask()}")
    assert answer.status_code == 404
    assert "There is no such export" in answer.text
    assert answer.headers["x-request-id"] in answer.text


def test_a_schema_that_nobody_named_is_called_by_its_tables(ann: Person, browser: httpx.Client) -> None:
    """In the list and in the form; a name that was given stays, whatever is exported from it."""
    ann.ask()
    assert "customers, orders" in browser.get("/schemas").text
    assert "customers, orders," in browser.get("/new").text
    assert ann.http.post(f"{BASE}/schema", json={"name": "my shop", "ddl": SHOP}).json()["name"] == "my shop"
    ann.ask()
    text = browser.get("/schemas").text
    assert "my shop" in text
    assert "customers, orders" not in text


def test_a_failure_says_where_and_how_often(ann: Person, browser: httpx.Client, service: Service) -> None:
    """Beside its message: code, part and attempt."""
    job_id = ann.ask()
    details = '{"code": "storage_failed", "message": "the disk is full", "part": 3, "attempt": 2, "inner": {"a": 1}}'
    service.sql("update generator_exports set status = 'failed', error_details = %s where id = %s", details, job_id)
    text = browser.get(f"/exports/{job_id}").text
    assert "the disk is full" in text
    assert "code storage_failed, part 3, attempt 2<" in text
