"""The pace of a running export, which its end is predicted by."""

from migrations.files import run_file

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Adds a column that may be empty."""
    run_file("versions/0012_pace.up.sql")


def downgrade() -> None:
    """Takes it back."""
    run_file("versions/0012_pace.down.sql")
