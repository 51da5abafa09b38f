"""The double of Supabase Storage answers as the real server did.

With STORAGE_TEST_URL (see places.py) the real server is asked again: whether a newer one still answers so.
"""

import json
from uuid import UUID

import httpx

from tests.contract.conversation import ANSWERS, STEPS, converse, recorded
from tests.contract.places import BACKEND, REAL, storage_place

BUCKET = "generator-exports"
_NOBODY = UUID(int=0)


def test_the_double_answers_as_the_real_server() -> None:
    """Status, headers and body of every call that the driver makes, and of every refusal it may meet."""
    expected = recorded(BACKEND)
    assert list(expected) == [step.name for step in STEPS]
    with storage_place() as place:
        if REAL:
            authority = {"authorization": f"Bearer {place.token('service', _NOBODY)}"}
            httpx.delete(f"{place.url}/storage/v1/bucket/{BUCKET}", headers=authority)
        for step, answer in converse(place, BUCKET):
            assert answer == expected[step.name], step.name


def test_the_recording_holds_nothing_of_its_run() -> None:
    """No token, id or time of the day it was made: such answers could never be the same twice."""
    text = json.dumps(json.loads(ANSWERS.read_text()))
    assert "eyJ" not in text
    assert "<token>" in text
    assert "<uuid>" in text
    assert "<time>" in text
