"""Settings come from the environment, say what is missing by its name, and keep secrets to themselves."""

from dataclasses import FrozenInstanceError
from pathlib import Path

import pytest

from app.errors import ConfigurationInvalid
from app.settings import Need, Settings, describe

DEVELOPMENT = {
    "DATABASE_URL": "postgresql://app:pg-password@db.internal:5432/app",
    "LOCAL_STORE_SECRET": "a-secret-of-the-store",
    "DEV_AUTH": "1",
    "DEV_AUTH_KEY": "issuer-key",
}
SUPABASE = {
    "DATABASE_URL": "postgres://app:pg-password@db.internal/app",
    "OBJECT_STORE": "supabase",
    "SUPABASE_URL": "https://project.supabase.test",
    "SUPABASE_SERVICE_KEY": "sb_secret_service",
    "S3_ACCESS_KEY_ID": "an-id",
    "S3_SECRET_ACCESS_KEY": "s3-secret",
}


def refusal(environ: dict[str, str]) -> ConfigurationInvalid:
    with pytest.raises(ConfigurationInvalid) as caught:
        Settings.from_env(environ)
    return caught.value


@pytest.mark.parametrize("environ", [DEVELOPMENT, SUPABASE], ids=["development", "supabase"])
def test_a_complete_environment_is_accepted(environ: dict[str, str]) -> None:
    """What the README calls complete starts."""
    assert Settings.from_env(environ).database_url == environ["DATABASE_URL"]


@pytest.mark.parametrize(
    ("environ", "missing"),
    [
        (DEVELOPMENT, "DATABASE_URL"),
        (DEVELOPMENT, "LOCAL_STORE_SECRET"),
        (DEVELOPMENT, "DEV_AUTH_KEY"),
        (SUPABASE, "SUPABASE_URL"),
        (SUPABASE, "SUPABASE_SERVICE_KEY"),
        (SUPABASE, "S3_ACCESS_KEY_ID"),
    ],
)
def test_a_missing_setting_is_named(environ: dict[str, str], missing: str) -> None:
    """The message names the variable, so that nobody has to read code to start a server."""
    error = refusal({name: value for name, value in environ.items() if name != missing})
    assert missing in error.facts["settings"]
    assert missing in error.message


def test_s3_wants_both_keys() -> None:
    """Half a pair of S3 keys is no pair, and both faults come at once."""
    error = refusal(DEVELOPMENT | {"OBJECT_STORE": "s3"})
    assert error.facts["settings"] == ["S3_ACCESS_KEY_ID", "S3_SECRET_ACCESS_KEY"]


def test_supabase_by_token_alone() -> None:
    """A service key that is a JWT signs in at the S3 side as well, with the anon key beside it; a secret key cannot."""
    bare = {name: value for name, value in SUPABASE.items() if not name.startswith("S3_")}
    legacy = bare | {"SUPABASE_SERVICE_KEY": "eyJ.service.key"}
    assert "S3_ACCESS_KEY_ID" in refusal(legacy).facts["settings"]
    assert Settings.from_env(legacy | {"SUPABASE_ANON_KEY": "eyJ.anon.key"}).s3_access_key_id is None
    assert "S3_ACCESS_KEY_ID" in refusal(bare | {"SUPABASE_ANON_KEY": "eyJ.anon.key"}).facts["settings"]


def test_supabase_has_one_bucket() -> None:
    """The policy that guards downloads names the bucket: files in another would be nobody's to download."""
    assert refusal(SUPABASE | {"S3_BUCKET": "other"}).facts["settings"] == ["S3_BUCKET"]


def test_urls_are_not_signed_for_longer_than_is_allowed() -> None:
    """The default stays within the cap, and the cap within what stores can sign."""
    assert refusal(DEVELOPMENT | {"DOWNLOAD_URL_MAX_TTL_S": "3600"}).facts["settings"] == ["DOWNLOAD_URL_MAX_TTL_S"]
    assert refusal(DEVELOPMENT | {"DOWNLOAD_URL_MAX_TTL_S": "700000"}).facts["settings"] == ["DOWNLOAD_URL_MAX_TTL_S"]


def test_every_malformed_value_is_reported_at_once() -> None:
    """Mending one variable a start is a slow way to learn of four."""
    error = refusal(DEVELOPMENT | {"PORT": "http", "OBJECT_STORE": "ftp", "DEV_AUTH": "maybe", "RETRY_BASE_S": "soon"})
    assert sorted(error.facts["settings"]) == ["DEV_AUTH", "OBJECT_STORE", "PORT", "RETRY_BASE_S"]


