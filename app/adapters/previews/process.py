"""The preview process and the line in front of it: the event loop waits, and computes nothing.

A plan is whatever a request made of somebody's schema: see `app.adapters.children`.
"""

from collections.abc import Mapping
from typing import Any

from app.adapters.children import Answer, Children
from app.errors import PlanningBusy, PlanRefused, PreviewFailed, RequestRefused, SeedbedError
from app.exports.previewing import OrderedPreviews

_FAILURES = {
    "memory": "the first rows need more memory than a preview has",
    "died": "the preview process ended in the middle of it",
}


class PreviewProcess(OrderedPreviews):
    """One child, started when it is first asked; requests stand in line for it."""

    def __init__(self, *, limit_s: float = 20.0, wait_s: float = 30.0, most_bytes: int = 2 * 1024**3) -> None:
        """`limit_s` bounds one answer, `wait_s` the standing in line, `most_bytes` the child's memory."""
        self.children = Children(
            "app.exports.preview_main",
            at_once=1,
            limit_s=limit_s,
            wait_s=wait_s,
            most_bytes=most_bytes,
            busy="too many previews are asked for at the moment; try again",
            costly="the first rows take longer than {limit}",
        )

    async def close(self) -> None:
        """Ends the child."""
        await self.children.close()

    async def ask(self, order: Mapping[str, Any]) -> Answer:
        try:
            return await self.children.ask(order)
        except (PreviewFailed, PlanningBusy):
            raise
        except RequestRefused as refused:
            raise PlanRefused(refused.faults) from None
        except SeedbedError as error:
            reason = error.facts.get("reason", "engine")
            raise PreviewFailed(_FAILURES.get(reason, error.message), reason=reason) from None
