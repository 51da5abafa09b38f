"""Compressed pieces: one after the other they are the compressed file, and the same on every machine."""

import gzip
import hashlib
import io
import subprocess
import zlib

import pytest
import zstandard

from app.generator.archive.crc import crc32
from app.generator.archive.gzip import GZIP_START, gzip_end
from app.generator.archive.packing import DEFLATE_END, packer
from tests.fixtures.programs import program

PIECES = [b"", b"a", b"the same words, the same words, " * 4000, bytes(range(256)) * 300]
# 400 lines that look like data, and what they were packed to on x86-64 (SSE3 to AVX2) and ARM. A new release of an
# encoder that packs them to anything else changes files that people have checksums of: then ENGINE_VERSION goes up.
LINES = b"".join(b"%d,user%d@example.com,%d.%02d\n" % (n, n * 7919 % 1000, n * n % 977, n % 100) for n in range(400))
KNOWN = {
    "deflate": "d664135d4f75102ca63f03e56c40ec7b2fa8519607667389db32d3bd7cbef7a3",
    "zstd": "0f214cfe53abfe4350b9027ff6b8d272c54d0af06439743abb60d0cfe0bd97a6",
}


def gzipped(pieces: list[bytes]) -> bytes:
    whole = b"".join(pieces)
    return GZIP_START + b"".join(map(packer("deflate").pack, pieces)) + gzip_end(crc32(whole), len(whole))


def test_deflate_pieces_are_one_stream() -> None:
    """A reader that never heard of pieces inflates them as one stream, to its end."""
    reader = zlib.decompressobj(-15)
    whole = reader.decompress(b"".join(map(packer("deflate").pack, PIECES)) + DEFLATE_END + b"rest")
    assert (whole, reader.eof, reader.unused_data) == (b"".join(PIECES), True, b"rest")


def test_a_gzip_file_has_one_member() -> None:
    """Browsers stop silently after the first member: there must be nothing behind it."""
    data = gzipped(PIECES)
    assert gzip.decompress(data) == b"".join(PIECES)
    member = zlib.decompressobj(31)
    assert (member.decompress(data), member.eof, member.unused_data) == (b"".join(PIECES), True, b"")


def test_nothing_in_a_gzip_file_tells_when_or_where() -> None:
    """No time, no name, no system."""
    assert GZIP_START[4:8] == bytes(4)
    assert GZIP_START[3] == 0
    assert GZIP_START[9] == 255


def test_zstd_frames_are_one_file() -> None:
    """A reader goes from frame to frame."""
    data = b"".join(map(packer("zstd").pack, PIECES))
    reader = zstandard.ZstdDecompressor().stream_reader(io.BytesIO(data), read_across_frames=True)
    assert reader.read() == b"".join(PIECES)


@pytest.mark.parametrize(
    ("name", "packed"), [("gzip", gzipped(PIECES)), ("zstd", b"".join(map(packer("zstd").pack, PIECES)))]
)
def test_the_programs_themselves_find_no_fault(name: str, packed: bytes) -> None:
    """`gzip -t`, `zstd -t`, and the content they unpack."""
    unpack = program(name)
    subprocess.run([unpack, "-t"], input=packed, check=True, capture_output=True)
    unpacked = subprocess.run([unpack, "-dc"], input=packed, check=True, capture_output=True).stdout
    assert unpacked == b"".join(PIECES)


@pytest.mark.parametrize("packing", ["deflate", "zstd"])
def test_packed_bytes_are_known(packing: str) -> None:
    """The encoder's output is part of what is promised."""
    packed = packer("deflate" if packing == "deflate" else "zstd").pack(LINES * 20)
    assert hashlib.sha256(packed).hexdigest() == KNOWN[packing]


@pytest.mark.parametrize("packing", ["deflate", "zstd"])
def test_a_piece_is_packed_the_same_whatever_came_before(packing: str) -> None:
    """Not even the memory that was used before makes a difference."""
    pack = packer("deflate" if packing == "deflate" else "zstd").pack
    first = pack(LINES)
    pack(bytes(range(256)) * 10_000)
    assert pack(LINES) == first
