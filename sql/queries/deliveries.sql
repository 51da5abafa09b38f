-- Word sent to users: what is to be sent is written down with the event that it tells of.

-- name: insert_deliveries
-- Called right after the event was appended, in its transaction: last_seq is that event's.
insert into public.generator_export_deliveries (export_id, channel, target, event, event_seq, payload)
select
    e.id, n.channel, n.target, %(event)s, e.last_seq,
    jsonb_build_object(
        'jobId', e.id, 'status', e.status, 'fileName', e.file_name, 'format', e.format, 'rowsTotal', e.rows_total,
        'rowsGenerated', e.rows_generated, 'bytes', e.bytes, 'sha256', e.sha256, 'requestedAt', e.requested_at,
        'finishedAt', e.finished_at, 'expiresAt', e.expires_at, 'errorDetails', e.error_details
    )
from public.generator_exports as e
cross join lateral (
    values ('webhook', e.notify ->> 'webhook'), ('email', e.notify ->> 'email')
) as n (channel, target)
where e.id = %(export_id)s and n.target is not null
on conflict (export_id, channel, event_seq) do nothing
returning id;

-- name: delivery_owner
select e.owner_id
from public.generator_export_deliveries as d
join public.generator_exports as e on e.id = d.export_id
where d.id = %(delivery_id)s;

-- name: claim_delivery
-- `attempts` is the token: whoever comes later has another one. The lease is told by next_attempt_at.
update public.generator_export_deliveries as d
set state = 'delivering', attempts = d.attempts + 1,
    next_attempt_at = now() + make_interval(secs => %(lease_s)s)
from public.generator_exports as e
left join public.generator_webhook_secrets as s on s.user_id = e.owner_id
where d.id = %(delivery_id)s and e.id = d.export_id
    and (
        -- the queue's clock may be a little ahead of the row's
        (d.state = 'pending' and d.next_attempt_at <= now() + interval '2 seconds')
        or (d.state = 'delivering' and d.next_attempt_at < now())
    )
returning d.id, d.export_id, d.channel, d.target, d.event, d.payload, d.attempts, d.created_at,
    d.attempts - d.round_start as attempt, e.owner_id, coalesce(s.version, 1) as secret_version,
    coalesce(s.previous_until > now(), false) as previous_holds;

-- name: settle_delivery
update public.generator_export_deliveries
set state = %(state)s, last_status = %(last_status)s, last_response = %(last_response)s, last_error = %(last_error)s,
    next_attempt_at = now() + make_interval(secs => %(retry_in_s)s),
    delivered_at = case when %(state)s = 'delivered' then now() else delivered_at end
where id = %(delivery_id)s and attempts = %(attempts)s and state = 'delivering';

-- name: put_delivery_back
-- As if it had not been tried: the schedule goes on where it was.
update public.generator_export_deliveries
set state = 'pending', round_start = round_start + 1, next_attempt_at = now()
where id = %(delivery_id)s and attempts = %(attempts)s and state = 'delivering';

-- name: list_deliveries
select id, export_id, channel, target, event, state, attempts, last_status, last_response, last_error, next_attempt_at,
    created_at, delivered_at
from public.generator_export_deliveries
where export_id = %(export_id)s
order by created_at, channel;

-- name: redeliver
select public.generator_redeliver(%(export_id)s, %(delivery_id)s);

-- name: rotate_webhook_secret
select version, created_at, previous_until from public.generator_rotate_webhook_secret();

-- name: webhook_secret
select version, created_at, previous_until from public.generator_webhook_secrets where user_id = %(user_id)s;

-- name: try_delivery_rescue_lock
-- A lock of its own: it must not keep the one who looks for parts from doing so.
select pg_try_advisory_xact_lock(hashtextextended('seedbed delivery rescue', 0)) as held;

-- name: stranded_deliveries
-- Due for a while, and no job is going to send them: their worker was lost, or its end could not be told.
select d.id
from public.generator_export_deliveries as d
where d.state in ('pending', 'delivering') and d.next_attempt_at < now() - make_interval(secs => %(grace_s)s)
    and not exists (
        select from queue.procrastinate_jobs as j
        where j.queue_name = %(queue)s and j.status = 'todo' and j.args ->> 'delivery_id' = d.id::text
    )
order by d.next_attempt_at
limit 200;

-- name: count_deliveries
select channel, state, count(*) as deliveries, coalesce(sum(attempts), 0)::bigint as attempts
from public.generator_export_deliveries
group by channel, state;
