"""For whom something is computed, told to what shares its processes out fairly."""

from contextvars import ContextVar
from uuid import UUID

# Of the request that is answered; it goes with it into the tasks that the request starts.
ASKING: ContextVar[UUID | None] = ContextVar("asking", default=None)
