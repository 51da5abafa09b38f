"""Table metadata, for the queries that vary; fixed queries are in `sql/queries/`."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB, TIMESTAMP, UUID

metadata = sa.MetaData(schema="public")

_MOMENT = TIMESTAMP(timezone=True)

exports = sa.Table(
    "generator_exports",
    metadata,
    sa.Column("id", UUID, primary_key=True),
    sa.Column("owner_id", UUID, nullable=False),
    sa.Column("schema_id", UUID),
    sa.Column("config", JSONB, nullable=False),
    sa.Column("plan", JSONB, nullable=False),
    sa.Column("plan_sha256", sa.Text),
    sa.Column("seed", sa.Text, nullable=False),
    sa.Column("prompt_context", sa.Text),
    sa.Column("engine_version", sa.Integer, nullable=False),
    sa.Column("status", sa.Text, nullable=False),
    sa.Column("format", sa.Text),
    sa.Column("compression", sa.Text),
    sa.Column("file_name", sa.Text),
    sa.Column("extension", sa.Text, nullable=False),
    sa.Column("object_path", sa.Text, sa.FetchedValue(), nullable=False),
    sa.Column("content_type", sa.Text),
    sa.Column("rows_total", sa.BigInteger),
    sa.Column("rows_generated", sa.BigInteger, nullable=False),
    sa.Column("bytes_generated", sa.BigInteger, nullable=False),
    sa.Column("parts_total", sa.Integer),
    sa.Column("parts_done", sa.Integer, nullable=False),
    sa.Column("progress_percent", sa.Numeric(5, 2), nullable=False),
    sa.Column("bytes", sa.BigInteger),
    sa.Column("sha256", sa.Text),
    sa.Column("crc32", sa.BigInteger),
    sa.Column("upload_id", sa.Text),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("error_details", JSONB),
    sa.Column("notify", JSONB),
    sa.Column("request_id", sa.Text),
    sa.Column("last_seq", sa.BigInteger, nullable=False),
    sa.Column("requested_at", _MOMENT, nullable=False),
    sa.Column("started_at", _MOMENT),
    sa.Column("finished_at", _MOMENT),
    sa.Column("expires_at", _MOMENT),
    sa.Column("updated_at", _MOMENT, nullable=False),
    sa.Column("pace", JSONB),
)

shares = sa.Table(
    "generator_export_shares",
    metadata,
    sa.Column("export_id", UUID, primary_key=True),
    sa.Column("user_id", UUID, primary_key=True),
    sa.Column("role", sa.Text, nullable=False),
    sa.Column("created_at", _MOMENT, nullable=False),
    sa.Column("created_by", UUID),
)

schemas = sa.Table(
    "generator_schemas",
    metadata,
    sa.Column("id", UUID, primary_key=True),
    sa.Column("owner_id", UUID, nullable=False),
    sa.Column("name", sa.Text),
    sa.Column("sha256", sa.Text, nullable=False),
    sa.Column("snapshot", JSONB, nullable=False),
    sa.Column("created_at", _MOMENT, nullable=False),
)
