-- The data model. Who may read or write what stands in sql/policies/, one file for each table.

create table public.generator_schemas (
    id uuid primary key default gen_random_uuid(),
    owner_id uuid not null default auth.uid(),
    name text,
    sha256 text not null check (sha256 ~ '^[0-9a-f]{64}$'),
    snapshot jsonb not null,
    created_at timestamptz not null default now(),
    unique (owner_id, sha256)
);
comment on table public.generator_schemas is 'Schema snapshots, stored once for each owner and content.';

create table public.generator_exports (
    id uuid primary key default gen_random_uuid(),
    owner_id uuid not null default auth.uid(),
    schema_id uuid references public.generator_schemas (id),
    config jsonb not null,
    plan jsonb not null,
    plan_sha256 text check (plan_sha256 ~ '^[0-9a-f]{64}$'),
    seed text not null,
    prompt_context text,
    engine_version integer not null,
    status text not null default 'queued' check (
        status in ('queued', 'running', 'cancelling', 'completed', 'failed', 'cancelled', 'expired')
    ),
    format text,
    compression text,
    file_name text,
    -- A dot and letters, as csv.gz: it ends an object's key and a file's name.
    extension text not null check (extension ~ '^[a-z0-9]+(\.[a-z0-9]+)*$'),
    -- Computed, so that nobody can point an export at somebody else's file.
    object_path text not null generated always as (owner_id::text || '/' || id::text || '.' || extension) stored,
    content_type text,
    rows_total bigint check (rows_total >= 0),
    rows_generated bigint not null default 0,
    bytes_generated bigint not null default 0,
    parts_total integer,
    parts_done integer not null default 0,
    progress_percent numeric(5, 2) not null default 0 check (progress_percent between 0 and 100),
    bytes bigint,
    sha256 text,
    crc32 bigint,
    upload_id text,
    attempts integer not null default 0,
    error_details jsonb,
    notify jsonb,
    request_id text,
    last_seq bigint not null default 0,
    requested_at timestamptz not null default now(),
    started_at timestamptz,
    finished_at timestamptz,
    expires_at timestamptz,
    updated_at timestamptz not null default now(),
    unique (object_path)
)
-- Progress rewrites rows in place: room on the page keeps those updates off the indexes.
with (fillfactor = 70);
comment on table public.generator_exports is 'One export: what was asked, how far it is, what came of it.';

create index generator_exports_owner_idx on public.generator_exports (owner_id, requested_at desc, id desc);
create index generator_exports_schema_idx on public.generator_exports (schema_id);
create index generator_exports_active_idx on public.generator_exports (status, requested_at)
    where status in ('queued', 'running', 'cancelling');
create index generator_exports_expiry_idx on public.generator_exports (expires_at) where status = 'completed';

create table public.generator_export_parts (
    export_id uuid not null references public.generator_exports (id) on delete cascade,
    -- Part 0 is the export as a whole: its splitting and its completion are fenced and retried like a part.
    part_no integer not null check (part_no >= 0),
    segments jsonb not null,
    rows bigint,
    state text not null default 'pending' check (state in ('pending', 'running', 'done', 'failed')),
    token uuid,
    lease_expires_at timestamptz,
    runs integer not null default 0,
    attempts integer not null default 0,
    etag text,
    bytes bigint,
    crc32 bigint,
    sha256 text,
    facts jsonb,
    rows_done bigint not null default 0,
    started_at timestamptz,
    finished_at timestamptz,
    primary key (export_id, part_no)
)
with (fillfactor = 70);
comment on table public.generator_export_parts is 'The pieces of an export; a piece belongs to the holder of its token.';

create index generator_export_parts_lease_idx on public.generator_export_parts (lease_expires_at)
    where state = 'running';

create table public.generator_export_events (
    export_id uuid not null references public.generator_exports (id) on delete cascade,
    seq bigint not null,
    kind text not null check (
        kind in (
            'queued', 'started', 'progress', 'status', 'completed', 'failed', 'cancelling', 'cancelled', 'expired',
            'delivery', 'retry'
        )
    ),
    status text not null,
    progress_percent numeric(5, 2) not null,
    rows_generated bigint not null,
    details jsonb not null default '{}',
    created_at timestamptz not null default now(),
    primary key (export_id, seq)
);
comment on table public.generator_export_events is
    'What happened to an export, without gaps. Written by generator_append_event alone.';

create index generator_export_events_created_idx on public.generator_export_events (created_at);

