"""Event streams over a real socket: what was, what is, and when it ends."""

import secrets
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from app.web.sessions import cookie_name, session_cookie
from app.web.streams import Streams
from tests.conftest import Databases, Server
from tests.integration.web.conftest import settings_for
from tests.integration.web.service import BASE, REQUEST, Event, Person, Service, read_events, serving

SEVERAL = 10


def append(service: Service, job_id: str, kind: str = "progress", status: str | None = None) -> None:
    """Writes an event as the worker does."""
    if status is not None:
        service.sql("update generator_exports set status = %s where id = %s", status, job_id)
    service.sql("select generator_append_event(%s, %s)", job_id, kind)


@contextmanager
def following(person: Person, path: str, **headers: str) -> Iterator[httpx.Response]:
    with person.http.stream("GET", path, headers=headers) as response:
        yield response


class Follower(threading.Thread):
    """Reads a stream beside the test until it ends."""

    def __init__(self, person: Person, path: str, **headers: str) -> None:
        super().__init__(daemon=True)
        self.events: list[Event] = []
        self.connected = threading.Event()
        self.status = 0
        self._ask = (person, path, headers)
        self.start()
        assert self.connected.wait(10)

    def run(self) -> None:
        person, path, headers = self._ask

        def note(events: list[Event]) -> bool:
            self.events = list(events)
            return False

        client = person.service.client(**{"authorization": f"Bearer {person.token}", **headers})
        with client, client.stream("GET", path) as response:
            self.status = response.status_code
            self.connected.set()
            self.events = read_events(response, note)

    def ended(self) -> list[Event]:
        self.join(20)
        assert not self.is_alive(), "the stream did not end"
        return self.events

    def until(self, count: int) -> None:
        deadline = time.monotonic() + 20
        while len(self.events) < count:
            assert time.monotonic() < deadline, f"{len(self.events)} events instead of {count}"
            self.join(0.01)


def test_a_story_over_midnight_is_told_once_and_in_order(ann: Person, service: Service) -> None:
    """Its events are in the partitions of two days, some of them later by their number and earlier by their time."""
    job_id = ann.ask()
    append(service, job_id, "started", "running")
    for _ in range(4):
        append(service, job_id)
    service.sql(
        "do $$ declare day timestamptz := date_trunc('day', now(), 'UTC') - interval '1 day'; begin"
        " execute format('create table seedbed.events_%%s partition of generator_export_events"
        " for values from (%%L) to (%%L)', to_char(day, 'YYYYMMDD'), day, day + interval '1 day'); end $$"
    )
    service.sql("update generator_exports set requested_at = requested_at - interval '1 day' where id = %s", job_id)
    service.sql(
        "update generator_export_events set created_at = date_trunc('day', now(), 'UTC') - interval '1 minute'"
        " where export_id = %s and seq in (1, 2, 4)",
        job_id,
    )
    service.sql(
        "update generator_export_events set created_at = date_trunc('day', now(), 'UTC')"
        " where export_id = %s and seq not in (1, 2, 4)",
        job_id,
    )
    days = service.sql("select count(distinct tableoid) from generator_export_events where export_id = %s", job_id)
    assert days == [(2,)]
    followers = [
        Follower(ann, f"{BASE}/export/{job_id}/events"),
        Follower(ann, f"{BASE}/export/{job_id}/events", **{"last-event-id": "3"}),
    ]
    append(service, job_id)
    ann.complete(job_id)
    last = service.sql("select last_seq from generator_exports where id = %s", job_id)[0][0]
    for follower, first in zip(followers, (1, 4), strict=True):
        assert [event.seq for event in follower.ended()] == list(range(first, last + 1))


def test_a_finished_story_is_told_and_ends(ann: Person, service: Service) -> None:
    """Everything from the first event to the last, by number, then the end."""
    job_id = ann.ask()
    append(service, job_id, "started", "running")
    append(service, job_id)
    ann.complete(job_id)
    with following(ann, f"{BASE}/export/{job_id}/events") as response:
        assert response.headers["content-type"] == "text/event-stream; charset=utf-8"
        assert response.headers["cache-control"] == "no-cache, no-transform"
        assert response.headers["x-accel-buffering"] == "no"
        events = read_events(response)
    assert [(event.id, event.name, event.data["kind"] if event.data else None) for event in events] == [
        ("1", "status", "queued"),
        ("2", "status", "started"),
        ("3", "progress", "progress"),
        ("4", "status", "completed"),
    ]
    assert {event.data["jobId"] for event in events if event.data} == {job_id}


