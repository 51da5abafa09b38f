-- What workers write down. Every transaction takes the export's row first: the order in which parts are counted,
-- events are numbered and states change is the order of that lock.

-- name: lock_export
-- FOR NO KEY UPDATE: rows that refer to the export (a download, a share) may be added meanwhile.
select
    id, status, owner_id, object_path, content_type, config ->> 'chunkRows' as chunk_rows, parts_total, parts_done, upload_id,
    request_id, rows_total, requested_at, notify is not null as notifies, bytes_generated, pace,
    extract(epoch from clock_timestamp())::float8 as clock
from public.generator_exports
where id = %(export_id)s
for no key update;

-- name: start_export
update public.generator_exports
set status = 'running', started_at = coalesce(started_at, now()), pace = null
where id = %(export_id)s and status = 'queued';

-- name: insert_whole
-- Part 0 is the export as a whole; its segments are the layout.
insert into public.generator_export_parts (export_id, part_no, segments, rows)
values (%(export_id)s, 0, %(layout)s, %(rows)s);

-- name: claim_part
-- Free is what waits, and what a worker took whose lease has run out. Not in an export that is over, is being cancelled or
-- is to be cut up anew first. A late part is claimed as such, by whoever has seen that those before it are there. Parts
-- are made without knowing of each other; the whole, and a late part, need the layout of them all.
with whole as (
    select segments, segments -> 'late' @> to_jsonb(%(part_no)s::int) as late
    from public.generator_export_parts
    where export_id = %(export_id)s and part_no = 0
)
update public.generator_export_parts as p
set state = 'running', token = %(token)s, lease_expires_at = now() + make_interval(secs => %(lease_s)s),
    runs = p.runs + 1, started_at = coalesce(p.started_at, now())
from public.generator_exports as e, whole
where e.id = %(export_id)s and p.export_id = e.id and p.part_no = %(part_no)s
    and (p.state = 'pending' or (p.state = 'running' and p.lease_expires_at < now()))
    and (
        p.part_no = 0 and e.status in ('queued', 'running')
        or p.part_no > 0 and e.status = 'running' and e.upload_id is not null and (%(late)s or not whole.late)
    )
returning p.segments, p.rows, p.runs, p.attempts, e.plan::text as plan,
    case when p.part_no = 0 or whole.late then whole.segments else jsonb_set(whole.segments, '{parts}', '[]') end as layout;

-- name: late_part
-- How many parts are to be there before it, where it is late.
select e.parts_total - jsonb_array_length(p.segments -> 'late') as after
from public.generator_export_parts as p
join public.generator_exports as e on e.id = p.export_id
where p.export_id = %(export_id)s and p.part_no = 0 and p.segments -> 'late' @> to_jsonb(%(part_no)s::int);

-- name: hold_part
-- Whether the claim still stands.
select rows_done from public.generator_export_parts
where export_id = %(export_id)s and part_no = %(part_no)s and token = %(token)s and state = 'running'
for no key update;

-- name: renew_part
-- A repeated run makes the same rows: those that were counted before are not counted again.
update public.generator_export_parts as p
set rows_done = greatest(p.rows_done, %(rows_done)s),
    lease_expires_at = now() + make_interval(secs => %(lease_s)s)
from (
    select b.rows_done from public.generator_export_parts as b
    where b.export_id = %(export_id)s and b.part_no = %(part_no)s
) as before
where p.export_id = %(export_id)s and p.part_no = %(part_no)s and p.token = %(token)s and p.state = 'running'
returning p.rows_done, before.rows_done as rows_before;

-- name: count_rows
-- Rounded down: 100 percent means all of it.
update public.generator_exports
set rows_generated = rows_generated + %(gained)s, pace = %(pace)s,
    progress_percent = coalesce(trunc(100.0 * (rows_generated + %(gained)s) / nullif(rows_total, 0), 2), 0)
where id = %(export_id)s;

-- name: note_pace
update public.generator_exports set pace = %(pace)s where id = %(export_id)s;

-- name: last_progress
select extract(epoch from now() - created_at)::float8 as age_s
from public.generator_export_events
where export_id = %(export_id)s and kind = 'progress' and created_at > now() - interval '1 hour'
order by seq desc
limit 1;

-- name: finish_part
-- And counts it.
with before as (
    select rows_done from public.generator_export_parts
    where export_id = %(export_id)s and part_no = %(part_no)s
), finished as (
    update public.generator_export_parts as p
    set state = 'done', lease_expires_at = null, rows_done = p.rows, etag = %(etag)s, bytes = %(bytes)s,
        crc32 = %(crc32)s, sha256 = %(sha256)s, facts = %(facts)s, finished_at = now()
    from before
    where p.export_id = %(export_id)s and p.part_no = %(part_no)s and p.token = %(token)s and p.state = 'running'
    returning p.rows - before.rows_done as gained, before.rows_done as rows_before
)
update public.generator_exports as e
set parts_done = e.parts_done + 1, bytes_generated = e.bytes_generated + %(bytes)s,
    rows_generated = e.rows_generated + finished.gained,
    progress_percent = coalesce(trunc(100.0 * (e.rows_generated + finished.gained) / nullif(e.rows_total, 0), 2), 0)
from finished
where e.id = %(export_id)s
returning finished.rows_before, e.status, e.parts_done, e.parts_total;

