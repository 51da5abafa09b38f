"""SHA-256 that can be put down after any byte, and taken up by another process.

A digest goes through a file from its first byte to its last, while the parts of one file are made by many workers. So
each takes it up where the part before ends. `hashlib` does not let go of what it has computed; the functions of
OpenSSL under it do, in a structure that has not changed since they were written. They are used where Python's own
OpenSSL has them and passes a test; elsewhere there is no state to hand on, and files are read back to be digested.
"""

import ctypes
import hashlib
import struct
from functools import cache
from pathlib import Path
from typing import BinaryIO

# Threads that read keep as much as they ever held at once: little, since there are many of them.
_READ_BYTES = 256 * 1024
_BLOCK_BYTES = 64
# The chaining value, the count of bytes, and behind them what does not fill a block yet.
_STATE = struct.Struct(">8IQ")


class _Context(ctypes.Structure):
    """SHA256_CTX of OpenSSL's sha.h."""

    _fields_ = (
        ("chain", ctypes.c_uint32 * 8),
        ("low_bits", ctypes.c_uint32),
        ("high_bits", ctypes.c_uint32),
        ("data", ctypes.c_uint8 * _BLOCK_BYTES),
        ("pending", ctypes.c_uint),
        ("digest_bytes", ctypes.c_uint),
    )


class Sha256Unavailable(Exception):
    """This Python's OpenSSL does not let its state be seen."""


class Sha256:
    """A digest in progress: of nothing yet, or from a state on."""

    def __init__(self, state: bytes | None = None) -> None:
        """Raises Sha256Unavailable; ValueError when `state` is not one of `state()`."""
        library = _library()
        if library is None:
            raise Sha256Unavailable
        self._library = library
        self._context = _Context()
        library.SHA256_Init(ctypes.byref(self._context))
        if state is not None:
            self._take_up(state)

    def update(self, data: bytes) -> None:
        """Digests more bytes. Other threads run meanwhile."""
        self._library.SHA256_Update(ctypes.byref(self._context), data, len(data))

    def update_from(self, path: Path) -> None:
        """Digests a file."""
        with open(path, "rb") as file:
            self.read_from(file)

    def read_from(self, file: BinaryIO) -> None:
        """Digests what is left of an open file."""
        while data := file.read(_READ_BYTES):
            self.update(data)

    def state(self) -> bytes:
        """What another process goes on from, on any machine."""
        context = self._context
        count = (context.high_bits << 32 | context.low_bits) // 8
        return _STATE.pack(*context.chain, count) + bytes(context.data[: context.pending])

    def hexdigest(self) -> str:
        """The digest of what there was so far; more may follow."""
        last = _Context.from_buffer_copy(self._context)
        digest = ctypes.create_string_buffer(32)
        self._library.SHA256_Final(digest, ctypes.byref(last))
        return digest.raw.hex()

    def _take_up(self, state: bytes) -> None:
        if len(state) < _STATE.size:
            raise ValueError("this is no state of SHA-256")
        *chain, count = _STATE.unpack_from(state)
        rest = state[_STATE.size :]
        if len(rest) != count % _BLOCK_BYTES:
            raise ValueError("this is no state of SHA-256")
        context, bits = self._context, count * 8
        context.chain[:] = chain
        context.low_bits, context.high_bits = bits & 0xFFFFFFFF, bits >> 32 & 0xFFFFFFFF
        context.data[: len(rest)] = rest
        context.pending = len(rest)


def can_be_handed_on() -> bool:
    """Whether this process can put a digest down and take it up."""
    return _library() is not None


@cache
def _library() -> ctypes.CDLL | None:
    """OpenSSL as Python has it, if it does what is expected of it."""
    try:
        import _hashlib

        library = ctypes.CDLL(getattr(_hashlib, "__file__", None))
        for name in ("SHA256_Init", "SHA256_Update", "SHA256_Final"):
            getattr(library, name).restype = ctypes.c_int
        library.SHA256_Update.argtypes = (ctypes.c_void_p, ctypes.c_char_p, ctypes.c_size_t)
    except (ImportError, OSError, AttributeError):
        return None
    return library if _is_right(library) else None


def _is_right(library: ctypes.CDLL) -> bool:
    """Whether the structure is the one we know: a digest in three pieces, its state seen between them."""
    context, sample = _Context(), bytes(range(200))
    library.SHA256_Init(ctypes.byref(context))
    library.SHA256_Update(ctypes.byref(context), sample[:100], 100)
    seen = context.low_bits == 800 and context.pending == 100 % _BLOCK_BYTES
    seen = seen and bytes(context.data[: context.pending]) == sample[_BLOCK_BYTES:100]
    library.SHA256_Update(ctypes.byref(context), sample[100:], 100)
    digest = ctypes.create_string_buffer(32)
    library.SHA256_Final(digest, ctypes.byref(context))
    return seen and digest.raw == hashlib.sha256(sample).digest()
