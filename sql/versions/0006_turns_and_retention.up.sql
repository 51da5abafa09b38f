-- The last turn of an owner is one probe; see sql/functions/turns.sql.
create index seedbed_turns_idx on queue.procrastinate_jobs ((args ->> 'owner_id'), priority) where status = 'todo';

-- How long the request wants its file kept; the owner's limit caps it.
alter table public.generator_exports add column retention_s integer check (retention_s > 0);

-- What the file is expected to have, so that stored bytes are bounded before there are any.
alter table public.generator_exports add column bytes_expected bigint check (bytes_expected >= 0);

-- The sum of stored bytes is read off this index.
create index generator_exports_stored_idx on public.generator_exports (status) include (bytes, bytes_expected)
    where status in ('queued', 'running', 'cancelling', 'completed');

-- Events of exports that ended long ago are found by it.
create index generator_exports_finished_idx on public.generator_exports (finished_at) where finished_at is not null;

-- What any worker may do and only one has to, and when one did so last.
create table seedbed.upkeep_turns (
    name text primary key,
    taken_at timestamptz not null default now()
);
comment on table seedbed.upkeep_turns is 'When each kind of upkeep was last begun, so that workers do not all do it.';
