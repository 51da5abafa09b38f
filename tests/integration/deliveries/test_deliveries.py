"""Deliveries from the export's end to the receiver: written down with it, sent by a worker, seen by the owner."""

import asyncio
import json
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from standardwebhooks import Webhook

from app.adapters.postgres.deliveries import PostgresDeliveries
from app.adapters.postgres.queue import JobQueue
from app.adapters.postgres.store import PostgresStore
from app.adapters.webhooks.sender import WebhookSender
from app.adapters.webhooks.signing import SigningSecrets
from app.errors import DatabaseUnavailable, DeliveryNotFound, ExportNotFound, NotPermitted, StateConflict
from app.exports.delivering import LEASE_S, Courier, Settled
from app.exports.desk import ThreadDesk
from app.exports.drafting import Draughtsman
from app.exports.models import Caller, Role, Status
from app.exports.notifying import Notifications
from app.exports.planning import EnginePlanning
from app.exports.requests import Notify
from app.exports.retrying import RetryLater, RetryPolicy
from app.exports.service import Exports
from tests.docs.blocks import blocks
from tests.docs.comparing import json_differs
from tests.fixtures.programs import program
from tests.integration.deliveries.receivers import Receiver, mail_server, receiving, status
from tests.integration.exports.world import CountingPlanning, World, caller, request
from tests.integration.tasks.workers import Site

KEY = "a signing key of a test's"
SECRETS = SigningSecrets(KEY)
CHECKOUT = Path(__file__).resolve().parents[3]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as found:
        yield found


class Office:
    """A world whose service sends webhooks and mails, and the courier of one worker."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.exports = Exports(
            world.store,
            world.objects,
            world.schemas,
            part_bytes=world.part_bytes,
            channels=frozenset({"webhook", "email"}),
            planning=CountingPlanning(),
        )
        self.deliveries = PostgresDeliveries(world.database, world.queue)
        self.sender = WebhookSender(SECRETS, development=True)
        self.courier = Courier(self.deliveries, {"webhook": self.sender}, base_wait_s=0.0)
        self.notifications = Notifications(world.store, SECRETS)
        self.ann = caller()

    async def finished(self, *, rows: int = 100, **notify: str) -> UUID:
        """An export that has ended well, of one part or of several."""
        wanted = request(rows, notify=Notify(**notify))
        export_id = (await self.exports.create(self.ann, wanted)).export.id
        runner = self.world.runner()
        while jobs := [job for job in await self.world.jobs() if job[0] != "deliver"]:
            await self._perform(runner, *jobs[0])
        return export_id

    async def _perform(self, runner: Any, task: str, arguments: Any) -> None:
        from tests.integration.exports.world import perform

        await self.world.change(
            "update queue.procrastinate_jobs set status = 'succeeded' where task_name = %s and status = 'todo'"
            " and args = %s::jsonb",
            task,
            psycopg.types.json.Jsonb(arguments),
        )
        await perform(runner, task, arguments)

    async def only(self, export_id: UUID) -> Any:
        (found,) = await self.notifications.list(self.ann, export_id)
        return found

    async def send(self, delivery_id: UUID) -> bool:
        """Does the delivery's job once; whether it asks to be run again."""
        try:
            await self.courier.deliver(delivery_id)
        except RetryLater:
            return True
        return False


@pytest.fixture
async def office(database_url: str, tmp_path: Path) -> AsyncIterator[Office]:
    world = World(database_url, tmp_path)
    made = Office(world)
    yield made
    await made.sender.close()
    await world.close()


@pytest.mark.parametrize("rows", [100, 3_000])
async def test_word_is_written_down_with_the_end(office: Office, receiver: Receiver, rows: int) -> None:
    """Row and job are there when the export is completed, of one part or of many; the job carries an id alone."""
    export_id = await office.finished(rows=rows, webhook=receiver.url, email="ann@example.org")
    found = await office.notifications.list(office.ann, export_id)
    assert {(one.channel, one.target, one.event, one.state) for one in found} == {
        ("webhook", receiver.url, "completed", "pending"),
        ("email", "ann@example.org", "completed", "pending"),
    }
    jobs = await office.world.rows(
        "select args from queue.procrastinate_jobs where task_name = 'deliver' and queue_name = 'test-data-deliveries'"
    )
    assert [args for (args,) in jobs] == [{"delivery_id": str(one.id)} for one in found] or len(jobs) == 2
    assert all(set(args) == {"delivery_id"} for (args,) in jobs)


