"""Request bodies: strict JSON, and one clear answer for each thing that is not."""

import pytest

from app.errors import RequestMalformed
from app.exports.json_text import MOST_DEPTH, decode


def refused(raw: bytes) -> tuple[str, str]:
    with pytest.raises(RequestMalformed) as caught:
        decode(raw)
    (fault,) = caught.value.faults
    return fault.code, fault.message


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (b"", "empty_body"),
        (b" \n", "empty_body"),
        (b"{", "invalid_json"),
        (b'{"a": 1,}', "invalid_json"),
        (b"{'a': 1}", "invalid_json"),
        (b'{"a": 1} x', "invalid_json"),
        (b'{"a": "\n"}', "invalid_json"),
        (b'{"a": NaN}', "invalid_json"),
        (b'{"a": -Infinity}', "invalid_json"),
        (b'{"a": 1e999}', "number_too_large"),
        (b'{"a": ' + b"9" * 5_000 + b"}", "number_too_long"),
        (b'{"a": 1, "a": 2}', "duplicate_field"),
        (b'{"b": {"a": 1, "c": 2, "a": 1}}', "duplicate_field"),
        (b'{"a": "\xff"}', "invalid_encoding"),
        (b'\xff\xfe{\x00"\x00a\x00', "invalid_encoding"),
        (b"[" * (MOST_DEPTH + 1) + b"]" * (MOST_DEPTH + 1), "too_deep"),
        (b"[" * 100_000, "too_deep"),
        (b'{"a":' * 50_000 + b"1" + b"}" * 50_000, "too_deep"),
        (b"[" + b"[]," * 1_000_000 + b"[]]", "too_many_values"),
    ],
)
def test_what_is_not_json_is_refused(raw: bytes, code: str) -> None:
    """Each by its own code, none by a crash."""
    assert refused(raw)[0] == code


def test_a_syntax_error_is_told_by_place() -> None:
    """Line and column, so that it can be found."""
    assert "line 3, column 8" in refused(b'{\n  "a": 1,\n  "b": x\n}')[1]


def test_the_depth_that_is_allowed_is_read() -> None:
    """The limit itself is fine."""
    assert decode(b"[" * MOST_DEPTH + b"]" * MOST_DEPTH).value


def test_many_brackets_need_not_be_deep() -> None:
    """A wide body is no deep one."""
    assert len(decode(b"[" + b",".join([b'{"a": []}'] * 1_000) + b"]").value) == 1_000


def test_brackets_in_text_do_not_count() -> None:
    """A string may hold what it likes."""
    assert decode(b'{"ddl": "' + b"[{" * 1_000 + b'"}').value["ddl"] == "[{" * 1_000


def test_the_same_body_has_the_same_hash() -> None:
    """However its fields are ordered and spaced."""
    one, two, other = decode(b'{"a": 1, "b": [1, 2]}'), decode(b'{"b":[1,2],"a":1}'), decode(b'{"b":[2,1],"a":1}')
    assert one.sha256 == two.sha256 != other.sha256


def test_a_byte_order_mark_is_let_pass() -> None:
    """Some editors write one."""
    assert decode(b"\xef\xbb\xbf{}").value == {}
