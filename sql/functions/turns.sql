-- Whose turn it is: nobody's thousand exports keep another's one waiting.

-- Fair queueing by virtual time. A job that may wait comes in with a priority below zero: less its cost. It gets a turn:
-- so much after the later of the turn that is served now and its owner's last one in the queue. Procrastinate fetches by
-- priority, the turn's negative. So owners take turns by what they cost, a small job of whoever has none waiting goes
-- before the parts of large exports, and no turn is ever overtaken for ever. Priorities from zero up take no turns.
-- SECURITY INVOKER: whoever puts jobs in may read them.
create or replace function seedbed.take_turn() returns trigger
    language plpgsql volatile security invoker set search_path = pg_catalog, pg_temp
    as $$
    declare
        served bigint;
        own bigint;
    begin
        -- Each is one probe of an index. What waits for a later time is nobody's turn yet.
        select -j.priority into served
        from queue.procrastinate_jobs as j
        where j.status = 'todo' and j.priority < 0 and (j.scheduled_at is null or j.scheduled_at <= now())
        order by j.priority desc, j.id
        limit 1;
        select -j.priority into own
        from queue.procrastinate_jobs as j
        where j.status = 'todo' and j.priority < 0 and j.args ->> 'owner_id' = new.args ->> 'owner_id'
        order by j.priority
        limit 1;
        new.priority := greatest(-2147483648, new.priority - greatest(served, own, 0));
        return new;
    end
    $$;
comment on function seedbed.take_turn() is 'Gives a job its place in the queue, by what its owner has waiting there.';

revoke all on function seedbed.take_turn() from public, anon, authenticated, service_role;

create or replace trigger take_turn before insert on queue.procrastinate_jobs
    for each row when (new.status = 'todo' and new.priority < 0 and new.args ? 'owner_id')
    execute function seedbed.take_turn();
