-- Events by days (UTC), so that clean-up is a drop. Partitions live in schema seedbed, which no API exposes, and are
-- shut: whoever may see an event sees it through the table. See sql/functions/event_partitions.sql.

-- Writers take the export's row first and its events after it; so do we. The locks last for as long as an index takes
-- to build over the rows that are there: docs/ops/migrations.md says how to build it beforehand.
lock table public.generator_exports in share row exclusive mode;
lock table public.generator_export_events in access exclusive mode;

do $$
declare
    policy name;
begin
    for policy in
        select p.policyname from pg_catalog.pg_policies as p
        where p.schemaname = 'public' and p.tablename = 'generator_export_events'
    loop
        execute format('drop policy %I on public.generator_export_events', policy);
    end loop;
end
$$;
revoke all on public.generator_export_events from public, anon, authenticated, service_role;
alter table public.generator_export_events set schema seedbed;
alter table seedbed.generator_export_events rename to events_before;
alter index seedbed.generator_export_events_created_idx rename to events_before_created_at_idx;
comment on table seedbed.events_before is 'Events of before there were partitions by day.';

create table public.generator_export_events (like seedbed.events_before including defaults including constraints)
    partition by range (created_at);
comment on table public.generator_export_events is
    'What happened to an export, without gaps. Written by generator_append_event alone. Partitioned by day.';
-- A unique key has to hold what rows are parted by. That an export has each seq once is not this key's doing: the number
-- is assigned by an update of the export's row, under its lock.
alter table public.generator_export_events
    add constraint generator_export_events_pkey primary key (export_id, seq, created_at);
create index generator_export_events_created_idx on public.generator_export_events (created_at);
alter table public.generator_export_events
    add constraint generator_export_events_export_id_fkey
    foreign key (export_id) references public.generator_exports (id) on delete cascade;
alter table public.generator_export_events enable row level security, force row level security;
revoke all on public.generator_export_events from public, anon, authenticated, service_role;

-- For events of a day that nobody has made a partition for: an insert never fails for want of one.
create table seedbed.events_default partition of public.generator_export_events default;
comment on table seedbed.events_default is 'Events of days without a partition.';

do $$
declare
    first_day date := (now() at time zone 'UTC')::date;
    newest timestamptz := (select max(created_at) from seedbed.events_before);
    day date;
begin
    if newest is null then
        drop table seedbed.events_before;
    else
        first_day := greatest(first_day, (newest at time zone 'UTC')::date) + 1;
        alter table seedbed.events_before drop constraint generator_export_events_pkey;
        -- Large tables have it built beforehand.
        create unique index if not exists events_before_pkey
            on seedbed.events_before (export_id, seq, created_at);
        alter table seedbed.events_before
            add constraint events_before_pkey primary key using index events_before_pkey;
        execute format(
            'alter table public.generator_export_events attach partition seedbed.events_before '
            'for values from (minvalue) to (%L)',
            first_day::timestamp at time zone 'UTC'
        );
    end if;
    for day in select first_day + n from generate_series(0, 7) as n loop
        execute format(
            'create table seedbed.events_%s partition of public.generator_export_events for values from (%L) to (%L)',
            to_char(day, 'YYYYMMDD'), day::timestamp at time zone 'UTC', (day + 1)::timestamp at time zone 'UTC'
        );
        execute format('comment on table seedbed.events_%s is %L', to_char(day, 'YYYYMMDD'), 'Events of ' || day);
    end loop;
end
$$;

-- Shut, whoever asks: their owner too, since it is the table's policies that count for what is read through the table.
do $$
declare
    part regclass;
begin
    for part in
        select i.inhrelid from pg_catalog.pg_inherits as i
        where i.inhparent = 'public.generator_export_events'::regclass
    loop
        execute format('alter table %s enable row level security, force row level security', part);
        execute format('revoke all on %s from public, anon, authenticated, service_role', part);
    end loop;
end
$$;
