"""What a page shows against what came out: `…` stands for any text, and a line of it alone for any lines."""

import json
import re
from typing import Any

_ANYTHING = "…"
_WILD = re.escape(_ANYTHING)
# What commands say on a machine that has them wait for more than ten seconds; no page shows it.
_WAITING = re.compile(
    r"^(starting an embedded Postgres|loading the schema into .*|planning [0-9]+ tables|reading the database's catalogues) …\n",
    re.M,
)


def text_differs(shown: str, printed: str) -> str | None:
    """None when `printed` is what the page shows; else both, for people."""
    lines = [line.rstrip() for line in shown.strip("\n").splitlines()]
    pattern = "".join(r"(?:.*\n)*?" if line.strip() == _ANYTHING else _line(line) + r"\n" for line in lines)
    if re.fullmatch(pattern, "".join(line.rstrip() + "\n" for line in printed.strip("\n").splitlines())):
        return None
    return f"the page shows\n\n{shown}\nand what came is\n\n{printed}"


def json_differs(shown: Any, printed: Any, pointer: str = "") -> str | None:
    """None when the documents have the same members and values but for what `…` stands for."""
    if shown == _ANYTHING:
        return None
    if isinstance(shown, dict) and isinstance(printed, dict):
        some = shown.get(_ANYTHING) == _ANYTHING
        expected = {name for name in shown if name != _ANYTHING}
        if expected - set(printed):
            return f"{pointer or '/'}: the page shows {sorted(expected - set(printed))}, which are not there"
        if not some and set(printed) - expected:
            return f"{pointer or '/'}: the page does not show {sorted(set(printed) - expected)}"
        return next((d for n in sorted(expected) if (d := json_differs(shown[n], printed[n], f"{pointer}/{n}"))), None)
    if isinstance(shown, list) and isinstance(printed, list):
        some = bool(shown) and shown[-1] == _ANYTHING
        items = shown[:-1] if some else shown
        if len(printed) < len(items) or (not some and len(printed) > len(items)):
            return f"{pointer or '/'}: the page shows {len(items)} of {len(printed)}"
        pairs = enumerate(zip(items, printed, strict=False))
        return next((d for i, (one, other) in pairs if (d := json_differs(one, other, f"{pointer}/{i}"))), None)
    if isinstance(shown, str) and isinstance(printed, str) and re.fullmatch(_line(shown), printed, re.S):
        return None
    return None if shown == printed else f"{pointer or '/'}: the page shows {shown!r}, not {printed!r}"


def differs(language: str, shown: str, printed: str) -> str | None:
    """None when the block `shown` is what was `printed`, but for what commands say of having to wait."""
    printed = _WAITING.sub("", printed)
    if language != "json":
        return text_differs(shown, printed)
    try:
        answer = json.loads(printed)
    except ValueError:
        return f"what came is no JSON:\n\n{printed}"
    return json_differs(json.loads(shown), answer)


def _line(shown: str) -> str:
    return re.escape(shown).replace(_WILD, ".*?")
