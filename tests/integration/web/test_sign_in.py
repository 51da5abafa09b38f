"""Signing in on the pages with Supabase Auth, as a browser does it, against a double that is held to the real server."""

import base64
import json
import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from uuid import uuid4

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from app.web.sessions import cookie_name, read_session, session_cookie
from tests.conftest import Databases, Server
from tests.fixtures.supabase_auth import KEY, SupabaseAuth
from tests.integration.web.conftest import settings_for
from tests.integration.web.service import BASE, Service, serving

PASSWORD = "the password of ann"  # the double's


@pytest.fixture(scope="module")
def auth() -> Iterator[SupabaseAuth]:
    with SupabaseAuth.start() as auth:
        yield auth


@pytest.fixture(scope="module")
def service(
    auth: SupabaseAuth, databases: Databases, postgres: Server, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Service]:
    """The API of a Supabase project."""
    name = databases.create(databases.migrated_template())
    local = settings_for(databases.url(name), postgres.url(), tmp_path_factory.mktemp("objects"))
    settings = replace(
        local,
        dev_auth=False,
        dev_auth_key=None,
        supabase_url=auth.url,
        supabase_anon_key=KEY,
        sign_ins_per_minute=0,
    )
    with serving(settings) as running:
        auth.allowed = [f"{running.url}/auth/callback"]
        yield running
    databases.drop(name)


@pytest.fixture
def ann(auth: SupabaseAuth) -> str:
    """The address of somebody who has a password."""
    email = f"ann-{secrets.token_hex(4)}@example.com"
    auth.add_user(email, PASSWORD)
    return email


@contextmanager
def browser(service: Service) -> Iterator[httpx.Client]:
    """Somebody's browser, on a page of ours."""
    with service.client(accept="text/html", origin=service.url) as client:
        yield client


def session_of(client: httpx.Client, auth: SupabaseAuth) -> str:
    """The access token that the browser keeps."""
    session = read_session(dict(client.cookies), cookie_name(auth.url))
    assert session is not None
    return session.access_token


def test_by_password(service: Service, auth: SupabaseAuth, ann: str) -> None:
    """The page is shown to whoever knows the password; the cookie is out of reach of scripts and of other sites."""
    with browser(service) as client:
        assert client.get("/new").headers["location"] == "/sign-in?next=%2Fnew"
        form = client.get("/sign-in?next=%2Fnew").text
        assert 'data-onward="/new"' in form
        answer = client.post("/auth/sign-in", json={"email": ann, "password": PASSWORD, "next": "/new"})
        assert (answer.status_code, answer.json()) == (200, {"next": "/new"})
        for cookie in answer.headers.get_list("set-cookie"):
            assert "HttpOnly" in cookie
            assert "SameSite=lax" in cookie
        assert ann in client.get("/new").text
        assert client.get(f"{BASE}/export").status_code == 200


def test_by_a_link(service: Service, auth: SupabaseAuth) -> None:
    """Also for somebody new: the project makes the account. The visitor arrives where they wanted to go."""
    email = f"new-{secrets.token_hex(4)}@example.com"
    with browser(service) as client:
        assert client.post("/auth/link", json={"email": email, "next": "/schemas"}).status_code == 204
        led = httpx.get(auth.link_for(email)).headers["location"]
        answer = client.get(led)
        assert (answer.status_code, answer.headers["location"]) == (303, "/schemas")
        assert email in client.get("/schemas").text
        # The verifier has served its purpose, and so has the code.
        again = client.get(led)
        assert again.status_code == 400
        assert "ask for a new one" in again.text


def test_a_link_leads_where_the_service_is(service: Service, auth: SupabaseAuth, ann: str) -> None:
    """Not to whatever place a request says that it was sent to: where nobody set the address, no mail goes out."""
    sent = auth.calls.count("otp")
    for host in ("evil.example", "127.0.0.1.evil.example", "localhost.evil.example", "0x7f000001"):
        with service.client(host=host, origin=f"http://{host}") as client:
            answer = client.post("/auth/link", json={"email": ann})
            assert (answer.status_code, answer.json()["code"]) == (409, "not_configured")
    assert auth.calls.count("otp") == sent


def test_a_link_is_of_no_use_to_others(service: Service, auth: SupabaseAuth, ann: str) -> None:
    """Neither in another browser, nor for signing a visitor in as somebody else."""
    with browser(service) as client, browser(service) as other:
        client.post("/auth/link", json={"email": ann})
        led = httpx.get(auth.link_for(ann)).headers["location"]
        assert "in the browser in which you asked" in other.get(led).text
        other.post("/auth/link", json={"email": f"other-{secrets.token_hex(4)}@example.com"})
        refused = other.get(led)
        assert refused.status_code == 400
        assert "in the browser in which you asked" in refused.text
        assert other.get("/").status_code == 303
        assert client.get(led).status_code == 303


