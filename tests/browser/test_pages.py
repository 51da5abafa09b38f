"""The pages, as a person uses them."""

import asyncio
import re
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest
from playwright.async_api import expect

from tests.browser.conftest import DDL, Visit
from tests.integration.operations.processes import PROJECT

pytestmark = pytest.mark.slow


def generated(folder: Path, rows: int) -> bytes:
    """What the command line makes of the same request."""
    (folder / "schema.sql").write_text(DDL)
    command = [sys.executable, "-m", "app.cli", "generate", "schema.sql", f"--rows={rows}", "--seed=7", "--format=csv"]
    subprocess.run(
        [*command, "-o", "out.zip"], cwd=folder, env={"PYTHONPATH": str(PROJECT)}, check=True, capture_output=True
    )
    return (folder / "out.zip").read_bytes()


async def test_from_sign_in_to_the_file(visit: Visit, tmp_path: Path) -> None:
    """The whole path, with a look at the first rows; the file's bytes are those of the command line."""
    page = await visit.sign_in()
    await page.get_by_role("link", name="New export").click()
    await page.get_by_label("Schema", exact=True).fill(DDL)
    await page.get_by_role("button", name="Show the first rows").click()
    await expect(page.get_by_role("table")).to_have_count(2)
    await page.goto(visit.url)
    await visit.ask(page, 500)
    await expect(page.get_by_text("completed").first).to_be_visible()
    await expect(page.get_by_role("progressbar")).to_have_js_property("value", 100)
    async with page.expect_download() as download:
        await page.get_by_role("link", name="Download").click()
    file = await (await download.value).path()
    assert file.read_bytes() == await asyncio.to_thread(generated, tmp_path, 500)
    assert visit.faults() == []


async def test_a_reload_a_dropped_line_and_a_second_tab(visit: Visit) -> None:
    """In the middle of an export: a reload goes on where it was, a line that comes back too, and two tabs agree."""
    page = await visit.sign_in()
    await visit.ask(page, 600_000)
    await page.reload()
    bar = page.get_by_role("progressbar")
    await expect(bar).not_to_have_js_property("value", 0)
    second = await visit.page(page.url.removeprefix(visit.url))
    await visit.context.set_offline(True)
    before = await bar.evaluate("bar => bar.value")
    await visit.context.set_offline(False)
    for tab in (page, second):
        await expect(tab.locator("[data-slot=status]")).to_have_text("completed", timeout=60_000)
        await expect(tab.get_by_role("progressbar")).to_have_js_property("value", 100)
        rows = await tab.locator("[data-slot=rows]").inner_text()
        assert rows == "1,200,000"
    assert before <= 100
    story = await page.locator("#story li .what").all_inner_texts()
    assert story == ["queued", "started", "completed"]
    unexpected = [fault for fault in visit.faults() if "ERR_INTERNET_DISCONNECTED" not in fault]
    assert unexpected == []


async def test_a_failed_export_is_run_again(visit: Visit) -> None:
    """It says why it failed, and completes when it is asked to run again."""
    page = await visit.sign_in()
    await visit.ask(page, 400_000)
    job_id = page.url.rpartition("/")[2]
    # What a worker writes when an export cannot be made.
    async with await psycopg.AsyncConnection.connect(visit.database_url, autocommit=True) as connection:
        await connection.execute(
            "update generator_exports set status = 'failed', finished_at = now(),"
            """ error_details = '{"code": "storage_full", "message": "the disk is full"}' where id = %s""",
            [job_id],
        )
        await connection.execute(
            """select generator_append_event(%s, 'failed', '{"message": "the disk is full"}')""", [job_id]
        )
    await expect(page.get_by_text("the disk is full").first).to_be_visible()
    await page.get_by_role("button", name="Run again").click()
    await expect(page.locator("[data-slot=status]")).to_have_text("completed", timeout=60_000)
    await expect(page.get_by_text("the disk is full")).to_have_count(0)
    assert visit.faults() == []


async def test_faults_stand_where_they_belong(visit: Visit) -> None:
    """Every fault of a form at once, each at its field, and the first field has the focus."""
    page = await visit.sign_in()
    await page.get_by_role("link", name="New export").click()
    await page.get_by_label("Schema", exact=True).fill("create tabel oops ();")
    await page.get_by_role("button", name="Start the export").click()
    await expect(page.locator("[data-pointer='/schema'] .fault")).to_contain_text(re.compile("line 1|tabel", re.I))
    await expect(page.get_by_label("Schema", exact=True)).to_be_focused()


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_pages_are_accessible_and_fit(visit: Visit, packages: Path, scheme: str) -> None:
    """axe finds nothing serious on any page, at 360 pixels nothing is wider than the window, and Tab reaches the content."""
    axe = (packages / "node_modules" / "axe-core" / "axe.min.js").read_text()
    page = await visit.sign_in()
    await page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    await visit.ask(page, 100)
    await expect(page.locator("[data-slot=status]")).to_have_text("completed")
    for path in ("/", "/new", page.url.removeprefix(visit.url), "/sign-in", "/schema"):
        await page.goto(visit.url + path)
        for width in (1280, 360):
            await page.set_viewport_size({"width": width, "height": 800})
            assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{path} at {width}"
        # evaluate runs beside the page's policy, which would refuse a script that was added to the page.
        await page.evaluate(axe)
        found = await page.evaluate("axe.run(document, {resultTypes: ['violations']})")
        serious = [
            f"{one['id']}: {one['nodes'][0]['html']}"
            for one in found["violations"]
            if one["impact"] in ("serious", "critical")
        ]
        assert serious == [], path
        await page.keyboard.press("Tab")
        await expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
