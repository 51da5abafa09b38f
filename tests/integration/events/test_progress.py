"""What workers write is heard: progress, which is told of after its commit, and the ends, with theirs."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from app.adapters.postgres.hub import EventHub
from tests.integration.events.test_hub import Follower
from tests.integration.exports.world import World, caller, request


@pytest.fixture
async def world(database_url: str, tmp_path: Path) -> AsyncIterator[World]:
    made = World(database_url, tmp_path)
    yield made
    await made.close()


async def test_an_exports_story_is_heard_as_it_is_written(world: World) -> None:
    """With a hub that hardly ever looks by itself: every event is told of, the first to the last."""
    hub = EventHub(world.database_url, world.database_url, sweep_s=60, canary_s=60)
    await hub.start()
    try:
        export_id = (await world.exports.create(caller(), request(3_000))).export.id
        follower = Follower()
        subscription = hub.follow(export_id, follower.wake)
        subscription.resume(0)
        follower.on(subscription)
        await world.work_off()
        kinds = await world.kinds(export_id)
        assert kinds.count("progress") > 0
        await follower.has(export_id, len(kinds))
        assert follower.seqs(export_id) == list(range(1, len(kinds) + 1))
    finally:
        await hub.close()