def test_nobody_learns_who_has_an_account(service: Service, auth: SupabaseAuth, ann: str) -> None:
    """A wrong password, an unknown address and a link for either are answered alike."""
    with browser(service) as client:
        tries = [
            client.post("/auth/sign-in", json={"email": email, "password": "wrong"})
            for email in (ann, "nobody@example.com")
        ]
        links = [client.post("/auth/link", json={"email": email}) for email in (ann, ann, "nobody-2@example.com")]
    told = [{name: value for name, value in answer.json().items() if name != "requestId"} for answer in tries]
    assert told[0] == told[1]
    assert (told[0]["status"], told[0]["code"]) == (400, "sign_in_refused")
    assert {(answer.status_code, answer.content) for answer in links} == {(204, b"")}


def test_an_address_that_is_not_confirmed(service: Service, auth: SupabaseAuth) -> None:
    """Said to whoever knows the password, and to nobody else."""
    email = f"slow-{secrets.token_hex(4)}@example.com"
    auth.add_user(email, PASSWORD, confirmed=False)
    with browser(service) as client:
        known = client.post("/auth/sign-in", json={"email": email, "password": PASSWORD}).json()
        guessed = client.post("/auth/sign-in", json={"email": email, "password": "wrong"}).json()
    assert "confirm the address" in known["detail"]
    assert guessed["detail"] == "the address or the password is not right"


@pytest.mark.parametrize("path", ["/auth/sign-in", "/auth/link", "/auth/sign-out"])
def test_other_sites_sign_nobody_in_or_out(service: Service, ann: str, path: str) -> None:
    """By what the browser says of where a request comes from."""
    body = {"email": ann, "password": PASSWORD}
    with service.client() as client:
        for headers in ({}, {"origin": "https://evil.example.com"}, {"sec-fetch-site": "cross-site"}):
            answer = client.post(path, json=body, headers=headers)
            assert (answer.status_code, answer.json()["code"]) == (403, "cross_site_refused")
            assert "set-cookie" not in answer.headers


@pytest.mark.parametrize(
    "onward",
    [
        "https://evil.example.com",
        "//evil.example.com",
        "/\\evil.example.com",
        "/%2f/evil.example.com",
        "/new#@evil",
        "new",
    ],
)
def test_nobody_is_sent_elsewhere(service: Service, auth: SupabaseAuth, ann: str, onward: str) -> None:
    """Whatever stands in `next`: the page, the answer and the link lead to pages of ours."""
    with browser(service) as client:
        assert 'data-onward="/"' in client.get("/sign-in", params={"next": onward}).text
        body = {"email": ann, "password": PASSWORD, "next": onward}
        assert client.post("/auth/sign-in", json=body).json() == {"next": "/"}
        client.post("/auth/link", json={"email": ann, "next": onward})
        assert client.get(httpx.get(auth.link_for(ann)).headers["location"]).headers["location"] == "/"


def test_a_session_goes_on_while_it_is_used(service: Service, auth: SupabaseAuth, ann: str) -> None:
    """A token that is about to end is renewed once, whoever asks; the browser keeps the new one."""
    with browser(service) as client:
        auth.lasts_s = 30
        client.post("/auth/sign-in", json={"email": ann, "password": PASSWORD})
        auth.lasts_s = 3_600
        old = session_of(client, auth)
        before = auth.calls.count("token refresh_token")
        cookies = dict(client.cookies)
        assert ann in client.get("/").text
        assert session_of(client, auth) != old
        # Another request of the page that was sent with the old cookie gets the same session.
        with service.client(accept="text/html", cookie="; ".join(f"{k}={v}" for k, v in cookies.items())) as late:
            assert ann in late.get("/").text
            assert session_of(late, auth) == session_of(client, auth)
        client.get("/")
        assert auth.calls.count("token refresh_token") == before + 1


def test_made_up_sessions_are_not_asked_about(service: Service, auth: SupabaseAuth) -> None:
    """Anybody can write a cookie: one whose token the project never gave out, or is another's key, costs the project no
    request, of which it lets an address make few."""
    before = auth.calls.count("token refresh_token")
    tokens = ["x", "a.b.c", jwt.encode({"sub": str(uuid4()), "exp": 1}, "s" * 32), KEY]
    for number, token in enumerate(tokens):
        cookie = f"{cookie_name(auth.url)}={session_cookie(token, f'made up {number}', 1)}"
        for path, status in (("/", 303), (f"{BASE}/export", 401), ("/sign-in", 200)):
            with service.client(cookie=cookie) as client:
                assert client.get(path).status_code == status
    assert auth.calls.count("token refresh_token") == before


def test_a_session_that_was_ended_elsewhere(service: Service, auth: SupabaseAuth, ann: str) -> None:
    """Is over here as well, and the cookie is taken back."""
    with browser(service) as client:
        auth.lasts_s = 30
        client.post("/auth/sign-in", json={"email": ann, "password": PASSWORD})
        auth.lasts_s = 3_600
        auth.grants.clear()
        assert client.get("/").status_code == 303
        assert not client.cookies


