-- Partitions of generator_export_events, a day (UTC) each: made ahead of time, dropped when all that is in them is over.
--
-- Both take strong locks for a moment, and give up at once rather than have requests queue behind them: the next sweep
-- tries again, there are days to do so, and meanwhile events go to the default partition. They run as the table's owner.

create or replace function seedbed.event_partitions()
    returns table (name text, begins timestamptz, ends timestamptz)
    language sql stable security definer
    -- Bounds are written and read back in the same form.
    set search_path = pg_catalog, pg_temp set timezone = 'UTC' set datestyle = 'ISO'
    as $$
    select c.oid::regclass::text,
        coalesce(substring(bound.text from $re$FROM \('([^']+)'\)$re$)::timestamptz, '-infinity'),
        substring(bound.text from $re$TO \('([^']+)'\)$re$)::timestamptz
    from pg_catalog.pg_inherits as i
    join pg_catalog.pg_class as c on c.oid = i.inhrelid
    cross join lateral (select pg_catalog.pg_get_expr(c.relpartbound, c.oid) as text) as bound
    where i.inhparent = 'public.generator_export_events'::regclass and bound.text <> 'DEFAULT'
    $$;
comment on function seedbed.event_partitions() is 'The partitions of events, without the default one.';

-- A day of which there are events already, in the default partition, is left to it: moving them would hold everybody up.
create or replace function seedbed.make_event_partitions(days_ahead integer) returns text[]
    language plpgsql volatile security definer
    set search_path = pg_catalog, pg_temp set timezone = 'UTC' set datestyle = 'ISO' set lock_timeout = '500ms'
    as $$
    declare
        day timestamptz;
        name text;
        made text[] := '{}';
    begin
        if not pg_catalog.pg_try_advisory_xact_lock(pg_catalog.hashtextextended('seedbed event partitions', 0)) then
            return made;
        end if;
        for day in
            select d.day from generate_series(
                date_trunc('day', now()), date_trunc('day', now()) + make_interval(days => days_ahead), '1 day'
            ) as d (day)
            where not exists (
                select from seedbed.event_partitions() as p where p.begins < d.day + interval '1 day' and p.ends > d.day
            )
        loop
            name := 'events_' || to_char(day, 'YYYYMMDD');
            begin
                -- In the order of those who write: the export, then its events. The new partition's foreign key needs
                -- this lock, and asked for later it could be had by nobody.
                lock table public.generator_exports in share row exclusive mode;
                continue when exists (
                    select from public.generator_export_events as e
                    where e.created_at >= day and e.created_at < day + interval '1 day'
                );
                execute format(
                    'create table seedbed.%I (like public.generator_export_events including defaults including constraints)',
                    name
                );
                execute format('comment on table seedbed.%I is %L', name, 'Events of ' || day::date);
                execute format('alter table seedbed.%I enable row level security, force row level security', name);
                execute format('revoke all on seedbed.%I from public, anon, authenticated, service_role', name);
                -- Attached, not created as a partition, which would lock the whole table.
                execute format(
                    'alter table public.generator_export_events attach partition seedbed.%I for values from (%L) to (%L)',
                    name, day, day + interval '1 day'
                );
                made := made || name;
            exception when lock_not_available or deadlock_detected or check_violation then
                return made;
            end;
        end loop;
        return made;
    end
    $$;
comment on function seedbed.make_event_partitions(integer) is
    'Makes the partitions of today and so many days ahead that are missing; the names of those it made.';

-- What nobody wants any more: days that ended so many seconds ago, unless one of their events belongs to an export that
-- has not ended, or has ended since. How an export ended is told by its own row.
create or replace function seedbed.old_event_partitions(age_s integer)
    returns table (name text, begins timestamptz, ends timestamptz, wanted boolean)
    language sql stable security definer set search_path = pg_catalog, pg_temp
    as $$
    select p.name, p.begins, p.ends, exists (
        select from public.generator_exports as e
        where (e.status in ('queued', 'running', 'cancelling') or e.finished_at >= now() - make_interval(secs => age_s))
            and e.requested_at < p.ends + interval '1 hour'
            and exists (
                select from public.generator_export_events as v
                where v.export_id = e.id and v.created_at >= p.begins and v.created_at < p.ends
            )
    )
    from seedbed.event_partitions() as p
    where p.ends <= now() - make_interval(secs => age_s)
    $$;
comment on function seedbed.old_event_partitions(integer) is
    'Partitions of days that ended so many seconds ago, and whether an event in them is still wanted.';

create or replace function seedbed.drop_event_partition(name text, age_s integer) returns boolean
    language plpgsql volatile security definer set search_path = pg_catalog, pg_temp set lock_timeout = '500ms'
    as $$
    declare
        old text;
    begin
        if not pg_catalog.pg_try_advisory_xact_lock(pg_catalog.hashtextextended('seedbed event partitions', 0)) then
            return false;
        end if;
        lock table public.generator_export_events in access exclusive mode;
        -- Looked at again under the lock: an export that was run again since wants its events.
        select o.name into old from seedbed.old_event_partitions(drop_event_partition.age_s) as o
        where o.name = drop_event_partition.name and not o.wanted;
        if old is null then
            return false;
        end if;
        execute format('drop table %s', old);
        return true;
    exception when lock_not_available or deadlock_detected then
        return false;
    end
    $$;
comment on function seedbed.drop_event_partition(text, integer) is
    'Drops a partition of which nothing is wanted any more; whether it did, or could not have the lock.';

revoke all on function seedbed.event_partitions() from public, anon, authenticated, service_role;
revoke all on function seedbed.make_event_partitions(integer) from public, anon, authenticated, service_role;
revoke all on function seedbed.old_event_partitions(integer) from public, anon, authenticated, service_role;
revoke all on function seedbed.drop_event_partition(text, integer) from public, anon, authenticated, service_role;
grant execute on function seedbed.event_partitions() to service_role;
grant execute on function seedbed.make_event_partitions(integer) to service_role;
grant execute on function seedbed.old_event_partitions(integer) to service_role;
grant execute on function seedbed.drop_event_partition(text, integer) to service_role;
