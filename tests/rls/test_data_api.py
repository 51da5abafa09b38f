"""What anybody may call or write past the service, by Supabase's Data API: within bounds that the service relies on."""

from typing import Any

import psycopg
import pytest

from tests.rls.world import IDS, Connection, acting_as


def one(connection: Connection, query: str, *parameters: Any) -> Any:
    row = connection.execute(query.encode(), parameters).fetchone()
    assert row is not None
    return row[0]


@pytest.mark.parametrize("until", ["infinity", "-infinity", "200000-01-01", "4000-01-01 BC"])
def test_a_record_that_nobody_can_remove_is_short_and_readable(connection: Connection, until: str) -> None:
    """Of a download that is asked for past the service: no text of megabytes, and no time that programs cannot read."""
    query = "select object_path from generator_authorise_download(%s, 'signed', %s, %s)"
    with acting_as(connection, "editor"):
        assert one(connection, query, IDS["completed"], until, "x" * 1_000_000)
        connection.execute("set local role none")
        last = "select expires_at, length(request_id) from generator_downloads order by created_at desc, kind limit 1"
        (expires_at, length) = connection.execute(last.encode()).fetchone() or (None, None)
        assert (expires_at is not None, length) == (True, 128)
        told = "select length(request_id), details from seedbed.audit_log order by id desc limit 1"
        (length, details) = connection.execute(told.encode()).fetchone() or (None, {})
        assert (length, len(details["expires"]) < 40) == (128, True)


@pytest.mark.parametrize(
    "call",
    [
        # An answer would be put down for a request that nobody has served.
        "select outcome is null from generator_claim_idempotency_key('new', repeat('a', 64))",
        # A ticket would admit by claims that the service has not looked at.
        "select generator_issue_event_ticket(repeat('c', 64)) is null",
    ],
)
def test_what_the_service_alone_asks_for_is_refused(connection: Connection, call: str) -> None:
    """Through the login role of the Data API."""
    if one(connection, "select rolsuper from pg_roles where rolname = current_user") is not True:
        pytest.skip("only a superuser can pretend to be another session user")
    if connection.execute("select from pg_roles where rolname = 'authenticator'").fetchone() is None:
        connection.execute("create role authenticator noinherit")
        connection.execute("grant authenticated to authenticator")
    with acting_as(connection, "owner"):
        assert one(connection, call) is False
    connection.execute("set local session authorization authenticator")
    with pytest.raises(psycopg.errors.InsufficientPrivilege), acting_as(connection, "owner"):
        connection.execute(call.encode())


def test_nobodys_mailbox_is_filled(connection: Connection) -> None:
    """A mail that was sent a moment ago is not sent again, however often its owner asks; a failed one is, and later."""
    update = "update generator_export_deliveries set channel = 'email', state = %s, delivered_at = now() - %s::interval"
    again = "select generator_redeliver(%s, %s)"
    for state, age, refused in (
        ("delivered", "9 min", True),
        ("pending", "9 min", True),
        ("delivered", "11 min", False),
    ):
        connection.execute(update.encode(), (state, age))
        with acting_as(connection, "owner"):
            if refused:
                with pytest.raises(psycopg.errors.ObjectNotInPrerequisiteState):
                    connection.execute(again.encode(), (IDS["completed"], IDS["delivery"]))
            else:
                connection.execute(again.encode(), (IDS["completed"], IDS["delivery"]))
    connection.execute(update.encode(), ("failed", None))
    with acting_as(connection, "owner"):
        connection.execute(again.encode(), (IDS["completed"], IDS["delivery"]))


def test_a_schemas_name_is_as_short_as_the_service_takes_it(connection: Connection) -> None:
    """Lists have it in them."""
    rename = "update generator_schemas set name = repeat('x', %s) where id = %s returning length(name)"
    with acting_as(connection, "owner"):
        assert one(connection, rename, 200, IDS["schema"]) == 200
        assert one(connection, "update generator_schemas set name = null returning 1") == 1
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute(rename.encode(), (201, IDS["schema"]))


