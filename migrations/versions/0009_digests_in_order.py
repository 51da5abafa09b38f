"""The digest of a file, taken part by part while they are made."""

from migrations.files import run_file

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Adds what one part's maker leaves for the next one's."""
    run_file("versions/0009_digests_in_order.up.sql")


def downgrade() -> None:
    """Takes it back."""
    run_file("versions/0009_digests_in_order.down.sql")
