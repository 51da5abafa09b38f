-- The most common values of each column: data of the database, read only when they were asked for.
select
    n.nspname as schema,
    c.relname as table,
    s.attname as column,
    s.most_common_vals::text::text[] as values,
    s.most_common_freqs::float8[] as frequencies
from pg_catalog.pg_class c
join pg_catalog.pg_namespace n on n.oid = c.relnamespace
join pg_catalog.pg_stats s
    on s.schemaname = n.nspname and s.tablename = c.relname and s.inherited = (c.relkind = 'p')
where n.nspname || '.' || c.relname = any (%(tables)s) and s.most_common_vals is not null
