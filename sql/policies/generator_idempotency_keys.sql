-- generator_idempotency_keys: people see their own keys, and write them through sql/functions/idempotency.sql alone.

alter table public.generator_idempotency_keys enable row level security, force row level security;

revoke all on public.generator_idempotency_keys from public, anon, authenticated, service_role;
grant select, insert, update, delete on public.generator_idempotency_keys to service_role;
grant select on public.generator_idempotency_keys to authenticated;

drop policy if exists "people see their keys" on public.generator_idempotency_keys;
create policy "people see their keys" on public.generator_idempotency_keys
    for select to authenticated
    using (owner_id = (select auth.uid()));

drop policy if exists "the service does everything" on public.generator_idempotency_keys;
create policy "the service does everything" on public.generator_idempotency_keys
    for all to service_role using (true) with check (true);
