"""A whole service and a browser that visits it."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, Page, expect

from tests.conftest import Databases
from tests.fixtures.browser import chromium, watch_for_faults
from tests.fixtures.npm import packages
from tests.integration.operations.processes import answers, free_port, running, service_environment

__all__ = ["packages"]

DDL = """create table customers (id int primary key, name text not null, email text unique);
create table orders (id bigint primary key, customer_id int not null references customers, total numeric(8,2) not null);"""
expect.set_options(timeout=30_000)


@dataclass(frozen=True, slots=True)
class Service:
    """A running API with its worker, and a browser."""

    url: str
    port: int
    database_url: str
    objects: Path
    browser: Browser


class Visit:
    """A browser at the service, and what went wrong on its pages."""

    def __init__(self, service: Service, context: BrowserContext, who: str) -> None:
        self.service = service
        self.url = service.url
        self.context = context
        self.who = who
        self._watched: list[list[str]] = []

    async def page(self, path: str = "/") -> Page:
        """A new tab on one of the service's pages."""
        page = await self.context.new_page()
        self._watched.append(watch_for_faults(page))
        await page.goto(self.url + path)
        return page

    def faults(self) -> list[str]:
        """Everything that the pages logged as an error, or threw."""
        return [fault for found in self._watched for fault in found]

    async def sign_in(self) -> Page:
        """Signs in as a development user; the page of exports."""
        page = await self.page("/sign-in")
        await page.get_by_label("Email").fill(self.who)
        await page.get_by_role("button", name="Sign in").click()
        await expect(page.get_by_role("heading", name="Exports", exact=True)).to_be_visible()
        return page

    async def other_visitor(self, email: str, path: str) -> Page:
        """Somebody else, in a browser of their own, signed in as the development user of that address."""
        context = await self.service.browser.new_context()
        page = await context.new_page()
        await page.goto(f"{self.url}/sign-in")
        await page.get_by_label("Email").fill(email)
        await page.get_by_role("button", name="Sign in").click()
        await page.wait_for_url(self.url + "/")
        await page.goto(self.url + path)
        return page

    async def ask(self, page: Page, rows: int) -> None:
        """Fills in the form and starts an export; the page of that export."""
        await page.get_by_role("link", name="New export").click()
        await page.get_by_label("Schema", exact=True).fill(DDL)
        await page.get_by_label("Rows for each table").fill(str(rows))
        await page.get_by_label("Seed", exact=True).fill("7")
        await page.get_by_role("button", name="Start the export").click()
        await page.wait_for_url("**/exports/*")


@asynccontextmanager
async def serving(databases: Databases, folder: Path, port: int, changes: Mapping[str, str]) -> AsyncIterator[Service]:
    """API on that port, worker and browser, with these changes of the settings."""
    name = databases.create(databases.migrated_template())
    url = f"http://127.0.0.1:{port}"
    variables = {**service_environment(databases.url(name), folder, port, free_port()), "RETRY_COUNT": "0", **changes}
    async with (
        running(folder, "api", "app.cli", "serve", variables=variables),
        running(folder, "worker", "procrastinate", "--app=tasks.app", "worker", variables=variables),
        chromium() as browser,
    ):
        await answers(f"{url}/readyz")
        yield Service(url, port, databases.url(name), Path(variables["LOCAL_STORE_DIR"]), browser)
    databases.drop(name)


@asynccontextmanager
async def visiting(service: Service, who: str, url: str | None = None) -> AsyncIterator[Visit]:
    """A visit by the user of that mail address, whose browser knows nothing yet; by another URL where one is given."""
    context = await service.browser.new_context(accept_downloads=True)
    yield Visit(service if url is None else replace(service, url=url), context, who)
    await context.close()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def service(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Service]:
    """API, worker and browser for all visits: starting them takes longer than a visit."""
    async with serving(databases, tmp_path_factory.mktemp("service"), free_port(), {}) as service:
        yield service


@pytest_asyncio.fixture(loop_scope="session")
async def visit(service: Service, request: pytest.FixtureRequest) -> AsyncIterator[Visit]:
    """A visit by a user of this test's own."""
    async with visiting(service, f"{request.node.name.partition('[')[0]}@example.com".replace("test_", "")) as visit:
        yield visit
