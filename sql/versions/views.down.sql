-- Removes the views of sql/audit/: `create or replace view` cannot change a view's columns.
do $$
declare
    ours record;
begin
    for ours in
        select relname from pg_catalog.pg_class
        where relnamespace = 'seedbed'::regnamespace and relkind = 'v'
    loop
        execute format('drop view if exists seedbed.%I cascade', ours.relname);
    end loop;
end
$$;
