-- The attributes of the composite types in `relations`, in their order.
select
    a.attrelid::bigint as relation,
    a.attname as name,
    a.atttypid::bigint as type,
    a.attndims::int as dimensions,
    case when a.atttypmod >= 0 then pg_catalog.format_type(a.atttypid, a.atttypmod) end as formatted
from pg_catalog.pg_attribute a
where a.attrelid = any (%(relations)s) and a.attnum > 0 and not a.attisdropped
order by a.attrelid, a.attnum