async def test_a_completion_that_is_not_written_sends_no_word(office: Office, receiver: Receiver) -> None:
    """All of it is one transaction: without the delivery's row the export is not completed either."""
    await office.world.change(
        "alter table generator_export_deliveries add constraint broken check (channel <> 'webhook') not valid"
    )
    wanted = request(100, notify=Notify(webhook=receiver.url))
    export_id = (await office.exports.create(office.ann, wanted)).export.id
    runner = office.world.runner(retry=RetryPolicy(0))
    with pytest.raises(Exception):  # noqa: B017, PT011  # which one is not the point
        await runner.run_export(export_id)
    assert (await office.exports.get(office.ann, export_id)).status is not Status.COMPLETED
    assert not [job for job in await office.world.jobs() if job[0] == "deliver"]


async def test_nobody_is_told_who_did_not_ask(office: Office) -> None:
    """No row and no job."""
    wanted = request(100)
    export_id = (await office.exports.create(office.ann, wanted)).export.id
    await office.world.work_off()
    assert not await office.notifications.list(office.ann, export_id)


async def test_a_receiver_that_takes_it_at_last(office: Office, receiver: Receiver) -> None:
    """Each attempt is an event that names no target; the last one is delivered, and nothing is sent after it."""
    export_id = await office.finished(webhook=receiver.url)
    delivery = await office.only(export_id)
    receiver.answers = [status(500, b"oh no"), status(302, location="/"), status(200, b"thanks")]
    assert await office.send(delivery.id)
    assert (await office.only(export_id)).last_response == "oh no"
    assert await office.send(delivery.id)
    assert not await office.send(delivery.id)
    assert not await office.send(delivery.id)
    found = await office.only(export_id)
    assert (found.state, found.attempts, found.last_status, found.last_response) == ("delivered", 3, 200, "thanks")
    assert found.last_error is None
    assert found.delivered_at is not None
    assert len(receiver.received) == 3
    events = [e for e in await office.exports.events_after(office.ann, export_id) if e.kind.value == "delivery"]
    assert [(e.details["state"], e.details.get("lastStatus"), e.details["attempt"]) for e in events] == [
        ("pending", 500, 1), ("pending", 302, 2), ("delivered", 200, 3),
    ]  # fmt: skip
    assert receiver.url not in str([e.details for e in events])
    assert {e.status for e in events} == {Status.COMPLETED}


async def test_a_failure_is_told_too(office: Office, receiver: Receiver) -> None:
    """With its reason; and an export that is run again and completed is told of anew, under another id."""

    def breaks(order: Any) -> None:
        raise ValueError("no")

    office.world.renderer.before_chunk = breaks
    wanted = request(100, notify=Notify(webhook=receiver.url))
    export_id = (await office.exports.create(office.ann, wanted)).export.id
    with pytest.raises(Exception):  # noqa: B017, PT011
        await office.world.runner(retry=RetryPolicy(0)).run_export(export_id)
    first = await office.only(export_id)
    assert first.event == "failed"
    await office.send(first.id)
    office.world.renderer.before_chunk = lambda order: None
    await office.exports.retry(office.ann, export_id)
    await office.world.runner().run_export(export_id)
    second = (await office.notifications.list(office.ann, export_id))[-1]
    assert (second.event, second.id != first.id) == ("completed", True)
    await office.send(second.id)
    told = [Webhook(SECRETS.secret(office.ann.user_id, 1)).verify(r.body, dict(r.headers)) for r in receiver.received]
    shown = next(b for b in blocks(CHECKOUT / "docs" / "webhooks.md") if "export.completed" in b.text)
    assert json_differs(json.loads(shown.text), told[1]) is None
    assert [message["type"] for message in told] == ["export.failed", "export.completed"]
    assert told[0]["data"]["errorDetails"]["code"]
    assert told[0]["data"]["status"] == "failed"
    assert told[1]["data"]["sha256"]


async def test_two_workers_send_it_once(office: Office, receiver: Receiver) -> None:
    """Whoever claims it second finds nothing; what the first writes down late, after losing it, does not count."""
    export_id = await office.finished(webhook=receiver.url)
    delivery = await office.only(export_id)
    claimed = await office.deliveries.claim(delivery.id, LEASE_S)
    assert claimed is not None
    assert await office.deliveries.claim(delivery.id, LEASE_S) is None
    await office.world.change("update generator_export_deliveries set next_attempt_at = now() - interval '1 s'")
    again = await office.deliveries.claim(delivery.id, LEASE_S)
    assert again is not None
    assert not await office.deliveries.settle(claimed, Settled("failed", 500, "", "late"))
    assert await office.deliveries.settle(again, Settled("delivered", 200, "", None))
    assert (await office.only(export_id)).state == "delivered"


