"""Shares with people who are known by their mail address alone."""

from migrations.files import run_file

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Adds the table of invitations, and to shares which of them they came by."""
    run_file("versions/0008_invitations.up.sql")


def downgrade() -> None:
    """Takes both back; shares that were taken up by then stay."""
    run_file("versions/0008_invitations.down.sql")
