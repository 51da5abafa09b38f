"""The audit log: who did what with which export, added to and never changed."""

from migrations.files import run_file

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Creates the table; what writes to it stands in sql/functions/audit_log.sql."""
    run_file("versions/0004_audit_log.up.sql")


def downgrade() -> None:
    """Removes the log with what it holds."""
    run_file("versions/0004_audit_log.down.sql")
