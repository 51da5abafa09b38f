-- How many constraints stand in the database: keys, checks, foreign keys, exclusions, unique indexes and NOT NULLs.
with mine as (
    select oid from pg_namespace where nspname not in ('pg_catalog', 'pg_toast', 'information_schema')
)
select
    (select count(*) from pg_constraint
     where contype in ('c', 'f', 'p', 'u', 'x') and conparentid = 0 and connamespace in (select oid from mine))
    + (select count(*) from pg_index i join pg_class c on c.oid = i.indexrelid
       where i.indisunique and c.relnamespace in (select oid from mine)
           and not exists (select from pg_constraint k where k.conindid = i.indexrelid))
    + (select count(*) from pg_attribute a join pg_class c on c.oid = a.attrelid
       where a.attnotnull and a.attnum > 0 and c.relkind in ('r', 'p') and c.relnamespace in (select oid from mine))
