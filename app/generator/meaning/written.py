"""Moments and times of day that columns of text hold."""

from app.generator.meaning.moments import MOST_EARLIER, before, delay, rank_of
from app.generator.meaning.surroundings import Surroundings
from app.generator.meaning.texts import Chosen


def choose_written(around: Surroundings) -> Chosen:
    """The generator of a column of text that holds moments: after those of the row that come before them."""
    rank = rank_of(around.said_as_moment(around.context.column.name))
    if around.context.unique or around.concept.name != "text_moment":
        return "timestamp", {}
    earlier = [
        *before(around, rank, around.moments(), around.said),
        *before(around, rank, around.written_moments(), around.said_as_moment),
    ]
    if not earlier:
        return "timestamp", {}
    least, most = delay(around, rank)
    return "later", {"of": earlier[:MOST_EARLIER], "min_seconds": least, "max_seconds": most}
