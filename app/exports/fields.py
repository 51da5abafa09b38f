"""Reading a JSON object field by field, writing down every fault instead of stopping at the first."""

import difflib
import json
import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from app.errors import MOST_FAULTS, Fault

_SHOWN_CHARS = 80
_EXACT_FLOAT = 2**53
# C0, DEL, C1, and the characters that reorder or hide what is around them.
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]")
_UNSTORABLE = re.compile(r"[\x00\ud800-\udfff]")


def escape_pointer(name: str) -> str:
    """One reference token of a JSON Pointer (RFC 6901)."""
    return name.replace("~", "~0").replace("/", "~1")


def shown(value: object) -> str:
    """A value of the caller's as it may stand in a message: quoted, on one line, and short."""
    text = json.dumps(value, ensure_ascii=False, default=str) if not isinstance(value, str) else f'"{value}"'
    text = _CONTROL.sub("\N{REPLACEMENT CHARACTER}", text)
    return text if len(text) <= _SHOWN_CHARS else text[: _SHOWN_CHARS - 1] + "…"


def closest(name: str, known: Collection[str]) -> str | None:
    """The known name that was probably meant, for a "did you mean"."""
    found = difflib.get_close_matches(name[:_SHOWN_CHARS], known, n=1) if len(known) <= 2_000 else []
    return found[0] if found else None


def kind_of(value: object) -> str:
    """A value's JSON type, for "is a string where a number is expected"."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int | float):
        return "number"
    if isinstance(value, str):
        return "string"
    return "array" if isinstance(value, list | tuple) else "object"


@dataclass(slots=True)
class FaultList:
    """The faults of one request, capped: a request that is wrong in a million ways gets a short answer too."""

    faults: list[Fault] = field(default_factory=list)

    def add(self, pointer: str, code: str, message: str, **facts: Any) -> None:
        if len(self.faults) < MOST_FAULTS:
            self.faults.append(Fault(pointer, code, message, facts))

    @property
    def full(self) -> bool:
        """Whether there is no room for more: then nobody need look for what was meant."""
        return len(self.faults) >= MOST_FAULTS

    def __len__(self) -> int:
        return len(self.faults)


@dataclass(frozen=True, slots=True)
class Fields:
    """One JSON object at `pointer`. Each reading method gives the value, or None after noting a fault."""

    pointer: str
    values: Mapping[str, Any]
    faults: FaultList

    @classmethod
    def of(cls, value: object, pointer: str, faults: FaultList) -> "Fields | None":
        """`value` as an object, or None and a fault."""
        if not isinstance(value, Mapping):
            where = "the request body" if not pointer else pointer.rsplit("/", 1)[1]
            faults.add(
                pointer, "wrong_type", f"{where} is to be an object, not {_a(kind_of(value))}", expected="object"
            )
            return None
        return cls(pointer, value, faults)

    def at(self, name: str) -> str:
        """The pointer of a field."""
        return f"{self.pointer}/{escape_pointer(name)}"

    def refuse_unknown(self, *known: str) -> None:
        """Notes each field that is not known: a misspelt option must not be ignored in silence."""
        for name in self.values:
            if name not in known and not self.faults.full:
                meant = closest(name, known)
                hint = f"; did you mean {meant}?" if meant else f"; known are {', '.join(known)}"
                self.faults.add(self.at(name), "unknown_field", f"there is no field {shown(name)} here{hint}")

    def require(self, *names: str) -> None:
        """Notes each field that is missing or null."""
        for name in names:
            if name not in self.values:
                self.faults.add(self.at(name), "missing_field", f"{name} is required")
            elif self.values[name] is None:
                self.faults.add(self.at(name), "wrong_type", f"{name} may not be null")

    def given(self, name: str) -> bool:
        """Whether the field is there with a value; null is the same as absent."""
        return self.values.get(name) is not None

    def child(self, name: str) -> "Fields | None":
        if not self.given(name):
            return None
        return Fields.of(self.values[name], self.at(name), self.faults)

    def text(
        self, name: str, *, most: int, least: int = 1, lines: bool = False, pattern: re.Pattern[str] | None = None
    ) -> str | None:
        """A string of `least` to `most` characters; with `lines`, line breaks and tabs may stand in it."""
        value = self.values.get(name)
        if value is None:
            return None
        if not isinstance(value, str):
            self._wrong_type(name, "a string", value)
            return None
        return value if self.check_text(name, value, most=most, least=least, lines=lines, pattern=pattern) else None

    def check_text(
        self, name: str, value: str, *, most: int, least: int, lines: bool, pattern: re.Pattern[str] | None = None
    ) -> bool:
        return check_text(self.at(name), name, value, self.faults, most=most, least=least, lines=lines, pattern=pattern)

    def boolean(self, name: str) -> bool | None:
        value = self.values.get(name)
        if value is None or isinstance(value, bool):
            return value
        self._wrong_type(name, "true or false", value)
        return None

    def number(self, name: str, *, above: float, high: float) -> float | None:
        """A number above `above` and at most `high`."""
        value = self.values.get(name)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int | float):
            self._wrong_type(name, "a number", value)
            return None
        if not above < value <= high:
            self.faults.add(self.at(name), "out_of_range", f"{name} is to be above {above:g}, at most {high:,g}")
            return None
        return value

    def integer(self, name: str, *, low: int, high: int) -> int | None:
        value = self.values.get(name)
        if value is None:
            return None
        return read_integer(self.at(name), name, value, self.faults, low=low, high=high)

    def choice(self, name: str, options: Collection[str]) -> str | None:
        value = self.values.get(name)
        if value is None:
            return None
        if not isinstance(value, str):
            self._wrong_type(name, "a string", value)
            return None
        if value not in options:
            meant = closest(value.lower(), options)
            hint = f"; did you mean {meant}?" if meant else ""
            self.faults.add(
                self.at(name),
                "unknown_value",
                f"{name} {shown(value)} is not one of {', '.join(options)}{hint}",
                allowed=list(options),
            )
            return None
        return value

    def names(self, name: str, *, most: int, longest: int) -> tuple[str, ...] | None:
        """An array of different, non-empty strings."""
        value = self.values.get(name)
        if value is None:
            return None
        if not isinstance(value, list):
            self._wrong_type(name, "an array of strings", value)
            return None
        if not 1 <= len(value) <= most:
            message = f"{name} is to have 1 to {most} elements, not {len(value)}"
            self.faults.add(self.at(name), "wrong_size", message, least=1, most=most)
            return None
        before = len(self.faults)
        found: dict[str, None] = {}
        for position, element in enumerate(value):
            pointer = f"{self.at(name)}/{position}"
            if not isinstance(element, str):
                self.faults.add(pointer, "wrong_type", f"{name}/{position} is to be a string", expected="string")
            elif check_text(pointer, f"{name}/{position}", element, self.faults, most=longest, least=1, lines=False):
                if element in found:
                    self.faults.add(pointer, "duplicate", f"{shown(element)} stands in {name} twice")
                found[element] = None
        return tuple(found) if len(self.faults) == before else None

    def each(self) -> Iterator[tuple[str, str, Any]]:
        """(name, pointer, value) of each field, for objects whose field names are the caller's."""
        for name, value in self.values.items():
            yield name, self.at(name), value

    def _wrong_type(self, name: str, expected: str, value: object) -> None:
        self.faults.add(
            self.at(name), "wrong_type", f"{name} is to be {expected}, not {_a(kind_of(value))}", expected=expected
        )


