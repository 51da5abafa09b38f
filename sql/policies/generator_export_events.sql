-- generator_export_events: whoever sees the export sees its events. They are written by generator_append_event alone,
-- never changed, and deleted by the service when they are old.

alter table public.generator_export_events enable row level security, force row level security;

revoke all on public.generator_export_events from public, anon, authenticated, service_role;
grant select, delete on public.generator_export_events to service_role;
grant select on public.generator_export_events to authenticated;

-- The subquery runs as the caller, under the policies of generator_exports.
drop policy if exists "people see events of exports they see" on public.generator_export_events;
create policy "people see events of exports they see" on public.generator_export_events
    for select to authenticated
    using (exists (select from public.generator_exports as e where e.id = generator_export_events.export_id));

-- Insertion is for the function's sake, where its owner does not bypass row-level security; service_role has no grant.
drop policy if exists "the service does everything" on public.generator_export_events;
create policy "the service does everything" on public.generator_export_events
    for all to service_role using (true) with check (true);
