"""CRC-32 of a whole from its pieces."""

import zlib

from hypothesis import given
from hypothesis import strategies as st

from app.generator.archive.crc import combine_crc32, crc32


@given(pieces=st.lists(st.binary(max_size=300), max_size=6))
def test_pieces_combine_to_the_whole(pieces: list[bytes]) -> None:
    """What zlib says of all the data follows from what it says of each piece."""
    combined = 0
    for piece in pieces:
        combined = combine_crc32(combined, crc32(piece), len(piece))
    assert combined == zlib.crc32(b"".join(pieces))


def test_lengths_beyond_32_bits_combine() -> None:
    """Five gibibytes of zeros, doubled up from one: as zlib counts them, which took it a while."""
    zeros = zlib.crc32(bytes(1 << 20))
    size = 1 << 20
    while size < 4 << 30:
        zeros, size = combine_crc32(zeros, zeros, size), 2 * size
    assert combine_crc32(zeros, zlib.crc32(bytes(1 << 20)), 1 << 20) == combine_crc32(
        zlib.crc32(bytes(1 << 20)), zeros, size
    )
