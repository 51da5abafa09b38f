-- What a delivery carries and when it is due, and which of a user's signing secrets is in force.

alter table public.generator_export_deliveries
    add column event text not null default 'completed' check (event in ('completed', 'failed')),
    -- The event it tells of: one delivery for each, however often the transaction is tried.
    add column event_seq bigint not null default 0,
    add column payload jsonb not null default '{}',
    -- Attempts before the last time that somebody asked for it to be sent again.
    add column round_start integer not null default 0,
    -- When it is due; while it is being delivered, when the one who does so counts as lost.
    add column next_attempt_at timestamptz not null default now(),
    add column last_error text,
    add unique (export_id, channel, event_seq);

drop index public.generator_export_deliveries_export_idx;
drop index public.generator_export_deliveries_open_idx;
create index generator_export_deliveries_due_idx on public.generator_export_deliveries (next_attempt_at)
    where state in ('pending', 'delivering');

create table public.generator_webhook_secrets (
    user_id uuid primary key,
    version integer not null default 1 check (version > 0),
    created_at timestamptz not null default now(),
    previous_until timestamptz
);
comment on table public.generator_webhook_secrets is
    'Which of a user''s signing secrets is in force. The secrets are derived from the service''s key and stand nowhere.';
