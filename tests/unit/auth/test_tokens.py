"""Tokens: what a user's looks like, and what an attacker's may look like."""

import base64
import hmac
import json
import time
from collections.abc import Callable
from typing import Any
from uuid import UUID

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from app.adapters.auth import DevelopmentIssuer, TokenVerifier, issue_development_token, open_verifier
from app.adapters.auth.jwks import KeySet
from app.adapters.auth.tokens import LEEWAY_S, REMEMBERED_S
from app.errors import ConfigurationInvalid, NotAuthenticated
from app.settings import Settings

USER = UUID("2e9b3c1a-4b1f-4f43-8f6e-8a8b7c6d5e4f")
ISSUER = "https://abcdefgh.supabase.co/auth/v1"
SECRET = b"a secret of the project, of at least 32 bytes"
EC_KEY = ec.generate_private_key(ec.SECP256R1())
RSA_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
STRANGER_KEY = ec.generate_private_key(ec.SECP256R1())


def public_jwk(key: Any, kid: str, **extra: Any) -> dict[str, Any]:
    algorithm = (
        jwt.algorithms.ECAlgorithm if isinstance(key, ec.EllipticCurvePrivateKey) else jwt.algorithms.RSAAlgorithm
    )
    return {**algorithm.to_jwk(key.public_key(), as_dict=True), "kid": kid, "use": "sig", **extra}


JWKS = json.dumps(
    {
        "keys": [
            public_jwk(EC_KEY, "ec", alg="ES256"),
            public_jwk(RSA_KEY, "rsa", alg="RS256"),
            {"kty": "oct", "kid": "oct", "k": base64.urlsafe_b64encode(SECRET).decode(), "alg": "HS256"},
        ]
    }
).encode()


async def fetch() -> bytes:
    return JWKS


def verifier(**options: Any) -> TokenVerifier:
    return TokenVerifier(**{"issuer": ISSUER, "keys": KeySet(fetch), "secret": SECRET, **options})


def claims(**changes: Any) -> dict[str, Any]:
    """A user's claims, with some replaced; None takes one away."""
    now = int(time.time())
    whole = {
        "iss": ISSUER,
        "aud": "authenticated",
        "sub": str(USER),
        "role": "authenticated",
        "iat": now,
        "exp": now + 3600,
        "email": "ann@example.com",
        **changes,
    }
    return {name: value for name, value in whole.items() if value is not None}


def signed(key: Any = EC_KEY, algorithm: str = "ES256", header: dict[str, Any] | None = None, **changes: Any) -> str:
    return jwt.encode(claims(**changes), key, algorithm=algorithm, headers={"kid": "ec"} if header is None else header)


def unsigned(header: dict[str, Any], payload: dict[str, Any], signature: bytes = b"") -> str:
    parts = [json.dumps(header).encode(), json.dumps(payload).encode(), signature]
    return ".".join(base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts)


async def reason(token: str, **options: Any) -> str:
    with pytest.raises(NotAuthenticated) as caught:
        await verifier(**options).verify(token)
    assert len(token) < 10 or token not in caught.value.message
    return str(caught.value.facts["reason"])


