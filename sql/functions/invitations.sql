-- Shares by mail address: who may take one up, and how it and the share that comes of it go together.

-- SECURITY DEFINER: auth.users is for nobody else to read. Where Supabase Auth is, its row decides, as it is now; a
-- token may be an hour old. Elsewhere the token must say that the address was verified. `user_metadata` is written by
-- users themselves and proves nothing.
create or replace function seedbed.proven_email() returns text
    language plpgsql stable security definer set search_path = pg_catalog, pg_temp
    as $$
    declare
        said text := lower(auth.jwt() ->> 'email');
        known text;
    begin
        if coalesce(said, '') = '' then
            return null;
        end if;
        if to_regclass('auth.users') is not null then
            begin
                execute 'select lower(u.email) from auth.users as u where u.id = $1 and u.email_confirmed_at is not null'
                    into known using auth.uid();
                return case when known = said then said end;
            exception when undefined_column or insufficient_privilege then
                null;  -- a table of another kind, or out of our reach: then the token has to say it
            end;
        end if;
        return case when auth.jwt() -> 'email_verified' = 'true'::jsonb then said end;
    end
    $$;
comment on function seedbed.proven_email() is 'The mail address that is proven to be the caller''s, in small letters, or null.';

-- SECURITY DEFINER: whoever is invited sees neither the export nor the invitation until this was run.
create or replace function seedbed.claim_invitations() returns integer
    language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
    as $$
    declare
        mine text := seedbed.proven_email();
        found integer := 0;
    begin
        if mine is not null then
            insert into public.generator_export_shares (export_id, user_id, role, created_by, invited_as)
            select i.export_id, auth.uid(), i.role, i.created_by, i.email
            from public.generator_export_invitations as i
            join public.generator_exports as e on e.id = i.export_id
            where i.email = mine and e.owner_id <> auth.uid()
                and not exists (
                    select from public.generator_export_shares as s
                    where s.export_id = i.export_id and s.user_id = auth.uid()
                )
            on conflict (export_id, user_id) do nothing;
            get diagnostics found = row_count;
        end if;
        return found;
    end
    $$;

create or replace function public.generator_claim_invitations() returns integer
    language sql volatile security invoker set search_path = pg_catalog, pg_temp
    as $$ select seedbed.claim_invitations() $$;
comment on function public.generator_claim_invitations() is
    'Makes shares of the invitations to the address that is proven to be the caller''s; how many there were.';

-- An invitation that is changed or taken back takes what came of it along; a share that is handed back, or changed,
-- its invitation: otherwise it would be there again a moment later. SECURITY DEFINER: each of the two people may see
-- and change one of the rows alone.
create or replace function seedbed.carry_invitation() returns trigger
    language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
    as $$
    begin
        if tg_op = 'DELETE' then
            delete from public.generator_export_shares as s where s.export_id = old.export_id and s.invited_as = old.email;
        else
            update public.generator_export_shares as s set role = new.role
            where s.export_id = new.export_id and s.invited_as = new.email and s.role <> new.role;
        end if;
        return null;
    end
    $$;
comment on function seedbed.carry_invitation() is 'Does to the shares what was done to their invitation.';

create or replace function seedbed.carry_share() returns trigger
    language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
    as $$
    begin
        if tg_op = 'DELETE' then
            delete from public.generator_export_invitations as i
            where i.export_id = old.export_id and i.email = old.invited_as;
        else
            update public.generator_export_invitations as i set role = new.role
            where i.export_id = new.export_id and i.email = new.invited_as and i.role <> new.role;
        end if;
        return null;
    end
    $$;
comment on function seedbed.carry_share() is 'Does to the invitation what was done to the share that came of it.';

create or replace trigger carry after update of role or delete on public.generator_export_invitations
    for each row execute function seedbed.carry_invitation();
create or replace trigger carry_change after update of role on public.generator_export_shares
    for each row when (new.invited_as is not null) execute function seedbed.carry_share();
create or replace trigger carry_removal after delete on public.generator_export_shares
    for each row when (old.invited_as is not null) execute function seedbed.carry_share();

revoke all on function seedbed.proven_email() from public, anon, authenticated, service_role;
revoke all on function seedbed.claim_invitations() from public, anon, authenticated, service_role;
revoke all on function seedbed.carry_invitation() from public, anon, authenticated, service_role;
revoke all on function seedbed.carry_share() from public, anon, authenticated, service_role;
revoke all on function public.generator_claim_invitations() from public, anon, authenticated, service_role;
grant execute on function seedbed.claim_invitations() to authenticated;
grant execute on function public.generator_claim_invitations() to authenticated;
