"""How many streams one user may have open."""

from uuid import UUID

import pytest

from app.web.errors import TooManyRequests
from app.web.streams import EventStream, Frames, Streams

MOST = 100
ANN, BEN = UUID(int=1), UUID(int=2)


def test_streams_of_one_user_take_no_place_of_anothers() -> None:
    """Ten thousand are asked for, a hundred are let in, and the rest told when to come back; another user is let in
    meanwhile, the first again when one has ended; and nothing is remembered of whoever has none."""
    streams = Streams(MOST)
    opened = []
    for _ in range(MOST):
        streams.admit(ANN)
        opened.append(EventStream(streams, Frames(), owner=ANN))
        streams.add(opened[-1])
    for _ in range(10_000 - MOST):
        with pytest.raises(TooManyRequests) as refused:
            streams.admit(ANN)
        assert refused.value.facts["retry_after_s"] > 0
    assert len(streams) == MOST
    streams.admit(BEN)
    streams.discard(opened.pop())
    # Said twice, it counts once.
    streams.discard(EventStream(streams, Frames(), owner=ANN))
    streams.admit(ANN)
    streams.add(EventStream(streams, Frames(), owner=ANN))
    with pytest.raises(TooManyRequests):
        streams.admit(ANN)
    for stream in [*streams._open]:
        streams.discard(stream)
    assert (len(streams), streams._owned) == (0, {})


def test_a_limit_of_none_is_none() -> None:
    """0 is for any number."""
    streams = Streams(0)
    for _ in range(1_000):
        streams.admit(ANN)
        streams.add(EventStream(streams, Frames(), owner=ANN))
    assert len(streams) == 1_000
