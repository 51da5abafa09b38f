"""Secrets are hidden by the name they stand under, by their shape, and by their value, in whatever is logged."""

import base64
import json
import re
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import parse_qs, quote, quote_plus, unquote, urlsplit

HIDDEN = "[hidden]"

_SECRET_NAMES = re.compile(
    r"(?i)(authorization|cookie|password|passwd|secret|apikey|api_key|access_key|service_key|anon_key|private_key"
    r"|signing_key|token|ticket|signature|credential|jwt|claims)"
)
# Names that contain one of the words above and are no secrets.
_PUBLIC_NAMES = frozenset({"token_type"})

# What a name ends with whose value is a secret. Nothing is looked for before it: no text takes long.
_WORD = (
    r"(?:password|passwd|passphrase|secret|api[_-]?key|(?:access|service|anon|private|signing|auth|master|role)[_-]?key"
    r"|authorization|cookie|(?<=[_-])token|\bjwt)"
)
# These are words of plain sentences too, and of messages about SQL: a colon alone makes no secret of what follows.
_MILD = r"(?:token|\bticket|\bsig|signature|credential)"
_QUOTED = r"""(?:"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|\\"(?:[^"\\]|\\[^"])*\\")"""
_BARE = r"""(?!\[hidden\])[^\s&'",;)}\]\\]+"""
_PATTERNS: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern), shown)
    for pattern, shown in (
        (r"(?i)\b(bearer|basic)\s+(?!\[hidden\])[^\s'\",;\\]{6,}", rf"\1 {HIDDEN}"),
        (r"(?i)\b(auth\s+(?:plain|login|xoauth2))\s+[A-Za-z0-9+/=]{4,}", rf"\1 {HIDDEN}"),
        (r"\beyJ[A-Za-z0-9_-]{5,}\.[A-Za-z0-9_-]{5,}(?:\.[A-Za-z0-9_-]*)*", HIDDEN),
        (r"\b(sb_secret|whsec)_[A-Za-z0-9+/=_-]+", HIDDEN),
        # A password may hold what a URL has to have written otherwise, and is in an error for it: up to the last @.
        # Bounded, like all that looks ahead for an end: no text takes long.
        (r"(?i)\b((?:postgres(?:ql)?|smtps?)(?:\+\w+)?://[^\s:/@]{0,300}):[^\s'\"]{0,300}@", rf"\1:{HIDDEN}@"),
        (r"(?i)\b([a-z][a-z0-9+.-]{0,30}://[^\s:/@]{0,300}):[^\s/'\"]{1,300}@", rf"\1:{HIDDEN}@"),
        (r"(?i)(%3A%2F%2F[^\s%]{0,300}%3A)[^\s&'\"]{0,300}?(%40)", rf"\1{HIDDEN}\2"),
        # A header's cookies are many.
        (r"(?i)\b((?:set-)?cookie\s*:\s*)[^\r\n'\"]+", rf"\1{HIDDEN}"),
        # name=…, as in URLs, conninfo and environments; 'name': … as JSON and Python write it; name: … as in headers.
        (rf"(?i)((?:{_WORD}|{_MILD})\s*=\s*)(?:{_QUOTED}|{_BARE})", rf"\1{HIDDEN}"),
        (rf"(?i)((?:{_WORD}|{_MILD})\\?['\"]\s*[:=]\s*)b?(?:{_QUOTED}|{_BARE})", rf"\1{HIDDEN}"),
        (rf"(?i)({_WORD}\s*:\s*)(?:{_QUOTED}|{_BARE})", rf"\1{HIDDEN}"),
    )
)


class Redaction:
    """The processor that hides secrets, however deep they stand."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        # Short values would hide innocent text; a secret of four letters protects nothing anyway.
        values = {form for secret in secrets if len(secret) >= 6 for form in _forms(secret)}
        # The longest first: one may hold another.
        self._secrets = tuple(sorted(values, key=lambda value: (-len(value), value)))

    def __call__(self, _logger: Any, _method: str, event: Mapping[str, Any]) -> dict[str, Any]:
        return {name: self._shown(name, value) for name, value in event.items()}

    def _shown(self, name: str, value: Any) -> Any:
        if name not in _PUBLIC_NAMES and _SECRET_NAMES.search(name) and not isinstance(value, bool | int | None):
            return HIDDEN
        return self.clean(value)

    def clean(self, value: Any) -> Any:
        """`value` with secrets hidden, however deep they stand in lists and mappings."""
        if isinstance(value, str):
            return self._clean_text(value)
        if isinstance(value, Mapping):
            return {self._clean_text(str(name)): self._shown(str(name), inner) for name, inner in value.items()}
        if isinstance(value, list | tuple | set | frozenset):
            return [self.clean(inner) for inner in value]
        if isinstance(value, bool | int | float | None):
            return value
        return self._clean_text(str(value))

    def _clean_text(self, text: str) -> str:
        for secret in self._secrets:
            text = text.replace(secret, HIDDEN)
        for pattern, replacement in _PATTERNS:
            text = pattern.sub(replacement, text)
        return text


def passwords_of(database_url: str) -> set[str]:
    """The passwords in a connection string of either form: a URL's, as it is written and as it is meant, or after
    `password=`."""
    # As libpq reads it: with signs that end a host for others.
    user_info = re.match(r"postgres(?:ql)?://[^:@/]*:([^@/]*)@", database_url)
    found = {user_info[1]} if user_info else set()
    try:
        parts = urlsplit(database_url)
        found |= {parts.password or "", *parse_qs(parts.query).get("password", ())}
    except ValueError:  # not a URL that can be read; the other form may be
        pass
    for quoted, bare in re.findall(r"\bpassword\s*=\s*(?:'((?:[^'\\]|\\.)*)'|([^\s&']+))", database_url):
        found.add(re.sub(r"\\(.)", r"\1", quoted or bare))
    return {form for password in found if password for form in (password, unquote(password))}


def _forms(secret: str) -> set[str]:
    """A secret as it may be written: by itself, in a URL, in JSON, by Python, in Base64."""
    return {
        secret,
        quote(secret),
        quote(secret, safe=""),
        quote_plus(secret),
        json.dumps(secret)[1:-1],
        repr(secret)[1:-1],
        base64.b64encode(secret.encode()).decode().rstrip("="),
    }
