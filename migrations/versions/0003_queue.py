"""Procrastinate's schema, in schema `queue`."""

from procrastinate.schema import SchemaManager

from migrations.files import run_file, run_script

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Creates what the installed Procrastinate asks for; a later version of it brings a revision of its own."""
    run_script("create schema queue")
    run_script(SchemaManager.get_schema(), search_path="queue")
    run_file("versions/0003_queue.after.sql")


def downgrade() -> None:
    """Removes the queue with its jobs."""
    run_file("versions/0003_queue.down.sql")
