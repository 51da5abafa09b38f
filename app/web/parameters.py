"""Parameters in queries and headers, read with every fault at once."""

import re
from collections.abc import Callable
from typing import Any

from litestar import Request

from app.errors import Fault, RequestMalformed

MOST_LISTED = 200
# A URL that is signed by the fourth version of AWS's scheme is good for a week at most.
LONGEST_URL_TTL_S = 7 * 86_400
LISTED = 50
MOST_PREVIEWED = 100
# Sixteen digits, as the description says: microseconds since 1970 have so many until the year 2286.
MOST_SEQ = 10**16 - 1
_MOST_CURSOR_CHARS = 200
_KEY = re.compile(r"[\x21-\x7e](?:[\x20-\x7e]{0,253}[\x21-\x7e])?")

AnyRequest = Request[Any, Any, Any]


def read_query(request: AnyRequest, **readers: Callable[[str], Any]) -> tuple[Any, ...]:
    """The query's parameters by their readers, None where one is absent.

    A reader raises ValueError with what was expected. Raises RequestMalformed with every fault, unknown parameters
    among them: a misspelt filter must not answer with everything.
    """
    faults: list[Fault] = []
    found: dict[str, Any] = dict.fromkeys(readers)
    for name, text in request.query_params.multi_items():
        pointer = f"/query/{name[:100]}"
        if name not in readers:
            message = f"there is no such parameter; known are {', '.join(readers)}"
            faults.append(Fault(pointer, "unknown_parameter", message))
        elif found[name] is not None:
            faults.append(Fault(pointer, "duplicate_parameter", f"{name} is given twice"))
        else:
            try:
                found[name] = readers[name](text)
            except ValueError as error:
                faults.append(Fault(pointer, "invalid_parameter", f"{name}: {error}"[:300]))
    if faults:
        raise RequestMalformed(faults)
    return tuple(found.values())


def read_cursor(text: str) -> str:
    if not text or len(text) > _MOST_CURSOR_CHARS:
        raise ValueError("is to be a cursor that a page before this one gave out")
    return text


def read_limit(text: str) -> int:
    if not text.isdecimal() or not text.isascii() or not 1 <= int(text[:10]) <= MOST_LISTED:
        raise ValueError(f"is to be a whole number from 1 to {MOST_LISTED}")
    return int(text)


def read_expiry(text: str, most_s: int) -> int:
    if not text.isdecimal() or not text.isascii() or not 1 <= int(text[:10]) <= most_s:
        raise ValueError(f"is to be a whole number of seconds from 1 to {most_s}")
    return int(text)


def read_idempotency_key(request: AnyRequest) -> str | None:
    keys = request.headers.getall("idempotency-key", [])
    if not keys:
        return None
    if len(keys) > 1 or not _KEY.fullmatch(keys[0]):
        message = "Idempotency-Key is to be one value of 1 to 255 visible ASCII characters"
        raise RequestMalformed([Fault("/header/idempotency-key", "invalid_parameter", message)])
    return keys[0]


def read_last_event_id(request: AnyRequest) -> int:
    """Where the client left off: by header as an EventSource sends it, or by query where headers cannot be set."""
    given = request.headers.get("last-event-id")
    where = "/header/last-event-id"
    if given is None:
        given, where = request.query_params.get("lastEventId"), "/query/lastEventId"
    if given is None or given == "":
        return 0
    if not re.fullmatch(r"[0-9]{1,20}", given) or int(given) > MOST_SEQ:
        raise RequestMalformed(
            [Fault(where, "invalid_parameter", "the last event's id is to be a number, as was sent")]
        )
    return int(given)


def read_previewed(text: str) -> int:
    """How many rows to show of each table."""
    if not text.isdecimal() or not text.isascii() or not 1 <= int(text[:10]) <= MOST_PREVIEWED:
        raise ValueError(f"is to be a whole number from 1 to {MOST_PREVIEWED}")
    return int(text)
