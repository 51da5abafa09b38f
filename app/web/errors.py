"""What only the HTTP edge finds wrong."""

from app.errors import SeedbedError


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
