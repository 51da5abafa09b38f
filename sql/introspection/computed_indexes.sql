-- What indexes that are not unique compute: it has to be computable for each row, or the row is refused.
select
    i.indrelid::bigint as relation,
    ic.relname as name,
    i.indisexclusion as excludes,
    u.n::int as place,
    pg_catalog.pg_get_indexdef(i.indexrelid, u.n::int, false) as expression,
    array(
        select distinct d.refobjsubid::int from pg_catalog.pg_depend d
        where d.classid = 'pg_catalog.pg_class'::regclass and d.objid = i.indexrelid
            and d.refclassid = 'pg_catalog.pg_class'::regclass and d.refobjid = i.indrelid and d.refobjsubid > 0
    ) as reads
from pg_catalog.pg_index i
join pg_catalog.pg_class ic on ic.oid = i.indexrelid
cross join lateral unnest(i.indkey::int2[]) with ordinality u (k, n)
where i.indrelid = any (%(tables)s)
    and i.indexprs is not null
    and u.k = 0
    and i.indislive
order by i.indrelid, name, u.n
