-- generator_quotas: people see their own allowance; the service alone sets it.

alter table public.generator_quotas enable row level security, force row level security;

revoke all on public.generator_quotas from public, anon, authenticated, service_role;
grant select, insert, update, delete on public.generator_quotas to service_role;
grant select on public.generator_quotas to authenticated;

drop policy if exists "people see their allowance" on public.generator_quotas;
create policy "people see their allowance" on public.generator_quotas
    for select to authenticated
    using (user_id = (select auth.uid()));

drop policy if exists "the service does everything" on public.generator_quotas;
create policy "the service does everything" on public.generator_quotas
    for all to service_role using (true) with check (true);
