"""What `seedbed doctor` looks at: each check answers with a finding, and the next ones go on whatever it is."""

import asyncio
import tempfile
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

import psycopg

from app.bootstrap import open_objects
from app.connection_urls import without_password
from app.errors import ConfigurationInvalid, SeedbedError
from app.exports.delivering import DeliveryFailed
from app.exports.models import Caller
from app.settings import EVERYTHING, Settings

State = Literal["ok", "warning", "failed", "skipped"]

_LEAST_SERVER = 15
_CONNECT_TIMEOUT_S = 10
_LISTEN_TIMEOUT_S = 3.0
_SLOW_MS = 20.0
_CLOCK_OFF_S = 5.0
_DEAD_WORKER_S = 30
# By the reason that the store gives, where it says more than which settings to look at.
_STORAGE_MENDS = {
    "bucket_missing": "make the bucket, private, with the store's own tools; S3_BUCKET is its name",
    "bucket_public": "make the bucket private",
    "type_refused": "let the bucket take our files' types: empty its list of allowed MIME types, or add ours",
    "access_denied": "may the key read, write, list and delete in the bucket? Is the secret that of the key?",
    "clock_skewed": "let NTP set the clock: requests are signed with the time",
    "storage_full": "make room: enlarge it, shorten RETENTION_S, or run `seedbed sweep`",
    "unreachable": "is the endpoint's address right, and may this machine reach it?",
}
_TABLES = """
select c.relname, c.relrowsecurity and c.relforcerowsecurity from pg_catalog.pg_class c
where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and starts_with(c.relname, 'generator_')
order by 1
"""
_MISSING_ROLES = """
select r.name from unnest(array['anon', 'authenticated', 'service_role']) r (name)
where to_regrole(r.name) is null or not pg_catalog.pg_has_role(current_user, r.name, 'member')
"""
_UNBOUND_ROLES = """
select rolname from pg_catalog.pg_roles
where rolname in ('anon', 'authenticated') and (rolbypassrls or rolsuper) order by 1
"""
_POLICIES = "select tablename, policyname from pg_catalog.pg_policies where schemaname = 'public'"
_DEFINE_ANEW = "`delete from seedbed.definitions` in the database, then `seedbed migrate`: it makes them anew"
_QUEUE = """
select
    (select count(*) from queue.procrastinate_workers
     where last_heartbeat > now() - make_interval(secs => %(dead_s)s)) as workers,
    count(*) filter (where status = 'todo' and coalesce(scheduled_at, now()) <= now()) as waiting,
    count(*) filter (where status = 'doing') as running
from queue.procrastinate_jobs
"""

