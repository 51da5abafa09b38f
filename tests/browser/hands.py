"""A visitor who has a keyboard and nothing else."""

from contextlib import suppress

from playwright.async_api import Locator, Page
from playwright.async_api import TimeoutError as NotInTime

_MOST_STEPS = 120
# A page scrolls with its next frame to what has the focus, also where an answer has just moved everything on it.
_SCROLLING_MS = 5_000
# What has the focus, and what is seen of it: an outline of some width around something that has an area and is on screen.
_FOCUSED = """() => {
  const one = document.activeElement;
  if (!one || one === document.body) return null;
  const style = getComputedStyle(one);
  const box = one.getBoundingClientRect();
  return {
    name: one.outerHTML.slice(0, 120),
    outlined: one.matches(":focus-visible") && style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2,
    seen: box.width > 0 && box.height > 0 && box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth,
  };
}"""


class Hands:
    """Presses keys on a page; wherever the focus comes by it has to be seen, and it may stop nowhere."""

    def __init__(self, page: Page) -> None:
        self.page = page

    async def press(self, key: str) -> None:
        """One key."""
        await self.page.keyboard.press(key)

    async def type(self, text: str) -> None:
        """Instead of what stands in the field that has the focus."""
        await self.press("Control+a")
        await self.page.keyboard.insert_text(text)

    async def go_to(self, goal: Locator, key: str = "Tab") -> None:
        """Presses Tab, or Shift+Tab, until that has the focus."""
        # A page may be looked at before its style has come.
        await self.page.wait_for_load_state("load")
        before = None
        for _ in range(_MOST_STEPS):
            await self.press(key)
            found = await self.page.evaluate(_FOCUSED)
            if found is not None and not found["seen"]:
                with suppress(NotInTime):
                    await self.page.wait_for_function(f"() => ({_FOCUSED})()?.seen", timeout=_SCROLLING_MS)
                found = await self.page.evaluate(_FOCUSED)
            if found is None:
                # Behind the last and before the first is the browser itself.
                assert before is not None, "the page takes no focus"
                before = None
                continue
            assert found["outlined"], f"no outline around {found['name']}"
            assert found["seen"], f"out of sight: {found['name']}"
            if await goal.evaluate("one => one === document.activeElement"):
                return
            before = found["name"]
        raise AssertionError(f"{goal} is not reached by {key}; the last was {before}")
