"""How much of bodies, of requests or of answers, a process holds at once, for each user and for all.

Whoever sends a large body slowly, has many stand in line, or does not read what was asked for, has them all kept here
meanwhile: without a bound one user's connections fill the memory of a process.
"""

from collections import Counter
from uuid import UUID

from app.web.errors import TooManyRequests

# In bodies of the largest size.
_OF_ONE_USER = 4
_OF_ALL = 16
# So much of each is not counted among all: nobody's large bodies keep another's small one out.
_SMALL_BYTES = 64 * 1024
_PAUSE_S = 2


class BodyRoom:
    """Room for bodies that are of `most_bytes` each at most, as a rule."""

    def __init__(self, most_bytes: int) -> None:
        self._of_one, self._of_all = _OF_ONE_USER * most_bytes, _OF_ALL * most_bytes
        self._owned: Counter[UUID] = Counter()
        self._large = 0

    @property
    def held_bytes(self) -> int:
        """What is held of all users' bodies."""
        return self._owned.total()

    def open(self, owner: UUID) -> "HeldBody":
        """For the body of a request or of its answer; to be released when the answer is sent."""
        return HeldBody(self, owner)

    def _take(self, owner: UUID, size: int, large: int) -> None:
        # One alone is taken however large it is: bounding that is others' business.
        crowded = self._owned[owner] + size > self._of_one and self._owned[owner]
        if crowded or (large and self._large + large > self._of_all and self._large):
            message = "too many large bodies are on their way at the moment; send and ask for fewer at a time"
            raise TooManyRequests(message, retry_after_s=_PAUSE_S)
        self._owned[owner] += size
        self._large += large

    def _give_back(self, owner: UUID, size: int, large: int) -> None:
        self._owned[owner] -= size
        self._large -= large
        if not self._owned[owner]:
            del self._owned[owner]


class HeldBody:
    """What is held of one body."""

    def __init__(self, room: BodyRoom, owner: UUID) -> None:
        self._room, self._owner = room, owner
        self._bytes = 0

    def add(self, size: int) -> None:
        """Raises TooManyRequests when there is no room for so much more."""
        self._room._take(self._owner, size, _beyond(self._bytes + size) - _beyond(self._bytes))
        self._bytes += size

    def release(self) -> None:
        """Safe to call twice."""
        size, self._bytes = self._bytes, 0
        self._room._give_back(self._owner, size, _beyond(size))


def _beyond(size: int) -> int:
    return max(0, size - _SMALL_BYTES)
