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

pytestmark = [pytest.mark.slow, pytest.mark.asyncio(loop_scope="session")]


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


async def test_a_plan_is_looked_at_and_changed(visit: Visit) -> None:
    """Rows of one table, a prompt and another generator are set in the plan; the rows shown and the file follow."""
    page = await visit.sign_in()
    await page.get_by_role("link", name="New export").click()
    await page.get_by_label("Schema", exact=True).fill(DDL)
    await page.get_by_label("In words").fill("German customers, and something nobody understands")
    await page.get_by_role("button", name="Show the plan").click()
    await expect(page.locator("#plan-facts")).to_contain_text("2,000 rows in 2 tables, about")
    await expect(page.locator("#plan-warnings")).to_contain_text("Not applied")
    await expect(page.get_by_role("img", name="public.orders refers to public.customers")).to_be_visible()
    await page.get_by_label("Rows of public.customers", exact=True).fill("12")
    await page.get_by_label("Rows of public.customers", exact=True).blur()
    await expect(page.locator("#plan-facts")).to_contain_text("1,012 rows")
    await page.locator("details[data-table='public.customers'] summary").click()
    await page.get_by_label("name of public.customers: another generator").fill('"Erika Mustermann"')
    await page.get_by_label("name of public.customers: another generator").blur()
    await expect(page.get_by_role("cell", name="Erika Mustermann").first).to_be_visible()
    await page.get_by_role("button", name="Start the export").click()
    await page.wait_for_url("**/exports/*")
    await expect(page.locator("[data-slot=rows]")).to_have_text("1,012")

    await page.get_by_role("button", name="Look into the rows").click()
    fill = page.get_by_role("row", name="name text none 1 ")
    await expect(fill.first).to_contain_text("Erika Mustermann (100%)")
    await page.locator("#summary summary", has_text="public.orders").click()
    await expect(page.get_by_text("for each of 12 in public.customers, at most")).to_be_visible()
    await expect(page.get_by_role("meter").first).to_be_visible()

    stranger = "5eed0000-0000-4000-8000-000000000001"
    for who in (stranger, "Ben@example.com"):
        await page.get_by_label("Mail address or user id").fill(who)
        await page.get_by_role("button", name="Share", exact=True).click()
    given = page.locator("#shares li")
    await expect(given).to_contain_text([stranger, "ben@example.com"])
    await expect(given.nth(1)).to_contain_text("viewer, has not come by yet")
    await page.get_by_role("button", name=f"Take back from {stranger}").click()
    await expect(given).to_have_count(1)
    other = await visit.other_visitor("ben@example.com", page.url.removeprefix(visit.url))
    await expect(other.get_by_role("heading", level=1)).to_be_visible()
    await other.goto(visit.url)
    await expect(other.get_by_text("shared with you")).to_be_visible()
    await page.reload()
    await expect(given).not_to_contain_text("has not come by")
    await page.get_by_role("button", name="Take back").click()
    await expect(given).to_have_count(0)
    await other.reload()
    await expect(other.get_by_text("Nothing is growing yet")).to_be_visible()

    seed = await page.locator("dt:text('Seed') + dd").inner_text()
    await page.get_by_role("link", name="Same again, another seed").click()
    await expect(page.get_by_label("Seed", exact=True)).not_to_have_value(seed)
    await page.get_by_role("button", name="Start the export").click()
    await page.wait_for_url("**/exports/*")
    await expect(page.locator("[data-slot=rows]")).to_have_text("1,012")
    assert visit.faults() == []


