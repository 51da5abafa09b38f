"""Which generator a column gets, and why: the part of a plan that users read and edit."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

# The reason of a choice that a person made: it is served as it is or refused.
OVERRIDE = "override"


@dataclass(frozen=True, slots=True)
class Choice:
    """A generator of the registry by name, its options (JSON), and a few words on why it was chosen."""

    generator: str
    options: Mapping[str, Any] = field(default_factory=dict)
    why: str = ""
