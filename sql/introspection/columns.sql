-- The columns of the tables in `tables`, in their order. With a role, only those it may read or write.
select
    a.attrelid::bigint as relation,
    a.attnum::int as attnum,
    a.attname as name,
    t.oid::bigint as type,
    a.attndims::int as dimensions,
    case when a.atttypmod >= 0 then pg_catalog.format_type(a.atttypid, a.atttypmod) end as formatted,
    a.attnotnull as not_null,
    a.attidentity::text as identity,
    a.attgenerated::text as generated,
    pg_catalog.pg_get_expr(d.adbin, d.adrelid) as expression,
    case when a.attcollation not in (0, t.typcollation) then
        case when cn.nspname = 'pg_catalog' then co.collname else cn.nspname || '.' || co.collname end
    end as collation,
    -- Where ICU is missing a scratch database has stand-ins, which say so in their comments.
    coalesce(co.collisdeterministic, true) and cd.description is distinct from 'stand-in: nondeterministic'
        as collation_deterministic,
    ad.description as comment
from pg_catalog.pg_attribute a
join pg_catalog.pg_type t on t.oid = a.atttypid
left join pg_catalog.pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
left join pg_catalog.pg_collation co on co.oid = a.attcollation
left join pg_catalog.pg_namespace cn on cn.oid = co.collnamespace
left join pg_catalog.pg_description ad
    on ad.classoid = 'pg_catalog.pg_class'::regclass and ad.objoid = a.attrelid and ad.objsubid = a.attnum
left join pg_catalog.pg_description cd
    on cd.classoid = 'pg_catalog.pg_collation'::regclass and cd.objoid = co.oid and cd.objsubid = 0
where a.attrelid = any (%(tables)s)
    and a.attnum > 0
    and not a.attisdropped
    and (
        %(role)s::text is null
        or pg_catalog.has_column_privilege(%(role)s::text, a.attrelid, a.attnum, 'SELECT, INSERT, UPDATE')
    )
order by a.attrelid, a.attnum
