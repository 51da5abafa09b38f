"""Real workers serve many users: who asks for much does not keep the others waiting."""

from uuid import uuid4

import pytest

from app.adapters.postgres.queue import JobQueue
from app.adapters.postgres.store import PostgresStore
from app.exports.models import Caller, Export, Limits, Status
from app.exports.planning import EnginePlanning
from app.exports.requests import ExportConfig, ExportRequest, SchemaBySnapshot
from app.exports.service import Exports
from tests.integration.tasks.workers import ShopSchema, Site

MANY = 120


def user() -> Caller:
    return Caller(uid := uuid4(), {"sub": str(uid)})


@pytest.mark.slow
async def test_one_users_many_exports_do_not_starve_anothers_one(site: Site) -> None:
    """One has two large exports and a hundred small ones waiting; another asks for a small and a large one, and has them
    while nearly everything of the first still waits."""
    exports = Exports(
        PostgresStore(site.database, JobQueue()),
        site.objects,
        ShopSchema(),
        limits=Limits(active_exports=1_000),
        part_bytes=1_000_000,
        planning=EnginePlanning(least_part_bytes=500_000),
    )

    async def ask(caller: Caller, rows: int) -> Export:
        request = ExportRequest(SchemaBySnapshot({}), ExportConfig("csv", rows, tables=("customers",)), "7")
        return (await exports.create(caller, request)).export

    greedy, modest = user(), user()
    for rows in [200_000, 200_000, *[1_000] * MANY]:
        await ask(greedy, rows)
    small, large = await ask(modest, 1_000), await ask(modest, 60_000)
    assert large.parts_total > 1
    await site.start_worker()
    for wanted in (small, large):
        site.caller = modest
        done = await site.ended(wanted)
        assert done.status is Status.COMPLETED, done.error_details
    overtaken = await site.rows(
        "select count(*) filter (where rows_total = 1000 and finished_at < (select finished_at from generator_exports"
        " where id = %s)), count(*) filter (where finished_at < (select finished_at from generator_exports"
        " where id = %s)) from generator_exports where owner_id = %s",
        small.id, large.id, greedy.user_id,
    )  # fmt: skip
    before_small, before_large = overtaken[0]
    # As many as are fetched at once, and a turn or two.
    assert before_small <= 12
    # The large one is some five parts of three turns each, against small ones of one.
    assert before_large <= MANY / 2
