"""JSON of somebody's that is handed on unread by a process that others wait for."""

import json
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Document:
    """The text of one JSON value, in UTF-8. It can be megabytes: reading it is a child's work."""

    text: bytes = field(repr=False)

    def read(self) -> Any:
        """The value. Raises ValueError, RecursionError."""
        return json.loads(self.text)
