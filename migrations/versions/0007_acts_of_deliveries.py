"""Acts about deliveries in the audit log."""

from migrations.files import run_file

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Lets the log hold redeliveries and new signing secrets."""
    run_file("versions/0007_acts_of_deliveries.up.sql")


def downgrade() -> None:
    """Lets it hold no more of them."""
    run_file("versions/0007_acts_of_deliveries.down.sql")
