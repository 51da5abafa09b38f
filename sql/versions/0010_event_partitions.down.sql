-- By now there are no policies, and without them their owner would be shown no row: neither to copy nor to find the
-- export of.
alter table public.generator_exports no force row level security;
alter table public.generator_export_events no force row level security;

create table seedbed.events_again
    (like public.generator_export_events including defaults including constraints including comments);
insert into seedbed.events_again select * from public.generator_export_events;
drop table public.generator_export_events;

alter table seedbed.events_again set schema public;
alter table public.events_again rename to generator_export_events;
comment on table public.generator_export_events is
    'What happened to an export, without gaps. Written by generator_append_event alone.';
alter table public.generator_export_events
    add constraint generator_export_events_pkey primary key (export_id, seq);
alter table public.generator_export_events
    add constraint generator_export_events_export_id_fkey
    foreign key (export_id) references public.generator_exports (id) on delete cascade;
create index generator_export_events_created_idx on public.generator_export_events (created_at);
alter table public.generator_export_events enable row level security, force row level security;
alter table public.generator_exports force row level security;