@pytest.mark.parametrize(
    "sign",
    # Signed when the test runs: collected minutes before, it would have expired.
    [
        lambda: signed(),
        lambda: signed(RSA_KEY, "RS256", {"kid": "rsa"}),
        lambda: signed(SECRET, "HS256", {}),
        lambda: signed(aud=["other", "authenticated"]),
        lambda: signed(exp=int(time.time()) - 10),
        lambda: signed(nbf=int(time.time()) + 10),
    ],
    ids=["ES256", "RS256", "HS256", "audience list", "expired within the leeway", "early within the leeway"],
)
async def test_a_users_token_is_taken(sign: Callable[[], str]) -> None:
    """All three kinds of signature are read, with half a minute of leeway for clocks."""
    token = sign()
    caller = await verifier().verify(token)
    assert caller.user_id == USER
    assert caller.claims["email"] == "ann@example.com"
    assert caller.role == "authenticated"
    assert caller.token == token
    assert token not in repr(caller)


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"exp": int(time.time()) - 60}, "expired"),
        ({"exp": None}, "missing_claim"),
        ({"exp": "soon"}, "malformed"),
        ({"exp": 1e400}, "malformed"),
        ({"nbf": int(time.time()) + 86_400}, "not_yet_valid"),
        ({"iat": int(time.time()) + 86_400}, "not_yet_valid"),
        ({"iss": "https://other.supabase.co/auth/v1"}, "wrong_issuer"),
        ({"iss": None}, "missing_claim"),
        ({"aud": "anon"}, "wrong_audience"),
        ({"aud": None}, "missing_claim"),
        ({"aud": 5}, "wrong_audience"),
        ({"sub": None}, "missing_claim"),
        ({"sub": "ann"}, "malformed"),
        ({"sub": "' or true --"}, "malformed"),
        ({"role": "anon"}, "wrong_role"),
        ({"role": "service_role"}, "wrong_role"),
        ({"role": "postgres"}, "wrong_role"),
        ({"role": ["authenticated"]}, "wrong_role"),
        ({"role": None}, "wrong_role"),
        ({"is_anonymous": True}, "anonymous"),
        ({"is_anonymous": "true"}, "anonymous"),
    ],
)
async def test_each_claim_must_hold(changes: dict[str, Any], why: str) -> None:
    """A good signature is not enough: each claim that says whose a token is must be right."""
    assert await reason(signed(**changes)) == why


async def test_an_unsigned_token_is_refused() -> None:
    """`alg: none`, in any spelling, signs nothing."""
    for name in ("none", "None", "NONE", "", None):
        assert await reason(unsigned({"alg": name, "typ": "JWT"}, claims())) in ("wrong_algorithm", "malformed")


async def test_a_public_key_is_no_shared_secret() -> None:
    """HS256 with the text of the project's public key, as anybody could sign it."""
    pem = RSA_KEY.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    header = {"alg": "HS256", "typ": "JWT", "kid": "rsa"}
    head = unsigned(header, claims()).rsplit(".", 1)[0]
    token = unsigned(header, claims(), hmac.digest(pem, head.encode(), "sha256"))
    assert await reason(token) == "bad_signature"
    assert await reason(token, secret=None) == "wrong_algorithm"


async def test_a_secret_in_the_key_set_is_no_key() -> None:
    """A shared secret that stands in a public document signs nothing, by whichever id."""
    assert await reason(jwt.encode(claims(), SECRET, headers={"kid": "oct"}), secret=None) == "wrong_algorithm"


async def test_a_token_cannot_bring_its_own_key() -> None:
    """Keys come by id from the project alone: jwk, jku and x5u in a header are not looked at."""
    own = public_jwk(STRANGER_KEY, "ec")
    for extra in ({"jwk": own}, {"jku": "https://evil.example/jwks.json"}, {"x5u": "https://evil.example/cert"}):
        assert await reason(signed(STRANGER_KEY, "ES256", {"kid": "ec", **extra})) == "bad_signature"


@pytest.mark.parametrize("kid", ["../../dev/null", "' union select 'x", "\x00", "k" * 1000, "", 5, None, ["ec"]])
async def test_a_key_id_is_only_ever_compared(kid: object) -> None:
    """Whatever stands in `kid`, it is a name that is looked up among names."""
    header = {"alg": "ES256", "typ": "JWT", "kid": kid}
    assert await reason(unsigned(header, claims(), b"x" * 64)) in ("unknown_key", "malformed")


async def test_a_key_serves_its_own_algorithm_alone() -> None:
    """The id of an RSA key with an EC signature, and the other way round."""
    assert await reason(signed(header={"kid": "rsa"})) == "unknown_key"
    assert await reason(signed(RSA_KEY, "RS256", {"kid": "ec"})) == "unknown_key"
    assert await reason(jwt.encode(claims(), RSA_KEY, "PS256", headers={"kid": "rsa"})) == "wrong_algorithm"


