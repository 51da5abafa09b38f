"""Names and ranges of downloads."""

import pytest

from app.web.files import content_disposition, read_range


@pytest.mark.parametrize(
    ("name", "header"),
    [
        ("customers.csv", 'attachment; filename="customers.csv"'),
        ("a b.csv", 'attachment; filename="a b.csv"'),
        ("kunden ü.csv", "attachment; filename=\"kunden _.csv\"; filename*=UTF-8''kunden%20%C3%BC.csv"),
        ('x".csv', "attachment; filename=\"x_.csv\"; filename*=UTF-8''x%22.csv"),
        ("a\\b", "attachment; filename=\"a_b\"; filename*=UTF-8''a%5Cb"),
        (
            "a\r\nSet-Cookie: x=1",
            "attachment; filename=\"a__Set-Cookie: x=1\"; filename*=UTF-8''a%0D%0ASet-Cookie%3A%20x%3D1",
        ),
        ("📦.zip", "attachment; filename=\"_.zip\"; filename*=UTF-8''%F0%9F%93%A6.zip"),
    ],
)
def test_a_name_cannot_leave_its_header(name: str, header: str) -> None:
    """Quotes, line breaks and letters of every script arrive, none of them as syntax."""
    assert content_disposition(name) == header
    header.encode("ascii")


@pytest.mark.parametrize(
    ("header", "wanted"),
    [
        ("bytes=0-9", (0, 9)),
        ("bytes=10-", (10, 99)),
        ("bytes=-10", (90, 99)),
        ("bytes=-1000", (0, 99)),
        ("bytes=90-1000", (90, 99)),
        ("bytes=99-99", (99, 99)),
        ("bytes=100-", (1, 0)),
        ("bytes=-0", (1, 0)),
        ("bytes=9-0", None),
        ("bytes=-", None),
        ("bytes=0-1,5-6", None),
        ("rows=0-1", None),
        ("bytes=a-b", None),
        ("bytes=" + "9" * 30 + "-", None),
    ],
)
def test_ranges(header: str, wanted: tuple[int, int] | None) -> None:
    """One range is served; what is none, or several, is answered with the whole file (RFC 9110, 14.2)."""
    assert read_range(header, 100) == wanted
