"""What may stand in an error, a URL or a library's line, and must not be in a log."""

import json
from typing import Any
from urllib.parse import quote

import pytest

from app.redaction import HIDDEN, Redaction
from app.settings import Settings

S = "hunter2!secret"
JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJlc2ln"


@pytest.mark.parametrize(
    "text",
    [
        # libpq quotes what it was given
        f"connection failed: host=db user=u password={S} dbname=x",
        f"connection failed: host=db password='two words {S}' dbname=x",
        rf"invalid connection option in: password='it\'s {S}' host=db",
        f"postgresql://u:{S}@h:5432/x",
        f"postgresql://u:pa@{S}@h:5432/x",
        f"postgresql://u:pa/{S}@h:5432/x",
        f"postgresql+psycopg://u:pa:{S}@h/x",
        f"postgresql://h/x?user=u&password={S}",
        f"to=postgresql%3A%2F%2Fu%3A{S}%40h",
        f"smtp://mailer:{S}@mail.example.com:587",
        f"https://u:{S}@h/hook",
        # URLs of stores, of sign-in, of event streams
        f"GET https://h/o?X-Amz-Credential={S}&X-Amz-Signature={S}&X-Amz-Security-Token={S}",
        f"https://h/#access_token={S}&refresh_token={S}&expires_in=3600",
        f"https://h/events?ticket={S}",
        f"https://h/o?api_key={S}&signature={S}",
        f"https://h/{JWT}/x?t={JWT} {JWT}".replace("c2lnbmF0", "hunter2"),
        # bodies and mappings in messages
        json.dumps({"password": S, "nested": {"access_token": S}}),
        json.dumps(json.dumps({"password": S})),
        str({"apikey": S, "Authorization": f"Bearer {S}"}),
        repr({b"authorization": S.encode()}),
        str(KeyError({"smtp_password": S})),
        # headers and environments
        f"apikey: {S}",
        f"Authorization: Bearer {S}",
        f"Authorization: AWS4-HMAC-SHA256 Credential={S}/x, SignedHeaders=host, Signature={S}",
        f"Cookie: sb-access-token={S}; other={S}",
        f"SMTP_PASSWORD={S} S3_SECRET_ACCESS_KEY={S} WEBHOOK_SIGNING_KEY='{S}' SUPABASE_SERVICE_KEY={S}",
        f"password: {S}",
        f"signing with whsec_{S.replace('!', '')}".replace("hunter2", S.removesuffix("!secret")),
    ],
)
def test_a_secret_is_hidden_by_where_it_stands(text: str) -> None:
    """Whoever holds it: nothing is known of its value."""
    clean = Redaction().clean(text)
    assert "hunter2" not in clean
    assert HIDDEN in clean
    assert Redaction().clean(clean) == clean, "what is hidden stays as it is"


def test_what_a_mail_server_says_of_a_login_is_hidden() -> None:
    """The login of SMTP is Base64, which hides nothing."""
    assert "AGZvb0BiYXIAaHVudGVyMg" not in Redaction().clean("(535, b'bad AUTH PLAIN AGZvb0BiYXIAaHVudGVyMg==')")


@pytest.mark.parametrize(
    "form",
    [
        lambda secret: secret,
        lambda secret: quote(secret),
        lambda secret: quote(secret, safe=""),
        json.dumps,
        repr,
        lambda secret: {secret: 1},
        lambda secret: ValueError("no", secret),
        lambda secret: f"said {secret.encode()!r}",
    ],
)
def test_a_known_secret_is_hidden_however_it_is_written(form: Any) -> None:
    """In a URL, in JSON, in Python's own spelling, as a name."""
    secret = 'p@ss/word+1="\\x'
    assert HIDDEN in str(Redaction([secret]).clean(form(secret)))


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://app:p%40ss%2Fword@db:5432/x",
        "postgresql://db/x?user=app&password=p%40ss%2Fword",
        "host=db user=app password='p@ss/word'",
        "host=db user=app password=p@ss/word",
    ],
)
def test_the_password_of_the_database_is_known(url: str) -> None:
    """As it is meant, whichever form the connection string has; libpq says it so."""
    assert "p@ss/word" in Settings(database_url=url).secrets()


@pytest.mark.parametrize(
    "text",
    [
        'password authentication failed for user "app"',
        "http://127.0.0.1:8000/api/data-generator/export?limit=5",
        "https://h:8443/find?mail=a@example.com",
        'syntax error at or near token: "FROM"',
        "tokens_left=7, author: anybody, keys: 5, design: flat",
        "key=0b6f/8c1e.csv part=3 export_id=9a2b etag=abc123",
        "the tables are at 0011 and this version needs 0012: `seedbed migrate`",
        "missing WEBHOOK_SIGNING_KEY",
    ],
)
def test_plain_words_stay(text: str) -> None:
    """Redaction that hides everything would be no log."""
    assert Redaction().clean(text) == text
