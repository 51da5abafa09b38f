"""The data model."""

from migrations.files import run_file

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Creates the tables; who may use them follows in sql/policies/."""
    run_file("versions/0002_tables.up.sql")


def downgrade() -> None:
    """Removes the tables, with what they hold, and the functions and views that stand on them."""
    run_file("versions/0002_tables.down.sql")
