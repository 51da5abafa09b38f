-- What the service does on a caller's behalf.

-- name: become_user
-- Everything after it runs under the caller's rights, until the transaction ends or become_service.
select
    set_config('role', %(role)s, true),
    set_config('request.jwt.claims', %(claims)s, true),
    -- Supabase's auth.uid(), auth.role() and auth.jwt() believe these older settings first, and a connection that others
    -- use too may have been left with some.
    set_config('request.jwt.claim', '', true),
    set_config('request.jwt.claim.sub', '', true),
    set_config('request.jwt.claim.role', '', true),
    set_config('seedbed.request_id', %(request_id)s, true),
    set_config('statement_timeout', '5s', true);

-- name: become_service
select set_config('role', 'none', true);

-- name: append_event
select public.generator_append_event(%(export_id)s, %(kind)s, %(details)s) as seq;

-- name: append_quietly
-- Who wakes the listeners then is notify_after, once it is committed.
select seedbed.append_event(%(export_id)s, %(kind)s, %(details)s) as seq;

-- name: notify_after
-- A transaction of its own, which waits for no disk: NOTIFY holds a lock of the whole database while it commits, and
-- losing a hint in a crash costs a second at most.
select set_config('synchronous_commit', 'off', true), pg_notify('test-data-exports-progress', %(export_id)s::text);

-- name: can_see_export
select public.generator_can_see(%(export_id)s) as allowed;

-- name: cancel_export
select public.generator_cancel_export(%(export_id)s) as status;

-- name: retry_export
select public.generator_retry_export(%(export_id)s) as status;

-- name: delete_export
select public.generator_delete_export(%(export_id)s) as object_path;

-- name: authorise_download
select object_path, file_name
from public.generator_authorise_download(%(export_id)s, %(kind)s, %(expires_at)s, %(request_id)s);

-- name: insert_export
-- As the caller: the policies let them queue exports of their own and nothing else.
insert into public.generator_exports (
    id, owner_id, schema_id, config, plan, plan_sha256, seed, prompt_context, engine_version, format, compression,
    file_name, extension, content_type, rows_total, parts_total, notify, request_id,
    traceparent, tracestate, retention_s, bytes_expected
)
values (
    %(id)s, %(owner_id)s, %(schema_id)s, %(config)s::jsonb, %(plan_json)s::jsonb, %(plan_sha256)s, %(seed)s,
    %(prompt_context)s, %(engine_version)s, %(format)s, %(compression)s, %(file_name)s, %(extension)s,
    %(content_type)s, %(rows_total)s, %(parts_total)s, %(notify)s, %(request_id)s,
    %(traceparent)s, %(tracestate)s, %(retention_s)s, %(bytes_expected)s
)
returning object_path, requested_at, updated_at;

-- name: claim_key
select outcome, export_id, response
from public.generator_claim_idempotency_key(%(key)s, %(request_sha256)s);

-- name: settle_key
select public.generator_settle_idempotency_key(%(key)s, %(export_id)s, %(response)s);

-- name: find_key
-- A key is free again after 24 hours.
select request_sha256, export_id, response
from public.generator_idempotency_keys
where owner_id = %(owner_id)s and key = %(key)s and created_at >= now() - interval '24 hours';

-- name: lock_usage
-- Two requests of one user at the same moment must not both find the last free place.
select pg_advisory_xact_lock(hashtextextended('seedbed usage ' || %(owner_id)s::text, 0));

-- name: lock_bucket
-- Nor must two users' requests both find room for the last file. Always taken after the user's own lock.
select pg_advisory_xact_lock(hashtextextended('seedbed bucket', 0));

-- name: usage
-- `beside` is an export that is not to be counted; `asked` is what its file is expected to have.
select
    (
        select count(*) from public.generator_exports as e
        where e.owner_id = %(owner_id)s and e.status in ('queued', 'running', 'cancelling')
            and e.id is distinct from %(beside)s::uuid
    ) as active_exports,
    (
        select count(*) from public.generator_exports as e
        where e.owner_id = %(owner_id)s and e.requested_at > now() - interval '24 hours'
    ) as exports_today,
    (
        select coalesce(sum(case e.status when 'completed' then e.bytes else e.bytes_expected end), 0)::bigint
        from public.generator_exports as e
        where e.owner_id = %(owner_id)s and e.status in ('queued', 'running', 'cancelling', 'completed')
            and e.id is distinct from %(beside)s::uuid
    ) as stored_bytes,
    case when %(bucket_limited)s then seedbed.stored_bytes() else 0 end as bucket_bytes,
    coalesce(
        (select e.bytes_expected from public.generator_exports as e where e.id = %(beside)s::uuid), 0
    ) as asked,
    q.max_active_exports, q.max_rows_per_export, q.max_exports_per_day, q.max_stored_bytes, q.retention_s
