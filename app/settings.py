"""Settings: read once from the environment, frozen, and passed to whoever needs them.

Nothing here is an instance: `Settings.from_env(os.environ)` is called by the entry points alone. Each field's
environment variable is its name in capitals; the table in the README is checked against the fields below.
"""

from collections.abc import Callable, Mapping
from dataclasses import MISSING, Field, dataclass, field, fields
from pathlib import Path
from typing import Any, Literal, get_args, get_origin, get_type_hints
from urllib.parse import urlsplit

from app.connection_urls import fault_of
from app.errors import ConfigurationInvalid
from app.redaction import passwords_of

SmtpSecurity = Literal["starttls", "tls", "none"]
LogFormat = Literal["json", "console"]
LogLevel = Literal["DEBUG", "INFO", "WARNING", "ERROR"]
Need = Literal["database", "store", "auth"]

EVERYTHING: frozenset[Need] = frozenset({"database", "store", "auth"})

_TRUE = frozenset({"1", "true", "yes", "on"})
_FALSE = frozenset({"0", "false", "no", "off", ""})
_REQUIRED = ""
_LEAST_SECRET_CHARS = 16
# HS256 wants a key as long as its hash; whoever guesses a shorter one is anybody.
_LEAST_JWT_SECRET_CHARS = 32
_HIGHEST_PORT = 65_535
# A URL that is signed by the fourth version of AWS's scheme is good for a week at most.
_LONGEST_URL_TTL_S = 7 * 86_400
_POLICED_BUCKET = "generator-exports"
# What a store needs. One that is not here is a module of somebody's own, which reads OBJECT_STORE_URL.
_STORE_NEEDS = {
    "local": ("local_store_secret",),
    "s3": ("s3_access_key_id", "s3_secret_access_key"),
    "supabase": ("supabase_url", "supabase_service_key"),
}


