"""What a store says, as far as users may read it."""

import re
from collections.abc import Collection

# `NoSuchKey`, `invalid_mime_type`, `AccessDenied.Expired`
_CODE = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,79}(?:\.[A-Z][A-Za-z]{0,39})?")


def code_word(said: str, known: Collection[str] = ()) -> str:
    """The store's word for an error, where it is one, or a phrase that is known; else nothing. A server that cannot
    reach its own disk says so in a sentence with addresses in it, and failures are shown to users."""
    return said if said in known or _CODE.fullmatch(said) else ""
