"""The demonstration: the whole service on one machine, with one export made the way any client would."""

from pathlib import Path

_SHOP = Path(__file__).with_name("shop.sql")


def shop_ddl() -> str:
    """The DDL of the bicycle shop."""
    return _SHOP.read_text(encoding="utf-8")
