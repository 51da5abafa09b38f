-- What the hub of event streams reads. It holds one connection for this, however many follow.

-- name: hub_events
-- Events past each cursor, in order, some at a time; one index probe for each export that somebody follows. `from_day` and
-- `to_day` are there so that the planner looks at the partitions of some days alone: planning for all of them would take
-- ten times as long as reading.
select e.export_id, e.seq, e.kind, e.status, e.progress_percent, e.rows_generated, e.details, e.created_at, x.file_name,
    extract(epoch from clock_timestamp() - e.created_at)::float8 as age_s
from unnest(%(export_ids)s::uuid[], %(cursors)s::bigint[]) as c (export_id, seq)
join public.generator_exports as x on x.id = c.export_id
cross join lateral (
    select * from public.generator_export_events as found
    where found.export_id = c.export_id and found.seq > c.seq
        and found.created_at >= %(from_day)s and found.created_at < %(to_day)s
    order by found.seq
    limit %(limit)s
) as e
order by e.export_id, e.seq;

-- name: hub_audience
-- Who of those that follow all of their exports may see these; `seq` is the last event before `since`.
select
    x.id as export_id,
    array(
        select x.owner_id where x.owner_id = any (%(user_ids)s::uuid[])
        union
        select s.user_id from public.generator_export_shares as s
        where s.export_id = x.id and s.user_id = any (%(user_ids)s::uuid[])
    ) as user_ids,
    coalesce(
        (
            select min(e.seq) - 1 from public.generator_export_events as e
            where e.export_id = x.id and e.created_at >= %(since)s
                and e.created_at >= %(from_day)s and e.created_at < %(to_day)s
        ),
        x.last_seq
    ) as seq
from public.generator_exports as x
where x.id = any (%(export_ids)s::uuid[]);

-- name: hub_strangers
-- Of users who follow a single export, those who may not see it any more.
select f.export_id, f.user_id
from unnest(%(export_ids)s::uuid[], %(user_ids)s::uuid[]) as f (export_id, user_id)
where not exists (
    select from public.generator_exports as x
    where x.id = f.export_id and (
        x.owner_id = f.user_id
        or exists (
            select from public.generator_export_shares as s where s.export_id = x.id and s.user_id = f.user_id
        )
    )
);

-- name: hub_recent_exports
-- Exports with news, for those that follow all of theirs: found without having heard of them.
select distinct e.export_id
from public.generator_export_events as e
join public.generator_exports as x on x.id = e.export_id
where e.created_at >= now() - make_interval(secs => %(within_s)s)
    and e.created_at >= %(from_day)s and e.created_at < %(to_day)s
    and (
        x.owner_id = any (%(user_ids)s::uuid[])
        or exists (
            select from public.generator_export_shares as s
            where s.export_id = x.id and s.user_id = any (%(user_ids)s::uuid[])
        )
    );

-- name: hub_now
select now() as moment;

-- name: hub_canary
select pg_notify(%(channel)s, %(token)s);
