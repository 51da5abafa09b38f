"""Events in partitions by day, so that clean-up is a drop."""

from migrations.files import run_file

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Puts a partitioned table in the old one's place; the old one becomes its first partition, with its rows."""
    run_file("versions/0010_event_partitions.up.sql")


def downgrade() -> None:
    """Copies the events back into one table."""
    run_file("versions/0010_event_partitions.down.sql")
