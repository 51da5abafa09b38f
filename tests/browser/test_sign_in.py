"""Signing in with Supabase in a real browser: by password and by a link in a mail, to an export of one's own."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from tests.browser.axe import Axe
from tests.browser.conftest import Visit, serving, visiting
from tests.conftest import Databases
from tests.fixtures.supabase_auth import KEY, SupabaseAuth
from tests.integration.operations.processes import free_port

pytestmark = pytest.mark.slow
ANN, BEN, PASSWORD = "ann@example.com", "ben@example.com", "the password of ann"  # the double's


@pytest.fixture
async def auth() -> AsyncIterator[SupabaseAuth]:
    with SupabaseAuth.start() as auth:
        auth.add_user(ANN, PASSWORD)
        yield auth


@pytest.fixture
async def visit(databases: Databases, tmp_path: Path, auth: SupabaseAuth) -> AsyncIterator[Visit]:
    """The service of a Supabase project."""
    port = free_port()
    auth.allowed = [f"http://127.0.0.1:{port}/auth/callback"]
    project = {"DEV_AUTH": "", "DEV_AUTH_KEY": "", "SUPABASE_URL": auth.url, "SUPABASE_ANON_KEY": KEY}
    async with serving(databases, tmp_path, port, project) as service, visiting(service, ANN) as visit:
        yield visit


async def _make_an_export(visit: Visit, page: Page) -> None:
    await visit.ask(page, 50)
    await expect(page.locator("[data-slot=status]")).to_have_text("completed")
    async with page.expect_download() as download:
        await page.get_by_role("link", name="Download").click()
    assert (await (await download.value).path()).stat().st_size > 0


async def test_by_password_and_by_link(visit: Visit, auth: SupabaseAuth, packages: Path) -> None:
    """Each way leads to an export and its file; a wrong password and signing out lead where they should."""
    page = await visit.page("/new")
    await expect(page).to_have_url(f"{visit.url}/sign-in?next=%2Fnew")
    await page.get_by_label("Email").fill(ANN)
    await page.get_by_label("Password").fill("wrong")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("alert")).to_contain_text("the address or the password is not right")
    axe = Axe(packages)
    await axe.look(page, "sign-in by password")
    await page.get_by_label("Password").fill(PASSWORD)
    await page.keyboard.press("Enter")
    await expect(page).to_have_url(f"{visit.url}/new")
    await page.get_by_role("link", name="Exports").click()
    await _make_an_export(visit, page)
    assert await page.evaluate("document.cookie") == ""

    await page.get_by_role("button", name="Sign out").click()
    await expect(page).to_have_url(f"{visit.url}/sign-in")
    assert auth.grants == []

    await page.get_by_label("Email").fill(BEN)
    await page.get_by_role("button", name="Mail me a link").click()
    await expect(page.get_by_role("status").first).to_contain_text("a mail with a link is on its way")
    await axe.look(page, "sign-in by link")
    assert axe.found == []
    mailed = await asyncio.to_thread(auth.link_for, BEN)
    letter = await visit.context.new_page()
    await letter.goto(mailed)
    await expect(letter).to_have_url(f"{visit.url}/")
    await expect(letter.get_by_text("Nothing is growing yet")).to_be_visible()
    await _make_an_export(visit, letter)
    # The browser writes down an answer of 400 by itself.
    assert [fault for fault in visit.faults() if "400 (Bad Request)" not in fault] == []
