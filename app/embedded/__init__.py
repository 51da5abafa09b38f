"""A PostgreSQL server that needs no installation."""

from app.embedded.server import EmbeddedPostgres, checkout_folder

__all__ = ["EmbeddedPostgres", "checkout_folder"]
