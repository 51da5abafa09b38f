-- generator_downloads: a record of who was handed which file. The owner of an export sees all of its rows, a person
-- sees their own. Rows are added by the service and by generator_authorise_download; nobody changes or removes one:
-- no grant, no policy, and a trigger that holds for superusers too (sql/functions/rows.sql).

alter table public.generator_downloads enable row level security, force row level security;

revoke all on public.generator_downloads from public, anon, authenticated, service_role;
grant select, insert on public.generator_downloads to service_role;
grant select on public.generator_downloads to authenticated;

drop policy if exists "people see their downloads and those of their exports" on public.generator_downloads;
create policy "people see their downloads and those of their exports" on public.generator_downloads
    for select to authenticated
    using (user_id = (select auth.uid()) or seedbed.owns_export(export_id));

drop policy if exists "the service reads" on public.generator_downloads;
create policy "the service reads" on public.generator_downloads
    for select to service_role using (true);

drop policy if exists "the service adds" on public.generator_downloads;
create policy "the service adds" on public.generator_downloads
    for insert to service_role with check (true);
