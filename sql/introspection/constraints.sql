-- Checks (also those NOT VALID, which hold for new rows all the same) and foreign keys of the tables in `tables`.
select
    c.conrelid::bigint as relation,
    c.conname as name,
    c.contype::text as kind,
    case when c.contype = 'c' then pg_catalog.pg_get_expr(c.conbin, c.conrelid) end as expression,
    coalesce(c.conkey::int[], '{}') as attnums,
    c.confrelid::bigint as ref_relation,
    rn.nspname as ref_schema,
    rc.relname as ref_name,
    array(
        select a.attname::text from unnest(c.confkey) with ordinality k (attnum, n)
        join pg_catalog.pg_attribute a on a.attrelid = c.confrelid and a.attnum = k.attnum order by k.n
    ) as ref_columns,
    c.confmatchtype::text as match,
    c.confdeltype::text as on_delete,
    c.confupdtype::text as on_update,
    c.condeferrable as deferrable,
    c.condeferred as initially_deferred,
    c.conislocal as is_local,
    c.coninhcount::int as inherited_count,
    c.conparentid <> 0 as has_parent,
    /* from 18 */ c.conenforced /* else true */ as enforced,
    /* from 18 */ c.conperiod /* else false */ as period
from pg_catalog.pg_constraint c
left join pg_catalog.pg_class rc on rc.oid = c.confrelid
left join pg_catalog.pg_namespace rn on rn.oid = rc.relnamespace
where c.conrelid = any (%(tables)s)
    and c.contype in ('c', 'f')
order by c.conrelid, c.conname