Connection = psycopg.AsyncConnection[Any]


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check found; `mend` says what to do about it."""

    subject: str
    state: State
    detail: str
    mend: str = ""


async def examine(environ: Mapping[str, str]) -> list[Finding]:
    """Every finding, in the order in which one would look."""
    try:
        settings = Settings.from_env(environ, needs=frozenset())
    except ConfigurationInvalid as error:
        return [Finding("settings", "failed", error.message, "see the table of settings in the README")]
    problems = settings.problems(EVERYTHING)
    findings = [
        Finding("settings", "failed", "; ".join(problems), "see the table of settings in the README")
        if problems
        else Finding("settings", "ok", f"object store {settings.object_store}, log level {settings.log_level}")
    ]
    findings += await _database(settings)
    findings.append(await _listening(settings))
    findings.append(await _storage(settings, problems))
    findings.append(await _sign_in(settings))
    findings.append(await _mail(settings))
    return findings


async def _database(settings: Settings) -> list[Finding]:
    if not settings.database_url:
        return [Finding("database", "skipped", "DATABASE_URL is missing")]
    try:
        connection: Connection = await psycopg.AsyncConnection.connect(
            settings.database_url,
            connect_timeout=_CONNECT_TIMEOUT_S,
            autocommit=True,
            application_name="seedbed doctor",
        )
    except psycopg.Error as error:
        shown = without_password(settings.database_url)
        mend = "is the server up, and do host, port, name and password in DATABASE_URL hold?"
        return [Finding("database", "failed", f"{shown}: {_line(error)}", mend)]
    async with connection:
        checks = (_server, _clock, _migrations, _roles, _policies, _queue)
        return [await _guarded(check.__name__.strip("_"), check(connection)) for check in checks]


async def _guarded(subject: str, check: Any) -> Finding:
    try:
        finding: Finding = await check
        return finding
    except (psycopg.Error, SeedbedError) as error:
        return Finding(subject, "failed", _line(error), "`seedbed migrate` brings tables, roles and queue")


async def _server(connection: Connection) -> Finding:
    began = time.perf_counter()
    await connection.execute("select 1")
    round_trip_ms = (time.perf_counter() - began) * 1000
    version = connection.info.server_version // 10_000
    detail = f"PostgreSQL {version}, {round_trip_ms:.1f} ms away"
    if version < _LEAST_SERVER:
        return Finding("server", "failed", detail, f"PostgreSQL {_LEAST_SERVER} or newer is needed")
    if round_trip_ms > _SLOW_MS:
        return Finding("server", "warning", detail, "run the API and the workers in the database's region")
    return Finding("server", "ok", detail)


async def _clock(connection: Connection) -> Finding:
    row = await (await connection.execute("select clock_timestamp()")).fetchone()
    assert row is not None
    off_s = abs((datetime.now(UTC) - row[0]).total_seconds())
    if off_s > _CLOCK_OFF_S:
        return Finding("clock", "warning", f"{off_s:.0f} s apart from the database's", "let NTP set both clocks")
    return Finding("clock", "ok", "agrees with the database's")


async def _migrations(connection: Connection) -> Finding:
    from app.adapters.postgres.migrations import head

    found = await (await connection.execute("select to_regclass('seedbed.alembic_version')")).fetchone()
    revision = None
    if found is not None and found[0] is not None:
        row = await (await connection.execute("select version_num from seedbed.alembic_version")).fetchone()
        revision = row[0] if row else None
    if revision != head():
        return Finding("migrations", "failed", f"at {revision or 'nothing'}, not {head()}", "run `seedbed migrate`")
    return Finding("migrations", "ok", f"at {revision}")


async def _roles(connection: Connection) -> Finding:
    missing = [row[0] for row in await (await connection.execute(_MISSING_ROLES)).fetchall()]
    if missing:
        mend = "run `seedbed migrate`, and grant the roles to the account of DATABASE_URL"
        return Finding("roles", "failed", f"cannot act as {', '.join(missing)}", mend)
    unbound = [row[0] for row in await (await connection.execute(_UNBOUND_ROLES)).fetchall()]
    if unbound:
        mend = "; ".join(f"`alter role {name} nosuperuser nobypassrls`" for name in unbound)
        return Finding("roles", "failed", f"no policy binds {', '.join(unbound)}", mend)
    await connection.execute("select auth.uid(), auth.jwt()")
    return Finding("roles", "ok", "anon, authenticated, service_role; auth.uid() and auth.jwt()")


async def _policies(connection: Connection) -> Finding:
    tables = await (await connection.execute(_TABLES)).fetchall()
    bare = [name for name, secured in tables if not secured]
    if not tables:
        return Finding("policies", "failed", "there are no tables yet", "run `seedbed migrate`")
    if bare:
        return Finding("policies", "failed", f"row-level security is off on {', '.join(bare)}", _DEFINE_ANEW)
    from app.adapters.postgres.migrations import policies

    there = {tuple(row) for row in await (await connection.execute(_POLICIES)).fetchall()}
    missing = sorted(f'"{name}" of {table}' for table, name in policies() - there)
    if missing:
        return Finding("policies", "failed", f"missing: {', '.join(missing)}", _DEFINE_ANEW)
    detail = f"row-level security is on for all {len(tables)} tables, with {len(policies())} policies"
    return Finding("policies", "ok", detail)


async def _queue(connection: Connection) -> Finding:
    row = await (await connection.execute(_QUEUE, {"dead_s": _DEAD_WORKER_S})).fetchone()
    assert row is not None
    workers, waiting, running = row
    detail = f"{workers} workers, {waiting} jobs waiting, {running} running"
    if workers == 0:
        return Finding("queue", "warning", detail, "start one: procrastinate --app=tasks.app worker")
    return Finding("queue", "ok", detail)


async def _listening(settings: Settings) -> Finding:
    """Through a transaction pooler LISTEN succeeds and hears nothing: only a notice that comes back proves it."""
    if not settings.database_url:
        return Finding("listen", "skipped", "DATABASE_URL is missing")
    channel, mend = "seedbed-doctor", "set DATABASE_DIRECT_URL to a direct or session-mode connection"
    try:
        async with await psycopg.AsyncConnection.connect(
            settings.listen_url, connect_timeout=_CONNECT_TIMEOUT_S, autocommit=True
        ) as connection:
            await connection.execute(f'listen "{channel}"')
            # From another connection: what a session tells itself comes back with the answer, through any pooler.
            async with await psycopg.AsyncConnection.connect(
                settings.database_url, connect_timeout=_CONNECT_TIMEOUT_S, autocommit=True
            ) as other:
                await other.execute(f"notify \"{channel}\", 'heard'")
            async for _ in connection.notifies(timeout=_LISTEN_TIMEOUT_S, stop_after=1):
                return Finding("listen", "ok", "notices arrive")
    except psycopg.Error as error:
        return Finding("listen", "failed", _line(error), mend)
    return Finding("listen", "failed", "notices do not arrive: a transaction pooler?", mend)


async def _storage(settings: Settings, problems: list[str]) -> Finding:
    if any("OBJECT_STORE" in problem or "LOCAL_STORE" in problem for problem in problems):
        return Finding("storage", "skipped", "its settings are not complete")
    mend = {
        "local": "is LOCAL_STORE_DIR there, writable, and on a disk with room?",
        "s3": "do endpoint, bucket, region and keys hold, and may the keys write, read and delete?",
        "supabase": "do SUPABASE_URL, SUPABASE_SERVICE_KEY and the S3 keys hold, and is the bucket private?",
    }.get(settings.object_store, "does OBJECT_STORE_URL hold?")
    key = f"{uuid.UUID(int=0)}/doctor-{uuid.uuid4()}.txt"
    caller = Caller(uuid.UUID(int=0), {})
    try:
        objects = open_objects(settings)
        try:
            await objects.check()
            with tempfile.NamedTemporaryFile() as file:
                file.write(b"well\n")
                file.flush()
                await objects.put_file(key, Path(file.name), "text/plain")
            try:
                read = b"".join([chunk async for chunk in objects.read(key)])
                if settings.object_store != "supabase":
                    await objects.sign(key, 60, "well.txt", caller=caller)
            finally:
                await objects.delete(key)
        finally:
            objects.close()
    except SeedbedError as error:
        return Finding("storage", "failed", error.message, _STORAGE_MENDS.get(str(error.facts.get("reason")), mend))
    except OSError as error:
        return Finding("storage", "failed", f"{error.filename or 'the disk'}: {error.strerror}", mend)
    if read != b"well\n":
        return Finding("storage", "failed", "what was read is not what was written", mend)
    if settings.object_store == "supabase":
        return Finding("storage", "ok", "supabase: wrote, read and removed a file; URLs are signed by users")
    return Finding("storage", "ok", f"{settings.object_store}: wrote, read, signed and removed a file")


async def _sign_in(settings: Settings) -> Finding:
    if settings.dev_auth:
        mend = "for development alone: anybody can sign in as anybody"
        return Finding("sign-in", "warning", "the development issuer is on (DEV_AUTH=1)", mend)
    if settings.supabase_url is None:
        how = "HS256 with SUPABASE_JWT_SECRET" if settings.supabase_jwt_secret else "nothing is configured"
        mend = "" if settings.supabase_jwt_secret else "set SUPABASE_URL, or SUPABASE_JWT_SECRET"
        return Finding("sign-in", "failed" if mend else "ok", how, mend)
    from app.adapters.auth.jwks import fetch_from, read_keys

    url = f"{settings.supabase_url.rstrip('/')}/auth/v1/.well-known/jwks.json"
    try:
        async with asyncio.timeout(_CONNECT_TIMEOUT_S):
            keys = read_keys(await fetch_from(url)())
    except Exception as error:  # whatever goes wrong on the way there is the finding
        return Finding("sign-in", "failed", f"{url}: {_line(error)}", "is SUPABASE_URL the project's URL?")
    if not keys and not settings.supabase_jwt_secret:
        mend = "rotate to asymmetric keys in the project's settings, or set SUPABASE_JWT_SECRET"
        return Finding("sign-in", "failed", f"{url} has no keys: the project signs by HS256", mend)
    return Finding("sign-in", "ok", f"{len(keys)} public keys of {settings.supabase_url}")


async def _mail(settings: Settings) -> Finding:
    """Greets the mail server and signs in; no mail is sent."""
    if not settings.smtp_host:
        return Finding("mail", "skipped", "SMTP_HOST is not set: no mails")
    from app.adapters.mail.smtp import SmtpServer, greet

    where = f"{settings.smtp_host}:{settings.smtp_port}"
    server = SmtpServer(
        settings.smtp_host,
        settings.smtp_port,
        settings.smtp_security,
        settings.smtp_username,
        settings.smtp_password,
    )
    try:
        await greet(server)
    except DeliveryFailed as error:
        mend = "do SMTP_HOST, SMTP_PORT, SMTP_SECURITY, SMTP_USERNAME and SMTP_PASSWORD hold?"
        return Finding("mail", "failed", f"{where}: {_line(error)}", mend)
    return Finding("mail", "ok", f"{where} answers" + (" and knows us" if settings.smtp_username else ""))


def _line(error: BaseException) -> str:
    return " ".join(str(error).split()) or type(error).__name__
