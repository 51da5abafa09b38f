-- Exclusion constraints: each element's expression and operator, in order.
select
    c.conrelid::bigint as relation,
    c.conname as name,
    am.amname as method,
    pg_catalog.pg_get_expr(i.indpred, i.indrelid) as predicate,
    array(
        select pg_catalog.pg_get_indexdef(c.conindid, n, false) from generate_series(1, i.indnkeyatts) n order by n
    ) as expressions,
    array(
        select o.oprname::text from unnest(c.conexclop) with ordinality u (operator, n)
        join pg_catalog.pg_operator o on o.oid = u.operator order by u.n
    ) as operators,
    array(
        select distinct d.refobjsubid::int from pg_catalog.pg_depend d
        where ((d.classid = 'pg_catalog.pg_class'::regclass and d.objid = c.conindid)
                or (d.classid = 'pg_catalog.pg_constraint'::regclass and d.objid = c.oid))
            and d.refclassid = 'pg_catalog.pg_class'::regclass and d.refobjid = c.conrelid and d.refobjsubid > 0
    ) as reads,
    exists (select from pg_catalog.pg_inherits h where h.inhrelid = c.conindid) as inherited
from pg_catalog.pg_constraint c
join pg_catalog.pg_index i on i.indexrelid = c.conindid
join pg_catalog.pg_class ic on ic.oid = c.conindid
join pg_catalog.pg_am am on am.oid = ic.relam
where c.conrelid = any (%(tables)s)
    and c.contype = 'x'
order by c.conrelid, c.conname
