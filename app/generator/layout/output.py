"""What is asked for: a format and a compression, and which of them go together."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.errors import Fault, RequestRefused
from app.generator.formats.form import Format
from app.generator.formats.registry import FORMATS

COMPRESSIONS = ("gzip", "zstd")
_EXTENSIONS = {"gzip": "gz", "zstd": "zst"}
_ARCHIVE = "application/zip"
_CONTENT_TYPES = {"gzip": "application/gzip", "zstd": "application/zstd"}


def content_types() -> tuple[str, ...]:
    """Every media type that a file of ours can have."""
    formats = (form.content_type for form in FORMATS.values())
    return tuple(dict.fromkeys((*formats, *_CONTENT_TYPES.values(), _ARCHIVE)))


@dataclass(frozen=True, slots=True)
class Output:
    """Format and compression of an export."""

    format: str
    compression: str | None = None

    def faults(self, tables: int, pointer: str = "/config") -> list[Fault]:
        """Why so many tables cannot be written this way; empty when they can."""
        found = []
        if self.format not in FORMATS:
            message = f"there is no format {self.format!r}; there are {', '.join(FORMATS)}"
            found.append(Fault(f"{pointer}/format", "unknown_format", message, {"formats": list(FORMATS)}))
        if self.compression is not None and self.compression not in COMPRESSIONS:
            message = f"there is no compression {self.compression!r}; there are {', '.join(COMPRESSIONS)}"
            allowed = {"compressions": list(COMPRESSIONS)}
            found.append(Fault(f"{pointer}/compression", "unknown_compression", message, allowed))
        if not found and self.compression and self.form.compressed:
            message = f"{self.format} is compressed as it is: leave compression out"
            found.append(Fault(f"{pointer}/compression", "compression_not_applicable", message))
        if not found and self.compression == "zstd" and self.zipped(tables):
            message = (
                f"{tables} tables as {self.format} are a ZIP archive, which is compressed by deflate: "
                "leave compression out, ask for one table, or for the format copy or sql"
            )
            found.append(Fault(f"{pointer}/compression", "compression_not_applicable", message, {"tables": tables}))
        return found

    def check(self, tables: int, pointer: str = "/config") -> None:
        """Raises RequestRefused with every fault."""
        faults = self.faults(tables, pointer)
        if faults:
            raise RequestRefused(faults)

    @property
    def form(self) -> Format:
        """The format's entry in the registry; KeyError when there is none."""
        return FORMATS[self.format]

    def zipped(self, tables: int) -> bool:
        """Whether the file is an archive: with a file per table, or with the sheets of a workbook."""
        return self.form.workbook or (tables != 1 and not self.form.script)

    def extension(self, tables: int) -> str:
        """`csv`, `csv.gz`, `zip`, ... without a leading dot."""
        if self.zipped(tables) and not self.form.workbook:
            return "zip"
        packed = _EXTENSIONS.get(self.compression or "")
        return f"{self.form.extension}.{packed}" if packed else self.form.extension

    def content_type(self, tables: int) -> str:
        """The media type of the file."""
        if self.zipped(tables) and not self.form.workbook:
            return _ARCHIVE
        return _CONTENT_TYPES.get(self.compression or "", self.form.content_type)

    def to_json(self) -> dict[str, Any]:
        return {"format": self.format, "compression": self.compression}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Output":
        return cls(data["format"], data.get("compression"))
