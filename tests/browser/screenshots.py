"""`make screenshots`: pictures of the main pages, light and dark, for docs/images."""

import asyncio
import os
import tempfile
from pathlib import Path

from playwright.async_api import Page, expect

from app.adapters.postgres.migrations import upgrade
from app.embedded import EmbeddedPostgres
from tests.fixtures.browser import chromium
from tests.integration.operations.processes import PROJECT, answers, free_port, running, service_environment

expect.set_options(timeout=60_000)
FOLDER = PROJECT / "docs" / "images"
SHOP = (PROJECT / "app" / "demo" / "shop.sql").read_text()


async def main() -> None:
    """Starts a service of its own, makes an export on it, and takes the pictures."""
    with tempfile.TemporaryDirectory() as name, EmbeddedPostgres.start(durable=False) as server:
        upgrade(server.url())
        folder, port = Path(name), free_port()
        url = f"http://127.0.0.1:{port}"
        variables = service_environment(server.url(), folder, port, free_port())
        async with (
            running(folder, "api", "app.cli", "serve", variables=variables),
            running(folder, "worker", "procrastinate", "--app=tasks.app", "worker", variables=variables),
            chromium() as browser,
        ):
            await answers(f"{url}/readyz")
            page = await browser.new_page(viewport={"width": 1180, "height": 820}, device_scale_factor=1)
            await page.goto(f"{url}/sign-in")
            await page.get_by_role("button", name="Sign in").click()
            await page.get_by_role("link", name="New export").click()
            await page.get_by_label("Schema", exact=True).fill(SHOP)
            await page.get_by_label("In words").fill("two years of orders for a German bike shop, 5 % returned")
            await page.get_by_label("Rows for each table").fill("20000")
            await page.get_by_role("button", name="Show the plan").click()
            await expect(page.locator("#plan-facts")).not_to_be_empty()
            await take(page, "plan", "#plan")
            await page.get_by_role("button", name="Start the export").click()
            await page.wait_for_url("**/exports/*")
            await expect(page.locator("[data-slot=status]")).to_have_text("completed", timeout=120_000)
            await expect(page.locator("#speed")).to_be_visible()
            await take(page, "export")
            await page.goto(url)
            await take(page, "exports")


async def take(page: Page, name: str, at: str | None = None) -> None:
    """A picture of the window, light and dark; `at` is scrolled to first."""
    if at is not None:
        await page.locator(at).evaluate("element => element.scrollIntoView({behavior: 'instant'})")
    for scheme in ("light", "dark"):
        await page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
        await page.screenshot(path=FOLDER / f"{name}-{scheme}.png")


if __name__ == "__main__":
    os.environ.setdefault("CI", "1")  # without Chromium there is nothing to do
    asyncio.run(main())
