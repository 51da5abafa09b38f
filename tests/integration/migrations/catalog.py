"""What a database contains, in words that can be compared."""

from typing import Any

import psycopg

# Everything that is not Postgres' own: schemas, relations with their rights, columns, functions, types, policies.
_OBJECTS = """
select 'schema ' || nspname || ' ' || coalesce(nspacl::text, '') from pg_namespace where nspname !~ '^pg_'
union all
select 'relation ' || n.nspname || '.' || c.relname || ' ' || c.relkind::text || ' ' || coalesce(c.relacl::text, '')
from pg_class as c join pg_namespace as n on n.oid = c.relnamespace
where n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
union all
select 'column ' || n.nspname || '.' || c.relname || '.' || a.attname || ' ' || format_type(a.atttypid, a.atttypmod)
from pg_attribute as a join pg_class as c on c.oid = a.attrelid join pg_namespace as n on n.oid = c.relnamespace
where n.nspname !~ '^pg_' and n.nspname <> 'information_schema' and a.attnum > 0 and not a.attisdropped
union all
select 'function ' || p.oid::regprocedure || ' ' || md5(pg_get_functiondef(p.oid))
    || ' ' || coalesce(p.proacl::text, '')
from pg_proc as p join pg_namespace as n on n.oid = p.pronamespace
where n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
union all
select 'type ' || n.nspname || '.' || t.typname from pg_type as t join pg_namespace as n on n.oid = t.typnamespace
where n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
union all
select 'policy ' || p.polname || ' on ' || p.polrelid::regclass from pg_policy as p
union all
select 'trigger ' || t.tgname || ' on ' || t.tgrelid::regclass from pg_trigger as t where not t.tgisinternal
union all
select 'extension ' || extname from pg_extension
"""


def objects(database_url: str) -> set[str]:
    """One line for each thing in the database."""
    with psycopg.connect(database_url) as connection:
        rows: list[tuple[Any, ...]] = connection.execute(_OBJECTS).fetchall()
    return {line for (line,) in rows}