def test_news_arrive_and_the_end_ends(ann: Person, service: Service) -> None:
    """What happens while somebody follows is told at once; the terminal event is the last."""
    job_id = ann.ask()
    follower = Follower(ann, f"{BASE}/export/{job_id}/events")
    follower.until(1)
    append(service, job_id, "started", "running")
    for _ in range(SEVERAL):
        append(service, job_id)
    append(service, job_id, "failed", "failed")
    events = follower.ended()
    assert [event.seq for event in events] == list(range(1, SEVERAL + 4))
    assert events[-1].name == "status"


@pytest.mark.parametrize(("header", "query"), [("2", ""), (None, "?lastEventId=2"), ("2", "?lastEventId=1")])
def test_a_stream_is_resumed(ann: Person, service: Service, header: str | None, query: str) -> None:
    """From the last event that was seen, by header or by query; the header is the newer one."""
    job_id = ann.ask()
    for _ in range(3):
        append(service, job_id)
    ann.complete(job_id)
    headers = {"last-event-id": header} if header else {}
    with following(ann, f"{BASE}/export/{job_id}/events{query}", **headers) as response:
        assert [event.seq for event in read_events(response)] == [3, 4, 5]


def test_nothing_new_is_no_stream(ann: Person) -> None:
    """204 tells an EventSource not to come back."""
    job_id = ann.ask()
    ann.complete(job_id)
    for seen in ("2", "3", "999"):
        answer = ann.http.get(f"{BASE}/export/{job_id}/events", headers={"last-event-id": seen})
        assert (answer.status_code, answer.content) == (204, b"")


def test_an_id_from_elsewhere_does_not_silence(ann: Person, service: Service) -> None:
    """A number past the last event is taken for the last one: what comes next is told."""
    job_id = ann.ask()
    follower = Follower(ann, f"{BASE}/export/{job_id}/events", **{"last-event-id": "999"})
    append(service, job_id, "cancelled", "cancelled")
    assert [event.seq for event in follower.ended()] == [2]


@pytest.mark.parametrize("value", ["x", "-1", "1.5", "9" * 30, "1 or 1=1"])
def test_an_id_is_a_number(ann: Person, value: str) -> None:
    """One that is not was not sent by us."""
    answer = ann.http.get(f"{BASE}/export/{ann.ask()}/events", params={"lastEventId": value})
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (400, "/query/lastEventId")


def test_an_export_that_was_run_again_goes_on(ann: Person, service: Service) -> None:
    """An earlier failure in the story does not end the stream."""
    job_id = ann.ask()
    append(service, job_id, "failed", "failed")
    assert ann.http.post(f"{BASE}/export/{job_id}/retry").status_code == 202
    follower = Follower(ann, f"{BASE}/export/{job_id}/events")
    follower.until(3)
    ann.complete(job_id)
    kinds = [event.data["kind"] for event in follower.ended() if event.data]
    assert kinds[:2] == ["queued", "failed"]
    assert kinds[-1] == "completed"


def test_a_killed_listener_leaves_no_gap(ann: Person, service: Service) -> None:
    """The server ends the connections that the hub listens and reads by; each follower has every event once."""
    job_id = ann.ask()
    followers = [Follower(ann, f"{BASE}/export/{job_id}/events") for _ in range(3)]
    for follower in followers:
        follower.until(1)
    for _ in range(3):
        for application in ("seedbed-listener", "seedbed-hub"):
            service.sql(
                "select pg_terminate_backend(pid) from pg_stat_activity"
                " where application_name = %s and datname = current_database()",
                application,
            )
        for _ in range(SEVERAL):
            append(service, job_id)
    ann.complete(job_id)
    for follower in followers:
        assert [event.seq for event in follower.ended()] == list(range(1, 3 * SEVERAL + 3))