async def test_the_live_database_is_a_schema_too(visit: Visit) -> None:
    """As the visitor may read it, by the names of its schemas; a schema that has nothing for them is said there."""
    async with await psycopg.AsyncConnection.connect(visit.service.database_url, autocommit=True) as database:
        await database.execute("create schema stall; grant usage on schema stall to authenticated")
        await database.execute("create table stall.apples (id int primary key, sort text not null)")
        await database.execute("create table stall.safe (id int); grant select on stall.apples to authenticated")
    page = await visit.sign_in()
    await page.goto(f"{visit.url}/new")
    await page.get_by_label("Stored schema").select_option("Read the live database")
    await expect(page.get_by_label("Schema", exact=True)).to_be_hidden()
    await page.get_by_label("Schemas of the database").fill("stall")
    await page.get_by_role("button", name="Show the plan").click()
    await expect(page.locator("#plan-facts")).to_contain_text("1,000 rows in 1 table")
    await expect(page.get_by_role("region", name="First rows of stall.apples")).to_be_visible()
    await page.get_by_label("Schemas of the database").fill("no such one")
    await page.get_by_role("button", name="Start the export").click()
    await expect(page.locator("[data-pointer='/schema/database/schemas'] .fault")).to_contain_text("no such one")


async def test_a_stored_schema_is_deleted_where_no_export_needs_it(visit: Visit) -> None:
    """The page asks first. One that an export was made of stays, and is told why; the last one that goes leaves the page
    that says so."""
    page = await visit.sign_in()
    for name in ("kept", "spare"):
        await page.evaluate(
            """([name, ddl]) => import("/static/api.js").then(({ BASE, call }) => call("POST", `${BASE}/schema`, { name, ddl }))""",
            [name, f"create table {name} (id int primary key)"],
        )
    await page.goto(f"{visit.url}/schemas")
    await page.locator(".card", has_text="kept").get_by_role("link", name="Export from it").click()
    await page.get_by_role("button", name="Start the export").click()
    await page.wait_for_url("**/exports/*")
    await page.goto(f"{visit.url}/schemas")
    await page.get_by_role("button", name="Delete spare").click()
    dialog = page.get_by_role("dialog")
    await expect(dialog).to_contain_text("spare is not there for new exports then")
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("button", name="Delete spare")).to_be_focused()
    for name, left in (("kept", 2), ("spare", 1)):
        await page.get_by_role("button", name=f"Delete {name}").click()
        await dialog.get_by_role("button", name="Delete it").click()
        await expect(page.locator(".toast").last).to_contain_text("delete them first" if left == 2 else "is deleted")
        await expect(page.locator(".card")).to_have_count(left)
    await page.reload()
    await expect(page.locator(".card .name")).to_have_text("kept")


async def test_the_plan_and_the_rows_follow_the_form(visit: Visit, tmp_path: Path) -> None:
    """A file is opened, and after each change of the form what is shown is made anew, while one types elsewhere."""
    page = await visit.sign_in()
    await page.get_by_role("link", name="New export").click()
    (tmp_path / "shop.sql").write_text(DDL)
    opener = page.get_by_label("Open a file")
    # Until the page's script is there it could not take the file.
    await expect(opener).to_be_enabled()
    await page.get_by_role("button", name="Show the plan").click()
    await expect(page.locator("[data-pointer='/schema'] .fault")).not_to_be_empty()
    await opener.set_input_files(tmp_path / "shop.sql")
    await expect(page.get_by_label("Schema", exact=True)).to_have_value(DDL)
    await page.get_by_role("button", name="Show the plan").click()
    emails = page.locator("#rows-shown table", has_text="public.customers").locator("td:nth-child(3)")
    await expect(emails).to_have_count(5)
    first = await emails.all_inner_texts()
    await page.get_by_label("Rows for each table").fill("3")
    await page.get_by_label("Seed", exact=True).focus()
    await expect(page.locator("#plan-facts")).to_contain_text("6 rows in 2 tables")
    await expect(emails).to_have_text(first[:3])
    await expect(page.get_by_label("Seed", exact=True)).to_be_focused()
    await page.get_by_label("Seed", exact=True).fill("another")
    await page.get_by_label("In words").focus()
    await expect(emails).not_to_have_text(first[:3])
    before = await page.locator("#plan-facts").inner_text()
    await page.get_by_label("Format").select_option("ndjson")
    await expect(page.locator("#plan-facts")).to_contain_text("as ndjson")
    assert before.partition(" as ")[0] != (await page.locator("#plan-facts").inner_text()).partition(" as ")[0]
    # What is of another schema is not left standing.
    await page.get_by_label("Schema", exact=True).fill("create tabel t (id int)")
    await page.get_by_label("In words").focus()
    await expect(page.locator("[data-pointer='/schema'] .fault")).to_contain_text("tabel")
    await expect(page.locator("#plan")).to_be_hidden()
    await expect(page.locator("#rows-shown")).to_be_hidden()
    await page.get_by_label("Schema", exact=True).fill(DDL)
    # A press that comes with a change is not lost to it.
    await page.get_by_label("Rows for each table").fill("4")
    await page.get_by_role("button", name="Start the export").click()
    await page.wait_for_url("**/exports/*")
    await expect(page.locator("[data-slot=rows]")).to_have_text("8")
    # The browser tells of the one request that was refused.
    assert len(visit.faults()) == 1


