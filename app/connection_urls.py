"""URLs of databases, which have passwords in them: shown without, and refused before a driver repeats them.

A sign in a password that a URL has to have written otherwise makes a host, a port or a broken escape of it, and libpq
quotes what it could not read. So what it would not read as it was meant is refused here, in words that quote nothing.
"""

import re

_SCHEMES = ("postgresql://", "postgres://")
# Up to the last @: a password may hold one.
_USER_INFO = re.compile(r"(?s)^((?:[a-z][a-z0-9+.:-]{0,30}://|(?!\S*?://))[^:/\s]{0,300}):.*@", re.IGNORECASE)
_IN_QUERY = re.compile(r"(?i)(password\s*=)[^&]*")
_IN_WORDS = re.compile(r"(?i)(password\s*=\s*)(?:'(?:[^'\\]|\\.)*'?|\S*)")
# As libpq finds it.
_USER_AND_REST = re.compile(r"(?s)(?:([^@/]*)@)?(.*)")
_BROKEN_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})|%00")
_HOSTS = re.compile(r"(?:(?:\[[^\[\]]*\]|[^:\[\],]*)(?::[0-9]*)?(?:,|$))*")

UNREADABLE = (
    "cannot be read: @ : / ? # % and blanks in a name or password are written as %40 %3A %2F %3F %23 %25 %20 in a URL"
)


def is_database_url(text: str) -> bool:
    """Whether a text is meant as the URL of a database."""
    return text.startswith(_SCHEMES)


def without_password(url: str) -> str:
    """The URL, or whatever was given for one, with its passwords replaced, to be shown to people."""
    shown = _USER_INFO.sub(r"\1:***@", url)
    return (_IN_QUERY if "://" in shown else _IN_WORDS).sub(r"\1***", shown)


def fault_of(url: str) -> str | None:
    """What is wrong with the URL of a database, as what follows its name; None when a driver reads what is meant."""
    if not is_database_url(url):
        return "is not a postgresql:// URL"
    found = _USER_AND_REST.fullmatch(url.partition("://")[2])
    assert found is not None
    user, rest = found[1] or "", found[2].partition("?")[0]
    # Whatever else stands in a password, libpq takes for part of it.
    readable = (
        not re.search(r"\s", user)
        and "@" not in rest
        and not _BROKEN_ESCAPE.search(url)
        and _HOSTS.fullmatch(rest.partition("/")[0])
    )
    return None if readable else UNREADABLE
