"""Fair turns in the queue, and what bounds how much is stored, and for how long."""

from migrations.files import run_file

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Adds an index for turns, and the columns that retention and stored bytes are decided by."""
    run_file("versions/0006_turns_and_retention.up.sql")


def downgrade() -> None:
    """Takes them back."""
    run_file("versions/0006_turns_and_retention.down.sql")
