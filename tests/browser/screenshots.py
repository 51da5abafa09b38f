"""`make screenshots`: pictures of the main pages, light and dark and on a phone, for docs/images."""

import asyncio
import os
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from playwright.async_api import Browser, Page, ViewportSize, expect

from app.adapters.postgres.migrations import upgrade
from app.embedded import EmbeddedPostgres
from tests.fixtures.browser import chromium
from tests.integration.operations.processes import PROJECT, answers, free_port, running, service_environment

expect.set_options(timeout=60_000)
FOLDER = PROJECT / "docs" / "images"
SHOP = (PROJECT / "app" / "demo" / "shop.sql").read_text()
_DESK, _PHONE = ViewportSize(width=1280, height=860), ViewportSize(width=360, height=740)


async def main(folder: Path) -> None:
    """Starts a service of its own, makes exports on it, and takes the pictures."""
    async with _service() as (url, browser):
        # Moving bars would be caught halfway.
        page = await browser.new_page(viewport=_DESK, device_scale_factor=1, reduced_motion="reduce")
        await page.goto(f"{url}/sign-in")
        await page.get_by_role("button", name="Sign in").click()
        await expect(page.get_by_role("heading", name="Exports")).to_be_visible()
        await _ask(page, url, "parquet", 2_000, "customers-and-orders")
        await _done(page)
        await page.get_by_role("button", name="Look into the rows").click()
        await expect(page.locator("#summary summary").first).to_be_visible()
        await page.locator("#summary summary", has_text="public.orders").click()
        await page.evaluate("document.activeElement.blur()")
        await _take(page, folder, "summary", "#summary details:has(> summary:has-text('public.orders'))")
        await _ask(page, url, "csv", 20_000, "bike-shop", folder)
        await _done(page)
        await expect(page.locator("#speed")).to_be_visible()
        await _take(page, folder, "export")
        await _ask(page, url, "sql", 400_000, "load-test")
        await page.goto(url)
        bar = page.get_by_role("progressbar", name="Progress of load-test")
        await page.wait_for_function("bar => bar.value > 20", arg=await bar.element_handle())
        await _take(page, folder, "exports")
        await page.goto(f"{url}/schemas")
        await _take(page, folder, "schemas")


@asynccontextmanager
async def _service() -> AsyncIterator[tuple[str, Browser]]:
    with tempfile.TemporaryDirectory() as name, EmbeddedPostgres.start(durable=False) as server:
        upgrade(server.url())
        port = free_port()
        url = f"http://127.0.0.1:{port}"
        variables = service_environment(server.url(), Path(name), port, free_port())
        async with (
            running(Path(name), "api", "app.cli", "serve", variables=variables),
            running(Path(name), "worker", "procrastinate", "--app=tasks.app", "worker", variables=variables),
            chromium() as browser,
        ):
            await answers(f"{url}/readyz")
            yield url, browser


async def _ask(page: Page, url: str, form: str, rows: int, name: str, folder: Path | None = None) -> None:
    """Asks for an export of the demonstration's shop; with pictures of the way there, where a folder is given."""
    await page.goto(f"{url}/new")
    await page.get_by_label("Schema", exact=True).fill(SHOP)
    await page.get_by_label("In words").fill("two years of orders for a German bike shop, 5 % returned")
    await page.get_by_label("Rows for each table").fill(str(rows))
    await page.get_by_label("Format").select_option(form)
    await page.get_by_label("File name").fill(name)
    if folder is not None:
        await page.evaluate("document.activeElement.blur(), document.getElementById('ddl').scrollTo(0, 0)")
        await _take(page, folder, "new")
        await page.get_by_role("button", name="Show the plan").click()
        await expect(page.locator("#plan-facts")).not_to_be_empty()
        await page.locator("details[data-table='public.orders'] summary").click()
        await page.evaluate("document.activeElement.blur()")
        await _take(page, folder, "plan", "#plan")
    await page.get_by_role("button", name="Start the export").click()
    await page.wait_for_url("**/exports/*")


async def _done(page: Page) -> None:
    await expect(page.locator("[data-slot=status]")).to_have_text("completed", timeout=120_000)


async def _take(page: Page, folder: Path, name: str, at: str | None = None) -> None:
    """A picture of the window, light and dark, and of a phone's; `at` is scrolled to first."""
    for scheme, size, kind in (("light", _DESK, "light"), ("dark", _DESK, "dark"), ("light", _PHONE, "phone")):
        await page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
        await page.set_viewport_size(size)
        where = "window.scrollTo({top: 0, behavior: 'instant'})"
        await page.evaluate(where)
        if at is not None:
            await page.locator(at).evaluate("one => one.scrollIntoView({behavior: 'instant'})")
        await page.evaluate("new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))")
        await page.screenshot(path=folder / f"{name}-{kind}.png")
    await page.set_viewport_size(_DESK)


if __name__ == "__main__":
    os.environ.setdefault("CI", "1")  # without Chromium there is nothing to do
    asyncio.run(main(Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER))
