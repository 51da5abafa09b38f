-- generator_export_invitations: the owner of an export invites by mail address, and takes back. Whoever is invited sees
-- a share once they have come by, and never the invitation.

alter table public.generator_export_invitations enable row level security, force row level security;

revoke all on public.generator_export_invitations from public, anon, authenticated, service_role;
grant select, insert, update, delete on public.generator_export_invitations to service_role;
grant select, delete on public.generator_export_invitations to authenticated;
grant insert (export_id, email, role) on public.generator_export_invitations to authenticated;
grant update (role) on public.generator_export_invitations to authenticated;

drop policy if exists "owners see whom they invited" on public.generator_export_invitations;
create policy "owners see whom they invited" on public.generator_export_invitations
    for select to authenticated
    using (seedbed.owns_export(export_id));

drop policy if exists "owners invite" on public.generator_export_invitations;
create policy "owners invite" on public.generator_export_invitations
    for insert to authenticated
    with check (seedbed.owns_export(export_id) and created_by = (select auth.uid()));

drop policy if exists "owners change an invitation's role" on public.generator_export_invitations;
create policy "owners change an invitation's role" on public.generator_export_invitations
    for update to authenticated
    using (seedbed.owns_export(export_id))
    with check (seedbed.owns_export(export_id));

drop policy if exists "owners take an invitation back" on public.generator_export_invitations;
create policy "owners take an invitation back" on public.generator_export_invitations
    for delete to authenticated
    using (seedbed.owns_export(export_id));

drop policy if exists "the service does everything" on public.generator_export_invitations;
create policy "the service does everything" on public.generator_export_invitations
    for all to service_role using (true) with check (true);
