"""What vendors have added to a request's trace goes on to its jobs."""

from migrations.files import run_file

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Adds a column that may be empty."""
    run_file("versions/0014_tracestate.up.sql")


def downgrade() -> None:
    """Takes it back."""
    run_file("versions/0014_tracestate.down.sql")
