"""Shares by mail address: who can take one up, and what taking one back takes along."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, LiteralString

import psycopg
import pytest

from tests.rls.world import IDS, PEOPLE, Connection

ADDRESS = "newcomer@example.org"
PROVEN = {"email": ADDRESS, "email_verified": True}


@contextmanager
def claiming(connection: Connection, claims: Mapping[str, Any], person: str = "newcomer") -> Iterator[None]:
    """Runs what is inside as a person with these claims beside their id, and keeps what it did."""
    text = json.dumps({"role": "authenticated", "sub": str(PEOPLE[person][1]), **claims})
    with connection.transaction():
        connection.execute(
            "select set_config('role', 'authenticated', true), set_config('request.jwt.claims', %s, true)", [text]
        )
        yield
        connection.execute("select set_config('role', 'none', true), set_config('request.jwt.claims', '', true)")


def claimed(connection: Connection, claims: Mapping[str, Any], person: str = "newcomer") -> int:
    """How many exports somebody with these claims comes to see."""
    with claiming(connection, claims, person):
        found: int = one(connection, "select generator_claim_invitations()")
        return found


def one(connection: Connection, query: LiteralString, *parameters: Any) -> Any:
    row = connection.execute(query, parameters).fetchone()
    assert row is not None
    return row[0]


def role_of_newcomer(connection: Connection) -> Any:
    found = connection.execute(
        "select role from generator_export_shares where export_id = %s and user_id = %s",
        [IDS["completed"], IDS["newcomer"]],
    ).fetchone()
    return found and found[0]


@pytest.mark.parametrize(
    ("claims", "found"),
    [
        (PROVEN, 1),
        ({**PROVEN, "email": "NewComer@Example.ORG"}, 1),
        ({"email": ADDRESS}, 0),
        ({"email": ADDRESS, "email_verified": False}, 0),
        ({"email": ADDRESS, "email_verified": "true"}, 0),
        # Users write their own metadata.
        ({"email": ADDRESS, "user_metadata": {"email_verified": True}}, 0),
        ({"user_metadata": {"email": ADDRESS, "email_verified": True}}, 0),
        ({**PROVEN, "email": "somebody@example.org"}, 0),
        ({**PROVEN, "email": ""}, 0),
        ({**PROVEN, "email": None}, 0),
    ],
)
def test_an_address_has_to_be_proven(connection: Connection, claims: Mapping[str, Any], found: int) -> None:
    """By a claim that the issuer makes, on a database without Supabase Auth."""
    assert claimed(connection, claims) == found
    assert role_of_newcomer(connection) == ("viewer" if found else None)


@pytest.mark.parametrize(
    ("email", "confirmed", "found"),
    [
        (ADDRESS, True, 1),
        ("NEWCOMER@example.org", True, 1),
        (ADDRESS, False, 0),
        # Changed since the token was issued.
        ("other@example.org", True, 0),
    ],
)
def test_supabase_auth_decides_where_it_is(connection: Connection, email: str, confirmed: bool, found: int) -> None:
    """As its table is now, whatever the token says."""
    connection.execute("create table auth.users (id uuid, email text, email_confirmed_at timestamptz)")
    connection.execute(
        "insert into auth.users values (%s, %s, case when %s then now() end)",
        [IDS["newcomer"], email, confirmed],
    )
    assert claimed(connection, {"email": ADDRESS}) == found
    connection.execute("delete from auth.users")
    connection.execute("delete from generator_export_shares where invited_as is not null")
    assert claimed(connection, PROVEN) == 0


def test_taking_up_lets_in_as_far_as_the_role_goes(connection: Connection) -> None:
    """And no further, and once; asking again finds nothing new."""
    assert claimed(connection, PROVEN) == 1
    assert claimed(connection, PROVEN) == 0
    with claiming(connection, PROVEN):
        seen = connection.execute("select id from generator_exports").fetchall()
        assert seen == [(IDS["completed"],)]
        assert connection.execute("select from generator_export_invitations").fetchall() == []
    with pytest.raises(psycopg.errors.InsufficientPrivilege), claiming(connection, PROVEN):
        connection.execute("select generator_cancel_export(%s)", [IDS["completed"]])


def test_what_the_owner_does_to_an_invitation_goes_for_the_share(connection: Connection) -> None:
    """Another role, and taking it back, also after it was taken up."""
    claimed(connection, PROVEN)
    with claiming(connection, {}, "owner"):
        connection.execute("update generator_export_invitations set role = 'editor' where email = %s", [ADDRESS])
    assert role_of_newcomer(connection) == "editor"
    with claiming(connection, {}, "owner"):
        connection.execute("delete from generator_export_invitations where email = %s", [ADDRESS])
    assert role_of_newcomer(connection) is None
    assert claimed(connection, PROVEN) == 0


def test_what_is_done_to_the_share_goes_for_the_invitation(connection: Connection) -> None:
    """Handed back, it does not come again; changed by the owner, both say the same."""
    claimed(connection, PROVEN)
    with claiming(connection, {}, "owner"):
        connection.execute("update generator_export_shares set role = 'editor' where user_id = %s", [IDS["newcomer"]])
    assert one(connection, "select role from generator_export_invitations where email = %s", ADDRESS) == "editor"
    with claiming(connection, PROVEN):
        connection.execute("delete from generator_export_shares where user_id = %s", [IDS["newcomer"]])
    assert connection.execute("select from generator_export_invitations").fetchall() == []
    assert claimed(connection, PROVEN) == 0


def test_nobody_is_invited_to_their_own(connection: Connection) -> None:
    """An owner whose address is invited keeps their part; somebody who has a share by id keeps that one."""
    connection.execute(
        "insert into generator_export_invitations (export_id, email, role)"
        " values (%s, 'owner@example.org', 'viewer'), (%s, 'editor@example.org', 'viewer')",
        [IDS["completed"], IDS["completed"]],
    )
    assert claimed(connection, {"email": "owner@example.org", "email_verified": True}, "owner") == 0
    assert claimed(connection, {"email": "editor@example.org", "email_verified": True}, "editor") == 0
    assert (
        one(
            connection,
            "select role from generator_export_shares where export_id = %s and user_id = %s",
            IDS["completed"],
            PEOPLE["editor"][1],
        )
        == "editor"
    )


@pytest.mark.parametrize("email", ["Newcomer@example.org", "nobody", "a@b@c", "a b@example.org", ""])
def test_addresses_are_kept_in_one_form(connection: Connection, email: str) -> None:
    """In small letters, and as addresses: another form would never be found."""
    with pytest.raises(psycopg.errors.CheckViolation), claiming(connection, {}, "owner"):
        connection.execute(
            "insert into generator_export_invitations (export_id, email, role) values (%s, %s, 'viewer')",
            [IDS["completed"], email],
        )


def test_both_steps_are_on_record(connection: Connection) -> None:
    """Who invited, and who came by; each with the address."""
    claimed(connection, PROVEN)
    acts = connection.execute(
        "select act, actor_id, details ->> 'user', details ->> 'email' from seedbed.audit_log"
        " where details ->> 'email' = %s order by id",
        [ADDRESS],
    ).fetchall()
    newcomer = IDS["newcomer"]
    assert acts == [("share", None, None, ADDRESS), ("share", newcomer, str(newcomer), ADDRESS)]