def _setting(default: Any, doc: str, *, secret: bool = False) -> Any:
    """A field with its one-line description; a secret is left out of `repr` and logs."""
    return field(default=default, repr=not secret, metadata={"doc": doc, "secret": secret})


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Everything that differs between one deployment and another."""

    # The database
    database_url: str = _setting(
        _REQUIRED, "Postgres 15 or newer: the tables, the queue and the event bus", secret=True
    )
    database_direct_url: str | None = _setting(
        None,
        "a direct or session-mode connection for LISTEN, where `DATABASE_URL` is a transaction pooler",
        secret=True,
    )
    scratch_database_url: str | None = _setting(
        None,
        "server on which the API loads DDL it is sent, in databases it drops; unset means an embedded one",
        secret=True,
    )
    database_pool_size: int = _setting(10, "connections each process keeps at most")
    database_timeout_s: float = _setting(
        30.0, "how long a statement may take, and a connection that has gone silent is waited for"
    )

    # Supabase
    supabase_url: str | None = _setting(None, "the project's URL; tokens are checked against its JWKS")
    supabase_service_key: str | None = _setting(None, "service role or `sb_secret_` key, for the workers", secret=True)
    supabase_anon_key: str | None = _setting(
        None, "anon or publishable key, for signing on a user's behalf", secret=True
    )
    supabase_jwt_secret: str | None = _setting(
        None, "legacy HS256 secret; HS256 tokens are refused without", secret=True
    )

    # The object store
    object_store: str = _setting("local", "where files go: `local`, `s3`, `supabase`, or a store of your own")
    object_store_url: str | None = _setting(
        None, "what a store of your own has to know, as one URL; its password is the secret", secret=True
    )
    local_store_dir: Path = _setting(Path(".seedbed/objects"), "folder of the `local` store")
    local_store_secret: str | None = _setting(None, "key that signs the `local` store's URLs", secret=True)
    s3_endpoint_url: str | None = _setting(None, "S3 endpoint; unset means AWS")
    s3_bucket: str = _setting("generator-exports", "bucket for the files")
    s3_region: str = _setting("us-east-1", "region that requests are signed for")
    s3_access_key_id: str | None = _setting(None, "S3 access key id", secret=True)
    s3_secret_access_key: str | None = _setting(None, "S3 secret access key", secret=True)
    max_file_bytes: int = _setting(50 * 1024**3, "largest file that the bucket is made to take (`supabase`)")
    download_url_ttl_s: int = _setting(86_400, "how long a download URL is good for")
    download_url_max_ttl_s: int = _setting(604_800, "longest time that a request may ask for with `expiresIn`")

    # Prompts
    prompt_api_url: str | None = _setting(
        None, "base URL of an OpenAI-compatible chat API that reads prompts; unset means the built-in rules"
    )
    prompt_api_key: str | None = _setting(None, "its key", secret=True)
    prompt_model: str = _setting("gpt-4o-mini", "its model")
    prompt_timeout_s: float = _setting(20.0, "how long all its answers to one prompt may take together")
    prompt_max_tokens: int = _setting(4_000, "tokens of one answer at most")

    # The API
    host: str = _setting("127.0.0.1", "address the API listens on")
    port: int = _setting(8000, "port the API listens on")
    public_url: str | None = _setting(None, "the URL people reach the API by; unset means the request's own")
    cors_origins: tuple[str, ...] = _setting((), "origins allowed to call the API from a browser, comma-separated")
    max_body_bytes: int = _setting(8 * 1024 * 1024, "largest request body that is read")
    planning_timeout_s: float = _setting(20.0, "how long making the plan of one request may take")
    planning_processes: int = _setting(2, "processes of the API that make plans, at most")
    dev_auth: bool = _setting(False, "accept tokens of the development issuer; never together with `SUPABASE_URL`")
    dev_auth_key: str | None = _setting(None, "key of the development issuer", secret=True)
    requests_per_minute: int = _setting(12_000, "requests a user may send to one process in a minute; 0 for any number")
    max_streams_per_user: int = _setting(
        500, "event streams a user may have open at one process at once; 0 for any number"
    )
    sign_ins_per_minute: int = _setting(
        10, "sign-ins on the pages that one network, and one mail address, may try in a minute; 0 for any number"
    )
    client_address_header: str | None = _setting(
        None,
        "header in which the platform's proxy, and nobody else, puts the client's address, as `Fly-Client-IP`;"
        " unset where `FORWARDED_ALLOW_IPS` names the proxy",
    )
    anonymous_users: bool = _setting(False, "let Supabase's anonymous users in")

    metrics_port: int = _setting(
        0, "port of the API's `/metrics`, on `HOST`, for where nobody else gets; 0 means `PORT`, with all else"
    )

    # Limits for one user, unless `generator_quotas` has a row for them
    max_rows_per_export: int = _setting(100_000_000, "rows in one export")
    max_active_exports: int = _setting(10, "exports queued or running at once")
    max_exports_per_day: int = _setting(1_000, "exports asked for in 24 hours")
    max_stored_bytes: int = _setting(50 * 1024**3, "bytes kept in the object store")
    max_bucket_bytes: int = _setting(0, "bytes kept in the object store by all users together; 0 means no limit")
    retention_s: int = _setting(604_800, "how long a finished export's file is kept")
    event_retention_s: int = _setting(2_592_000, "how long the events of an export that has ended are kept")

    # The worker
    worker_concurrency: int = _setting(5, "jobs one worker process runs at once")
    worker_processes: int = _setting(0, "processes that generate rows in one worker; 0 means one for each core")
    worker_port: int = _setting(0, "port of a worker's `/healthz` and `/metrics`, on `HOST`; 0 means none")
    lease_s: float = _setting(60.0, "how long a part may go without a sign of life before another worker takes it")
    shutdown_grace_s: float = _setting(5.0, "how long a stopping worker waits for its jobs before it puts them back")
    part_bytes: int = _setting(32 * 1024**2, "expected size of the parts a large export is cut into")
    chunk_rows: int = _setting(10_000, "rows between two progress reports")
    retry_count: int = _setting(2, "times a failed export part is tried again")
    retry_base_s: float = _setting(30.0, "wait before the first retry; doubled for each further one")

    # Word to users
    webhook_signing_key: str | None = _setting(
        None, "key that users' webhook secrets are derived from; unset means no webhooks", secret=True
    )
    webhook_ports: tuple[str, ...] = _setting(("443", "8443"), "ports that webhooks may be sent to, comma-separated")
    smtp_host: str | None = _setting(None, "mail server; unset means no mails")
    smtp_port: int = _setting(587, "its port")
    smtp_security: SmtpSecurity = _setting("starttls", "`starttls`, `tls` from the first byte, or `none`")
    smtp_username: str | None = _setting(None, "account at the mail server, if it asks for one")
    smtp_password: str | None = _setting(None, "its password", secret=True)
    mail_from: str | None = _setting(None, "address that mails are sent from")
    delivery_concurrency: int = _setting(20, "webhooks and mails one worker process sends at once")

    # Logs
    log_format: LogFormat = _setting("json", "`json`, or `console` for people")
    log_level: LogLevel = _setting("INFO", "`DEBUG`, `INFO`, `WARNING` or `ERROR`")

    @classmethod
    def from_env(cls, environ: Mapping[str, str], *, needs: frozenset[Need] = EVERYTHING) -> "Settings":
        """Settings out of environment variables; an empty variable counts as unset.

        `needs` says what the caller will use, so that `seedbed migrate` asks for no S3 key.
        Raises ConfigurationInvalid naming every variable that is missing or malformed.
        """
        values: dict[str, Any] = {}
        problems: list[str] = []
        if environ.get("PROMETHEUS_MULTIPROC_DIR"):
            # Every port is one process's; figures in files, merged with those of dead processes, would be wrong.
            problems.append(
                "PROMETHEUS_MULTIPROC_DIR is set: each process serves figures of its own, nothing is merged"
            )
        hints = get_type_hints(cls)
        for spec in fields(cls):
            text = environ.get(spec.name.upper(), "").strip()
            if not text:
                continue
            try:
                values[spec.name] = _parse(text, hints[spec.name])
            except ValueError as error:
                problems.append(f"{spec.name.upper()} {error}")
        store = values.get("object_store", "local")
        if store not in _STORE_NEEDS and "object_store_url" not in values:
            known = ", ".join(_STORE_NEEDS)
            problems.append(f"OBJECT_STORE must be one of {known}, not {store!r} (one of your own: OBJECT_STORE_URL)")
        if not problems:
            settings = cls(**values)
            problems = list(settings.problems(needs))
            if not problems:
                return settings
        raise ConfigurationInvalid("; ".join(problems), settings=[problem.split()[0] for problem in problems])

    def problems(self, needs: frozenset[Need] = EVERYTHING) -> "list[str]":
        """What keeps a process with these `needs` from starting; each begins with the variable's name."""
        found: list[str] = []
        if "database" in needs and not self.database_url:
            found.append("DATABASE_URL is missing")
        for name in ("database_url", "database_direct_url", "scratch_database_url"):
            url = getattr(self, name)
            if url and (fault := fault_of(url)):
                found.append(f"{name.upper()} {fault}")
        found += self._address_problems()
        if "store" in needs:
            found += [f"{name} is missing (OBJECT_STORE={self.object_store})" for name in self._missing_for_store()]
            found += self._supabase_store_problems() if self.object_store == "supabase" else []
            if self.object_store == "local" and 0 < len(self.local_store_secret or "") < _LEAST_SECRET_CHARS:
                found.append(f"LOCAL_STORE_SECRET must have at least {_LEAST_SECRET_CHARS} characters")
        if "auth" in needs:
            found += self._auth_problems()
        if "store" in needs:  # API and workers; a migration sends nothing
            found += self._delivery_problems()
        found += [
            f"{name.upper()} must be at least {least}"
            for name, least in _AT_LEAST.items()
            if getattr(self, name) < least
        ]
        if not self.download_url_ttl_s <= self.download_url_max_ttl_s <= _LONGEST_URL_TTL_S:
            found.append(f"DOWNLOAD_URL_MAX_TTL_S must be from DOWNLOAD_URL_TTL_S to {_LONGEST_URL_TTL_S}")
        return found

    def _address_problems(self) -> list[str]:
        found = [
            f"{name.upper()} must begin with https:// or http:// and name a host"
            for name in ("supabase_url", "s3_endpoint_url", "prompt_api_url", "public_url")
            if (url := getattr(self, name)) and not _is_of_the_web(url)
        ]
        # A browser sends neither a path nor a bare name, so that nothing else would ever be let in.
        wrong = [o for o in self.cors_origins if o != "*" and (not _is_of_the_web(o) or urlsplit(o).path)]
        if wrong:
            found.append(f"CORS_ORIGINS must be origins such as https://app.example.com, not {wrong[0]!r}")
        high = [name for name in ("port", "worker_port", "smtp_port") if getattr(self, name) > _HIGHEST_PORT]
        return [*found, *(f"{name.upper()} must be at most {_HIGHEST_PORT}" for name in high)]

    def _missing_for_store(self) -> list[str]:
        needed = _STORE_NEEDS.get(self.object_store, ("object_store_url",))
        return [name.upper() for name in needed if not getattr(self, name)]

    def _supabase_store_problems(self) -> list[str]:
        found = []
        if self.s3_bucket != _POLICED_BUCKET:
            found.append(f"S3_BUCKET must be {_POLICED_BUCKET}: the policy on storage.objects names it")
        by_token = self.supabase_anon_key and not (self.supabase_service_key or "").startswith("sb_")
        if not by_token:
            # Large files go by S3, which takes a service key for a session token only when it is a JWT.
            found += [
                f"{name.upper()} is missing (OBJECT_STORE=supabase)"
                for name in ("s3_access_key_id", "s3_secret_access_key")
                if not getattr(self, name)
            ]
        return found

    def _delivery_problems(self) -> list[str]:
        found: list[str] = []
        if 0 < len(self.webhook_signing_key or "") < _LEAST_SECRET_CHARS:
            found.append(f"WEBHOOK_SIGNING_KEY must have at least {_LEAST_SECRET_CHARS} characters")
        if not all(port.isdecimal() and 0 < int(port) < 65_536 for port in self.webhook_ports):
            found.append("WEBHOOK_PORTS must be port numbers, comma-separated")
        if self.smtp_host:
            missing = [name for name in ("mail_from", "public_url") if not getattr(self, name)]
            found += [f"{name.upper()} is missing (SMTP_HOST is set)" for name in missing]
            if self.mail_from and "@" not in self.mail_from:
                found.append("MAIL_FROM is not an address")
            if bool(self.smtp_username) != bool(self.smtp_password):
                found.append("SMTP_USERNAME and SMTP_PASSWORD belong together")
        return found

    def _auth_problems(self) -> list[str]:
        if self.dev_auth and self.supabase_url:
            return ["DEV_AUTH must not be set together with SUPABASE_URL: anybody could sign in as anybody"]
        if 0 < len(self.supabase_jwt_secret or "") < _LEAST_JWT_SECRET_CHARS:
            return [f"SUPABASE_JWT_SECRET must have at least {_LEAST_JWT_SECRET_CHARS} characters (RFC 7518)"]
        if self.dev_auth and not self.dev_auth_key:
            return ["DEV_AUTH_KEY is missing (DEV_AUTH=1)"]
        if not (self.dev_auth or self.supabase_url or self.supabase_jwt_secret):
            return ["SUPABASE_URL is missing: without it nobody can sign in (DEV_AUTH=1 is for development)"]
        return []

    @property
    def channels(self) -> frozenset[str]:
        """The ways in which word can be sent to users, beside event streams."""
        ways = {"webhook": self.webhook_signing_key, "email": self.smtp_host}
        return frozenset(name for name, configured in ways.items() if configured)

    @property
    def listen_url(self) -> str:
        """The connection string for LISTEN, which a transaction pooler would silently break."""
        return self.database_direct_url or self.database_url

    def secrets(self) -> tuple[str, ...]:
        """The secret values themselves, for the redaction of logs; a URL counts with its password alone."""
        found: set[str] = set()
        for spec in fields(self):
            value = getattr(self, spec.name)
            if not spec.metadata["secret"] or not value:
                continue
            found |= passwords_of(value) if spec.name.endswith("_url") else {value}
        return tuple(sorted(found))


