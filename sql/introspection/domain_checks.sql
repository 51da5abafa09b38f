-- The checks of the domains in `types`.
select
    c.contypid::bigint as type,
    c.conname as name,
    pg_catalog.pg_get_expr(c.conbin, 0) as expression
from pg_catalog.pg_constraint c
where c.contypid = any (%(types)s) and c.contype = 'c'
order by c.contypid, c.conname