def test_an_export_is_shared_with_no_more_than_a_thousand(connection: Connection) -> None:
    """By id, and by address; whoever is there already is changed, and who was invited comes in."""
    export = IDS["failed"]
    more = "insert into generator_export_shares (export_id, user_id, role) select %s, md5(i::text)::uuid, 'viewer'"
    again = "insert into generator_export_shares (export_id, user_id, role) values (%s, md5('1')::uuid, 'editor')"
    invite = "insert into generator_export_invitations (export_id, email, role) select %s, i || '@x.org', 'viewer'"
    with acting_as(connection, "owner"):
        connection.execute(f"{more} from generate_series(1, 998) as i".encode(), [export])
        connection.execute(f"{invite} from generate_series(1, 999) as i".encode(), [export])
        connection.execute(
            "insert into generator_export_invitations (export_id, email, role)"
            " values (%s, 'newcomer@example.org', 'viewer')",
            [export],
        )
        for statement in (more, invite):
            with pytest.raises(psycopg.errors.ProgramLimitExceeded), connection.transaction():
                connection.execute(f"{statement} from generate_series(2000, 2000) as i".encode(), [export])
        change = f"{again} on conflict (export_id, user_id) do update set role = excluded.role returning role"
        assert one(connection, change, export) == "editor"
        connection.execute(
            "select set_config('request.jwt.claims', %s, true)",
            [
                f'{{"role": "authenticated", "sub": "{IDS["newcomer"]}", "email": "newcomer@example.org",'
                ' "email_verified": true}'
            ],
        )
        assert one(connection, "select generator_claim_invitations()") >= 1
        assert one(connection, "select generator_can_see(%s)", export) is True


def test_tickets_are_few_and_small(connection: Connection) -> None:
    """A thousand of one user's are good at a time, without what people may write into their own tokens."""
    issue = "select generator_issue_event_ticket(repeat('d', 64)) is not null"
    with acting_as(connection, "owner"):
        connection.execute(
            "select set_config('request.jwt.claims', (current_setting('request.jwt.claims')::jsonb"
            " || jsonb_build_object('user_metadata', repeat('x', 10000), 'app_metadata', '{}'::jsonb))::text, true)"
        )
        assert one(connection, issue) is True
        connection.execute("set local role none")
        claims = one(connection, "select claims from generator_event_tickets where token_sha256 = repeat('d', 64)")
    assert claims.keys() == {"sub", "role", "email", "email_verified"}
    connection.execute(
        "insert into generator_event_tickets (token_sha256, user_id, claims, expires_at)"
        " select md5(i::text) || md5(i::text), %s, '{}', now() + interval '1 minute' from generate_series(1, 999) as i",
        [IDS["alice"]],
    )
    with pytest.raises(psycopg.errors.ProgramLimitExceeded), acting_as(connection, "owner"):
        connection.execute(issue.encode())
    connection.execute("update generator_event_tickets set expires_at = now() where length(claims::text) = 2")
    with acting_as(connection, "owner"):
        assert one(connection, issue) is True


def test_stored_schemas_have_an_end(connection: Connection) -> None:
    """Each may be megabytes, and nothing takes them away: of one user there are so many bytes, of others as many."""
    definition = one(connection, "select pg_get_functiondef('seedbed.bound_schemas()'::regprocedure)")
    assert "1073741824" in definition
    connection.execute(definition.replace("1073741824", "50000").encode())
    store = (
        "insert into generator_schemas (owner_id, sha256, snapshot) values"
        " (auth.uid(), repeat(%s, 64), jsonb_build_object('x', repeat('x', 40000))) returning 1"
    )
    with acting_as(connection, "owner"):
        assert [one(connection, store, digit) for digit in "bcd"] == [1, 1, 1]
        with pytest.raises(psycopg.errors.ProgramLimitExceeded), connection.transaction():
            connection.execute(store.replace("40000", "60000").encode(), ["e"])
    with acting_as(connection, "stranger"):
        assert one(connection, store, "b") == 1
