-- Every type that a column could have, with what is behind it. `kind`: b base, d domain, e enum, c composite, r range,
-- m multirange, p pseudo. Row types of tables are among them only where something uses them.
select
    t.oid::bigint as oid,
    n.nspname as schema,
    t.typname as name,
    t.typtype::text as kind,
    case when el.oid is not null then t.typelem::bigint end as element,
    case when t.typtype = 'd' then t.typbasetype::bigint end as base,
    t.typndims::int as dimensions,
    case when t.typtype = 'd' and t.typtypmod >= 0 then pg_catalog.format_type(t.typbasetype, t.typtypmod) end as formatted,
    t.typnotnull as not_null,
    case when t.typtype = 'd' then t.typdefault end as default_expression,
    case when t.typtype = 'e' then array(
        select e.enumlabel::text from pg_catalog.pg_enum e where e.enumtypid = t.oid order by e.enumsortorder
    ) end as labels,
    r.rngsubtype::bigint as subtype,
    /* from 14 */ r.rngmultitypid::bigint /* else null::bigint */ as multirange,
    case when t.typtype = 'c' then t.typrelid::bigint end as relation,
    co.collname as collation,
    coalesce(co.collisdeterministic, true) as collation_deterministic
from pg_catalog.pg_type t
join pg_catalog.pg_namespace n on n.oid = t.typnamespace
left join pg_catalog.pg_type el on el.oid = t.typelem and el.typarray = t.oid
left join pg_catalog.pg_range r on r.rngtypid = t.oid
left join pg_catalog.pg_collation co on co.oid = t.typcollation
where (t.typtype <> 'c' or n.nspname not in ('pg_catalog', 'information_schema'))
    and (el.typtype is distinct from 'c' or n.nspname not in ('pg_catalog', 'information_schema'))
