-- Which sequence a column owns (serial, identity) or takes its default from. An owned one comes first.
select
    d.refobjid::bigint as relation,
    d.refobjsubid::int as attnum,
    n.nspname as schema,
    s.relname as name,
    0 as priority
from pg_catalog.pg_depend d
join pg_catalog.pg_class s on s.oid = d.objid and s.relkind = 'S'
join pg_catalog.pg_namespace n on n.oid = s.relnamespace
where d.classid = 'pg_catalog.pg_class'::regclass
    and d.refclassid = 'pg_catalog.pg_class'::regclass
    and d.deptype in ('a', 'i')
    and d.refobjid = any (%(tables)s)
union all
select ad.adrelid::bigint, ad.adnum::int, n.nspname, s.relname, 1
from pg_catalog.pg_attrdef ad
join pg_catalog.pg_depend d on d.classid = 'pg_catalog.pg_attrdef'::regclass and d.objid = ad.oid
join pg_catalog.pg_class s
    on d.refclassid = 'pg_catalog.pg_class'::regclass and s.oid = d.refobjid and s.relkind = 'S'
join pg_catalog.pg_namespace n on n.oid = s.relnamespace
where ad.adrelid = any (%(tables)s)
order by relation, attnum, priority, schema, name
