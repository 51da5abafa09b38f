"""ZIP: read by programs that are not ours, small and beyond 4 GiB."""

import io
import os
import subprocess
import zipfile
from pathlib import Path

import pytest

from app.generator.archive.crc import combine_crc32, crc32
from app.generator.archive.packing import DEFLATE_END, packer
from app.generator.archive.zip import Entry, Written, directory, entry_end, entry_start, sized_entry
from tests.fixtures.programs import program

CONTENTS = {"users.csv": b"id\n1\n" * 1000, "Ünïcode 日本.csv": b"x", "empty.csv": b""}


def archive(*, large: bool) -> bytes:
    """An archive of CONTENTS, the last entry with its sizes before it."""
    data, written = b"", []
    pack = packer("deflate").pack
    for name, content in CONTENTS.items():
        entry = Entry(name, large=large)
        packed = pack(content) + DEFLATE_END
        written.append(Written(entry, crc32(content), len(content), len(packed), len(data)))
        data += entry_start(entry) + packed + entry_end(entry, crc32(content), len(content), len(packed))
    entry = Entry("stored.txt", deflated=False)
    written.append(Written(entry, crc32(b"as it is"), 8, 8, len(data), sized=True))
    data += sized_entry(entry, crc32(b"as it is"), 8, 8) + b"as it is"
    return data + directory(written, len(data))


@pytest.mark.parametrize("large", [False, True])
def test_pythons_reader_finds_every_file(large: bool) -> None:
    """Names, contents and checksums; all dates are the first that ZIP knows."""
    with zipfile.ZipFile(io.BytesIO(archive(large=large))) as opened:
        assert opened.testzip() is None
        assert {info.filename: opened.read(info) for info in opened.infolist()} == {
            **CONTENTS,
            "stored.txt": b"as it is",
        }
        assert {info.date_time for info in opened.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert {info.external_attr >> 16 for info in opened.infolist()} == {0o100644}


@pytest.mark.parametrize("large", [False, True])
@pytest.mark.parametrize("command", [["unzip", "-t"], ["zipinfo"]])
def test_info_zip_finds_no_fault(tmp_path: Path, command: list[str], large: bool) -> None:
    """No error, and no warning either."""
    program(command[0], "unzip")
    path = tmp_path / "archive.zip"
    path.write_bytes(archive(large=large))
    run = subprocess.run([*command, str(path)], capture_output=True, text=True, check=False)
    assert (run.returncode, run.stderr) == (0, "")
    assert "warning" not in run.stdout


def test_an_entry_that_outgrew_its_header_is_an_error() -> None:
    """Better none than an archive with wrong sizes."""
    with pytest.raises(OverflowError, match="more than its header has room for"):
        entry_end(Entry("x"), 0, 1 << 32, 10)
    assert len(entry_end(Entry("x", large=True), 0, 1 << 32, 10)) == 24


def test_more_than_four_gibibytes(tmp_path: Path) -> None:
    """A file beyond 4 GiB, and files that start beyond 4 GiB: read back by unzip and by Python."""
    size, crc = 1 << 20, crc32(bytes(1 << 20))
    while size <= 1 << 32:
        crc, size = combine_crc32(crc, crc, size), 2 * size
    path = tmp_path / "large.zip"
    with open(path, "wb") as file:
        zeros = Entry("zeros.bin", deflated=False, large=True)
        file.write(entry_start(zeros))
        file.seek(size, os.SEEK_CUR)  # a hole in the file, which takes no room on the disk
        file.write(entry_end(zeros, crc, size, size))
        written = [Written(zeros, crc, size, size, 0)]
        for entry, sized in ((Entry("streamed.txt"), False), (Entry("sized.txt"), True)):
            packed, own = packer("deflate").pack(b"after all that") + DEFLATE_END, crc32(b"after all that")
            written.append(Written(entry, own, 14, len(packed), file.tell(), sized=sized))
            if sized:
                file.write(sized_entry(entry, own, 14, len(packed)) + packed)
            else:
                file.write(entry_start(entry) + packed + entry_end(entry, own, 14, len(packed)))
        file.write(directory(written, file.tell()))
    with zipfile.ZipFile(path) as opened:
        assert [info.file_size for info in opened.infolist()] == [size, 14, 14]
        assert opened.read("streamed.txt") == opened.read("sized.txt") == b"after all that"
    # Not the zeros themselves: that takes it half a minute.
    command = [program("unzip"), "-tq", str(path), "streamed.txt", "sized.txt"]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (run.returncode, run.stderr) == (0, "")