def test_a_store_of_ones_own_is_named_with_its_url() -> None:
    """A misspelt name is told from a store that somebody has added."""
    assert "local, s3, supabase" in refusal(DEVELOPMENT | {"OBJECT_STORE": "s4"}).message
    own = DEVELOPMENT | {"OBJECT_STORE": "webserver", "OBJECT_STORE_URL": "https://:pw@files.example.com"}
    settings = Settings.from_env(own)
    assert settings.object_store == "webserver"
    assert "pw" in settings.secrets()


@pytest.mark.parametrize("name", ["WORKER_CONCURRENCY", "CHUNK_ROWS", "PART_BYTES", "RETENTION_S"])
def test_a_number_that_cannot_work_is_refused(name: str) -> None:
    """Zero workers or parts below the least that S3 takes would fail later, and less clearly."""
    assert refusal(DEVELOPMENT | {name: "0"}).facts["settings"] == [name]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PUBLIC_URL", "seedbed.example.com"),
        ("S3_ENDPOINT_URL", "127.0.0.1:8333"),
        ("PROMPT_API_URL", "ftp://models.example"),
        ("PUBLIC_URL", "https://seedbed.example.com:https"),
        ("CORS_ORIGINS", "https://app.example.com,app.example.com"),
        ("CORS_ORIGINS", "https://app.example.com/app"),
        ("PORT", "70000"),
        ("WORKER_PORT", "65536"),
    ],
)
def test_an_address_that_leads_nowhere_is_refused(name: str, value: str) -> None:
    """Links without a host, origins that no browser sends: found when a process starts, not by who follows them."""
    assert refusal(DEVELOPMENT | {name: value}).facts["settings"] == [name]


def test_any_origin_may_be_let_in() -> None:
    """Who wants that says so."""
    assert Settings.from_env(DEVELOPMENT | {"CORS_ORIGINS": "*"}).cors_origins == ("*",)


def test_a_short_secret_is_refused() -> None:
    """Whoever guesses it can sign links to every file, or be anybody."""
    tokens = {"DATABASE_URL": DEVELOPMENT["DATABASE_URL"], "LOCAL_STORE_SECRET": DEVELOPMENT["LOCAL_STORE_SECRET"]}
    assert refusal(tokens | {"SUPABASE_JWT_SECRET": "short"}).facts["settings"] == ["SUPABASE_JWT_SECRET"]
    assert refusal(DEVELOPMENT | {"LOCAL_STORE_SECRET": "short"}).facts["settings"] == ["LOCAL_STORE_SECRET"]


def test_a_database_url_of_another_kind_is_refused() -> None:
    """Only Postgres will do."""
    assert "DATABASE_URL" in refusal(DEVELOPMENT | {"DATABASE_URL": "mysql://h/db"}).message


def test_the_development_issuer_is_refused_beside_supabase() -> None:
    """With it anybody could sign in as anybody, so a real deployment must not start."""
    error = refusal(SUPABASE | {"DEV_AUTH": "1", "DEV_AUTH_KEY": "k"})
    assert error.facts["settings"] == ["DEV_AUTH"]


def test_nobody_to_trust_is_refused() -> None:
    """An API that could check no token at all would answer 401 to everybody."""
    environ = {name: value for name, value in DEVELOPMENT.items() if not name.startswith("DEV_")}
    assert refusal(environ).facts["settings"] == ["SUPABASE_URL"]


def test_only_what_is_needed_is_asked_for() -> None:
    """`seedbed migrate` wants a database and no keys."""
    settings = Settings.from_env({"DATABASE_URL": DEVELOPMENT["DATABASE_URL"]}, needs=frozenset({"database"}))
    assert settings.object_store == "local"


def test_an_empty_variable_counts_as_unset() -> None:
    """Deployment tools write `NAME=` for what is not there."""
    assert Settings.from_env(DEVELOPMENT | {"S3_ENDPOINT_URL": " ", "PORT": ""}).port == 8000


def test_values_are_read_by_type() -> None:
    """Lists, paths, flags and numbers arrive as such, whatever the case they are written in."""
    settings = Settings.from_env(
        DEVELOPMENT
        | {
            "CORS_ORIGINS": "https://a.example/, https://b.example",
            "LOCAL_STORE_DIR": "/srv/files",
            "DEV_AUTH": "TRUE",
            "LOG_LEVEL": "debug",
            "RETRY_BASE_S": "0.5",
        }
    )
    assert settings.cors_origins == ("https://a.example", "https://b.example")
    assert settings.local_store_dir == Path("/srv/files")
    assert (settings.dev_auth, settings.log_level, settings.retry_base_s) == (True, "DEBUG", 0.5)


