"""A whole service on this machine: Postgres, an API process, worker processes and, for S3, a SeaweedFS server."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import psycopg

from app.adapters.auth import DevelopmentIssuer
from app.adapters.objects.s3 import S3ObjectStore
from app.adapters.postgres.migrations import upgrade
from app.demo.place import listen
from app.embedded import EmbeddedPostgres
from app.settings import Settings
from tests.fixtures.s3 import SeaweedServer

CHECKOUT = Path(__file__).resolve().parents[2]
BASE = "/api/data-generator"
_KEY = "not a secret: a benchmark's"
_EMAIL = "bench@example.com"
_TERMINAL = ("completed", "failed", "cancelled")


@dataclass
class Service:
    """A running service and a client of its API."""

    folder: Path
    environment: Mapping[str, str]
    database_url: str
    database_pid: int
    http: httpx.AsyncClient
    processes: list["subprocess.Popen[bytes]"] = field(default_factory=list)

    @classmethod
    @asynccontextmanager
    async def start(
        cls,
        folder: Path,
        *,
        workers: int = 1,
        s3: SeaweedServer | None = None,
        ticking: bool = False,
        more: Mapping[str, str] | None = None,
    ) -> "AsyncIterator[Service]":
        """Starts one below `folder`: a durable Postgres, an API process, `workers` worker processes.

        `more` are settings by their variables. `ticking`: API and worker note the longest stall of their event loops,
        in the files `api` and `worker`.
        """
        await asyncio.to_thread(folder.mkdir, parents=True)
        server = await asyncio.to_thread(EmbeddedPostgres.start)
        # Whichever is free: two services that start at once must not be told the same one.
        with listen(0) as taken:
            port = int(taken.getsockname()[1])
        url = f"http://127.0.0.1:{port}"
        store = {"LOCAL_STORE_DIR": str(folder / "objects"), "LOCAL_STORE_SECRET": _KEY}
        if s3 is not None:
            store = await asyncio.to_thread(_in_bucket, s3)
        environment = {
            **(more or {}),
            "DATABASE_URL": server.url(),
            "PORT": str(port),
            "DEV_AUTH": "1",
            "DEV_AUTH_KEY": _KEY,
            "MAX_ACTIVE_EXPORTS": "100000",
            "MAX_EXPORTS_PER_DAY": "100000",
            **store,
        }
        settings = Settings.from_env(environment)
        token = DevelopmentIssuer.of(settings).issue(DevelopmentIssuer.user_id(_EMAIL), _EMAIL, ttl_s=86_400)
        headers = {"Authorization": f"Bearer {token}"}
        service = cls(
            folder,
            environment,
            server.url(),
            server.pid,
            httpx.AsyncClient(base_url=url, headers=headers, timeout=600, trust_env=False),
        )
        try:
            await asyncio.to_thread(upgrade, server.url())
            if ticking:
                for name in ("api", "worker"):
                    service.spawn(name, "benchmarks.exporting.ticking", name, str(folder / name))
            else:
                service.spawn("api", "app.cli", "serve")
                for number in range(workers):
                    service.start_worker(f"worker-{number}")
            await service._ready(workers)
            yield service
        finally:
            await service.http.aclose()
            await asyncio.to_thread(service.end, service.processes)
            await asyncio.to_thread(server.stop)

    def start_worker(
        self,
        name: str,
        core: int | None = None,
        *,
        within: Sequence[str] = (),
        more: Mapping[str, str] | None = None,
    ) -> "subprocess.Popen[bytes]":
        """One more worker, as it runs in production; with `core`, as on a machine that has that one alone.

        `within` and `more` as for `spawn`.
        """
        process = self.spawn(name, "procrastinate", "--app=tasks.app", "worker", within=within, more=more)
        if core is not None:
            # Before it has begun: its threads and generators inherit it.
            os.sched_setaffinity(process.pid, {core})
        return process

    def spawn(
        self, name: str, module: str, *arguments: str, within: Sequence[str] = (), more: Mapping[str, str] | None = None
    ) -> "subprocess.Popen[bytes]":
        """A process of the service, with its settings and `more`; its log is `<name>.log` in the folder.

        `within` are the words of a command that runs another in its own place, as `ip netns exec` does.
        """
        environment = {
            "PATH": os.environ.get("PATH", os.defpath),
            "PYTHONPATH": str(CHECKOUT),
            **self.environment,
            **(more or {}),
        }
        with open(self.folder / f"{name}.log", "wb") as log:
            process = subprocess.Popen(
                [*within, sys.executable, "-m", module, *arguments],
                cwd=self.folder,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        self.processes.append(process)
        return process

    def end(self, processes: "list[subprocess.Popen[bytes]]") -> None:
        """Asks processes to end and waits for them."""
        for process in processes:
            process.send_signal(signal.SIGTERM)
        for process in processes:
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self.processes = [process for process in self.processes if process not in processes]

    async def _ready(self, workers: int) -> None:
        deadline = time.monotonic() + 60
        while not await self._answers(workers):
            if time.monotonic() > deadline:
                logs = "\n".join(path.read_text()[-2000:] for path in self.folder.glob("*.log"))
                raise RuntimeError(f"the service did not start:\n{logs}")
            await asyncio.sleep(0.05)

    async def _answers(self, workers: int) -> bool:
        try:
            ready = (await self.http.get("/readyz")).status_code == 200
        except httpx.HTTPError:
            return False
        return ready and len(self.sql("select id from queue.procrastinate_workers")) >= workers

    def sql(self, query: str, *parameters: Any) -> list[tuple[Any, ...]]:
        """Rows of a query, as the database's owner."""
        with psycopg.connect(self.database_url, autocommit=True) as connection:
            return connection.execute(query.encode(), parameters).fetchall()

    async def register(self, snapshot: Mapping[str, Any]) -> str:
        """Stores a snapshot; its id."""
        answer = await self.http.post(f"{BASE}/schema", json={"name": "bench", "snapshot": snapshot})
        answer.raise_for_status()
        schema_id: str = answer.json()["id"]
        return schema_id

    async def post(
        self, schema_id: str, rows: "int | Mapping[str, int]", form: str = "csv", *, seed: str = "7", **config: Any
    ) -> str:
        """Asks for an export; its id."""
        body = {"schema": {"id": schema_id}, "config": {"format": form, "rows": rows, **config}, "seed": seed}
        answer = await self.http.post(f"{BASE}/export", json=body)
        answer.raise_for_status()
        job_id: str = answer.json()["jobId"]
        return job_id

    async def ended(self, job_id: str) -> Mapping[str, Any]:
        """Waits for an export's last event; its metadata. RuntimeError when it was not completed."""
        async with self.http.stream("GET", f"{BASE}/export/{job_id}/events") as stream:
            async for line in stream.aiter_lines():
                if line.startswith("data:") and json.loads(line[5:]).get("kind") in _TERMINAL:
                    break
        answer = await self.http.get(f"{BASE}/export/{job_id}")
        found: dict[str, Any] = answer.json()
        if found["status"] != "completed":
            raise RuntimeError(f"the export {found['status']}: {found.get('errorDetails')}")
        return found

    def work_s(self, job_ids: list[str]) -> float:
        """Seconds between the first start and the last end of these exports, by the database's clock."""
        ((seconds,),) = self.sql(
            "select extract(epoch from max(finished_at) - min(started_at))::float8 from generator_exports"
            " where id = any(%s)",
            [UUID(job_id) for job_id in job_ids],
        )
        return float(seconds)


def _in_bucket(server: SeaweedServer) -> dict[str, str]:
    store = S3ObjectStore(server.options())
    try:
        store._create_bucket()
    finally:
        store.close()
    return {
        "OBJECT_STORE": "s3",
        "S3_ENDPOINT_URL": server.endpoint_url,
        "S3_ACCESS_KEY_ID": server.access_key_id,
        "S3_SECRET_ACCESS_KEY": server.secret_access_key,
    }
