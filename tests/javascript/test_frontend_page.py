"""docs/frontend.md: its examples, run in a browser from another origin than the service's."""

import re
import shutil
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import httpx
import pytest
from playwright.async_api import Page, expect

from tests.conftest import Databases
from tests.fixtures.browser import chromium, watch_for_faults
from tests.fixtures.programs import program
from tests.integration.operations.processes import PROJECT, answers, free_port, running, service_environment

TEXT = (PROJECT / "docs" / "frontend.md").read_text()
EXAMPLES = dict(re.findall(r"```jsx? (\S+)\n(.*?)```", TEXT, re.S))
[PLAIN_PAGE] = re.findall(r"```html\n(.*?)```", TEXT, re.S)
_WAIT_MS = 60_000


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *arguments: object) -> None:
        """Requests for a page of a test are no news."""


@asynccontextmanager
async def front_end(folder: Path) -> AsyncIterator[str]:
    """A front end of files, on an origin of its own."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(folder)))
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


def bundle(packages: Path, folder: Path) -> None:
    """The React example as a bundler makes it."""
    source = packages / "react.jsx"
    source.write_text((folder / "react.jsx").read_text())
    shutil.copy(folder / "seedbed.js", packages / "seedbed.js")
    esbuild = packages / "node_modules" / "@esbuild" / "linux-x64" / "bin" / "esbuild"
    if not esbuild.exists():
        pytest.skip("esbuild's program for this platform is not among the locked packages")
    command = [str(esbuild), source.name, "--bundle", "--format=esm", "--jsx=automatic", f"--outfile={folder}/react.js"]
    found = subprocess.run(command, cwd=packages, capture_output=True, text=True)
    assert found.returncode == 0, found.stderr


async def make_and_download(page: Page) -> str:
    """Clicks through the example; what the page says in the end."""
    await page.get_by_role("button", name="Make 1,000 customers").click()
    said = page.get_by_role("status")
    await expect(said).to_contain_text("is ready", timeout=_WAIT_MS)
    link = page.get_by_role("link", name="Download").or_(page.get_by_role("button", name="Download"))
    async with page.expect_download() as download:
        await link.click()
    content = (await (await download.value).path()).read_bytes()
    assert content.count(b"\n") == 1_001
    return await said.inner_text()


@pytest.mark.slow
async def test_the_examples_run(databases: Databases, packages: Path, tmp_path: Path) -> None:
    """The plain page and the React component each make an export, show it move, and fetch its file."""
    program("chromium")
    folder = tmp_path / "front-end"
    folder.mkdir()
    name = databases.create(databases.migrated_template())
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    for file, source in EXAMPLES.items():
        (folder / file).write_text(source.replace("https://seedbed.example.com", url))
    shutil.copy(PROJECT / "app" / "web" / "static" / "seedbed.js", folder / "seedbed.js")
    (folder / "plain.html").write_text(PLAIN_PAGE)
    (folder / "react.html").write_text(
        '<!doctype html><title>x</title><div id="root"></div><script type="module" src="react.js"></script>'
    )
    bundle(packages, folder)
    async with front_end(folder) as origin:
        variables = service_environment(databases.url(name), tmp_path, port, free_port()) | {"CORS_ORIGINS": origin}
        async with (
            running(tmp_path, "api", "app.cli", "serve", variables=variables),
            running(tmp_path, "worker", "procrastinate", "--app=tasks.app", "worker", variables=variables),
            chromium() as browser,
        ):
            await answers(f"{url}/readyz")
            async with httpx.AsyncClient(base_url=url) as http:
                token = (await http.post("/dev/token", json={"email": "ann@example.com"})).json()["accessToken"]
            context = await browser.new_context()
            await context.add_init_script(f"localStorage.setItem('token', '{token}')")
            for page_name in ("plain", "react"):
                page = await context.new_page()
                faults = watch_for_faults(page)
                await page.goto(f"{origin}/{page_name}.html")
                assert "1,000 rows" in await make_and_download(page)
                assert [fault for fault in faults if "favicon" not in fault and "404" not in fault] == []
            await context.close()
    databases.drop(name)
