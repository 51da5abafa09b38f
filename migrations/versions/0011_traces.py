"""The trace that an export was asked for in, so that its jobs join it."""

from migrations.files import run_file

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Adds a column that may be empty."""
    run_file("versions/0011_traces.up.sql")


def downgrade() -> None:
    """Takes it back."""
    run_file("versions/0011_traces.down.sql")
