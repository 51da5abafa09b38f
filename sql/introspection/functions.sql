-- Functions of the database's own in SQL or PL/pgSQL that return one value; `direct` are those that a check, an index,
-- a default or a generated column of the tables in `tables`, or a check of a domain in `types`, calls. With a role, only
-- those that it may call by their names: what stands in another's body is not for it to read.
with users as (
    select 'pg_catalog.pg_constraint'::regclass as classid, oid as objid
    from pg_catalog.pg_constraint where conrelid = any (%(tables)s) or contypid = any (%(types)s)
    union all
    select 'pg_catalog.pg_attrdef'::regclass, oid from pg_catalog.pg_attrdef where adrelid = any (%(tables)s)
    union all
    select 'pg_catalog.pg_class'::regclass, indexrelid from pg_catalog.pg_index
    where indrelid = any (%(tables)s) and (indexprs is not null or indpred is not null)
    union all
    select 'pg_catalog.pg_class'::regclass, unnest(%(tables)s::bigint[])::oid
),
called as (
    select distinct d.refobjid as oid
    from users u
    join pg_catalog.pg_depend d on d.classid = u.classid and d.objid = u.objid
    where d.refclassid = 'pg_catalog.pg_proc'::regclass
)
select
    n.nspname as schema,
    p.proname as name,
    l.lanname as language,
    coalesce(p.proargnames[1:p.pronargs], '{}') as argument_names,
    p.proargtypes::oid[]::bigint[] as argument_types,
    p.prorettype::bigint as returns,
    p.prosrc as source,
    p.proisstrict as strict,
    -- The standard's form of a body is kept as a tree.
    case when l.lanname = 'plpgsql' or /* from 14 */ p.prosqlbody is not null /* else false */ then pg_catalog.pg_get_functiondef(p.oid) end as definition,
    c.oid is not null as direct
from pg_catalog.pg_proc p
join pg_catalog.pg_namespace n on n.oid = p.pronamespace
join pg_catalog.pg_language l on l.oid = p.prolang
left join called c on c.oid = p.oid
where exists (select from called)
    and n.nspname not in ('pg_catalog', 'information_schema')
    and l.lanname in ('sql', 'plpgsql')
    and p.prokind = 'f'
    and not p.proretset
    and (
        %(role)s::text is null
        or (
            pg_catalog.has_schema_privilege(%(role)s::text, n.oid, 'USAGE')
            and pg_catalog.has_function_privilege(%(role)s::text, p.oid, 'EXECUTE')
        )
    )
order by n.nspname, p.proname, p.proargtypes
