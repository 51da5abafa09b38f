"""Where the contract of the Supabase driver is tested: on the double, or on a real Storage server named by variables.

    STORAGE_TEST_URL                     the project's URL; its /storage/v1 is the server
    STORAGE_TEST_JWT_SECRET              the HS256 secret that the server checks tokens with
    STORAGE_TEST_ANON_KEY                the project's anon key, a token whose `ref` is what the server calls the project
    STORAGE_TEST_S3_ACCESS_KEY_ID, STORAGE_TEST_S3_SECRET_ACCESS_KEY
    STORAGE_TEST_DATABASE_URL            the server's database, migrated by `seedbed migrate`
    STORAGE_TEST_BACKEND                 where the server keeps files: "file" (unless said) or "s3"

The server's bucket `generator-exports` must be missing or empty: test_conversation.py makes and removes it.
"""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID, uuid4

import jwt
import psycopg

from app.adapters.objects.supabase import SupabaseOptions
from tests.contract.conversation import Place, Who
from tests.fixtures import supabase

REAL = "STORAGE_TEST_URL" in os.environ
BACKEND = os.environ.get("STORAGE_TEST_BACKEND", "file")
_EXPIRED = 1_700_000_000


@contextmanager
def storage_place() -> Iterator[Place]:
    """The place that the environment names, else a double of its own."""
    if REAL:
        yield _real_place()
        return
    with supabase.SupabaseStorage.start() as storage:
        yield double_place(storage)


def double_place(storage: supabase.SupabaseStorage) -> Place:
    """The double, as a place to speak to."""
    return Place(
        storage.url,
        supabase.S3_KEY,
        supabase.S3_SECRET,
        supabase.PROJECT,
        supabase.ANON_KEY,
        _tokens(supabase.JWT_SECRET),
        _url_tokens(supabase.JWT_SECRET),
        storage.allow,
    )


def options_of(place: Place, *, s3_keys: bool = True) -> SupabaseOptions:
    """What the driver needs to use a place; without `s3_keys` the S3 side takes its service key for a session token."""
    return SupabaseOptions(
        url=place.url,
        service_key=place.token("service", uuid4()),
        anon_key=place.anon_key,
        s3_access_key_id=place.s3_access_key_id if s3_keys else None,
        s3_secret_access_key=place.s3_secret_access_key if s3_keys else None,
    )


def _real_place() -> Place:
    database_url = os.environ["STORAGE_TEST_DATABASE_URL"]

    def allow(owner: UUID, key: str) -> None:
        export, extension = key.split("/")[1].split(".", 1)
        with psycopg.connect(database_url) as connection:
            connection.execute(
                "insert into generator_exports (id, owner_id, config, plan, seed, engine_version, extension, status) "
                "values (%s, %s, '{}', '{}', '1', 1, %s, 'completed')",
                [export, owner, extension],
            )

    return Place(
        os.environ["STORAGE_TEST_URL"],
        os.environ["STORAGE_TEST_S3_ACCESS_KEY_ID"],
        os.environ["STORAGE_TEST_S3_SECRET_ACCESS_KEY"],
        jwt.decode(os.environ["STORAGE_TEST_ANON_KEY"], options={"verify_signature": False})["ref"],
        os.environ["STORAGE_TEST_ANON_KEY"],
        _tokens(os.environ["STORAGE_TEST_JWT_SECRET"]),
        _url_tokens(os.environ["STORAGE_TEST_JWT_SECRET"]),
        allow,
    )


def _tokens(secret: str) -> Any:
    def token(who: Who, owner: UUID) -> str:
        if who == "garbage":
            return "no.token.this"
        expires = _EXPIRED if who == "expired" else int(time.time()) + 3600
        claims: dict[str, Any] = {"aud": "authenticated", "exp": expires, "role": "authenticated", "sub": str(owner)}
        if who == "service":
            claims |= {"role": "service_role", "sub": ""}
        elif who == "stranger":
            claims |= {"sub": str(uuid4())}
        elif who == "anonymous":
            claims |= {"is_anonymous": True, "sub": str(uuid4())}
        return jwt.encode(claims, secret, algorithm="HS256")

    return token


def _url_tokens(secret: str) -> Any:
    def url_token(path: str, expires: int) -> str:
        return jwt.encode({"url": path, "exp": expires}, secret, algorithm="HS256")

    return url_token
