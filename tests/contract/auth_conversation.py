"""A conversation with Supabase Auth: every call that signing in makes, and every way in which it can be refused.

The answers of the real server stand in `supabase_auth_answers.json`, with what differs between two runs replaced by
names. `test_auth_conversation.py` holds the double of tests/fixtures/supabase_auth.py to them.
"""

import base64
import hashlib
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx

ANSWERS = Path(__file__).with_name("supabase_auth_answers.json")
CALLBACK = "http://127.0.0.1:8000/auth/callback"
Answer = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Place:
    """A server to speak to: its address with the path before `/token`, and how to make users and read their mail.

    Links to CALLBACK must be allowed, mails to one user not be sent more often than once a minute.
    """

    url: str
    key: str
    make_user: Callable[[str, str, bool], None]
    link_for: Callable[[str], str]


def converse(place: Place) -> Iterator[tuple[str, Answer]]:
    """Takes each step; its name, and the answer with what belongs to this run alone replaced by names in angles."""
    place.make_user("ann@example.com", "the password of ann", True)
    place.make_user("new@example.com", "the password of new", False)
    headers = {"apikey": place.key, "x-supabase-api-version": "2024-01-01"}
    with httpx.Client(timeout=30, headers=headers) as client:
        yield from _by_password(place, client)
        yield from _by_link(place, client)


def _by_password(place: Place, client: httpx.Client) -> Iterator[tuple[str, Answer]]:
    def token(kind: str, **body: str) -> httpx.Response:
        return client.post(f"{place.url}/token?grant_type={kind}", json=body)

    def password(email: str, text: str) -> Answer:
        return plain(token("password", email=email, password=text))

    yield "a wrong password", password("ann@example.com", "nonsense")
    yield "an unknown address", password("nobody@example.com", "nonsense")
    yield "an address that is not confirmed", password("new@example.com", "the password of new")
    yield "the same with a wrong password", password("new@example.com", "nonsense")
    yield "another case of the address", password("Ann@Example.com", "the password of ann")
    first = token("password", email="ann@example.com", password="the password of ann")  # the double's
    yield "the password", plain(first)
    old = first.json()["refresh_token"]
    second = token("refresh_token", refresh_token=old)
    yield "a refresh token", plain(second)
    yield "the same refresh token again", plain(token("refresh_token", refresh_token=old))
    yield "a refresh token nobody gave out", plain(token("refresh_token", refresh_token="abcdefabcdef"))
    yield "a refresh token that is none", plain(token("refresh_token", refresh_token="x"))
    bearer = {"authorization": f"Bearer {second.json()['access_token']}"}
    yield "signing out", plain(client.post(f"{place.url}/logout?scope=local", json={}, headers=bearer))
    newest = second.json()["refresh_token"]
    yield "a refresh token of a session that is over", plain(token("refresh_token", refresh_token=newest))
    yield "signing out again", plain(client.post(f"{place.url}/logout?scope=local", json={}, headers=bearer))


def _by_link(place: Place, client: httpx.Client) -> Iterator[tuple[str, Answer]]:
    verifier = "v" * 64
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")

    def ask(email: str, redirect_to: str = CALLBACK, *, create_user: bool = True) -> Answer:
        body = {
            "email": email,
            "create_user": create_user,
            "code_challenge": challenge,
            "code_challenge_method": "s256",
        }
        return plain(client.post(f"{place.url}/otp", json=body, params={"redirect_to": redirect_to}))

    def code(verified_by: str, text: str) -> Answer:
        body = {"auth_code": text, "code_verifier": verified_by}
        return plain(client.post(f"{place.url}/token?grant_type=pkce", json=body))

    def follow(email: str) -> tuple[Answer, str]:
        answer = httpx.get(place.link_for(email), follow_redirects=False)
        query = parse_qs(urlsplit(answer.headers["location"]).query)
        return plain(answer), query.get("code", [""])[0]

    yield "a link", ask("ann@example.com")
    yield "a link a moment later", ask("ann@example.com")
    yield "a link for nobody, who is not to get an account", ask("no-one@example.com", create_user=False)
    yield "a link for somebody new", ask("stranger@example.com")
    yield "a link to elsewhere", ask("new@example.com", "https://evil.example.com/")
    found, known = follow("ann@example.com")
    yield "following the link", found
    yield "its code with another verifier", code("w" * 64, known)
    yield "its code", code(verifier, known)
    yield "its code again", code(verifier, known)
    yield "following the link again", follow("ann@example.com")[0]
    found, unknown = follow("stranger@example.com")
    yield "following the link of somebody new", found
    yield "their code", code(verifier, unknown)
    yield (
        "where the link to elsewhere leads",
        {"host": urlsplit(follow_target(place.link_for("new@example.com"))).netloc},
    )


def follow_target(link: str) -> str:
    """The address that a mailed link names to go on to."""
    return parse_qs(urlsplit(link).query)["redirect_to"][0]


def plain(answer: httpx.Response) -> Answer:
    """Status, body and where it leads, without what is of one run."""
    found: Answer = {"status": answer.status_code}
    if "location" in answer.headers:
        found["location"] = _named(answer.headers["location"])
    elif answer.content:
        value = answer.json()
        if "user" in value:
            # Of the user's many fields none is read.
            value |= {"user": "<user>", "access_token": "<token>", "refresh_token": "<token>", "expires_at": "<time>"}
        found["body"] = json.loads(_named(json.dumps(value)))
    return found


def _named(text: str) -> str:
    text = re.sub(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "<uuid>", text)
    text = re.sub(r"after \d+ seconds", "after <n> seconds", text)
    # What a version adds to the fragment, which a server never sees, is of no matter.
    return text.partition("#")[0]


def recorded() -> dict[str, Answer]:
    """The real server's answers, by the step's name."""
    answers: dict[str, Answer] = json.loads(ANSWERS.read_text())["answers"]
    return answers
