-- The triggers that people wrote, by table; those that partitions have from their parents aside.
select n.nspname, c.relname, array_agg(t.tgname::text order by t.tgname)
from pg_trigger t
join pg_class c on c.oid = t.tgrelid
join pg_namespace n on n.oid = c.relnamespace
where not t.tgisinternal and t.tgparentid = 0 and c.relkind in ('r', 'p')
group by n.nspname, c.relname
order by n.nspname, c.relname
