"""`seedbed doctor`: each check passes where all is well, and says how to mend what is not."""

import asyncio
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import psycopg
import pytest

from app.adapters.postgres.migrations import upgrade
from app.commands import checkup
from app.commands.checkup import Finding, examine
from tests.contract.places import double_place, options_of
from tests.fixtures.pgbouncer import pgbouncer
from tests.fixtures.s3 import SeaweedServer
from tests.fixtures.supabase import SupabaseStorage
from tests.fixtures.supabase_files import Bucket
from tests.integration.deliveries.receivers import mail_server

SECRET = "a secret of the tests, not of anybody"
NOWHERE = "http://127.0.0.1:1"


def found(subject: str, environ: Mapping[str, str]) -> Finding:
    """What the doctor says of one subject."""
    findings = {finding.subject: finding for finding in asyncio.run(examine(environ))}
    assert subject in findings, findings
    return findings[subject]


def fails(subject: str, environ: Mapping[str, str], *said: str) -> None:
    """The check fails, with these words in what is wrong or in how to mend it."""
    finding = found(subject, environ)
    assert finding.state == "failed", finding
    assert finding.mend
    assert all(word in f"{finding.detail} {finding.mend}" for word in said), finding


@pytest.fixture
def well(database_url: str, tmp_path: Path) -> dict[str, str]:
    """The environment of a service that lacks nothing."""
    return {
        "DATABASE_URL": database_url,
        "LOCAL_STORE_DIR": str(tmp_path / "objects"),
        "LOCAL_STORE_SECRET": SECRET,
        "SUPABASE_JWT_SECRET": SECRET,
    }


def test_all_is_well(well: dict[str, str]) -> None:
    """Nothing fails; what is not set up is passed over, and that no worker runs is said."""
    states = {finding.subject: finding.state for finding in asyncio.run(examine(well))}
    assert {name for name, state in states.items() if state != "ok"} <= {"queue", "mail", "server"}
    assert states["queue"] == "warning"
    assert states["mail"] == "skipped"
    with psycopg.connect(well["DATABASE_URL"]) as connection:
        connection.execute("insert into queue.procrastinate_workers default values")
    assert found("queue", well).state == "ok"


def test_settings_and_database(well: dict[str, str], empty_database_url: str) -> None:
    """A variable that is missing, a server that is not there, a password that is wrong, tables that are not there."""
    fails("settings", {}, "DATABASE_URL", "README")
    fails("settings", well | {"PORT": "http"}, "PORT")
    fails("database", well | {"DATABASE_URL": "postgresql://me:hidden@127.0.0.1:1/x"}, "is the server up", "***")
    fails("migrations", well | {"DATABASE_URL": empty_database_url}, "seedbed migrate")
    fails("policies", well | {"DATABASE_URL": empty_database_url}, "seedbed migrate")
    fails("queue", well | {"DATABASE_URL": empty_database_url}, "seedbed migrate")


def test_policies_that_were_switched_off(well: dict[str, str]) -> None:
    """A table that anybody could read is named, a policy that has gone as well; what is advised mends both."""
    with psycopg.connect(well["DATABASE_URL"], autocommit=True) as connection:
        connection.execute("alter table generator_exports disable row level security")
        connection.execute("alter table generator_quotas no force row level security")
        fails("policies", well, "generator_exports, generator_quotas", "delete from seedbed.definitions")
        connection.execute("alter table generator_exports enable row level security")
        connection.execute("alter table generator_quotas force row level security")
        connection.execute('drop policy "owners see their schemas" on generator_schemas')
        fails("policies", well, '"owners see their schemas" of generator_schemas', "seedbed migrate")
        connection.execute("delete from seedbed.definitions")
    upgrade(well["DATABASE_URL"])
    assert found("policies", well).state == "ok"


async def test_roles_that_no_policy_binds(well: dict[str, str]) -> None:
    """Users would see everything. The roles are the server's: only a transaction that is given up changes them."""
    async with await psycopg.AsyncConnection.connect(well["DATABASE_URL"]) as connection:
        await connection.execute("alter role authenticated bypassrls")
        finding = await checkup._roles(connection)
        await connection.rollback()
        assert (finding.state, finding.mend) == ("failed", "`alter role authenticated nosuperuser nobypassrls`")
        assert (await checkup._roles(connection)).state == "ok"


def test_an_account_without_the_roles(well: dict[str, str]) -> None:
    """It could act as nobody."""
    with psycopg.connect(well["DATABASE_URL"], autocommit=True) as connection:
        connection.execute("drop role if exists doctor_alone")
        connection.execute("create role doctor_alone login password 'pw'")
        try:
            info = connection.info
            url = f"postgresql://doctor_alone:pw@{info.host}:{info.port}/{info.dbname}"
            if info.host.startswith("/"):
                url = f"postgresql://doctor_alone:pw@/{info.dbname}?host={info.host}&port={info.port}"
            fails("roles", well | {"DATABASE_URL": url}, "authenticated", "grant")
        finally:
            connection.execute("drop role doctor_alone")


