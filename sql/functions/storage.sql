-- How much is stored.

-- SECURITY DEFINER: whoever asks for an export sees no row of others, and is to be refused when the bucket is full.
create or replace function seedbed.stored_bytes() returns bigint
    language sql stable security definer set search_path = pg_catalog, pg_temp
    as $$
        select coalesce(sum(case e.status when 'completed' then e.bytes else e.bytes_expected end), 0)::bigint
        from public.generator_exports as e
        where e.status in ('queued', 'running', 'cancelling', 'completed')
    $$;
comment on function seedbed.stored_bytes() is
    'Bytes of all finished files, and those that queued and running exports are expected to have.';

revoke all on function seedbed.stored_bytes() from public, anon, authenticated, service_role;
grant execute on function seedbed.stored_bytes() to authenticated;
