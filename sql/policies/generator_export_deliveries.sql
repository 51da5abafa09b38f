-- generator_export_deliveries: the owner sees how word of an export was sent. Editors and viewers do not: a target
-- may be an address, or a webhook URL that is a credential. The service alone writes.

alter table public.generator_export_deliveries enable row level security, force row level security;

revoke all on public.generator_export_deliveries from public, anon, authenticated, service_role;
grant select, insert, update, delete on public.generator_export_deliveries to service_role;
grant select on public.generator_export_deliveries to authenticated;

drop policy if exists "owners see deliveries" on public.generator_export_deliveries;
create policy "owners see deliveries" on public.generator_export_deliveries
    for select to authenticated
    using (
        exists (
            select from public.generator_exports as e
            where e.id = generator_export_deliveries.export_id and e.owner_id = (select auth.uid())
        )
    );

drop policy if exists "the service does everything" on public.generator_export_deliveries;
create policy "the service does everything" on public.generator_export_deliveries
    for all to service_role using (true) with check (true);
