"""Alembic's environment: revisions that execute versioned SQL files."""
