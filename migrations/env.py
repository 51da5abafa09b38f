"""Run by Alembic for each command, on the connection that `app.adapters.postgres.migrations` hands over."""

from alembic import context
from sqlalchemy import Connection

connection = context.config.attributes.get("connection")
if not isinstance(connection, Connection):
    raise SystemExit("run `seedbed migrate`: it takes the lock and sets the time-outs")

context.configure(connection=connection, version_table="alembic_version", version_table_schema="seedbed")
with context.begin_transaction():
    context.run_migrations()