async def test_the_same_again_is_the_same_but_for_its_seed(visit: Visit) -> None:
    """Also what no field of the form says, and where names are from, which one does."""
    page = await visit.sign_in()
    config = {"format": "csv", "rows": {"customers": 3, "*": 2}, "locale": "de_DE", "chunkRows": 1000, "nasty": True}
    wanted = {"schema": {"ddl": DDL}, "config": config, "seed": 7}
    ask = """async (wanted) => (await fetch("/api/data-generator/export", {
        method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(wanted),
    })).json()"""
    first = (await page.evaluate(ask, wanted))["jobId"]
    await page.goto(f"{visit.url}/new?again={first}")
    await expect(page.get_by_label("Names and places")).to_have_value("de_DE")
    await page.get_by_role("button", name="Start the export").click()
    await page.wait_for_url(lambda url: "/exports/" in url)
    read = "async (id) => (await fetch(`/api/data-generator/export/${id}`)).json()"
    found = await page.evaluate(read, page.url.rpartition("/")[2])
    assert {name: found["config"][name] for name in config} == config
    assert found["seed"] != "7"
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
        await expect(tab.locator("#lost")).to_be_empty()
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
    """The store takes nothing: the page says so, and so does the list; it completes when it is asked to run again."""
    page = await visit.sign_in()
    listing = await visit.page("/")
    store, aside = visit.service.objects, visit.service.objects.with_name("objects-aside")
    store.mkdir(exist_ok=True)
    store.rename(aside)
    store.write_text("a file where the folder was")
    try:
        await visit.ask(page, 2_000)
        await expect(page.locator("[data-slot=status]")).to_have_text("failed")
    finally:
        store.unlink()
        aside.rename(store)
    fault = page.locator("[data-slot=error]")
    await expect(fault).to_be_visible()
    why = await fault.inner_text()
    await expect(page.locator("[data-slot=fault-facts]")).to_contain_text("code storage")
    await expect(page.locator("#story li .what")).to_contain_text(["queued", "started", "failed"])
    await expect(page.get_by_role("link", name="Download")).to_be_hidden()
    await expect(listing.locator(".toast[data-kind=failed]")).to_contain_text(why)
    await page.reload()
    await expect(fault).to_have_text(why)
    await page.get_by_role("button", name="Run again").click()
    await expect(page.locator("[data-slot=status]")).to_have_text("completed", timeout=60_000)
    await expect(page.get_by_role("link", name="Download")).to_be_visible()
    await expect(fault).to_be_hidden()
    await expect(listing.locator(".toast[data-kind=completed]")).to_contain_text("is ready")
    assert visit.faults() == []


async def test_faults_stand_where_they_belong(visit: Visit) -> None:
    """Every fault of a form at once, each at its field, and the first field has the focus."""
    page = await visit.sign_in()
    await page.get_by_role("link", name="New export").click()
    await page.get_by_label("Schema", exact=True).fill("create tabel oops ();")
    await page.get_by_role("button", name="Start the export").click()
    await expect(page.locator("[data-pointer='/schema'] .fault")).to_contain_text(re.compile("line 1|tabel", re.I))
    await expect(page.get_by_label("Schema", exact=True)).to_be_focused()
