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

revoke all on function seedbed.set_updated_at() from public, anon, authenticated, service_role;
revoke all on function seedbed.refuse_change() from public, anon, authenticated, service_role;
