"""The whole path without a mouse: Tab, Enter, Space and arrows, and the focus is seen and never lost."""

import re

import pytest
from playwright.async_api import Page, expect

from tests.browser.conftest import DDL, Visit
from tests.browser.hands import Hands

pytestmark = [pytest.mark.slow, pytest.mark.asyncio(loop_scope="session")]


async def test_the_whole_path_by_keyboard(visit: Visit) -> None:
    """From sign-in over a changed plan to the file, a share and the end of the export."""
    page = await visit.page("/sign-in")
    hands = Hands(page)
    await hands.go_to(page.get_by_label("Email"))
    await hands.type(visit.who)
    await hands.press("Enter")
    await expect(page.get_by_text("Nothing is growing yet")).to_be_visible()
    await hands.go_to(page.get_by_role("link", name="New export"))
    await hands.press("Enter")
    await page.wait_for_url("**/new")
    await _plan(page, hands)
    await hands.go_to(page.get_by_role("button", name="Start the export"), "Shift+Tab")
    await hands.press("Space")
    await page.wait_for_url("**/exports/*")
    await expect(page.locator("[data-slot=status]")).to_have_text("completed")
    await expect(page.locator("[data-slot=rows]")).to_have_text("112")

    await hands.go_to(page.get_by_role("link", name="Download"))
    async with page.expect_download() as download:
        await hands.press("Enter")
    assert (await download.value).suggested_filename.endswith(".zip")
    await hands.go_to(page.get_by_role("button", name="Look into the rows"))
    await hands.press("Enter")
    # The button has done its work and gone: the focus stands at what it brought.
    await expect(page.locator("#summary summary").first).to_be_focused()
    await _share(page, hands)
    await _delete(page, hands)
    await expect(page.get_by_text("Nothing is growing yet")).to_be_visible()
    assert visit.faults() == []


async def _plan(page: Page, hands: Hands) -> None:
    """A schema, rows of one table, a generator picked, another format."""
    await hands.go_to(page.get_by_label("Schema", exact=True))
    await hands.type(DDL)
    await hands.go_to(page.get_by_label("Rows for each table"))
    await hands.type("100")
    await hands.go_to(page.get_by_label("Format"))
    await hands.press("ArrowDown")
    await expect(page.get_by_label("Format")).to_have_value("tsv")
    plan = page.get_by_role("button", name="Show the plan")
    await hands.go_to(plan)
    await hands.press("Enter")
    await expect(page.locator("#busy")).to_have_text("Planned: 200 rows in 2 tables.")
    await expect(plan).to_be_focused()

    rows = page.get_by_role("spinbutton", name="Rows of public.customers")
    await hands.go_to(rows)
    await hands.type("12")
    columns = page.locator("details[data-table='public.customers'] summary")
    await hands.go_to(columns)
    # The plan is made anew under the hands, and the focus stays.
    await expect(page.locator("#busy")).to_have_text("Planned: 112 rows in 2 tables.")
    await expect(rows).to_have_value("12")
    await expect(columns).to_be_focused()
    await hands.press("Enter")
    fill = page.get_by_label("name of public.customers: another generator")
    await hands.go_to(fill)
    # A browser without a window shows no list to pick from; a name that it would offer is typed.
    await expect(page.locator("#generators option[value=company]")).to_have_count(1)
    await hands.type("company")
    await hands.press("Enter")
    await expect(page.locator("#rows-shown caption")).to_have_count(2)
    await expect(fill).to_be_focused()
    await expect(fill).to_have_value("company")


async def _share(page: Page, hands: Hands) -> None:
    await hands.go_to(page.get_by_label("Mail address or user id"))
    await hands.type("carl@example.com")
    await hands.go_to(page.get_by_label("As", exact=True))
    await hands.press("ArrowDown")
    share = page.get_by_role("button", name="Share", exact=True)
    await hands.go_to(share)
    await hands.press("Space")
    await expect(page.locator("#shares li")).to_contain_text(["editor"])
    await expect(share).to_be_focused()
    await hands.go_to(page.get_by_role("button", name="Take back from carl@example.com"), "Shift+Tab")
    await hands.press("Enter")
    await expect(page.locator("#shares li")).to_have_count(0)
    await expect(page.get_by_label("Mail address or user id")).to_be_focused()


async def _delete(page: Page, hands: Hands) -> None:
    """The dialog keeps the focus while it is open, Escape closes it, and then the focus is where it was."""
    delete = page.get_by_role("button", name="Delete", exact=True)
    await hands.go_to(delete, "Shift+Tab")
    dialog = page.get_by_role("dialog", name="Delete this export?")
    await hands.press("Enter")
    await expect(dialog).to_be_visible()
    await expect(dialog.get_by_role("button", name="Keep it")).to_be_focused()
    for _ in range(4):
        await hands.press("Tab")
        assert await page.evaluate("document.activeElement.closest('dialog, body').matches('dialog, body')")
        assert not await page.evaluate("document.activeElement.matches('main *:not(dialog *)')")
    await hands.press("Escape")
    await expect(dialog).to_be_hidden()
    await expect(delete).to_be_focused()
    await hands.press("Enter")
    await hands.go_to(dialog.get_by_role("button", name="Delete it"))
    await hands.press("Enter")
    await page.wait_for_url(re.compile(r"/$"))