def test_repr_hides_every_secret() -> None:
    """Settings end up in tracebacks and debuggers; their secrets must not."""
    secrets = {row.variable: f"a-long-secret-of-{row.variable.lower()}" for row in describe() if row.secret}
    for name in [name for name in secrets if name.endswith("_URL")]:
        secrets[name] = f"postgresql://app:a-long-secret-of-{name.lower()}@h/db"
    settings = Settings.from_env(DEVELOPMENT | {"OBJECT_STORE": "s3"} | secrets)
    assert "secret-of" not in repr(settings)
    assert {f"a-long-secret-of-{name.lower()}" for name in secrets} == set(settings.secrets())


def test_settings_are_frozen() -> None:
    """What a process was started with holds until it ends."""
    settings = Settings.from_env(DEVELOPMENT)
    with pytest.raises(FrozenInstanceError):
        settings.port = 1  # type: ignore[misc]  # that it cannot is the point


def test_listening_avoids_the_pooler() -> None:
    """LISTEN through a transaction pooler hears nothing, silently: the direct URL wins where there is one."""
    direct = "postgresql://app:pw@db.internal:5433/app"
    assert Settings.from_env(DEVELOPMENT | {"DATABASE_DIRECT_URL": direct}).listen_url == direct
    assert Settings.from_env(DEVELOPMENT).listen_url == DEVELOPMENT["DATABASE_URL"]


MAILS = {"SMTP_HOST": "mail.example.com", "MAIL_FROM": "seedbed@example.com", "PUBLIC_URL": "https://seedbed.example"}


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"MAIL_FROM": ""}, "MAIL_FROM is missing (SMTP_HOST is set)"),
        ({"PUBLIC_URL": ""}, "PUBLIC_URL is missing (SMTP_HOST is set)"),
        ({"MAIL_FROM": "seedbed"}, "MAIL_FROM is not an address"),
        ({"SMTP_USERNAME": "ann"}, "SMTP_USERNAME and SMTP_PASSWORD belong together"),
        ({"SMTP_SECURITY": "maybe"}, "SMTP_SECURITY must be one of starttls, tls, none, not 'maybe'"),
        ({"WEBHOOK_SIGNING_KEY": "short"}, "WEBHOOK_SIGNING_KEY must have at least 16 characters"),
        ({"WEBHOOK_PORTS": "443,https"}, "WEBHOOK_PORTS must be port numbers, comma-separated"),
    ],
)
def test_what_deliveries_need_is_named(changes: dict[str, str], said: str) -> None:
    """At the start, rather than with the first mail; a migration sends none and asks for nothing."""
    environ = {"DATABASE_URL": "postgresql://x/y", "LOCAL_STORE_SECRET": "x" * 16, **MAILS, **changes}
    with pytest.raises(ConfigurationInvalid) as refused:
        Settings.from_env(environ, needs=frozenset({"database", "store"}))
    assert said in refused.value.message
    if "must be one of" not in said:
        Settings.from_env(environ, needs=frozenset({"database"}))


def test_channels_are_what_is_configured() -> None:
    """Neither without settings; each by its own."""
    environ = {"DATABASE_URL": "postgresql://x/y", "LOCAL_STORE_SECRET": "x" * 16}
    needs: frozenset[Need] = frozenset({"database", "store"})
    assert Settings.from_env(environ, needs=needs).channels == frozenset()
    assert Settings.from_env({**environ, **MAILS}, needs=needs).channels == {"email"}
    hooks = Settings.from_env({**environ, "WEBHOOK_SIGNING_KEY": "k" * 16, "WEBHOOK_PORTS": "443, 9443"}, needs=needs)
    assert (hooks.channels, hooks.webhook_ports) == (frozenset({"webhook"}), ("443", "9443"))
    assert "kkkk" not in repr(hooks)


def test_figures_in_files_are_refused() -> None:
    """Every process serves its own; Prometheus' multi-process mode would merge those of processes that are gone."""
    error = refusal({**DEVELOPMENT, "PROMETHEUS_MULTIPROC_DIR": "/tmp/figures"})  # noqa: S108  # nothing is written
    assert "each process serves figures of its own" in str(error)
    assert error.facts["settings"] == ["PROMETHEUS_MULTIPROC_DIR"]