def test_streams_hold_no_connection(ann: Person, service: Service) -> None:
    """Many more streams than database connections, and requests are answered all the same."""
    job_id = ann.ask()
    with ExitStack() as stack:
        for _ in range(service.settings.database_pool_size * 3):
            client = stack.enter_context(service.client(authorization=f"Bearer {ann.token}"))
            stack.enter_context(client.stream("GET", f"{BASE}/export/{job_id}/events"))
        assert ann.http.get(f"{BASE}/export/{job_id}/status").status_code == 200
        ((connections,),) = service.sql(
            "select count(*) from pg_stat_activity where datname = current_database() and application_name <> ''"
        )
        assert connections <= service.settings.database_pool_size + 3


def test_a_ticket_admits_once(ann: Person, service: Service) -> None:
    """Whoever has it, one time, without a header; then it is paper."""
    job_id = ann.ask()
    ann.complete(job_id)
    ticket = ann.http.post(f"{BASE}/export/{job_id}/events-ticket")
    assert ticket.status_code == 201
    with service.client() as browser:
        with browser.stream("GET", ticket.json()["url"]) as response:
            assert [event.seq for event in read_events(response)] == [1, 2]
        again = browser.get(ticket.json()["url"])
    assert (again.status_code, again.json()["code"]) == (401, "not_authenticated")


def test_a_ticket_is_for_one_stream(ann: Person, service: Service) -> None:
    """Neither another export's nor the user's, though they are the same user's; and trying uses it up."""
    first, second = ann.ask(), ann.ask()
    with service.client() as browser:
        for path in (f"{BASE}/export/{second}/events", f"{BASE}/events"):
            ticket = ann.http.post(f"{BASE}/export/{first}/events-ticket").json()["ticket"]
            assert browser.get(path, params={"ticket": ticket}).status_code == 401
            assert browser.get(f"{BASE}/export/{first}/events", params={"ticket": ticket}).status_code == 401
        mine = ann.http.post(f"{BASE}/events-ticket").json()["ticket"]
        assert browser.get(f"{BASE}/export/{first}/events", params={"ticket": mine}).status_code == 401


@pytest.mark.parametrize("ticket", ["", "x", "x" * 201, "'; drop table generator_event_tickets; --", "\x00"])
def test_made_up_tickets_are_refused(ann: Person, service: Service, ticket: str) -> None:
    """Whatever stands there."""
    with service.client() as browser:
        answer = browser.get(f"{BASE}/export/{ann.ask()}/events", params={"ticket": ticket})
    assert (answer.status_code, answer.json()["code"]) == (401, "not_authenticated")


def test_a_ticket_is_for_streams_alone(ann: Person, service: Service) -> None:
    """It opens nothing else."""
    job_id = ann.ask()
    ticket = ann.http.post(f"{BASE}/export/{job_id}/events-ticket").json()["ticket"]
    with service.client() as browser:
        assert browser.get(f"{BASE}/export/{job_id}", params={"ticket": ticket}).status_code == 401


def test_a_user_follows_all_of_theirs(ann: Person, ben: Person, service: Service) -> None:
    """Exports made before and after they came, shared ones too; nobody else's."""
    old, hidden = ann.ask(), ben.ask()
    follower = Follower(ann, f"{BASE}/events")
    new, shared = ann.ask(), ben.ask()
    assert ben.http.put(f"{BASE}/export/{shared}/shares/{ann.id}", json={"role": "viewer"}).status_code == 200
    for job_id in (old, hidden, new, shared):
        append(service, job_id, "started", "running")

    def told() -> set[tuple[str, str]]:
        return {(event.data["jobId"], event.data["kind"]) for event in follower.events if event.data}

    deadline = time.monotonic() + 20
    while not {(old, "started"), (new, "queued"), (new, "started"), (shared, "started")} <= told():
        assert time.monotonic() < deadline, told()
        follower.join(0.01)
    assert hidden not in {job_id for job_id, _ in told()}
    keys = [(event.data["jobId"], event.seq) for event in follower.events if event.data]
    assert len(keys) == len(set(keys))
    assert follower.is_alive(), "it goes on"


