-- Triggers that keep rows honest.

create or replace function seedbed.set_updated_at() returns trigger
    language plpgsql volatile security invoker set search_path = pg_catalog, pg_temp
    as $$
    begin
        new.updated_at := now();
        return new;
    end
    $$;
comment on function seedbed.set_updated_at() is 'Stamps a changed row.';

create or replace trigger set_updated_at before update on public.generator_exports
    for each row execute function seedbed.set_updated_at();
create or replace trigger set_updated_at before update on public.generator_export_deliveries
    for each row execute function seedbed.set_updated_at();
create or replace trigger set_updated_at before update on public.generator_quotas
    for each row execute function seedbed.set_updated_at();

-- Holds for everybody, the tables' owner and superusers included: grants and policies do not bind those.
create or replace function seedbed.refuse_change() returns trigger
    language plpgsql volatile security invoker set search_path = pg_catalog, pg_temp
    as $$
    begin
        raise insufficient_privilege using
            message = format('rows of %I.%I are a record: they are added, never changed', tg_table_schema, tg_table_name);
    end
    $$;
comment on function seedbed.refuse_change() is 'Refuses to change or remove a row.';

create or replace trigger refuse_change before update or delete on public.generator_downloads
    for each row execute function seedbed.refuse_change();
create or replace trigger refuse_truncate before truncate on public.generator_downloads
    for each statement execute function seedbed.refuse_change();
create or replace trigger refuse_change before update or delete on seedbed.removed_exports
    for each row execute function seedbed.refuse_change();
create or replace trigger refuse_truncate before truncate on seedbed.removed_exports
    for each statement execute function seedbed.refuse_change();
create or replace trigger refuse_change before update or delete on seedbed.audit_log
    for each row execute function seedbed.refuse_change();
create or replace trigger refuse_truncate before truncate on seedbed.audit_log
    for each statement execute function seedbed.refuse_change();

-- Shares are listed as a whole. Those that come of an invitation are not counted: who made that has to be told, not who
-- comes by it. SECURITY DEFINER: counts what is there, whoever adds to it and sees how much of it.
create or replace function seedbed.bound_shares() returns trigger
    language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
    as $$
    declare
        most constant integer := 1000;
        others integer;
    begin
        if tg_table_name = 'generator_export_shares' then
            select count(*) into others from public.generator_export_shares as s
            where s.export_id = new.export_id and s.user_id <> new.user_id and s.invited_as is null;
        else
            select count(*) into others from public.generator_export_invitations as i
            where i.export_id = new.export_id and i.email <> new.email;
        end if;
        if others >= most then
            raise program_limit_exceeded using message = format('an export is shared with %s at most, and by as many addresses', most);
        end if;
        return new;
    end
    $$;
comment on function seedbed.bound_shares() is 'Refuses to share one export with more than a thousand, or by more addresses.';

create or replace trigger bound_shares before insert on public.generator_export_shares
    for each row when (new.invited_as is null) execute function seedbed.bound_shares();
create or replace trigger bound_shares before insert on public.generator_export_invitations
    for each row execute function seedbed.bound_shares();

-- SECURITY DEFINER: as above.
create or replace function seedbed.bound_schemas() returns trigger
    language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
    as $$
    begin
        if 1073741824 < pg_column_size(new.snapshot) + (
            select coalesce(sum(pg_column_size(s.snapshot)), 0) from public.generator_schemas as s
            where s.owner_id = new.owner_id
        ) then
            raise program_limit_exceeded using message = 'the stored schemas of one user take a gigabyte at most';
        end if;
        return new;
    end
    $$;
comment on function seedbed.bound_schemas() is 'Refuses to store more than a gigabyte of schemas for one user, as Postgres keeps them.';

create or replace trigger bound_schemas before insert on public.generator_schemas
    for each row execute function seedbed.bound_schemas();

revoke all on function seedbed.bound_schemas() from public, anon, authenticated, service_role;
revoke all on function seedbed.bound_shares() from public, anon, authenticated, service_role;
revoke all on function seedbed.set_updated_at() from public, anon, authenticated, service_role;
revoke all on function seedbed.refuse_change() from public, anon, authenticated, service_role;
