-- What ANALYZE has found: rows by the planner's estimate, and of each column how many are null, how many values there
-- are and how far its order follows the rows'. No value of any column is read here.
select
    n.nspname as schema,
    c.relname as table,
    -- A partitioned table has no rows of its own before PostgreSQL 14 analysed them; those of its partitions count.
    greatest(
        c.reltuples,
        coalesce((
            select sum(greatest(p.reltuples, 0))
            from pg_catalog.pg_inherits i
            join pg_catalog.pg_class p on p.oid = i.inhrelid
            where i.inhparent = c.oid and c.relkind = 'p'
        ), 0),
        0
    )::bigint as rows,
    s.attname as column,
    s.null_frac::float8 as null_fraction,
    s.n_distinct::float8 as distinct,
    s.correlation::float8 as correlation
from pg_catalog.pg_class c
join pg_catalog.pg_namespace n on n.oid = c.relnamespace
left join pg_catalog.pg_stats s
    on s.schemaname = n.nspname and s.tablename = c.relname and s.inherited = (c.relkind = 'p')
where n.nspname || '.' || c.relname = any (%(tables)s) and c.relkind in ('r', 'p')
order by n.nspname, c.relname, s.attname