def check_text(
    pointer: str,
    name: str,
    value: str,
    faults: FaultList,
    *,
    most: int,
    least: int = 1,
    lines: bool = False,
    pattern: re.Pattern[str] | None = None,
) -> bool:
    """Whether a string is of the length and the characters that are allowed; notes a fault when not."""
    if len(value) > most:
        faults.add(pointer, "too_long", f"{name} has {len(value)} characters; at most {most} are allowed", most=most)
    elif len(value) < least or (least and not value.strip()):
        faults.add(pointer, "too_short", f"{name} is empty", least=least)
    elif (_UNSTORABLE if lines else _CONTROL).search(value):
        faults.add(pointer, "bad_characters", f"{name} has control characters, or halves of a surrogate pair, in it")
    elif pattern is not None and not pattern.fullmatch(value):
        faults.add(pointer, "bad_form", f"{name} {shown(value)} does not have the form that is expected")
    else:
        return True
    return False


def read_integer(pointer: str, name: str, value: object, faults: FaultList, *, low: int, high: int) -> int | None:
    """A whole number between `low` and `high`, both included. 3.0 is one, as JSON Schema has it; true is not."""
    if isinstance(value, float) and value.is_integer() and abs(value) <= _EXACT_FLOAT:
        value = int(value)
    if not isinstance(value, int) or isinstance(value, bool):
        told = shown(value) if isinstance(value, float) else _a(kind_of(value))
        faults.add(pointer, "wrong_type", f"{name} is to be a whole number, not {told}", expected="integer")
        return None
    if not low <= value <= high:
        told = f"{value:,}" if abs(value) < 10**30 else "a number of more than 30 digits"
        faults.add(pointer, "out_of_range", f"{name} is {told}; it is to be {low:,} to {high:,}", low=low, high=high)
        return None
    return value


def check_storable(value: object) -> bool:
    """Whether each string in a JSON value can be stored in Postgres, which takes no NUL and no half of a pair."""
    return _each_string(value, lambda text: _UNSTORABLE.search(text) is None)


def _each_string(value: object, holds: Callable[[str], bool]) -> bool:
    pending = [value]
    while pending:
        top = pending.pop()
        if isinstance(top, str):
            if not holds(top):
                return False
        elif isinstance(top, Mapping):
            pending.extend(top.keys())
            pending.extend(top.values())
        elif isinstance(top, list | tuple):
            pending.extend(top)
    return True


def _a(kind: str) -> str:
    return kind if kind == "null" else f"{'an' if kind[0] in 'aeiou' else 'a'} {kind}"
