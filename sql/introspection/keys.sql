-- Primary keys, unique constraints and unique indexes that hold for new rows.
-- An attribute number of 0 stands for an expression; those are in `expressions` at the same place.
select
    i.indrelid::bigint as relation,
    coalesce(co.conname, ic.relname) as name,
    i.indisprimary as is_primary,
    /* from 15 */ i.indnullsnotdistinct /* else false */ as nulls_not_distinct,
    pg_catalog.pg_get_expr(i.indpred, i.indrelid) as predicate,
    not i.indimmediate as deferrable,
    -- PRIMARY KEY (..., during WITHOUT OVERLAPS).
    coalesce(/* from 18 */ co.conperiod /* else false */, false) as without_overlaps,
    array(select k::int from unnest(i.indkey::int2[]) with ordinality u (k, n) where n <= i.indnkeyatts order by n) as attnums,
    case when 0 = any (i.indkey::int2[]) then array(
        select case when k = 0 then pg_catalog.pg_get_indexdef(i.indexrelid, n::int, false) end
        from unnest(i.indkey::int2[]) with ordinality u (k, n) where n <= i.indnkeyatts order by n
    ) end as expressions,
    -- Every column that the expressions and the predicate read.
    case when i.indexprs is not null or i.indpred is not null then array(
        select distinct d.refobjsubid::int from pg_catalog.pg_depend d
        where d.classid = 'pg_catalog.pg_class'::regclass and d.objid = i.indexrelid
            and d.refclassid = 'pg_catalog.pg_class'::regclass and d.refobjid = i.indrelid and d.refobjsubid > 0
    ) end as reads,
    exists (select from pg_catalog.pg_inherits h where h.inhrelid = i.indexrelid) as inherited
from pg_catalog.pg_index i
join pg_catalog.pg_class ic on ic.oid = i.indexrelid
join pg_catalog.pg_class c on c.oid = i.indrelid
left join pg_catalog.pg_constraint co on co.conindid = i.indexrelid and co.conrelid = i.indrelid and co.contype in ('p', 'u')
where i.indrelid = any (%(tables)s)
    and i.indisunique
    and i.indislive
    -- A failed CREATE INDEX CONCURRENTLY leaves an invalid index that is kept up nevertheless; the invalid index of a
    -- partitioned table only says that some partition has none.
    and (i.indisvalid or (i.indisready and c.relkind = 'r'))
order by i.indrelid, name
