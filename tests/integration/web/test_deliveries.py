"""Deliveries and signing secrets over HTTP, and the sentences that streams carry."""

from typing import Any

from app.web.openapi.document import build_document
from tests.integration.web.service import BASE, REQUEST, Person, Service, read_events
from tests.json_schema import violations


def delivered(service: Service, job_id: str, state: str = "delivered") -> str:
    """A webhook's row, as a worker leaves it."""
    ((delivery_id,),) = service.sql(
        "insert into generator_export_deliveries (export_id, channel, target, state, attempts, last_status)"
        " values (%s, 'webhook', 'https://example.com/hook', %s, 1, 200) returning id::text",
        job_id,
        state,
    )
    service.sql(
        "select generator_append_event(%s, 'delivery', %s::jsonb)",
        job_id,
        '{"channel": "webhook", "state": "pending", "error": "the receiver answered 500", "retryInSeconds": 60}',
    )
    found: str = delivery_id
    return found


def test_the_owner_sees_how_word_was_sent(ann: Person, ben: Person, service: Service) -> None:
    """With the export, in a list of its own, and in the metrics; others see the export without it."""
    job_id = ann.ask()
    ann.complete(job_id)
    delivered(service, job_id)
    ann.http.put(f"{BASE}/export/{job_id}/shares/{ben.id}", json={"role": "editor"})
    (shown,) = ann.http.get(f"{BASE}/export/{job_id}").json()["deliveries"]
    assert (shown["channel"], shown["state"], shown["lastStatus"], shown["nextAttemptAt"]) == (
        "webhook", "delivered", 200, None,
    )  # fmt: skip
    assert ann.http.get(f"{BASE}/export/{job_id}/deliveries").json()["items"] == [shown]
    assert "deliveries" not in ben.http.get(f"{BASE}/export/{job_id}").json()
    assert ben.http.get(f"{BASE}/export/{job_id}/deliveries").json()["items"] == []
    assert "deliveries" not in ann.http.get(f"{BASE}/export").json()["items"][0]
    with service.client() as anybody:
        figures = anybody.get("/metrics").text
    assert 'seedbed_deliveries{channel="webhook",state="delivered"}' in figures


def test_sending_again_over_http(ann: Person, ben: Person, service: Service) -> None:
    """202 with the delivery as it is now; 404 for what is not there or not seen, 403 for an editor."""
    job_id = ann.ask()
    ann.complete(job_id)
    again = f"{BASE}/export/{job_id}/deliveries/{delivered(service, job_id, 'failed')}/redeliver"
    assert ben.http.post(again).json()["code"] == "export_not_found"
    ann.http.put(f"{BASE}/export/{job_id}/shares/{ben.id}", json={"role": "editor"})
    assert ben.http.post(again).status_code == 403
    answer = ann.http.post(again)
    assert (answer.status_code, answer.json()["state"]) == (202, "pending")
    missing = f"{BASE}/export/{job_id}/deliveries/{job_id}/redeliver"
    assert (ann.http.post(missing).status_code, ann.http.post(missing).json()["code"]) == (404, "delivery_not_found")
    queued = service.sql("select args from queue.procrastinate_jobs where task_name = 'deliver'")
    assert [set(args) for (args,) in queued] == [{"delivery_id"}]


def test_a_secret_is_shown_when_it_is_made(ann: Person, ben: Person) -> None:
    """Once, to its owner; after that only which one is in force."""
    path = f"{BASE}/webhook-secret"
    assert ann.http.get(path).json() == {"version": 1, "createdAt": None, "previousUntil": None}
    first, second, other = ann.http.post(path), ann.http.post(path), ben.http.post(path)
    assert first.status_code == 201
    assert [answer.json()["version"] for answer in (first, second, other)] == [1, 2, 1]
    assert len({answer.json()["secret"] for answer in (first, second, other)}) == 3
    assert first.headers["cache-control"] == "no-store"
    looked = ann.http.get(path).json()
    assert (looked["version"], "secret" in looked) == (2, False)
    assert looked["previousUntil"] is not None


def test_a_channel_that_is_off_is_refused(ann: Person) -> None:
    """This service sends webhooks and no mails; where a webhook may lead is looked at by its form."""
    answer = ann.http.post(f"{BASE}/export", json={**REQUEST, "notify": {"email": "ann@example.org"}})
    (error,) = answer.json()["errors"]
    assert (answer.status_code, error["pointer"], error["code"]) == (422, "/notify/email", "notify_not_configured")
    taken = ann.http.post(f"{BASE}/export", json={**REQUEST, "notify": {"webhook": "https://example.com/x"}})
    assert taken.status_code == 202
    for url in ("ftp://example.com/", "https://a:b@example.com/", "https://example.com/#x", "https:///x"):
        refused = ann.http.post(f"{BASE}/export", json={**REQUEST, "notify": {"webhook": url}})
        assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/notify/webhook")


def test_streams_carry_sentences(ann: Person, service: Service) -> None:
    """What a page shows as it is: the end, and each delivery; steps on the way say nothing."""
    job_id = ann.ask()
    service.sql("select generator_append_event(%s, 'progress')", job_id)
    ann.complete(job_id)
    delivered(service, job_id)
    with ann.http.stream("GET", f"{BASE}/export/{job_id}/events") as response:
        events = read_events(response)
    told: list[tuple[str, Any]] = [(e.name, e.data.get("text")) for e in events if e.data]
    ((name,),) = service.sql("select file_name from generator_exports where id = %s", job_id)
    assert told == [
        ("status", None),
        ("progress", None),
        ("status", f"{name} is ready: 60 rows"),
        (
            "delivery",
            f"The webhook about {name} was not taken: the receiver answered 500; it is tried again in 60 seconds",
        ),
    ]
    document = build_document()
    answer = document["paths"]["/api/data-generator/export/{exportId}/events"]["get"]["responses"]["200"]
    data = answer["content"]["text/event-stream"]["x-event-data"]
    for event in events:
        assert not violations(event.data, data[event.name], document)
        for other in data.keys() - {event.name}:
            assert violations(event.data, data[other], document), "the schemas tell the events apart"
