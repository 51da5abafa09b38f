-- Finding what was left behind: work that nobody does any more, and things that nobody needs any more.

-- name: free_stuck_sessions
-- A process that was stopped in the middle of a transaction holds its locks for ever, where no timeout of the server
-- reaches it. While it sends a pipeline, Postgres counts the wait for the rest of it as work; and the driver ends a
-- pipeline with a flush, after which Postgres does not time an idle transaction. COPY looks the same, but does not run
-- under these names.
select pid, pg_terminate_backend(pid) as ended
from pg_stat_activity
where datname = current_database() and usename = current_user
    and application_name in ('seedbed worker', 'seedbed worker queue', 'seedbed-api')
    and ((state = 'active' and wait_event = 'ClientRead') or state like 'idle in transaction%%')
    and pid <> pg_backend_pid()
    and state_change < clock_timestamp() - make_interval(secs => %(stuck_s)s);

-- name: try_rescue_lock
-- One worker at a time looks for what was left behind; the others need not.
select pg_try_advisory_xact_lock(hashtextextended('seedbed rescue', 0)) as held;

-- name: retry_stalled_jobs
-- Jobs of workers whose heart has stopped, or that were struck off. A job whose end is told at this moment is left be.
with stalled as (
    select j.id, j.task_name, j.args
    from queue.procrastinate_jobs as j
    left join queue.procrastinate_workers as w on w.id = j.worker_id
    where j.status = 'doing' and j.queue_name = %(queue)s
        and (w.id is null or w.last_heartbeat < now() - make_interval(secs => %(dead_s)s))
    order by j.id
    limit 500
    for update of j skip locked
)
select
    queue.procrastinate_retry_job_v2(s.id, now(), null, null, null)::text as retried, s.id, s.task_name as task, s.args
from stalled as s;

-- name: stranded_work
-- Parts of running exports that nobody works on and no job is going to. A job that was fetched long ago and has not
-- taken its part never will: its worker was lost, or its end could not be told. Doubled jobs do no harm.
with alive as (
    select (j.args ->> 'export_id')::uuid as export_id, coalesce((j.args ->> 'part_no')::int, 0) as part_no,
        j.task_name = 'settle_cancel' as settles, j.status = 'todo' as waits
    from queue.procrastinate_jobs as j
    where j.queue_name = %(queue)s
        and (
            j.status = 'todo'
            or (
                j.status = 'doing'
                and exists (
                    select from queue.procrastinate_events as v
                    where v.job_id = j.id and v.type = 'started' and v.at > now() - make_interval(secs => %(grace_s)s)
                )
            )
        )
),
active as (
    select e.id, e.owner_id, e.status, e.parts_total, e.parts_done, e.upload_id,
        (
            select jsonb_array_length(w.segments -> 'late') from public.generator_export_parts as w
            where w.export_id = e.id and w.part_no = 0
        ) as late_total
    from public.generator_exports as e
    where e.status in ('queued', 'running', 'cancelling')
    order by e.requested_at
)
select a.id as export_id, a.owner_id, p.part_no, p.rows, a.status, a.parts_total,
    a.upload_id is not null and a.parts_done = a.parts_total as made
from active as a
join public.generator_export_parts as p on p.export_id = a.id
where (
        -- nobody's: its lease has run out, its retry is due, or it was never begun
        (p.state = 'running' and p.lease_expires_at < now())
        or (p.state = 'pending' and (p.lease_expires_at is null or p.lease_expires_at < now()))
    )
    and not exists (
        select from alive as j
        where j.export_id = a.id and j.part_no = p.part_no and j.settles = (a.status = 'cancelling')
            and (j.waits or p.state = 'pending')
    )
    and case
        when a.status = 'queued' then p.part_no = 0
        when a.status = 'cancelling' then p.part_no = 0
        when a.parts_total = 1 then p.part_no = 0
        -- part 0 of a larger export has to do at its beginning and at its end
        when p.part_no = 0 then a.upload_id is null or a.parts_done = a.parts_total
        -- a late part waits for all others
        else a.upload_id is not null and (
            not coalesce((p.segments ->> 'late')::boolean, false) or a.parts_done >= a.parts_total - a.late_total
        )
    end
