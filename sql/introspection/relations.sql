-- The tables of a database: ordinary ones, partitioned ones and their partitions.
-- Left out: system schemas, temporary tables, and what an extension brought along.
-- With a role, only those on which it holds some privilege, in schemas that it may use.
select
    c.oid::bigint as oid,
    n.nspname as schema,
    c.relname as name,
    c.relkind::text as kind,
    c.relispartition as is_partition,
    case when c.relispartition then pg_catalog.pg_get_expr(c.relpartbound, c.oid) end as bound,
    case when c.relispartition then pg_catalog.pg_get_partition_constraintdef(c.oid) end as partition_constraint,
    p.partstrat::text as strategy,
    p.partattrs::int2[]::int[] as partition_attnums,
    pg_catalog.pg_get_expr(p.partexprs, c.oid) as partition_expressions,
    d.description as comment,
    array(
        select i.inhparent::bigint from pg_catalog.pg_inherits i where i.inhrelid = c.oid order by i.inhseqno
    ) as parents
from pg_catalog.pg_class c
join pg_catalog.pg_namespace n on n.oid = c.relnamespace
left join pg_catalog.pg_partitioned_table p on p.partrelid = c.oid
left join pg_catalog.pg_description d
    on d.classoid = 'pg_catalog.pg_class'::regclass and d.objoid = c.oid and d.objsubid = 0
where c.relkind in ('r', 'p')
    and c.relpersistence <> 't'
    and n.nspname not in ('pg_catalog', 'information_schema')
    and n.nspname !~ '^pg_(toast|temp)'
    and not exists (
        select from pg_catalog.pg_depend d
        where d.classid = 'pg_catalog.pg_class'::regclass and d.objid = c.oid and d.deptype = 'e'
    )
    and (
        %(role)s::text is null
        or (
            pg_catalog.has_schema_privilege(%(role)s::text, n.oid, 'USAGE')
            and (
                pg_catalog.has_table_privilege(%(role)s::text, c.oid, 'SELECT, INSERT, UPDATE, DELETE')
                or pg_catalog.has_any_column_privilege(%(role)s::text, c.oid, 'SELECT, INSERT, UPDATE')
            )
        )
    )
