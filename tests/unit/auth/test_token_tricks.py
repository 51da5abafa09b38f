"""Tokens that are signed well and say something odd."""

import base64
import json
import time
from typing import Any

import jwt
import pytest

from app.errors import NotAuthenticated
from tests.unit.auth.test_tokens import ISSUER, SECRET, USER, claims, reason, signed, verifier

OTHER = "0e9b3c1a-4b1f-4f43-8f6e-8a8b7c6d5e4f"


def signed_text(payload: str, header: str = '{"alg":"HS256","typ":"JWT"}') -> str:
    """A token of just this text, signed with the project's own secret."""
    head = ".".join(base64.urlsafe_b64encode(part.encode()).rstrip(b"=").decode() for part in (header, payload))
    signature = jwt.algorithms.HMACAlgorithm(jwt.algorithms.HMACAlgorithm.SHA256).sign(head.encode(), SECRET)
    return head + "." + base64.urlsafe_b64encode(signature).rstrip(b"=").decode()


@pytest.mark.parametrize(
    ("name", "first", "second"),
    [
        ("sub", OTHER, str(USER)),
        ("role", "service_role", "authenticated"),
        ("aud", "anon", "authenticated"),
        ("iss", "https://evil.example", ISSUER),
        ("exp", 1, 4_000_000_000),
    ],
)
async def test_a_claim_that_stands_twice_is_none(name: str, first: object, second: object) -> None:
    """Readers differ in which of the two they take: the one that we would take must not be another's."""
    rest = json.dumps(claims(**{name: None}))[1:]
    token = signed_text(f'{{"{name}":{json.dumps(first)},"{name}":{json.dumps(second)},{rest}')
    assert await reason(token) == "malformed"
    whole = json.dumps(claims())
    assert (await verifier().verify(signed_text(whole))).user_id == USER
    assert await reason(signed_text(whole, '{"alg":"none","alg":"HS256"}')) == "malformed"
    assert await reason(signed_text(whole[:-1] + ',"user_metadata":{"a":1,"a":2}}')) == "malformed"


@pytest.mark.parametrize(
    "aud",
    [["authenticated", 5], [["authenticated"]], {"authenticated": 1}, [], ["AUTHENTICATED"], "authenticated ", True,
     ["anon", "authenticated2"]],
    ids=str,
)  # fmt: skip
async def test_an_audience_is_named_exactly(aud: object) -> None:
    """In a list or alone, as text, and nothing that looks like it."""
    assert await reason(signed(aud=aud)) in ("wrong_audience", "missing_claim")


@pytest.mark.parametrize(
    "iss",
    [ISSUER + "/", ISSUER + "/../v1", ISSUER.upper(), ISSUER.replace(".co", ".co.evil.example"), [ISSUER],
     ISSUER.replace("https", "http"), {"iss": ISSUER}],
    ids=str,
)  # fmt: skip
async def test_an_issuer_is_named_exactly(iss: object) -> None:
    """Neither its neighbours nor a list with it in."""
    assert await reason(signed_text(json.dumps(claims(iss=iss)))) in ("wrong_issuer", "malformed")


async def test_roles_elsewhere_in_a_token_are_no_roles() -> None:
    """What PostgREST, hooks or people themselves put beside `role` raises nobody, and lowers nobody."""
    odd: dict[str, Any] = {
        "app_metadata": {"role": "service_role"},
        "user_metadata": {"role": "service_role", "sub": OTHER},
        "user_role": "service_role",
        "request.jwt.claim.sub": OTHER,
        "request.jwt.claims": {"sub": OTHER},
    }
    caller = await verifier().verify(signed(**odd))
    assert (caller.user_id, caller.role) == (USER, "authenticated")
    assert await reason(signed(**odd, role="service_role")) == "wrong_role"


async def test_a_token_that_is_over_was_still_issued() -> None:
    """That, and nothing else, is looked away from: not who signed it, for whom, and whose it is."""
    over = int(time.time()) - 86_400
    assert await verifier().issued(signed(exp=over))
    assert await reason(signed(exp=over)) == "expired"
    for claim, value in (("role", "service_role"), ("iss", "https://evil.example"), ("aud", "anon"), ("sub", "x")):
        assert not await verifier().issued(signed_text(json.dumps(claims(exp=over, **{claim: value}))))
    token = signed(exp=over)
    assert not await verifier().issued(token[:-6] + "AAAAAA")
    assert not await verifier().issued("x" * 100_000)


async def test_what_opens_a_file_signs_nobody_in() -> None:
    """Supabase Storage signs its URLs with the same secret."""
    lasting = int(time.time()) + 600
    for payload in ({"url": f"generator-exports/{USER}/x.csv", "exp": lasting}, {"exp": lasting, "sub": str(USER)}):
        assert await reason(jwt.encode(payload, SECRET, algorithm="HS256")) == "missing_claim"


@pytest.mark.parametrize("form", ["{{{}}}", "urn:uuid:{}", "{} ", " {}", "{}\n", "{}\x00"])
async def test_a_subject_is_one_user_however_it_is_written(form: str) -> None:
    """Forms that readers of ids understand differently name that user to all of them, or nobody."""
    try:
        caller = await verifier().verify(signed(sub=form.format(USER)))
    except NotAuthenticated:
        return
    assert caller.user_id == USER


async def test_a_header_cannot_choose_what_is_done_with_the_body() -> None:
    """`zip`, `cty` and `enc` belong to encrypted tokens; a critical extension is refused whatever its form."""
    for extra in ({"zip": "DEF"}, {"cty": "JWT"}, {"enc": "A128GCM"}):
        assert (await verifier().verify(signed(header={"kid": "ec", **extra}))).user_id == USER
    for critical in ([], ["exp"], "exp", None, {"a": 1}):
        assert await reason(signed(header={"kid": "ec", "crit": critical})) == "malformed"


@pytest.mark.parametrize(
    "odd",
    [
        r'"user_metadata":{"name":"\u0000"}',
        r'"a\u0000":1',
        r'"user_metadata":{"names":["\ud800"]}',
        '"x":1e400',
        '"x":[NaN]',
        '"x":-Infinity',
        '"x":1e131072',
    ],
)
async def test_claims_are_what_the_database_takes(odd: str) -> None:
    """Whatever is in them goes there with each request: what it does not take for JSON would be an error of ours."""
    whole = json.dumps(claims())
    assert await reason(signed_text(f"{whole[:-1]},{odd}}}")) == "malformed"
    plain = r'"user_metadata":{"name":"\\u0000 \ud83d\ude00","n":1e300}'
    assert (await verifier().verify(signed_text(f"{whole[:-1]},{plain}}}"))).user_id == USER


@pytest.mark.parametrize("ends", [str(2**32), 10**400, 2**60], ids=["text", "longer than a number", "late"])
async def test_a_token_ends_at_a_moment(ends: object) -> None:
    """A number, which streams are ended by."""
    assert await reason(signed_text(json.dumps(claims(exp=ends)))) == "malformed"
