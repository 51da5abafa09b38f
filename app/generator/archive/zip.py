"""ZIP from pieces (PKWARE APPNOTE 6.3): entries whose sizes are known only after them, and the directory at the end.

Nothing in it comes from a clock or a system: all times are 1980-01-01, the first that ZIP can say.
"""

import struct
from collections.abc import Sequence
from dataclasses import dataclass

_STORED, _DEFLATED = 0, 8
_SIZES_FOLLOW = 1 << 3
_UTF_8_NAME = 1 << 11
_FIRST_DATE = (1 << 5) | 1
_UNIX, _REGULAR_FILE_0644 = 3, 0o100644 << 16
_LIMIT_32, _LIMIT_16 = 0xFFFFFFFF, 0xFFFF
_VERSION, _VERSION_ZIP64 = 20, 45
_ZIP64_EXTRA = 1


@dataclass(frozen=True, slots=True)
class Entry:
    """A file in the archive, before its content is known. `large`: it may pass 4 GiB."""

    name: str
    deflated: bool = True
    large: bool = False


@dataclass(frozen=True, slots=True)
class Written:
    """An entry that has been written: CRC-32 and size of its content, size in the archive, where it starts."""

    entry: Entry
    crc32: int
    size: int
    packed: int
    offset: int
    # Its sizes stand in its own header, not after it.
    sized: bool = False


def entry_start(entry: Entry) -> bytes:
    """The header before an entry whose size and CRC-32 follow it."""
    size = _LIMIT_32 if entry.large else 0
    extra = struct.pack("<HHQQ", _ZIP64_EXTRA, 16, 0, 0) if entry.large else b""
    return _local_header(entry, _SIZES_FOLLOW, 0, size, size, extra)


def entry_end(entry: Entry, crc32: int, size: int, packed: int) -> bytes:
    """The descriptor after an entry. Raises OverflowError when it passed 4 GiB and was not expected to."""
    if not entry.large and max(size, packed) >= _LIMIT_32:
        raise OverflowError(f"{entry.name} has {size} bytes, more than its header has room for")
    return struct.pack("<IIQQ" if entry.large else "<IIII", 0x08074B50, crc32, packed, size)


def sized_entry(entry: Entry, crc32: int, size: int, packed: int) -> bytes:
    """The header before an entry of known size."""
    return _local_header(entry, 0, crc32, packed, size, b"")


def _local_header(entry: Entry, flags: int, crc32: int, packed: int, size: int, extra: bytes) -> bytes:
    name = entry.name.encode()
    method = _DEFLATED if entry.deflated else _STORED
    version = _VERSION_ZIP64 if entry.large else _VERSION
    fixed = struct.pack(
        "<IHHHHHIIIHH",
        0x04034B50,
        version,
        flags | _UTF_8_NAME,
        method,
        0,
        _FIRST_DATE,
        crc32,
        packed,
        size,
        len(name),
        len(extra),
    )
    return fixed + name + extra


def directory(entries: Sequence[Written], start: int) -> bytes:
    """The central directory and what ends the archive; `start` is the directory's own offset."""
    records = b"".join(_record(written) for written in entries)
    end = start + len(records)
    tail = b""
    if start >= _LIMIT_32 or len(records) >= _LIMIT_32 or len(entries) >= _LIMIT_16:
        count = len(entries)
        made_by = _UNIX << 8 | _VERSION_ZIP64
        tail = struct.pack(
            "<IQHHIIQQQQ", 0x06064B50, 44, made_by, _VERSION_ZIP64, 0, 0, count, count, len(records), start
        )
        tail += struct.pack("<IIQI", 0x07064B50, 0, end, 1)
    count = min(len(entries), _LIMIT_16)
    sizes = min(len(records), _LIMIT_32), min(start, _LIMIT_32)
    return records + tail + struct.pack("<IHHHHIIH", 0x06054B50, 0, 0, count, count, *sizes, 0)


def _record(written: Written) -> bytes:
    entry = written.entry
    name = entry.name.encode()
    # Only what does not fit stands in the zip64 field, in this order.
    large = [n for n in (written.size, written.packed, written.offset) if n >= _LIMIT_32]
    extra = struct.pack(f"<HH{len(large)}Q", _ZIP64_EXTRA, 8 * len(large), *large) if large else b""
    version = _VERSION_ZIP64 if large or entry.large else _VERSION
    fixed = struct.pack(
        "<IHHHHHHIIIHHHHHII",
        0x02014B50,
        _UNIX << 8 | version,
        version,
        (0 if written.sized else _SIZES_FOLLOW) | _UTF_8_NAME,
        _DEFLATED if entry.deflated else _STORED,
        0,
        _FIRST_DATE,
        written.crc32,
        min(written.packed, _LIMIT_32),
        min(written.size, _LIMIT_32),
        len(name),
        len(extra),
        0,
        0,
        0,
        _REGULAR_FILE_0644,
        min(written.offset, _LIMIT_32),
    )
    return fixed + name + extra
