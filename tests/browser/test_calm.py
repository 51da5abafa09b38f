"""What moves, and what is said when a line is lost."""

import pytest
from playwright.async_api import Error, Page, expect

from tests.browser.conftest import Visit, visiting
from tests.fixtures.tcp_proxy import TcpProxy

pytestmark = [pytest.mark.slow, pytest.mark.asyncio(loop_scope="session")]

_MOVING = {"transition-duration": "0s", "animation-name": "none", "scroll-behavior": "auto"}


async def _moving(page: Page) -> list[str]:
    """What would move by itself: of every element, of what stands before and after it, and of the insides of bars.

    The insides are the browser's own elements; only its debugging protocol shows their style.
    """
    session = await page.context.new_cdp_session(page)
    await session.send("DOM.enable")
    await session.send("CSS.enable")
    todo = [(await session.send("DOM.getDocument", {"depth": -1, "pierce": True}))["root"]]
    found = []
    while todo:
        node = todo.pop()
        for kind in ("children", "pseudoElements", "shadowRoots"):
            todo += node.get(kind, [])
        if node["nodeType"] != 1:
            continue
        try:
            answer = await session.send("CSS.getComputedStyleForNode", {"nodeId": node["nodeId"]})
        except Error as gone:  # the page is live: its chart has been drawn anew
            if "Could not find node" not in gone.message:
                raise
            continue
        style = {one["name"]: one["value"] for one in answer["computedStyle"]}
        # What is not rendered has no style at all.
        found += [f"{node['nodeName']} {name}" for name, still in _MOVING.items() if style[name] not in ("", still)]
    await session.detach()
    animations: list[str] = await page.evaluate("document.getAnimations().map(String)")
    return found + animations


async def _live(page: Page) -> dict[str, str]:
    """How the notice about the connection is told to who does not see it."""
    found: dict[str, str] = await page.locator("#lost").evaluate(
        "one => ({live: one.ariaLive, role: one.role, display: getComputedStyle(one).display})"
    )
    return found


async def test_nothing_moves_for_who_wants_less_motion(visit: Visit) -> None:
    """Not the bars either, while they grow; for others they do."""
    page = await visit.sign_in()
    await visit.ask(page, 300_000)
    await expect(page.get_by_role("progressbar")).not_to_have_js_property("value", 0)
    assert await _moving(page) == ["DIV transition-duration"]
    await page.emulate_media(reduced_motion="reduce")
    assert await _moving(page) == []
    for path in ("/", "/new"):
        await page.goto(visit.url + path)
        assert await _moving(page) == []


async def test_a_lost_line_is_said_and_mends_itself(visit: Visit) -> None:
    """A service that cannot be reached is told of politely; when it is back the word goes, and the bar goes on."""
    with TcpProxy(visit.service.port) as line:
        async with visiting(visit.service, visit.who, f"http://127.0.0.1:{line.port}") as through:
            page = await through.sign_in()
            await through.ask(page, 600_000)
            listing = await through.page("/")
            card = listing.locator(".card").first
            await expect(card).to_have_attribute("data-status", "running")
            under_way = listing.locator(".usage dd").first
            await expect(under_way).to_have_text("1 of 10")
            when = await card.locator("time").inner_text()
            for tab in (page, listing):
                assert await _live(tab) == {"live": "polite", "role": "status", "display": "block"}
            await page.evaluate("document.kept = true")
            line.set("refuse")
            for tab in (page, listing):
                await expect(tab.locator("#lost")).to_have_text("The connection is lost. Trying again …")
            line.set("pass")
            for tab in (page, listing):
                await expect(tab.locator("#lost")).to_be_empty()
            await expect(page.locator("[data-slot=status]")).to_have_text("completed", timeout=60_000)
            await expect(page.get_by_role("progressbar")).to_have_js_property("value", 100)
            assert await page.evaluate("document.kept"), "the page was loaded again"
            assert await page.locator("#story li .what").all_inner_texts() == ["queued", "started", "completed"]
            # What the list was told in events leaves alone what they do not say.
            await expect(card).to_have_attribute("data-status", "completed")
            await expect(under_way).to_have_text("0 of 10")
            assert await card.locator("time").inner_text() == when
            await expect(card.get_by_text("shared with you")).to_have_count(0)
            unexpected = [fault for fault in through.faults() if "net::ERR" not in fault]
            assert unexpected == []