@pytest.mark.parametrize(
    "token",
    [
        "",
        ".",
        "..",
        "a.b.c",
        "eyJhbGciOiJIUzI1NiJ9",
        "x" * 20_000,
        "é.é.é",
        unsigned({"alg": "ES256", "kid": "ec"}, {}) + "=" * 7,
        base64.urlsafe_b64encode(b"[" * 5_000).decode() + ".e30.",
        signed()[:-10],
    ],
)
async def test_garbage_is_refused(token: str) -> None:
    """No text makes the verifier fail in any way but a refusal."""
    assert await reason(token) in ("malformed", "bad_signature", "missing_claim")


async def test_demanded_extensions_are_refused() -> None:
    """A `crit` header asks for rules that are not known here (RFC 7515, 4.1.11)."""
    assert await reason(signed(header={"kid": "ec", "crit": ["b64"], "b64": False})) == "malformed"


async def test_hs256_needs_a_secret() -> None:
    """Without a secret in the settings that algorithm is off."""
    assert await reason(signed(SECRET, "HS256", {}), secret=None) == "wrong_algorithm"
    assert await reason(signed(b"another secret, of at least 32 bytes too", "HS256", {})) == "bad_signature"


async def test_anonymous_users_are_let_in_by_setting() -> None:
    """Off by default, on when asked for."""
    assert (await verifier(anonymous_users=True).verify(signed(is_anonymous=True))).user_id == USER


async def test_a_checked_token_is_remembered_and_forgotten() -> None:
    """Checking costs; but a key that is revoked, and a token that ends, are noticed."""
    clock = [time.time()]
    project = KeySet(fetch)
    remembering = verifier(keys=project, now=lambda: clock[0])
    token = signed()
    caller = await remembering.verify(token)
    project._keys.clear()
    assert await remembering.verify(token) is caller
    clock[0] += REMEMBERED_S
    with pytest.raises(NotAuthenticated):
        await remembering.verify(token)


async def test_a_remembered_token_still_ends() -> None:
    """It is not believed past its own end, however lately it was checked."""
    clock = [time.time()]
    remembering = verifier(now=lambda: clock[0])
    token = signed(exp=int(clock[0]) - LEEWAY_S + 3)
    caller = await remembering.verify(token)
    assert remembering._known[token] == (caller, float(caller.claims["exp"]) + LEEWAY_S)


async def test_refusals_are_not_remembered() -> None:
    """Nothing that was refused takes a place in memory."""
    remembering = verifier()
    for n in range(10):
        with pytest.raises(NotAuthenticated):
            await remembering.verify(signed(STRANGER_KEY, sub=str(n)))
    assert not remembering._known


DEV = Settings(dev_auth=True, dev_auth_key="local")


async def test_development_tokens_hold_in_development() -> None:
    """What the issuer issues, the verifier of the same settings takes; a key of somebody else's it does not."""
    token = issue_development_token(DEV, USER, "ann@example.com")
    assert (await open_verifier(DEV).verify(token)).user_id == USER
    with pytest.raises(NotAuthenticated):
        await open_verifier(Settings(dev_auth=True, dev_auth_key="other")).verify(token)


async def test_development_tokens_are_worth_nothing_elsewhere() -> None:
    """A project's verifier refuses them, even one that has the same text as its secret."""
    token = issue_development_token(DEV, USER, "ann@example.com")
    assert await reason(token, secret=b"local" * 10) == "bad_signature"
    assert await reason(token, secret=DevelopmentIssuer.of(DEV).key) == "wrong_issuer"


def test_the_development_issuer_refuses_beside_a_project() -> None:
    """With SUPABASE_URL set nobody may issue tokens to themselves."""
    for settings in (
        Settings(dev_auth=True, dev_auth_key="x", supabase_url="https://x.supabase.co"),
        Settings(dev_auth=False, dev_auth_key="x"),
        Settings(dev_auth=True),
    ):
        with pytest.raises(ConfigurationInvalid):
            issue_development_token(settings, USER, "ann@example.com")


def test_an_address_names_one_user() -> None:
    """Signing in twice as the same person finds the same exports."""
    assert DevelopmentIssuer.user_id("Ann@Example.com ") == DevelopmentIssuer.user_id("ann@example.com")