create table public.generator_export_shares (
    export_id uuid not null references public.generator_exports (id) on delete cascade,
    user_id uuid not null,
    role text not null check (role in ('editor', 'viewer')),
    created_at timestamptz not null default now(),
    created_by uuid default auth.uid(),
    primary key (export_id, user_id)
);
comment on table public.generator_export_shares is 'Whom an export is shared with: editors act on it, viewers watch.';

create index generator_export_shares_user_idx on public.generator_export_shares (user_id, export_id);

create table public.generator_export_deliveries (
    id uuid primary key default gen_random_uuid(),
    export_id uuid not null references public.generator_exports (id) on delete cascade,
    channel text not null check (channel in ('webhook', 'email')),
    target text not null,
    state text not null default 'pending' check (state in ('pending', 'delivering', 'delivered', 'failed')),
    attempts integer not null default 0,
    last_status integer,
    last_response text,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    delivered_at timestamptz
);
comment on table public.generator_export_deliveries is 'Word sent to the user: each webhook and email, and how it went.';

create index generator_export_deliveries_export_idx on public.generator_export_deliveries (export_id);
create index generator_export_deliveries_open_idx on public.generator_export_deliveries (updated_at)
    where state in ('pending', 'delivering');

create table public.generator_quotas (
    user_id uuid primary key,
    max_active_exports integer check (max_active_exports >= 0),
    max_rows_per_export bigint check (max_rows_per_export >= 0),
    max_exports_per_day integer check (max_exports_per_day >= 0),
    max_stored_bytes bigint check (max_stored_bytes >= 0),
    retention_s integer check (retention_s > 0),
    updated_at timestamptz not null default now()
);
comment on table public.generator_quotas is 'What a user may use, where it differs from the defaults; null is the default.';

create table public.generator_idempotency_keys (
    owner_id uuid not null,
    key text not null check (length(key) between 1 and 255),
    request_sha256 text not null,
    export_id uuid references public.generator_exports (id) on delete cascade,
    response jsonb,
    created_at timestamptz not null default now(),
    primary key (owner_id, key)
);
comment on table public.generator_idempotency_keys is 'Requests that were served, so that a repeated one is not served twice.';

create index generator_idempotency_keys_export_idx on public.generator_idempotency_keys (export_id);
create index generator_idempotency_keys_created_idx on public.generator_idempotency_keys (created_at);

create table public.generator_event_tickets (
    token_sha256 text primary key check (token_sha256 ~ '^[0-9a-f]{64}$'),
    user_id uuid not null,
    claims jsonb not null,
    export_id uuid references public.generator_exports (id) on delete cascade,
    expires_at timestamptz not null,
    used_at timestamptz
);
comment on table public.generator_event_tickets is
    'Single-use stand-ins for a token, for an EventSource that cannot send headers; kept as digests.';

create index generator_event_tickets_export_idx on public.generator_event_tickets (export_id);
create index generator_event_tickets_expiry_idx on public.generator_event_tickets (expires_at);

create table public.generator_downloads (
    id uuid primary key default gen_random_uuid(),
    -- No foreign key: the record outlives the export.
    export_id uuid not null,
    user_id uuid,
    kind text not null check (kind in ('signed', 'download')),
    expires_at timestamptz,
    request_id text,
    created_at timestamptz not null default now()
);
comment on table public.generator_downloads is 'Each URL handed out and each download. Rows are added, never changed.';

create index generator_downloads_export_idx on public.generator_downloads (export_id, created_at);
create index generator_downloads_user_idx on public.generator_downloads (user_id, created_at);

-- Schema seedbed is exposed to nobody's API: what follows is the service's own.

create table seedbed.removed_exports (
    id uuid primary key,
    owner_id uuid not null,
    removed_by uuid,
    schema_id uuid,
    status text not null,
    format text,
    file_name text,
    object_path text not null,
    rows_generated bigint not null,
    bytes bigint,
    requested_at timestamptz not null,
    started_at timestamptz,
    finished_at timestamptz,
    removed_at timestamptz not null default now()
);
comment on table seedbed.removed_exports is 'What a deleted export was. Rows are added, never changed.';

create table seedbed.orphaned_objects (
    id bigint primary key generated always as identity,
    object_path text not null,
    upload_id text,
    orphaned_at timestamptz not null default now()
);
comment on table seedbed.orphaned_objects is
    'What the store still holds for exports that are gone: with upload_id an upload to abort, without it an object to '
    'remove. Whoever removes it deletes the row.';