limit 500;

-- name: take_upkeep_turn
-- One worker in so many seconds; by the database's clock.
insert into seedbed.upkeep_turns as t (name) values (%(name)s)
on conflict (name) do update set taken_at = now()
where t.taken_at < now() - make_interval(secs => %(interval_s)s)
returning t.name;

-- name: expired_exports
select id, object_path, bytes
from public.generator_exports
where status = 'completed' and expires_at < now()
order by expires_at
limit %(limit)s;

-- name: count_expired
select count(*) as found, coalesce(sum(bytes), 0)::bigint as bytes
from public.generator_exports
where status = 'completed' and expires_at < now();

-- name: expire_export
-- The note that the file is to be removed is committed together with the state that says there is none.
with expired as (
    update public.generator_exports
    set status = 'expired'
    where id = %(export_id)s and status = 'completed' and expires_at < now()
    returning id, object_path
),
noted as (
    insert into seedbed.orphaned_objects (object_path) select object_path from expired
)
select id from expired;

-- name: release_stale_uploads
-- A failed export keeps its parts for a retry, but not for ever.
with stale as (
    select id, object_path, upload_id
    from public.generator_exports
    where status = 'failed' and upload_id is not null
        and finished_at < now() - make_interval(secs => %(retention_s)s)
    limit %(limit)s
    for update skip locked
),
noted as (
    insert into seedbed.orphaned_objects (object_path, upload_id) select object_path, upload_id from stale
)
update public.generator_exports as e
set upload_id = null
from stale
where e.id = stale.id;

-- name: stray_uploads
-- Of uploads that the store lists, those that no row names: the answer to their beginning was lost, or whoever was to
-- write them down. An upload that is being begun is not written down yet; that part 0 is in living hands tells so.
-- Of an export that is gone the store alone knows: a day later nobody works on it any more.
select s.object_path, s.upload_id
from unnest(%(object_paths)s::text[], %(upload_ids)s::text[], %(started)s::timestamptz[])
    as s (object_path, upload_id, started_at)
left join public.generator_exports as e on e.object_path = s.object_path
where e.upload_id is distinct from s.upload_id
    and not exists (
        select from seedbed.orphaned_objects as o
        where o.object_path = s.object_path and o.upload_id = s.upload_id
    )
    and case
        when e.id is null then
            s.object_path ~ '^[0-9a-f-]{36}/[0-9a-f-]{36}[.]' and s.started_at < now() - interval '1 day'
        else not exists (
            select from public.generator_export_parts as p
            where p.export_id = e.id and p.part_no = 0 and p.state = 'running' and p.lease_expires_at >= now()
        )
    end;

-- name: note_upload
insert into seedbed.orphaned_objects (object_path, upload_id) values (%(object_path)s, %(upload_id)s);

-- name: count_stale_uploads
select count(*) as found
from public.generator_exports
where status = 'failed' and upload_id is not null
    and finished_at < now() - make_interval(secs => %(retention_s)s);

-- name: stray_objects
-- Of objects that the store lists, those that belong to no export, or to one that has ended without a file: a worker that
-- was thought dead may have stored it afterwards. What was written a moment ago is left: its row may not be seen yet.
select s.object_path
from unnest(%(object_paths)s::text[], %(modified)s::timestamptz[]) as s (object_path, modified_at)
left join public.generator_exports as e on e.object_path = s.object_path
where s.object_path ~ '^[0-9a-f-]{36}/[0-9a-f-]{36}[.]'
    and s.modified_at <= now() - make_interval(secs => %(age_s)s)
    and (e.id is null or e.status in ('failed', 'cancelled', 'expired'))
    and not exists (
        select from seedbed.orphaned_objects as o where o.object_path = s.object_path and o.upload_id is null
    );

-- name: note_object
insert into seedbed.orphaned_objects (object_path) values (%(object_path)s);

