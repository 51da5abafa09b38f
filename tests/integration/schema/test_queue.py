"""Procrastinate works in schema `queue`, and the queue is nobody's but the service's."""

from typing import Any

import procrastinate
import psycopg
from procrastinate.jobs import Status
from psycopg.conninfo import make_conninfo


async def test_a_worker_runs_what_was_deferred(database_url: str) -> None:
    """With `search_path=queue` on its connections Procrastinate defers, fetches, finishes and records."""
    app = procrastinate.App(
        connector=procrastinate.PsycopgConnector(conninfo=make_conninfo(database_url, options="-c search_path=queue"))
    )
    ran: list[int] = []

    @app.task(name="count", queue="q", pass_context=False)
    async def count(number: int) -> None:
        ran.append(number)

    async with app.open_async():
        job_id = await count.defer_async(number=7)
        await app.run_worker_async(queues=["q"], wait=False, install_signal_handlers=False)
        assert await app.job_manager.get_job_status_async(job_id) == Status.SUCCEEDED
    assert ran == [7]


def test_its_functions_find_its_tables_whatever_the_search_path(database_url: str) -> None:
    """A job deferred from a connection that looks elsewhere goes into the queue, with its event."""
    with psycopg.connect(database_url) as connection:
        connection.execute("set search_path = public")
        connection.execute("""
            select queue.procrastinate_defer_jobs_v1(
                array[row('q', 't', 0, null, null, '{}', null)]::queue.procrastinate_job_to_defer_v1[]
            )
        """)
        found = connection.execute(
            "select j.task_name, e.type::text from queue.procrastinate_jobs as j "
            "join queue.procrastinate_events as e on e.job_id = j.id"
        )
        assert found.fetchall() == [("t", "deferred")]


def test_nothing_of_the_queue_is_in_public(database_url: str) -> None:
    """Neither tables, nor types, nor functions: the Data API offers what is there."""
    with psycopg.connect(database_url) as connection:
        strays = connection.execute("""
            select relname from pg_class where relnamespace = 'public'::regnamespace and relname ~ 'procrastinate'
            union all
            select typname from pg_type where typnamespace = 'public'::regnamespace and typname ~ 'procrastinate'
            union all
            select proname from pg_proc where pronamespace = 'public'::regnamespace and proname ~ 'procrastinate'
        """)
        assert strays.fetchall() == []


def test_a_worker_that_goes_leaves_the_jobs_it_has_done_as_they_are(database_url: str) -> None:
    """Each of them would be written anew otherwise, with every deploy; what it is at is let go of with it."""
    with psycopg.connect(database_url, autocommit=True, options="-c search_path=queue") as connection:

        def one(query: str, *parameters: Any) -> Any:
            return connection.execute(query.encode(), parameters).fetchall()[0][0]

        worker = one("select procrastinate_register_worker_v1()")
        jobs = []
        for _ in range(2):
            one(
                "select procrastinate_defer_jobs_v1("
                "array[row('q', 't', 0, null, null, '{}', null)]::procrastinate_job_to_defer_v1[])"
            )
            jobs.append(one("select id from procrastinate_fetch_job_v2(null, %s)", worker))
        done, doing = jobs
        one("select procrastinate_finish_job_v1(%s, 'succeeded', false)::text", done)
        places: dict[Any, Any] = dict(connection.execute("select id, ctid::text from procrastinate_jobs").fetchall())
        owners: dict[Any, Any] = dict(connection.execute("select id, worker_id from procrastinate_jobs").fetchall())
        assert owners == {done: None, doing: worker}
        one("select procrastinate_unregister_worker_v1(%s)::text", worker)
        after: dict[Any, Any] = dict(connection.execute("select id, ctid::text from procrastinate_jobs").fetchall())
        assert after[done] == places[done]
        assert after[doing] != places[doing]