def _is_of_the_web(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:  # a port that is none
        return False


_AT_LEAST = {
    "port": 0,
    "prompt_timeout_s": 1,
    "prompt_max_tokens": 1,
    "database_pool_size": 1,
    "database_timeout_s": 1,
    "max_file_bytes": 1024 * 1024,
    "download_url_ttl_s": 1,
    "download_url_max_ttl_s": 1,
    "max_body_bytes": 1024,
    "planning_timeout_s": 1,
    "planning_processes": 1,
    "requests_per_minute": 0,
    "max_streams_per_user": 0,
    "sign_ins_per_minute": 0,
    "max_rows_per_export": 1,
    "max_active_exports": 1,
    "max_exports_per_day": 1,
    "max_stored_bytes": 1,
    "max_bucket_bytes": 0,
    "event_retention_s": 60,
    "retention_s": 60,
    "worker_concurrency": 1,
    "worker_processes": 0,
    "worker_port": 0,
    "lease_s": 1,
    "shutdown_grace_s": 0,
    # S3 takes no part but the last below 5 MiB; expected sizes are off by a little, hence the room.
    "part_bytes": 6 * 1024 * 1024,
    "chunk_rows": 1,
    "retry_count": 0,
    "retry_base_s": 0,
    "smtp_port": 1,
    "delivery_concurrency": 1,
}


@dataclass(frozen=True, slots=True)
class SettingRow:
    """One line of the settings table in the README."""

    variable: str
    default: str
    doc: str
    secret: bool


def describe() -> list[SettingRow]:
    """Every setting in the order of its declaration, with its default as one would write it."""
    return [
        SettingRow(spec.name.upper(), _default_text(spec), spec.metadata["doc"], spec.metadata["secret"])
        for spec in fields(Settings)
    ]


def _default_text(spec: "Field[Any]") -> str:
    default = spec.default
    if default is MISSING or default is None or default in ("", ()):
        return ""
    if isinstance(default, bool):
        return "1" if default else "0"
    if isinstance(default, tuple):
        return ",".join(default)
    return str(default)


def _parse(text: str, hint: Any) -> Any:
    """`text` as a value of the type `hint`. Raises ValueError saying what was expected."""
    if get_origin(hint) is Literal:
        return _choice(text, get_args(hint))
    for kind, read in _READERS:
        if hint == kind or hint == (kind | None):
            return read(text)
    raise TypeError(f"a setting of type {hint} has no reader")


def _choice(text: str, allowed: tuple[str, ...]) -> str:
    for choice in allowed:
        if text.lower() == choice.lower():
            return choice
    raise ValueError(f"must be one of {', '.join(allowed)}, not {text!r}")


def _flag(text: str) -> bool:
    if text.lower() in _TRUE:
        return True
    if text.lower() in _FALSE:
        return False
    raise ValueError(f"must be 1 or 0, not {text!r}")


def _integer(text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise ValueError(f"must be a whole number, not {text!r}") from None


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise ValueError(f"must be a number, not {text!r}") from None


def _names(text: str) -> tuple[str, ...]:
    return tuple(part.strip().rstrip("/") for part in text.split(",") if part.strip())


_READERS: tuple[tuple[Any, Callable[[str], Any]], ...] = (
    (bool, _flag),
    (int, _integer),
    (float, _number),
    (str, str),
    (Path, Path),
    (tuple[str, ...], _names),
)
