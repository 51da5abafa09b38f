"""Connections that many users share keep nothing of what one of them was answered."""

from http.cookiejar import CookieJar, DefaultCookiePolicy


def cookieless() -> CookieJar:
    """A jar for an HTTP client that takes no cookie and sends none.

    By itself httpx keeps what servers set and sends it along to whoever is at that address: one user's receiver of
    webhooks would be sent what another's, behind the same front end, had set.
    """
    return CookieJar(DefaultCookiePolicy(allowed_domains=[]))
