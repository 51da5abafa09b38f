"""A gzip file of one member (RFC 1952) around deflate pieces.

One member: browsers and others stop silently after the first.
"""

import struct

from app.generator.archive.packing import DEFLATE_END

# No name, no time, "unknown" system: nothing in it tells where or when it was made.
GZIP_START = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"


def gzip_end(crc32: int, size: int) -> bytes:
    """What follows the last piece: the end of the deflate stream, and CRC-32 and size of what was compressed."""
    return DEFLATE_END + struct.pack("<II", crc32, size & 0xFFFFFFFF)
