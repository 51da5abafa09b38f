"""Autovacuum comes to the table of jobs as often as its dead rows ask for."""

from migrations.files import run_file

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Sets two of the table's parameters, which blocks nobody."""
    run_file("versions/0013_queue_upkeep.up.sql")


def downgrade() -> None:
    """Takes them back."""
    run_file("versions/0013_queue_upkeep.down.sql")