from (select) as one
left join public.generator_quotas as q on q.user_id = %(owner_id)s;

-- name: schema_digest
select sha256 from public.generator_schemas where id = %(schema_id)s;

-- name: find_schema_by_content
select id, name, sha256, owner_id, created_at
from public.generator_schemas
where owner_id = %(owner_id)s and sha256 = %(sha256)s;

-- name: insert_schema
insert into public.generator_schemas (owner_id, name, sha256, snapshot)
values (%(owner_id)s, %(name)s, %(sha256)s, %(snapshot_json)s::jsonb)
on conflict (owner_id, sha256) do nothing
returning id, name, sha256, owner_id, created_at;

-- name: rename_schema
update public.generator_schemas set name = %(name)s where id = %(schema_id)s;

-- name: delete_schema
delete from public.generator_schemas where id = %(schema_id)s returning id;

-- name: list_shares
-- Invitations that came to nothing yet stand beside the shares; those that did are the share's.
select export_id, user_id as id, user_id, invited_as as email, role, created_at, created_by
from public.generator_export_shares
where export_id = %(export_id)s
union all
select i.export_id, i.id, null, i.email, i.role, i.created_at, i.created_by
from public.generator_export_invitations as i
where i.export_id = %(export_id)s and not exists (
    select from public.generator_export_shares as s where s.export_id = i.export_id and s.invited_as = i.email
)
order by created_at, id;

-- name: put_share
insert into public.generator_export_shares as s (export_id, user_id, role)
values (%(export_id)s, %(user_id)s, %(role)s)
on conflict (export_id, user_id) do update set role = excluded.role
returning export_id, user_id as id, user_id, invited_as as email, role, created_at, created_by;

-- name: put_invitation
insert into public.generator_export_invitations as i (export_id, email, role)
values (%(export_id)s, %(email)s, %(role)s)
on conflict (export_id, email) do update set role = excluded.role
returning export_id, id, null::uuid as user_id, email, role, created_at, created_by;

-- name: delete_share
-- By the user's id, or by the invitation's.
with shares as (
    delete from public.generator_export_shares
    where export_id = %(export_id)s and user_id = %(id)s returning 1
), invitations as (
    delete from public.generator_export_invitations
    where export_id = %(export_id)s and id = %(id)s returning 1
)
select (select count(*) from shares) + (select count(*) from invitations) as removed;

-- name: claim_invitations
select public.generator_claim_invitations() as claimed;

-- name: standing
-- With the days that its events can be of; one more to either side is for clocks that were set otherwise.
select status, last_seq, date_trunc('day', requested_at, 'UTC') - interval '1 day' as from_day,
    date_trunc('day', now(), 'UTC') + interval '2 days' as to_day
from public.generator_exports
where id = %(export_id)s;

-- name: events_after
-- Of an export that ended so long ago that its events are gone, its row tells the last one: how it ended, and that nothing
-- follows. The days are those of `standing`: the planner looks at their partitions alone.
(
    select e.export_id, e.seq, e.kind, e.status, e.progress_percent, e.rows_generated, e.details, e.created_at, x.file_name
    from public.generator_export_events as e
    join public.generator_exports as x on x.id = e.export_id
    where e.export_id = %(export_id)s and e.seq > %(seq)s and e.created_at >= %(from_day)s and e.created_at < %(to_day)s
    order by e.seq
    limit %(limit)s
)
union all
select x.id, x.last_seq, x.status, x.status, x.progress_percent, x.rows_generated,
    case x.status
        when 'failed' then coalesce(x.error_details, '{}')
        when 'completed' then
            jsonb_build_object('bytes', x.bytes, 'sha256', x.sha256, 'crc32', lpad(to_hex(x.crc32), 8, '0'))
        else '{}'
    end,
    coalesce(x.finished_at, x.updated_at), x.file_name
from public.generator_exports as x
where x.id = %(export_id)s and x.last_seq > %(seq)s and x.status in ('completed', 'failed', 'cancelled', 'expired')
    and not exists (
        select from public.generator_export_events as e
        where e.export_id = %(export_id)s and e.seq = x.last_seq
            and e.created_at >= %(from_day)s and e.created_at < %(to_day)s
    );

-- name: issue_ticket
select public.generator_issue_event_ticket(%(token_sha256)s, %(export_id)s, %(ttl_s)s) as expires_at;

-- name: redeem_ticket
select user_id, claims, export_id from public.generator_redeem_event_ticket(%(token_sha256)s);

-- name: forget_object
delete from seedbed.orphaned_objects where object_path = %(object_path)s and upload_id is null;