-- name: count_orphans
select count(*) filter (where upload_id is null) as objects, count(*) filter (where upload_id is not null) as uploads
from seedbed.orphaned_objects;

-- name: orphans
select id, object_path, upload_id
from seedbed.orphaned_objects
where id > %(after)s
order by id
limit %(limit)s;

-- name: lock_orphan
-- An export that was run again writes the same path: its file is not an orphan's.
select o.id, o.object_path, o.upload_id, coalesce(e.status not in ('failed', 'cancelled', 'expired'), false) as alive
from seedbed.orphaned_objects as o
left join public.generator_exports as e on e.object_path = o.object_path
where o.id = %(id)s;

-- name: lock_export_of_object
select id from public.generator_exports where object_path = %(object_path)s for no key update;

-- name: forget_orphan
delete from seedbed.orphaned_objects where id = %(id)s;

-- name: delete_old_keys
delete from public.generator_idempotency_keys as k
using (
    select owner_id, key from public.generator_idempotency_keys
    where created_at < now() - interval '24 hours'
    order by created_at
    limit %(limit)s
) as old
where k.owner_id = old.owner_id and k.key = old.key;

-- name: count_old_keys
select count(*) as found from public.generator_idempotency_keys where created_at < now() - interval '24 hours';

-- name: delete_old_tickets
delete from public.generator_event_tickets
where token_sha256 in (
    select token_sha256 from public.generator_event_tickets
    where expires_at < now() - interval '1 hour'
    order by expires_at
    limit %(limit)s
);

-- name: count_old_tickets
select count(*) as found from public.generator_event_tickets where expires_at < now() - interval '1 hour';

-- name: make_event_partitions
select seedbed.make_event_partitions(%(days_ahead)s) as made;

-- name: old_event_partitions
select name, wanted, pg_total_relation_size(name::regclass) as bytes
from seedbed.old_event_partitions(%(age_s)s)
order by ends;

-- name: drop_event_partition
select seedbed.drop_event_partition(%(name)s, %(age_s)s) as dropped;

-- name: delete_old_events
-- What no drop reaches: days of which some events are still wanted, and the default partition.
delete from public.generator_export_events as v
using (
    select o.export_id, o.seq, o.created_at
    from public.generator_export_events as o
    join public.generator_exports as e on e.id = o.export_id
    where o.created_at < date_trunc('day', now() - make_interval(secs => %(age_s)s), 'UTC')
        and e.finished_at < now() - make_interval(secs => %(age_s)s)
        and e.status not in ('queued', 'running', 'cancelling')
    limit %(limit)s
) as old
where v.export_id = old.export_id and v.seq = old.seq and v.created_at = old.created_at
    and v.created_at < date_trunc('day', now() - make_interval(secs => %(age_s)s), 'UTC');

-- name: count_old_events
-- Those of days that a drop takes as a whole are not among them.
select count(*) as found
from public.generator_export_events as o
join public.generator_exports as e on e.id = o.export_id
where o.created_at < date_trunc('day', now() - make_interval(secs => %(age_s)s), 'UTC')
    and e.finished_at < now() - make_interval(secs => %(age_s)s)
    and e.status not in ('queued', 'running', 'cancelling')
    and not exists (
        select from seedbed.old_event_partitions(%(age_s)s) as p
        where not p.wanted and o.created_at >= p.begins and o.created_at < p.ends
    );

-- name: delete_old_jobs
delete from queue.procrastinate_jobs
where id in (
    select j.id
    from queue.procrastinate_jobs as j
    where j.status in ('succeeded', 'failed', 'cancelled', 'aborted')
        and not exists (
            select from queue.procrastinate_events as v
            where v.job_id = j.id and v.at > now() - interval '24 hours'
        )
    order by j.id
    limit %(limit)s
);

-- name: count_old_jobs
select count(*) as found
from queue.procrastinate_jobs as j
where j.status in ('succeeded', 'failed', 'cancelled', 'aborted')
    and not exists (
        select from queue.procrastinate_events as v
        where v.job_id = j.id and v.at > now() - interval '24 hours'
    );