def test_signing_out_ends_the_session(service: Service, auth: SupabaseAuth, ann: str) -> None:
    """Here and at Supabase: what was in the cookie gives no new token."""
    with browser(service) as client:
        client.post("/auth/sign-in", json={"email": ann, "password": PASSWORD})
        cookies = dict(client.cookies)
        assert client.post("/auth/sign-out").status_code == 204
        assert not client.cookies
        assert client.get("/").status_code == 303
    kept = read_session(cookies, cookie_name(auth.url))
    assert kept is not None
    assert not [grant for grant in auth.grants if kept.refresh_token in grant.tokens]


def test_a_session_of_another_program_is_left_alone(service: Service, auth: SupabaseAuth, ann: str) -> None:
    """It lets in, and whoever made it renews and ends it: its scripts could not read a cookie of ours."""
    auth.lasts_s = 30
    theirs = auth.by_password({"email": ann, "password": PASSWORD})
    auth.lasts_s = 3_600
    value = "base64-" + base64.urlsafe_b64encode(json.dumps(theirs).encode()).decode().rstrip("=")
    with browser(service) as client:
        client.cookies.set(cookie_name(auth.url), value)
        answer = client.get("/")
        assert ann in answer.text
        assert "set-cookie" not in answer.headers
        assert client.post("/auth/sign-out").status_code == 204
    assert [grant for grant in auth.grants if theirs["refresh_token"] in grant.tokens]


def test_a_token_that_is_not_taken_here(service: Service, auth: SupabaseAuth, ann: str) -> None:
    """A project that signs with a key it does not publish: said when signing in, not by sending in circles."""
    key, auth.key = auth.key, ec.generate_private_key(ec.SECP256R1())
    try:
        with browser(service) as client:
            answer = client.post("/auth/sign-in", json={"email": ann, "password": PASSWORD})
        assert answer.status_code == 400
        assert "does not take the token" in answer.json()["detail"]
        assert "set-cookie" not in answer.headers
    finally:
        auth.key = key


def test_how_often_somebody_may_try(service: Service, auth: SupabaseAuth, ann: str) -> None:
    """From one network, or for one mailbox; then the answer is 429, and says when to come back."""
    with serving(replace(service.settings, sign_ins_per_minute=3)) as strict, browser(strict) as client:
        tries = [
            client.post("/auth/sign-in", json={"email": f"{n}@example.com", "password": "wrong"}) for n in range(3)
        ]
        assert [answer.status_code for answer in tries] == [400] * 3
        refused = client.post("/auth/sign-in", json={"email": ann, "password": PASSWORD})
        assert (refused.status_code, refused.json()["code"]) == (429, "too_many_requests")
        assert int(refused.headers["retry-after"]) >= 1
        assert client.post("/auth/link", json={"email": ann}).status_code == 429


def test_people_behind_one_proxy_are_told_apart(service: Service) -> None:
    """By the header that the platform sets; one who tries too often shuts nobody else out, and sets none of their own."""
    settings = replace(service.settings, sign_ins_per_minute=2, client_address_header="Fly-Client-IP")
    with serving(settings) as strict, browser(strict) as client:

        def tried(*addresses: str) -> int:
            headers = [("fly-client-ip", address) for address in addresses]
            body = {"email": f"{secrets.token_hex(4)}@example.com", "password": "wrong"}
            return client.post("/auth/sign-in", json=body, headers=[*client.headers.items(), *headers]).status_code

        assert [tried("2001:db8::1"), tried("2001:db8::2"), tried("2001:db8::3")] == [400, 400, 429]
        assert tried("192.0.2.7") == 400
        assert [tried("192.0.2.8", "192.0.2.9"), tried(), tried("192.0.2.10", "192.0.2.11")] == [400, 400, 429]


def test_a_project_that_does_not_answer(service: Service, ann: str) -> None:
    """A problem that says so, not a wrong password."""
    with serving(replace(service.settings, supabase_url="http://127.0.0.1:9")) as lonely, browser(lonely) as client:
        answer = client.post("/auth/sign-in", json={"email": ann, "password": PASSWORD})
    assert (answer.status_code, answer.json()["code"]) == (503, "authentication_unavailable")


def test_a_long_session_is_cut_into_cookies(service: Service, auth: SupabaseAuth, ann: str) -> None:
    """As browsers keep no cookie of more than four thousand characters; signing out takes every piece back."""
    with browser(service) as client:
        auth.padding = "x" * 6_000
        try:
            client.post("/auth/sign-in", json={"email": ann, "password": PASSWORD})
        finally:
            auth.padding = ""
        assert all(re.fullmatch(rf"{cookie_name(auth.url)}\.\d", name) for name in client.cookies)
        assert len(client.cookies) > 1
        assert ann in client.get("/").text
        client.post("/auth/sign-in", json={"email": ann, "password": PASSWORD})
        assert list(client.cookies) == [cookie_name(auth.url)]
        assert client.post("/auth/sign-out").status_code == 204
        assert not client.cookies
