-- The foreign keys of a database. Those with a parent are Postgres' own copies, made for partitions; those that version
-- 18 can declare without enforcing them are left out.
select
    n.nspname as schema, c.relname as table, k.conname as name, rn.nspname as ref_schema, rc.relname as ref_table,
    rc.relkind = 'p' as ref_partitioned, k.confmatchtype = 'f' as match_full,
    /* from 18 */ k.conperiod /* else false */ as period,
    pg_get_constraintdef(k.oid) as definition,
    array(select a.attname::text from unnest(k.conkey) with ordinality u (attnum, o)
          join pg_attribute a on a.attrelid = k.conrelid and a.attnum = u.attnum order by o) as columns,
    array(select a.attname::text from unnest(k.confkey) with ordinality u (attnum, o)
          join pg_attribute a on a.attrelid = k.confrelid and a.attnum = u.attnum order by o) as ref_columns
from pg_constraint k
join pg_class c on c.oid = k.conrelid
join pg_namespace n on n.oid = c.relnamespace
join pg_class rc on rc.oid = k.confrelid
join pg_namespace rn on rn.oid = rc.relnamespace
where k.contype = 'f' and k.conparentid = 0
    and /* from 18 */ k.conenforced /* else true */
order by n.nspname, c.relname, k.conname
