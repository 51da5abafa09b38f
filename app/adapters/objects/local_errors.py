"""What the system says of a folder of files, in our words: what to do about it, and whether trying again may help."""

import errno
from collections.abc import Iterator
from contextlib import contextmanager

from app.errors import StorageFailed

_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_PASSING = (
    errno.EIO, errno.EAGAIN, errno.EBUSY, errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.ESTALE, errno.ETIMEDOUT
)  # fmt: skip
_FORBIDDEN = (errno.EACCES, errno.EPERM, errno.EROFS)
_IN_THE_WAY = (errno.EEXIST, errno.ENOTDIR, errno.EISDIR, errno.ELOOP, errno.EXDEV)


@contextmanager
def storing() -> Iterator[None]:
    """Turns what the system says into StorageFailed."""
    try:
        yield
    except OSError as error:
        reason = "storage_full" if error.errno in _FULL else "io_error"
        raise StorageFailed(_said_of(error), reason=reason, retryable=error.errno in _PASSING) from error


def _said_of(error: OSError) -> str:
    """What is wrong, and what somebody has to do about it; without paths."""
    if error.errno in _FULL:
        return "the disk is full: somebody has to make room in the folder of files"
    if error.errno in _FORBIDDEN:
        return (
            f"the folder of files may not be used: {error.strerror}; LOCAL_STORE_DIR has to be one that may be written"
        )
    if error.errno in _IN_THE_WAY:
        return f"something that is not the service's stands in the folder of files: {error.strerror}"
    return f"the disk does not work: {error.strerror}"


@contextmanager
def ignoring(*numbers: int) -> Iterator[None]:
    """Lets errors of these numbers pass."""
    try:
        yield
    except OSError as error:
        if error.errno not in numbers:
            raise