def test_server_and_clock(well: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    """One that is far away, too old, or at another time."""
    monkeypatch.setattr(checkup, "_SLOW_MS", -1.0)
    monkeypatch.setattr(checkup, "_CLOCK_OFF_S", -1.0)
    assert found("server", well).mend == "run the API and the workers in the database's region"
    assert found("clock", well).mend == "let NTP set both clocks"
    monkeypatch.setattr(checkup, "_LEAST_SERVER", 99)
    fails("server", well, "99 or newer")


def test_a_transaction_pooler_hears_nothing(well: dict[str, str]) -> None:
    """LISTEN succeeds there and is deaf; the direct connection is named, and mends it."""
    with pgbouncer(well["DATABASE_URL"]) as pooled:
        fails("listen", well | {"DATABASE_URL": pooled}, "DATABASE_DIRECT_URL")
        direct = {"DATABASE_URL": pooled, "DATABASE_DIRECT_URL": well["DATABASE_URL"]}
        assert found("listen", well | direct).state == "ok"


def test_the_folder_of_files(well: dict[str, str], tmp_path: Path) -> None:
    """A file where the folder should be."""
    (tmp_path / "file").write_text("")
    fails("storage", well | {"LOCAL_STORE_DIR": str(tmp_path / "file" / "objects")}, "LOCAL_STORE_DIR")
    assert (
        "no module of that name" in found("storage", well | {"OBJECT_STORE": "s4", "OBJECT_STORE_URL": "x://y"}).detail
    )


def test_s3(well: dict[str, str], tmp_path: Path) -> None:
    """Nobody there, no bucket, a key that is not known; and then all is well."""
    s3 = well | {"OBJECT_STORE": "s3", "S3_ACCESS_KEY_ID": "key", "S3_SECRET_ACCESS_KEY": "secret"}
    (tmp_path / "s3").mkdir()
    with SeaweedServer.start(tmp_path / "s3") as server:
        s3 |= {"S3_ENDPOINT_URL": server.endpoint_url}
        fails("storage", s3, "may the key")
        s3 |= {"S3_ACCESS_KEY_ID": server.access_key_id, "S3_SECRET_ACCESS_KEY": server.secret_access_key}
        fails("storage", s3 | {"S3_BUCKET": "none"}, "make the bucket")
        assert found("storage", s3 | {"S3_BUCKET": "probe"}).state == "ok"


def test_supabase_storage(well: dict[str, str]) -> None:
    """A bucket that anybody could read, and one that refuses our files' types."""
    with SupabaseStorage.start() as storage:
        options = options_of(double_place(storage))
        environ = well | {
            "OBJECT_STORE": "supabase",
            "SUPABASE_URL": options.url,
            "SUPABASE_SERVICE_KEY": options.service_key,
            "SUPABASE_ANON_KEY": str(options.anon_key),
            "S3_ACCESS_KEY_ID": str(options.s3_access_key_id),
            "S3_SECRET_ACCESS_KEY": str(options.s3_secret_access_key),
        }
        assert found("storage", environ).state == "ok"
        storage.buckets["generator-exports"] = Bucket("generator-exports", True, None, None)
        fails("storage", environ, "make the bucket private")
        storage.buckets["generator-exports"] = Bucket("generator-exports", False, None, ["image/png"])
        fails("storage", environ, "allowed MIME types")


@contextmanager
def answering(document: object) -> Iterator[str]:
    """A project's Auth that answers every question with one document."""

    class Answers(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(json.dumps(document).encode())

        def log_message(self, format: str, *arguments: object) -> None:
            """Silent."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


def test_sign_in(well: dict[str, str]) -> None:
    """Nothing to trust, keys that cannot be fetched, a key set without keys, and one with a key."""
    nobody = {name: value for name, value in well.items() if name != "SUPABASE_JWT_SECRET"}
    fails("sign-in", nobody, "SUPABASE_URL")
    fails("sign-in", nobody | {"SUPABASE_URL": NOWHERE}, "is SUPABASE_URL the project's URL?")
    with answering({"keys": []}) as url:
        fails("sign-in", nobody | {"SUPABASE_URL": url}, "SUPABASE_JWT_SECRET")
    key = {"kty": "EC", "crv": "P-256", "kid": "k", "alg": "ES256", "use": "sig"} | {
        # The generator's point of P-256, which is a key as good as any for being read.
        "x": "axfR8uEsQkf4vOblY6RA8ncDfYEt6zOg9KE5RdiYwpY",
        "y": "T-NC4v4af5uO5-tKfA-eFivOM1drMV7Oy7ZAaDe_UfU",
    }
    with answering({"keys": [key]}) as url:
        assert found("sign-in", nobody | {"SUPABASE_URL": url}).state == "ok"
    assert found("sign-in", nobody | {"DEV_AUTH": "1", "DEV_AUTH_KEY": SECRET}).state == "warning"


def test_mail(well: dict[str, str], tmp_path: Path) -> None:
    """A server that is not there, one that offers no STARTTLS, and one that answers."""
    mails = well | {"SMTP_HOST": "127.0.0.1", "MAIL_FROM": "a@example.com", "PUBLIC_URL": "https://seedbed.example"}
    fails("mail", mails | {"SMTP_PORT": "1"}, "SMTP_HOST")
    with mail_server(tmp_path / "mails") as server:
        fails("mail", mails | {"SMTP_PORT": str(server.port)}, "SMTP_SECURITY")
        assert found("mail", mails | {"SMTP_PORT": str(server.port), "SMTP_SECURITY": "none"}).state == "ok"
