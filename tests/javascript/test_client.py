"""The JavaScript client in Node, with the real supabase-js, against a real API and worker."""

import asyncio
import os
import shutil
import subprocess
from pathlib import Path
from uuid import uuid4

import httpx
import pytest

from tests.conftest import Databases
from tests.fixtures.programs import program
from tests.integration.operations.processes import PROJECT, answers, free_port, running, service_environment

HERE = Path(__file__).parent
CLIENT = PROJECT / "app" / "web" / "static" / "seedbed.js"


@pytest.mark.slow
async def test_the_client_does_what_it_says(databases: Databases, packages: Path, tmp_path: Path) -> None:
    """Every method, errors, patience, resumed streams and supabase-js' sessions: see client.test.mjs."""
    node = program("node", "nodejs")
    name = databases.create(databases.migrated_template())
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    variables = service_environment(databases.url(name), tmp_path, port, free_port())
    variables |= {"WEBHOOK_SIGNING_KEY": "a key of the test's"}
    async with (
        running(tmp_path, "api", "app.cli", "serve", variables=variables),
        running(tmp_path, "worker", "procrastinate", "--app=tasks.app", "worker", variables=variables),
    ):
        await answers(f"{url}/readyz")
        async with httpx.AsyncClient(base_url=url) as http:
            token = (await http.post("/dev/token", json={"email": "ann@example.com"})).json()["accessToken"]
        test = packages / "client.test.mjs"
        shutil.copy(HERE / test.name, test)  # beside node_modules, where Node looks for packages
        process = await asyncio.create_subprocess_exec(
            node, "--test", "--test-reporter=spec", test.name, cwd=packages,
            env={
                "PATH": os.environ["PATH"], "SEEDBED_URL": url, "TOKEN": token, "OTHER_USER": str(uuid4()),
                "CLIENT": CLIENT.as_uri(),
            },
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
        )  # fmt: skip
        async with asyncio.timeout(120):
            output, _ = await process.communicate()
        assert process.returncode == 0, output.decode()
    databases.drop(name)


def test_the_types_are_those_of_the_client(packages: Path, tmp_path: Path) -> None:
    """TypeScript agrees with how the types are used, and finds the client itself to keep them."""
    node = program("node", "nodejs")
    for file in (CLIENT, CLIENT.with_suffix(".d.ts"), HERE / "types.test.ts"):
        shutil.copy(file, tmp_path / file.name)
    (tmp_path / "node_modules").symlink_to(packages / "node_modules")
    (tmp_path / "package.json").write_text('{"type": "module"}')
    options = "--noEmit --target es2022 --module nodenext --lib es2023,dom,dom.asynciterable --skipLibCheck".split()
    compiler = str(packages / "node_modules" / "typescript" / "bin" / "tsc")
    for more in (["--strict", "types.test.ts"], ["--allowJs", "--checkJs", CLIENT.name]):
        found = subprocess.run([node, compiler, *options, *more], cwd=tmp_path, capture_output=True, text=True)
        assert found.returncode == 0, found.stdout
