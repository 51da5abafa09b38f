"""Seedbed: believable, referentially intact test data for any Postgres schema."""

__version__ = "0.1.0"
