-- Functions and queries of the DDL may have put rows into its tables: a schema has none.
do $$
declare
  found record;
  filled text[] := '{}';
  any_row boolean;
begin
  set local session_replication_role = replica;
  for found in
    select format('%I.%I', n.nspname, c.relname) as name
    from pg_catalog.pg_class c
    join pg_catalog.pg_namespace n on n.oid = c.relnamespace
    where c.relkind in ('r', 'p')
      and c.relispartition is false
      and n.nspname not like 'pg\_%'
      and n.nspname <> 'information_schema'
      and not exists (
        select from pg_catalog.pg_depend d
        where d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass and d.objid = c.oid and d.deptype = 'e'
      )
  loop
    execute format('select exists (select from %s)', found.name) into any_row;
    if any_row then
      filled := filled || found.name;
    end if;
  end loop;
  if cardinality(filled) > 0 then
    execute format('truncate table %s restart identity cascade', array_to_string(filled, ', '));
  end if;
end
$$
