"""What a store says, as far as users may read it; and what they can do about it."""

import re
from collections.abc import Collection

# `NoSuchKey`, `invalid_mime_type`, `AccessDenied.Expired`
_CODE = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,79}(?:\.[A-Z][A-Za-z]{0,39})?")


def code_word(said: str, known: Collection[str] = ()) -> str:
    """The store's word for an error, where it is one, or a phrase that is known; else nothing. A server that cannot
    reach its own disk says so in a sentence with addresses in it, and failures are shown to users."""
    return said if said in known or _CODE.fullmatch(said) else ""


# By our names of what went wrong: what somebody has to do before it can work.
_ADVICE = {
    "access_denied": "whoever runs this service has to renew its keys for the store, or to permit them this",
    "bucket_missing": "whoever runs this service has to make it, private, with the store's own tools",
    "clock_skewed": "this machine's clock has to be set",
    "storage_full": "somebody has to make room there",
}


def advice_for(reason: str, address: str) -> str:
    """What follows an error's sentence. `address`: the settings that say where the store is, with their verb."""
    advice = f"{address} to lead to it" if reason == "redirected" else _ADVICE.get(reason)
    return f"; {advice}" if advice else ""
