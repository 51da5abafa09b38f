-- The one way in which events are written.

-- `seq` is assigned under the export row's lock: events commit in the order of their numbers, so that a reader who
-- has seen n never misses a smaller one. The row's status and counters are copied in the same breath. Its time is that
-- of the appending: the transaction may have waited for long, and who has come meanwhile asks for what is new.
-- SECURITY DEFINER: state functions call it on behalf of users, who may not write events themselves.
create or replace function seedbed.append_event(export uuid, kind text, details jsonb)
    returns bigint
    language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
    as $$
    declare
        assigned bigint;
    begin
        with numbered as (
            update public.generator_exports as e
            set last_seq = e.last_seq + 1
            where e.id = append_event.export
            returning e.id, e.last_seq, e.status, e.progress_percent, e.rows_generated
        )
        insert into public.generator_export_events
            (export_id, seq, kind, status, progress_percent, rows_generated, details, created_at)
        select n.id, n.last_seq, append_event.kind, n.status, n.progress_percent, n.rows_generated,
            coalesce(append_event.details, '{}'), clock_timestamp()
        from numbered as n
        returning seq into assigned;
        if assigned is null then
            raise no_data_found using message = 'no such export';
        end if;
        return assigned;
    end
    $$;
comment on function seedbed.append_event(uuid, text, jsonb) is
    'Appends an event without waking anybody; whoever calls it wakes the listeners after the commit.';

-- The notification is a hint to read the table, never the news itself. It makes the commit take a lock of the whole
-- database: what comes often (progress) is appended by seedbed.append_event and told of afterwards.
create or replace function public.generator_append_event(export uuid, kind text, details jsonb default '{}')
    returns bigint
    language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
    as $$
    declare
        assigned bigint := seedbed.append_event(export, kind, details);
    begin
        perform pg_notify('test-data-exports-progress', export::text);
        return assigned;
    end
    $$;
comment on function public.generator_append_event(uuid, text, jsonb) is
    'Appends an event to the export, wakes the listeners, and returns the event''s number.';

revoke all on function public.generator_append_event(uuid, text, jsonb)
    from public, anon, authenticated, service_role;
grant execute on function public.generator_append_event(uuid, text, jsonb) to service_role;
revoke all on function seedbed.append_event(uuid, text, jsonb) from public, anon, authenticated, service_role;
grant execute on function seedbed.append_event(uuid, text, jsonb) to service_role;
