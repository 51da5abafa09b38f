"""axe finds nothing serious on any page, in whatever state, light or dark; nothing is wider than 360 pixels."""

from pathlib import Path

import psycopg
import pytest
from playwright.async_api import Page, expect

from tests.browser.axe import Axe
from tests.browser.conftest import DDL, Visit

pytestmark = [pytest.mark.slow, pytest.mark.asyncio(loop_scope="session")]


async def test_before_there_is_anything(visit: Visit, packages: Path) -> None:
    """Sign-in, empty lists, the empty form, its faults, the API's page, and a page that is not there."""
    axe = Axe(packages)
    page = await visit.page("/sign-in")
    await axe.look(page, "sign-in")
    page = await visit.sign_in()
    for path in ("/", "/schemas", "/new", "/schema", "/exports/nowhere"):
        await page.goto(visit.url + path)
        await page.keyboard.press("Tab")
        await expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
        await axe.look(page, path)
    await page.goto(visit.url + "/new")
    await page.get_by_label("Schema", exact=True).fill("create tabel oops ();")
    await page.get_by_label("Rows for each table").fill("-1")
    await page.get_by_role("button", name="Start the export").click()
    fault = page.locator("[data-pointer='/config/rows'] .fault")
    await expect(fault).to_be_visible()
    # Whoever is in the field hears what is wrong with it.
    await expect(page.get_by_label("Rows for each table")).to_have_accessible_description(await fault.inner_text())
    await axe.look(page, "faults")
    assert axe.found == []


LONG = """create schema the_accounting_departments_own_and_very_old_schema;
create table the_accounting_departments_own_and_very_old_schema.international_shipping_address_validation_results (
    an_identifier_that_is_quite_long_for_what_it_is bigint primary key, "a ""name"" <b>of</b> many wörds" jsonb);
create table the_accounting_departments_own_and_very_old_schema.follow_ups_of_international_validations_of_addresses (
    id bigint primary key, result_that_was_followed_up_by_somebody_who_had_the_time bigint not null
    references the_accounting_departments_own_and_very_old_schema.international_shipping_address_validation_results);"""


async def test_names_that_are_long(visit: Visit, packages: Path) -> None:
    """Nothing is pushed out of a page by names of schemas, tables, columns, files and people."""
    axe = Axe(packages)
    page = await visit.sign_in()
    await page.goto(visit.url + "/new")
    await page.get_by_label("Schema", exact=True).fill(LONG)
    await page.get_by_label("Rows for each table").fill("100")
    await page.get_by_label("File name").fill("-".join(["a-file-name-without-any-space"] * 5) + "x" * 40)
    await page.get_by_role("button", name="Show the plan").click()
    await expect(page.locator("#rows-shown caption")).to_have_count(2)
    # Boxes of the diagram are told apart: no schema that all of them share, and both ends of a name.
    assert await page.locator(".diagram text").all_text_contents() == [
        "internation…on_results",
        "follow_ups_…_addresses",
    ]
    await page.locator("#plan-tables summary").last.click()
    await axe.look(page, "a plan of long names")
    await page.get_by_role("button", name="Start the export").click()
    await page.wait_for_url("**/exports/*")
    await expect(page.locator("[data-slot=status]")).to_have_text("completed")
    await page.get_by_role("button", name="Look into the rows").click()
    await page.locator("#summary summary").last.click()
    await page.get_by_label("Mail address or user id").fill(
        "a.person.with.a.very.long.name@a-department.of-a-company.example.com"
    )
    await page.get_by_role("button", name="Share", exact=True).click()
    await expect(page.locator("#shares li")).to_have_count(1)
    await axe.look(page, "an export of long names")
    await page.goto(visit.url)
    await axe.look(page, "a list of long names")
    assert axe.found == []


async def test_with_an_export(visit: Visit, packages: Path) -> None:
    """The plan with its rows, the list, the export with its summary, shares and open dialog, and one that failed."""
    axe = Axe(packages)
    page = await visit.sign_in()
    await page.goto(visit.url + "/new")
    await page.get_by_label("Schema", exact=True).fill(DDL)
    await page.get_by_label("Rows for each table").fill("100")
    await page.get_by_label("In words").fill("something nobody understands")
    await page.get_by_role("button", name="Show the plan").click()
    await expect(page.locator("#plan-facts")).not_to_be_empty()
    for summary in await page.locator("#plan-tables summary").all():
        await summary.click()
    await page.get_by_role("button", name="Show the first rows").click()
    await expect(page.locator("#rows-shown caption")).to_have_count(2)
    await axe.look(page, "the plan")
    await page.get_by_role("button", name="Start the export").click()
    await page.wait_for_url("**/exports/*")
    await expect(page.locator("[data-slot=status]")).to_have_text("completed")
    await page.get_by_role("button", name="Look into the rows").click()
    await page.locator("#summary summary", has_text="public.orders").click()
    await page.get_by_label("Mail address or user id").fill("dora@example.com")
    await page.get_by_role("button", name="Share", exact=True).click()
    await expect(page.locator("#shares li")).to_have_count(1)
    await expect(page.locator(".toast")).to_be_visible()
    await axe.look(page, "an export")
    await page.get_by_role("button", name="Delete", exact=True).click()
    await expect(page.get_by_role("dialog")).to_be_visible()
    await axe.look(page, "the dialog")
    await _fail(visit, page)
    await expect(page.get_by_role("button", name="Run again")).to_be_visible()
    await axe.look(page, "a failed export")
    for path in ("/", "/schemas"):
        await page.goto(visit.url + path)
        await axe.look(page, f"{path} with one")
    assert axe.found == []


async def _fail(visit: Visit, page: Page) -> None:
    """Has the export failed, as a worker writes it down, and loads its page."""
    async with await psycopg.AsyncConnection.connect(visit.service.database_url, autocommit=True) as connection:
        await connection.execute(
            """update generator_exports set status = 'failed', error_details =
            '{"code": "storage_full", "message": "the disk is full", "part": 1}' where id = %s""",
            [page.url.rpartition("/")[2]],
        )
    await page.reload()