async def test_what_a_lost_worker_left_is_found(office: Office, receiver: Receiver) -> None:
    """A delivery that is due, and no job for it: one is queued, once."""
    export_id = await office.finished(webhook=receiver.url)
    delivery = await office.only(export_id)
    assert await office.deliveries.requeue_stranded(0.0) == []
    await office.deliveries.claim(delivery.id, LEASE_S)
    await office.world.change("update queue.procrastinate_jobs set status = 'doing'")
    assert await office.deliveries.requeue_stranded(0.0) == []  # its lease runs
    await office.world.change("update generator_export_deliveries set next_attempt_at = now() - interval '1 s'")
    assert await office.deliveries.requeue_stranded(0.0) == [delivery.id]
    assert await office.deliveries.requeue_stranded(0.0) == []
    assert not await office.send(delivery.id)
    assert (await office.only(export_id)).state == "delivered"


async def test_an_owner_sends_it_again(office: Office, receiver: Receiver) -> None:
    """With the same id and a schedule of its own; nobody else may, nor while it is being sent."""
    export_id = await office.finished(webhook=receiver.url)
    delivery = await office.only(export_id)
    receiver.answers = [status(410)]
    await office.send(delivery.id)
    assert (await office.only(export_id)).state == "failed"
    ben = caller()
    with pytest.raises(ExportNotFound):
        await office.notifications.redeliver(ben, export_id, delivery.id)
    await office.exports.put_share(office.ann, export_id, ben.user_id, Role.EDITOR)
    with pytest.raises(NotPermitted):
        await office.notifications.redeliver(ben, export_id, delivery.id)
    assert not await office.notifications.list(ben, export_id)
    with pytest.raises(DeliveryNotFound):
        await office.notifications.redeliver(office.ann, export_id, uuid4())
    again = await office.notifications.redeliver(office.ann, export_id, delivery.id)
    assert (again.state, again.attempts) == ("pending", 1)
    claimed = await office.deliveries.claim(delivery.id, LEASE_S)
    assert claimed is not None
    assert (claimed.attempts, claimed.attempt) == (2, 1)
    with pytest.raises(StateConflict):
        await office.notifications.redeliver(office.ann, export_id, delivery.id)
    await office.deliveries.put_back(claimed)
    assert not await office.send(delivery.id)
    assert len({r.headers["webhook-id"] for r in receiver.received}) == 1
    assert (await office.only(export_id)).state == "delivered"


async def test_secrets_are_shown_once_and_change_gently(office: Office, receiver: Receiver) -> None:
    """The first is the one that signed all along; a new one signs beside the old one for a day, then alone."""
    assert (await office.notifications.webhook_secret(office.ann)).created_at is None
    first = await office.notifications.rotate_webhook_secret(office.ann)
    second = await office.notifications.rotate_webhook_secret(office.ann)
    assert (first.version, second.version) == (1, 2)
    assert first.secret != second.secret
    assert (await office.notifications.webhook_secret(office.ann)).secret is None
    assert str(first.secret) not in repr(first)
    export_id = await office.finished(webhook=receiver.url)
    delivery = await office.only(export_id)
    await office.send(delivery.id)
    await office.world.change("update generator_webhook_secrets set previous_until = now()")
    await office.notifications.redeliver(office.ann, export_id, delivery.id)
    await office.send(delivery.id)
    signatures = [request.headers["webhook-signature"].split(" ") for request in receiver.received]
    assert [len(found) for found in signatures] == [2, 1]
    assert second.secret is not None
    for sent in receiver.received:
        Webhook(second.secret).verify(sent.body, dict(sent.headers))
    stored = await office.world.rows("select * from generator_webhook_secrets")
    assert second.secret.removeprefix("whsec_") not in str(stored)


@pytest.mark.parametrize("language", ["python", "javascript"])
async def test_the_documented_receivers_verify(office: Office, language: str) -> None:
    """As a user would run them: a true message is taken once, one that was changed or is old is refused."""
    command = {
        "python": lambda: [sys.executable, "docs/webhooks/receiver.py"],
        "javascript": lambda: [program("node", "nodejs"), "docs/webhooks/receiver.mjs"],
    }[language]()
    secret = (await office.notifications.rotate_webhook_secret(office.ann)).secret
    assert secret is not None
    process = await asyncio.create_subprocess_exec(
        *command, "0", cwd=CHECKOUT, env={"WEBHOOK_SECRET": secret}, stdout=subprocess.PIPE
    )
    assert process.stdout is not None
    try:
        async with asyncio.timeout(30):
            port = int((await process.stdout.readline()).split()[-1])
            url = f"http://127.0.0.1:{port}/"
            export_id = await office.finished(webhook=url)
            delivery = await office.only(export_id)
            assert not await office.send(delivery.id)
            await office.notifications.redeliver(office.ann, export_id, delivery.id)
            assert not await office.send(delivery.id)
            assert (await process.stdout.readline()).split()[0] == b"export.completed"
            for version in (1, 2):  # the second is not the one the receiver knows
                assert await _forged(office, url, version) == (401 if version == 2 else 204)
            assert await _forged(office, url, 1, body="{}") == 401
            assert await _forged(office, url, 1, age_s=600) == 401
    finally:
        process.terminate()
        rest = (await process.communicate())[0]
    assert rest.count(b"export.") == 1, "the message that came twice was told twice"


