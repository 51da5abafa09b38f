"""Where a visitor may be sent on to: pages of ours, and nothing that a browser could take for another host."""

import re
from typing import Any
from urllib.parse import urlencode

from litestar import Request

_PAGE = re.compile(r"/(new|schemas|exports/[0-9a-f-]{36})?(\?[\w=&%.-]{0,200})?", re.ASCII)


def own_path(text: str | None) -> str:
    """The page to go on to; the list of exports for whatever else somebody wrote into a link."""
    return text if text is not None and _PAGE.fullmatch(text) else "/"


def sign_in_path(request: "Request[Any, Any, Any]") -> str:
    """The sign-in page, with the way back to where the visitor wanted to go."""
    query = request.scope["query_string"].decode("latin-1")
    wanted = own_path(request.scope["path"] + (f"?{query}" if query else ""))
    return "/sign-in" if wanted == "/" else f"/sign-in?{urlencode({'next': wanted})}"
