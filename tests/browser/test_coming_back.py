"""Leaving a page in the middle of an export, and coming back to it by the browser's own button."""

import pytest
from playwright.async_api import Route, expect

from tests.browser.conftest import Visit

pytestmark = [pytest.mark.slow, pytest.mark.asyncio(loop_scope="session")]


async def _storable(route: Route) -> None:
    """The page as it is, but for the word that browsers may not store it, by which this one does not keep it either."""
    answer = await route.fetch()
    headers = {name: value for name, value in answer.headers.items() if name != "cache-control"}
    await route.fulfill(response=answer, headers=headers)


@pytest.mark.parametrize("kept", [True, False], ids=["kept", "loaded again"])
async def test_a_page_that_was_left_goes_on(visit: Visit, kept: bool) -> None:
    """As it was left, where a browser keeps pages in spite of `no-store` (Safari does); loaded again elsewhere."""
    page = await visit.sign_in()
    await visit.ask(page, 600_000)
    if kept:
        await page.route("**/exports/*", _storable)
        await page.reload()
    await expect(page.get_by_role("progressbar")).not_to_have_js_property("value", 0)
    await page.evaluate("addEventListener('pageshow', (event) => (document.kept = event.persisted))")
    await page.get_by_role("link", name="Schemas").click()
    await expect(page.get_by_role("heading", name="Schemas")).to_be_visible()
    # Of one that was kept there is no second load to wait for.
    await page.go_back(wait_until="commit")
    await expect(page.locator("[data-slot=status]")).to_have_text("completed", timeout=60_000)
    await expect(page.get_by_role("progressbar")).to_have_js_property("value", 100)
    assert await page.evaluate("document.kept ?? false") is kept
    assert await page.locator("#story li .what").all_inner_texts() == ["queued", "started", "completed"]
    await expect(page.locator("#lost")).to_be_empty()
    assert visit.faults() == []