async def _forged(office: Office, url: str, version: int, body: str | None = None, age_s: float = 0) -> int:
    from datetime import UTC, datetime, timedelta

    import httpx

    signed = '{"type":"export.completed","data":{"fileName":"x","status":"completed"}}'
    moment = datetime.now(UTC) - timedelta(seconds=age_s)
    headers = {
        "webhook-id": f"msg_{uuid4().hex}",
        "webhook-timestamp": str(int(moment.timestamp())),
    }
    signature = SECRETS.sign(office.ann.user_id, [version], headers["webhook-id"], moment, signed)
    async with httpx.AsyncClient(trust_env=False) as client:
        answer = await client.post(url, content=body or signed, headers={**headers, "webhook-signature": signature})
    return answer.status_code


async def test_a_worker_process_tells(database_url: str, tmp_path: Path, receiver: Receiver) -> None:
    """As it runs in production: webhook and mail of one export, through retries and the loss of a worker, and no
    secret, address or URL in its log."""
    user_id = uuid4()
    with mail_server(tmp_path / "mails") as mails:
        settings = {
            "WEBHOOK_SIGNING_KEY": KEY, "DEV_AUTH": "1", "DEV_AUTH_KEY": "local", "SMTP_HOST": "127.0.0.1",
            "SMTP_PORT": str(mails.port), "SMTP_SECURITY": "none", "MAIL_FROM": "seedbed@example.com",
            "PUBLIC_URL": "https://seedbed.example", "RETRY_BASE_S": "0.05",
        }  # fmt: skip
        site = Site(database_url, tmp_path, Caller(user_id, {"sub": str(user_id)}), settings)
        told = Draughtsman(EnginePlanning(), site.worker_settings().channels, 32 * 1024**2)
        site.exports._desk = ThreadDesk(told)
        receiver.answers = [status(500)]
        try:
            await site.start_worker()
            export_id = await _ask(site, receiver.url)
            query = "select count(*) from generator_export_deliveries where state = 'delivered' and export_id = %s"
            async with asyncio.timeout(60):
                while await site.rows(query, export_id) != [(2,)]:  # noqa: ASYNC110  # in the database
                    await asyncio.sleep(0.02)
            assert await site.workers[0].end(signal.SIGTERM) == 0
            log = site.workers[0].log()
            for private in (KEY, receiver.url, "ann@example.org", SECRETS.secret(user_id, 1).removeprefix("whsec_")):
                assert private not in log
            (mail,) = mails.mails()
            assert mail["X-Envelope-To"] == "ann@example.org"
            assert len(receiver.received) == 2
            for sent in receiver.received:
                Webhook(SECRETS.secret(user_id, 1)).verify(sent.body, dict(sent.headers))
        finally:
            await site.close()


async def _ask(site: Site, url: str) -> UUID:
    from app.exports.requests import ExportConfig, ExportRequest, SchemaBySnapshot

    config = ExportConfig("csv", 50, tables=("customers",))
    wanted = ExportRequest(SchemaBySnapshot({}), config, "7", notify=Notify(url, "ann@example.org"))
    return (await site.exports.create(site.caller, wanted)).export.id


async def test_a_lost_database_loses_no_delivery(office: Office, receiver: Receiver) -> None:
    """What cannot be written down is not claimed to be: the job comes back, and the lease decides."""
    export_id = await office.finished(webhook=receiver.url)
    delivery = await office.only(export_id)

    class Away(PostgresDeliveries):
        async def settle(self, outgoing: Any, settled: Settled) -> bool:
            raise DatabaseUnavailable("gone")

    courier = Courier(Away(office.world.database, JobQueue()), {"webhook": office.sender})
    with pytest.raises(DatabaseUnavailable):
        await courier.deliver(delivery.id)
    assert (await office.only(export_id)).state == "delivering"
    await office.world.change("update generator_export_deliveries set next_attempt_at = now() - interval '1 s'")
    assert not await office.send(delivery.id)
    assert len({sent.headers["webhook-id"] for sent in receiver.received}) == 1
    assert isinstance(office.world.store, PostgresStore)
