"""The roles and auth functions that Supabase has, where they are missing."""

from migrations.files import run_file

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Leaves alone what is there."""
    run_file("compat/roles.sql")
    run_file("compat/auth.sql")


def downgrade() -> None:
    """Removes what we made, the roles excepted: they belong to the server."""
    run_file("versions/0001_compat.down.sql")
