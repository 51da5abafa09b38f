-- generator_webhook_secrets: people see which of their signing secrets is in force, and take a new one by function.

alter table public.generator_webhook_secrets enable row level security, force row level security;

revoke all on public.generator_webhook_secrets from public, anon, authenticated, service_role;
grant select, insert, update, delete on public.generator_webhook_secrets to service_role;
grant select on public.generator_webhook_secrets to authenticated;

drop policy if exists "people see the version of their secret" on public.generator_webhook_secrets;
create policy "people see the version of their secret" on public.generator_webhook_secrets
    for select to authenticated
    using (user_id = (select auth.uid()));

drop policy if exists "the service does everything" on public.generator_webhook_secrets;
create policy "the service does everything" on public.generator_webhook_secrets
    for all to service_role using (true) with check (true);
