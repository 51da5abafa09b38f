create table seedbed.audit_log (
    id bigint primary key generated always as identity,
    at timestamptz not null default clock_timestamp(),
    act text not null check (
        act in (
            'create', 'cancel', 'retry', 'delete', 'expire', 'share', 'change share', 'unshare', 'sign', 'download',
            'set quota', 'remove quota'
        )
    ),
    -- Null where no user was signed in: the service, or somebody at a SQL prompt; acting_role says which.
    actor_id uuid,
    acting_role text not null,
    -- No foreign keys: the record outlives what it is about.
    export_id uuid,
    owner_id uuid,
    details jsonb not null default '{}',
    request_id text
);
comment on table seedbed.audit_log is 'What people and the service did, in order. Rows are added by triggers, never changed.';

create index audit_log_export_idx on seedbed.audit_log (export_id, id);
create index audit_log_actor_idx on seedbed.audit_log (actor_id, id);
-- Rows come in the order of their time: a summary of each block range finds a day in a large log.
create index audit_log_at_idx on seedbed.audit_log using brin (at);
