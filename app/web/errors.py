"""What only the HTTP edge finds wrong."""

from typing import ClassVar

from app.errors import RequestRefused, SeedbedError


class RequestMalformed(RequestRefused):
    """The request is not well-formed HTTP or JSON, or a parameter of it is wrong."""

    code: ClassVar[str] = "request_malformed"


class MediaTypeUnsupported(SeedbedError):
    """The body is of a kind that is not read here."""

    code = "unsupported_media_type"


class CrossSiteRefused(SeedbedError):
    """A change was asked for with a cookie, by a page of another site."""

    code = "cross_site_refused"


class FileNotFound(SeedbedError):
    """No such file, or a link to it that does not hold any more: the two are not told apart."""

    code = "file_not_found"


class ServiceClosing(SeedbedError):
    """The process is about to end; another one serves at once."""

    code = "shutting_down"


class TooManyRequests(SeedbedError):
    """One user asks faster than is allowed; `facts["retry_after_s"]` says when to ask again."""

    code = "too_many_requests"
