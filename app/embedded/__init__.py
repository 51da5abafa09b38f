"""A PostgreSQL server that needs no installation."""

from app.embedded.folders import checkout_folder
from app.embedded.server import EmbeddedPostgres

__all__ = ["EmbeddedPostgres", "checkout_folder"]
