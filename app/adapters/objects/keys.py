"""Names of objects, and the names under which they are downloaded."""

import re
import unicodedata
from urllib.parse import quote

from app.errors import StorageFailed

_SEGMENT = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]{0,199}")
_MOST_CHARS = 800


def check_key(key: str) -> str:
    """The key, if it is one that every store takes and that leads nowhere else: `owner/file.ext`.

    Raises StorageFailed. Segments do not begin with a dot, so none is a way up or a hidden folder.
    """
    if len(key) > _MOST_CHARS or not all(_SEGMENT.fullmatch(segment) for segment in key.split("/")):
        raise StorageFailed(f"{key!r} is no name for an object", reason="invalid_key", retryable=False)
    return key


def content_disposition(name: str) -> str:
    """The header that makes a browser save a file under `name` (RFC 6266, with the ASCII form for old ones)."""
    ascii_name = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    plain = re.sub(r"[^\w.() -]", "_", ascii_name).strip() or "download"
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