-- name: finish_whole
update public.generator_export_parts as p
set state = 'done', lease_expires_at = null, rows_done = p.rows, bytes = %(bytes)s, crc32 = %(crc32)s,
    sha256 = %(sha256)s, finished_at = now()
from public.generator_exports as e
where p.export_id = %(export_id)s and p.part_no = 0 and p.token = %(token)s and p.state = 'running'
    and e.id = p.export_id and e.status = 'running'
returning p.part_no;

-- name: count_whole
-- Of an export of one part.
update public.generator_exports
set parts_done = 1, bytes_generated = %(bytes)s, rows_generated = rows_total, progress_percent = 100
where id = %(export_id)s;

-- name: part_numbers
select part_no, state, rows_done, segments from public.generator_export_parts
where export_id = %(export_id)s and part_no > 0
order by part_no;

-- name: insert_part
insert into public.generator_export_parts (export_id, part_no, segments, rows)
values (%(export_id)s, %(part_no)s, %(segments)s, %(rows)s);

-- name: set_upload
update public.generator_exports set upload_id = %(upload_id)s where id = %(export_id)s;

-- name: put_part_back
update public.generator_export_parts
set state = 'pending', token = null, lease_expires_at = null, runs = greatest(0, runs - %(refund)s)
where export_id = %(export_id)s and part_no = %(part_no)s and token = %(token)s and state = 'running';

-- name: settle_whole
-- The splitting went well: its failures do not count against the completion. But when the file is begun anew, those of
-- its completion do, or it would be begun anew for ever.
update public.generator_export_parts
set state = 'pending', token = null, lease_expires_at = null, runs = 0,
    attempts = case when %(anew)s then attempts else 0 end
where export_id = %(export_id)s and part_no = 0 and token = %(token)s and state = 'running';

-- name: finished_parts
-- running_sha256 counts where it went through the very bytes that were stored.
select part_no, etag, bytes, crc32, facts, case when running_over = sha256 then running_sha256 end as running_sha256
from public.generator_export_parts
where export_id = %(export_id)s and part_no > 0 and state = 'done'
order by part_no;

-- name: running_sha256
-- How far the digest is before a part; `coming` while somebody may leave it yet.
select p.running_sha256, p.running_sha256 is null and e.status = 'running' as coming
from public.generator_export_parts as p
join public.generator_exports as e on e.id = p.export_id
where p.export_id = %(export_id)s and p.part_no = %(part_no)s - 1;

-- name: note_running_sha256
-- The first one stays: parts behind this one may have been digested after it already.
with noted as (
    update public.generator_export_parts
    set running_sha256 = %(running_sha256)s, running_over = %(running_over)s
    where export_id = %(export_id)s and part_no = %(part_no)s and token = %(token)s and state in ('running', 'done')
        and running_sha256 is null
    returning export_id, part_no
)
select part_no, pg_notify(%(channel)s, export_id || ' ' || part_no) from noted;

-- name: digested_parts
select count(running_sha256) as parts from public.generator_export_parts where export_id = %(export_id)s and part_no > 0;

-- name: complete_export
update public.generator_exports as e
set status = 'completed', progress_percent = 100, bytes = %(bytes)s, sha256 = %(sha256)s, crc32 = %(crc32)s,
    upload_id = null, error_details = null, finished_at = now(), pace = %(shown)s,
    -- As long as was asked for, within what its owner may.
    expires_at = now() + make_interval(secs => least(e.retention_s, coalesce(
        (select q.retention_s from public.generator_quotas as q where q.user_id = e.owner_id), %(retention_s)s
    )))
where e.id = %(export_id)s and e.status = 'running';

-- name: shown
-- What the last completed exports have shown, the very last at the end: where a pace was while they ran.
select jsonb_agg(pace order by finished_at) filter (where status = 'completed' and pace ? 'kind') as shown
from (
    select status, pace, finished_at from public.generator_exports
    where finished_at > now() - interval '1 day'
    order by finished_at desc
    limit 300
) as ended;

-- name: note_attempt
-- While a part waits for its next attempt, lease_expires_at is when that is due.
update public.generator_export_parts
set state = %(state)s, token = null, attempts = attempts + 1,
    lease_expires_at = now() + make_interval(secs => %(retry_in_s)s)
where export_id = %(export_id)s and part_no = %(part_no)s and token = %(token)s and state = 'running'
returning attempts;

-- name: count_attempt
update public.generator_exports set attempts = attempts + 1 where id = %(export_id)s;

-- name: fail_export
update public.generator_exports
set status = 'failed', error_details = %(details)s, finished_at = now()
where id = %(export_id)s and status in ('queued', 'running');

-- name: forget_parts
update public.generator_export_parts
set state = 'pending', token = null, lease_expires_at = null, etag = null, bytes = null, crc32 = null, sha256 = null,
    facts = null, running_sha256 = null, running_over = null, rows_done = 0, started_at = null, finished_at = null,
    attempts = attempts + (part_no = %(part_no)s)::int
where export_id = %(export_id)s;

-- name: forget_progress
update public.generator_exports
set upload_id = null, pace = null, parts_done = 0, rows_generated = 0, bytes_generated = 0, progress_percent = 0
where id = %(export_id)s;

-- name: parts_running
select count(*) as parts
from public.generator_export_parts
where export_id = %(export_id)s and state = 'running' and lease_expires_at >= now();

-- name: mark_cancelled
update public.generator_exports
set status = 'cancelled', finished_at = now(), upload_id = null
where id = %(export_id)s and status = 'cancelling';
