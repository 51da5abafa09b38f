-- generator_event_tickets: the service's alone. People get tickets from generator_issue_event_ticket and never see
-- the table, not even their own rows.

alter table public.generator_event_tickets enable row level security, force row level security;

revoke all on public.generator_event_tickets from public, anon, authenticated, service_role;
grant select, insert, update, delete on public.generator_event_tickets to service_role;

drop policy if exists "the service does everything" on public.generator_event_tickets;
create policy "the service does everything" on public.generator_event_tickets
    for all to service_role using (true) with check (true);
