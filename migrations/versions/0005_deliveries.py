"""Webhooks and mails: what a delivery carries and when it is due, and whose signing secret is in force."""

from migrations.files import run_file

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Adds what deliveries need; who may use the new table follows in sql/policies/."""
    run_file("versions/0005_deliveries.up.sql")


def downgrade() -> None:
    """Takes it back; deliveries themselves stay."""
    run_file("versions/0005_deliveries.down.sql")
