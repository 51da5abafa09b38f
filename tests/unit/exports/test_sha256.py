"""A SHA-256 that is put down and taken up is the one of all the bytes."""

import hashlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.exports import sha256
from app.exports.sha256 import Sha256, Sha256Unavailable


@given(st.lists(st.binary(max_size=300), max_size=8))
def test_it_is_handed_on_after_any_byte(pieces: list[bytes]) -> None:
    """Each piece is digested by an object that knows no more than the state."""
    state = Sha256().state()
    for piece in pieces:
        digest = Sha256(state)
        digest.update(piece)
        state = digest.state()
    assert Sha256(state).hexdigest() == hashlib.sha256(b"".join(pieces)).hexdigest()


def test_what_was_asked_for_changes_nothing() -> None:
    """A digest may be read in the middle."""
    digest = Sha256()
    digest.update(b"one")
    assert digest.hexdigest() == digest.hexdigest() == hashlib.sha256(b"one").hexdigest()
    digest.update(b"two")
    assert digest.hexdigest() == hashlib.sha256(b"onetwo").hexdigest()


def test_counts_beyond_32_bits_are_kept() -> None:
    """512 MiB are 2^32 bits: the high half of the count goes along."""
    block = bytes(1 << 24)
    digest, whole = Sha256(), hashlib.sha256()
    for _ in range(33):
        digest.update(block)
        whole.update(block)
    later = Sha256(digest.state())
    later.update(b"end")
    whole.update(b"end")
    assert later.hexdigest() == whole.hexdigest()


def test_a_file_is_digested(tmp_path: Path) -> None:
    """Of more than is read at once."""
    data = bytes(range(256)) * 20_000
    (tmp_path / "file").write_bytes(data)
    digest = Sha256()
    digest.update_from(tmp_path / "file")
    assert digest.hexdigest() == hashlib.sha256(data).hexdigest()


@pytest.mark.parametrize("state", [b"", b"x" * 39, Sha256().state() + b"more"])
def test_what_is_no_state_is_refused(state: bytes) -> None:
    with pytest.raises(ValueError, match="no state"):
        Sha256(state)


def test_where_openssl_shows_nothing_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    """Then files are read back."""
    monkeypatch.setattr(sha256, "_library", lambda: None)
    assert not sha256.can_be_handed_on()
    with pytest.raises(Sha256Unavailable):
        Sha256()