def test_a_users_stream_is_resumed_by_time(ann: Person, service: Service) -> None:
    """Whoever was away hears what came meanwhile."""
    job_id = ann.ask()
    follower = Follower(ann, f"{BASE}/events")
    append(service, job_id, "started", "running")
    follower.until(1)
    mark = follower.events[-1].id
    assert mark is not None
    ann.complete(job_id)
    with following(ann, f"{BASE}/events", **{"last-event-id": mark}) as response:
        events = read_events(response, lambda events: events[-1].data is not None and events[-1].seq == 3)
    assert [event.seq for event in events][-2:] in ([2, 3], [3])


def test_pages_follow_by_their_cookie(ann: Person, service: Service) -> None:
    """An EventSource of our own page sends the session by itself."""
    job_id = ann.ask()
    ann.complete(job_id)
    with service.client() as browser:
        browser.cookies.set(cookie_name(None), session_cookie(ann.token))
        with browser.stream("GET", f"{BASE}/export/{job_id}/events") as response:
            assert len(read_events(response)) == 2


def test_shutdown_ends_streams_first(databases: Databases, postgres: Server, tmp_path: Path) -> None:
    """With many streams open the server is gone in a moment, and each client was told to come back."""
    name = databases.create(databases.migrated_template())
    with serving(settings_for(databases.url(name), postgres.url(), tmp_path)) as service:
        ann = service.person("ann")
        job_id = ann.ask()
        followers = [Follower(ann, f"{BASE}/export/{job_id}/events") for _ in range(30)]
        for follower in followers:
            follower.until(1)
        began = time.monotonic()
        service.server.should_exit = True
        for follower in followers:
            assert [event.seq for event in follower.ended()] == [1]
        took_s = time.monotonic() - began
        ann.http.close()
    databases.drop(name)
    assert took_s < 3


def test_a_dead_worker_is_no_reason_to_hang(ann: Person) -> None:
    """Nobody works on it: it stays queued, and can be looked at, followed and cancelled."""
    job_id = ann.ask()
    follower = Follower(ann, f"{BASE}/export/{job_id}/events")
    status: dict[str, Any] = ann.http.get(f"{BASE}/export/{job_id}/status").json()
    assert (status["status"], status["etaSeconds"]) == ("queued", None)
    assert ann.http.post(f"{BASE}/export/{job_id}/cancel").json()["status"] == "cancelled"
    assert [event.data["kind"] for event in follower.ended() if event.data] == ["queued", "cancelled"]
    assert REQUEST["seed"] == ann.http.get(f"{BASE}/export/{job_id}").json()["seed"]


def test_ids_of_requests_are_in_every_stream(ann: Person) -> None:
    """A stream is a request like any other in the logs."""
    job_id = ann.ask()
    ann.complete(job_id)
    mark = secrets.token_hex(8)
    with following(ann, f"{BASE}/export/{job_id}/events", **{"x-request-id": mark}) as response:
        assert response.headers["x-request-id"] == mark


def test_streams_that_begin_at_once_are_counted_too(ann: Person, ben: Person, service: Service) -> None:
    """Forty at the same moment where four are let in: four are open, the others are told when to come back, and
    somebody else is let in meanwhile."""
    streams: Streams = service.server.config.app.state.streams  # type: ignore[union-attr]
    most, streams._most_per_user = streams._most_per_user, 4

    def begin(number: int) -> httpx.Response:
        return ann.http.send(ann.http.build_request("GET", f"{BASE}/events"), stream=True)

    answers: list[httpx.Response] = []
    try:
        with ThreadPoolExecutor(40) as pool:
            answers = list(pool.map(begin, range(40)))
        assert Counter(answer.status_code for answer in answers) == {200: 4, 429: 36}
        assert all(int(answer.headers["retry-after"]) > 0 for answer in answers if answer.status_code == 429)
        with ben.http.stream("GET", f"{BASE}/events") as theirs:
            assert theirs.status_code == 200
    finally:
        streams._most_per_user = most
        for answer in answers:
            answer.close()
