"""How a piece of a file is compressed on its own, so that the compressed pieces make the compressed file.

A file's bytes may not depend on the machine that compresses a piece of it, which decides the encoders. Compressing
one file on x86-64 with SSE3, SSE4.2, AVX2 and on two kinds of ARM (emulated):

    ISA-L (isal 1.9)    4 different results: it picks algorithms by CPU, at every level
    zlib-ng 2.3         the same bytes on all of them, levels 1 to 6
    libzstd 1.5         the same bytes on all of them, levels 1, 2, 3 and 5

The `zlib` of Python itself is whichever one the system has. So: zlib-ng, from its wheel. Level 3 takes as long as
level 2 and is 10 % smaller; level 1 is twice as fast and 50 % larger. zstd's level 3 does not use the row-based
match finder, the one part of it that is chosen by CPU (facebook/zstd#4099).
"""

from typing import Literal, Protocol

from zlib_ng import zlib_ng

Packing = Literal["none", "deflate", "zstd"]

_DEFLATE_LEVEL = 3
_ZSTD_LEVEL = 3
_RAW_DEFLATE = -15
# A last block that holds nothing, with fixed codes: what ends a deflate stream after a flush.
DEFLATE_END = b"\x03\x00"


class Packer(Protocol):
    """Compresses pieces. `pack` is pure: equal pieces give equal bytes."""

    # Pieces need not be held in memory whole when they are passed on as they are.
    whole_pieces: bool

    def pack(self, piece: bytes) -> bytes: ...


class _Plain:
    whole_pieces = False

    def pack(self, piece: bytes) -> bytes:
        return piece


class _Deflate:
    """Raw deflate blocks that end at a byte boundary and refer to nothing before the piece."""

    whole_pieces = True

    def pack(self, piece: bytes) -> bytes:
        # A fresh encoder each time: zlib-ng's output after a reset depends on what it held before (zlib-ng#2100).
        encoder = zlib_ng.compressobj(level=_DEFLATE_LEVEL, wbits=_RAW_DEFLATE)
        return encoder.compress(piece) + encoder.flush(zlib_ng.Z_FULL_FLUSH)


class _Zstd:
    """One frame with its size and a checksum; frames one after the other are one zstd file."""

    whole_pieces = True

    def pack(self, piece: bytes) -> bytes:
        import zstandard  # which looks at the platform first; most files are not compressed so

        encoder = zstandard.ZstdCompressor(level=_ZSTD_LEVEL, write_checksum=True, write_content_size=True)
        return encoder.compress(piece)


_PACKERS: dict[Packing, Packer] = {"none": _Plain(), "deflate": _Deflate(), "zstd": _Zstd()}


def packer(packing: Packing) -> Packer:
    """The packer of that name."""
    return _PACKERS[packing]
