"""Rules every migrated database must keep, as queries that return the offenders.

They follow the rules of Supabase's database linter (splinter) that apply to us, in our own words, and are stricter
where we can be: what the linter asks of exposed schemas, most of these ask of every schema of ours.
"""

from dataclasses import dataclass
from typing import LiteralString


@dataclass(frozen=True, slots=True)
class Rule:
    """`offenders` returns one text per finding, `sabotage` is SQL after which it must return at least one."""

    name: str
    reason: str
    offenders: LiteralString
    sabotage: LiteralString


_OURS = "('public', 'seedbed', 'queue')"

# Definer functions that people may execute in a schema that an API exposes, and why. None: those that there have to
# be stand in schema seedbed, behind functions that run as their caller.
EXPOSED_DEFINERS: frozenset[str] = frozenset()

RULES = (
    Rule(
        "rls_enabled_and_forced",
        "A table in an exposed schema without row-level security is open to whoever has a grant.",
        """
        select c.oid::regclass::text from pg_class as c
        where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p')
            and not (c.relrowsecurity and c.relforcerowsecurity)
        """,
        "create table public.open_to_all (id int primary key)",
    ),
    Rule(
        "rls_with_a_policy",
        "Row-level security without a policy is a table that nobody can use: an oversight, or a table to remove.",
        f"""
        select c.oid::regclass::text from pg_class as c join pg_namespace as n on n.oid = c.relnamespace
        where n.nspname in {_OURS} and c.relrowsecurity and not c.relispartition
            and not exists (select from pg_policy as p where p.polrelid = c.oid)
        """,
        "create table public.shut (id int primary key); alter table public.shut enable row level security",
    ),
    Rule(
        "partitions_are_shut",
        "The policies of a table do not hold for whoever reads one of its partitions by its own name.",
        f"""
        select c.oid::regclass::text from pg_class as c join pg_namespace as n on n.oid = c.relnamespace
        where n.nspname in {_OURS} and c.relispartition and c.relkind in ('r', 'p') and (
            n.nspname = 'public'
            or not (c.relrowsecurity and c.relforcerowsecurity)
            or exists (select from pg_policy as p where p.polrelid = c.oid)
            or exists (select from aclexplode(c.relacl) where grantee <> c.relowner)
        )
        """,
        "create table seedbed.open_day partition of public.generator_export_events "
        "for values from ('2001-01-01') to ('2001-01-02')",
    ),
    Rule(
        "policies_without_rls",
        "A policy on a table whose row-level security is off looks like protection and is none.",
        f"""
        select c.oid::regclass::text from pg_policy as p join pg_class as c on c.oid = p.polrelid
        join pg_namespace as n on n.oid = c.relnamespace
        where n.nspname in {_OURS} and not c.relrowsecurity
        """,
        "alter table public.generator_quotas disable row level security",
    ),
    Rule(
        "caller_read_once_per_statement",
        "auth.uid() bare in a policy is called for each row; in a subselect it is called once.",
        """
        select p.schemaname || '.' || p.tablename || ': ' || p.policyname
        from pg_policies as p
        cross join lateral (
            -- What is left of the expressions when each proper subselect is taken out.
            select regexp_replace(
                lower(coalesce(p.qual, '') || ' ' || coalesce(p.with_check, '')),
                'select (auth\\.(uid|jwt|role|email)\\(\\)|current_setting\\([^)]*\\))', '', 'g'
            ) as rest
        ) as bare
        where bare.rest ~ '(auth\\.(uid|jwt|role|email)\\(|current_setting\\()'
        """,
        "create policy bare on public.generator_quotas for select to anon using (user_id = auth.uid())",
    ),
    Rule(
        "one_policy_per_role_and_action",
        "Several permissive policies for one role and action are all evaluated for each row, and hide one another.",
        f"""
        select c.oid::regclass::text || ' ' || r.rolname || ' ' || action
        from pg_policy as p
        join pg_class as c on c.oid = p.polrelid
        join pg_namespace as n on n.oid = c.relnamespace
        join pg_roles as r on r.oid = any (p.polroles) or p.polroles = array[0::oid]
        cross join lateral unnest(
            case p.polcmd when '*' then array['r', 'a', 'w', 'd'] else array[p.polcmd::text] end
        ) as action
        where n.nspname in {_OURS} and p.polpermissive and r.rolname !~ '^pg_'
        group by c.oid, r.rolname, action having count(*) > 1
        """,
        "create policy second on public.generator_quotas for select to authenticated using (false)",
    ),
    Rule(
        "no_policy_that_is_always_true_for_people",
        "A policy that lets people write anything is no policy.",
        """
        select p.schemaname || '.' || p.tablename || ': ' || p.policyname from pg_policies as p
        where p.roles && array['public', 'anon', 'authenticated']::name[]
            and (p.qual in ('true', '(1 = 1)') or p.with_check in ('true', '(1 = 1)'))
        """,
        "create policy anything on public.generator_quotas for delete to anon using (true)",
    ),
    Rule(
        "no_policy_for_everybody",
        "A policy names its roles: `to public` includes anon.",
        f"""
        select p.schemaname || '.' || p.tablename || ': ' || p.policyname from pg_policies as p
        where p.schemaname in {_OURS} and 'public' = any (p.roles)
        """,
        "create policy wide on public.generator_quotas for select using (user_id = (select auth.uid()))",
    ),
    Rule(
        "no_policy_on_user_metadata",
        "Users write their own user_metadata, so a policy must not trust it.",
        """
        select p.schemaname || '.' || p.tablename || ': ' || p.policyname from pg_policies as p
        where coalesce(p.qual, '') || coalesce(p.with_check, '') ~ 'user_metadata'
        """,
        "create policy gullible on public.generator_quotas for select to anon "
        "using (((select auth.jwt()) -> 'user_metadata' ->> 'admin') = 'yes')",
    ),
    Rule(
        "fixed_search_path",
        "A function that takes its caller's search_path can be made to call the caller's functions.",
        f"""
        select p.oid::regprocedure::text from pg_proc as p join pg_namespace as n on n.oid = p.pronamespace
        where n.nspname in {_OURS}
            and not exists (select from unnest(p.proconfig) as setting where setting like 'search\\_path=%')
        """,
        "create function public.loose() returns int language sql as 'select 1'",
    ),
    Rule(
        "types_of_a_session_come_last",
        "A search_path without pg_temp has it first for names of types: a domain `uuid` of a session's own would have its "
        "check run with the rights of a definer function that says `uuid`.",
        f"""
        select p.oid::regprocedure::text from pg_proc as p join pg_namespace as n on n.oid = p.pronamespace
        where (n.nspname in {_OURS} or obj_description(p.oid, 'pg_proc') like 'seedbed: %')
            and not exists (select from unnest(p.proconfig) as setting where setting ~ '^search_path=.*, pg_temp$')
        """,
        "create function public.shadowed() returns int language sql set search_path = '' as 'select 1'",
    ),
    Rule(
        "no_definer_function_in_an_exposed_schema",
        "The Data API offers every function of an exposed schema; one with its owner's rights goes around policies.",
        """
        select p.oid::regprocedure::text from pg_proc as p
        where p.pronamespace = 'public'::regnamespace and p.prosecdef
            and (
                has_function_privilege('anon', p.oid, 'execute')
                or has_function_privilege('authenticated', p.oid, 'execute')
            )
        """,
        "create function public.mighty() returns int language sql security definer set search_path = '' as 'select 1'",
    ),
    Rule(
        "nothing_granted_to_everybody",
        "Rights are given to roles by name; EXECUTE goes to everybody unless it is taken away.",
        f"""
        select p.oid::regprocedure::text from pg_proc as p join pg_namespace as n on n.oid = p.pronamespace
        where n.nspname in {_OURS}
            and exists (select from aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) where grantee = 0)
        union all
        select c.oid::regclass::text from pg_class as c join pg_namespace as n on n.oid = c.relnamespace
        where n.nspname in {_OURS} and exists (select from aclexplode(c.relacl) where grantee = 0)
        """,
        "create function seedbed.anybody() returns int language sql set search_path = '' as 'select 1'",
    ),
    Rule(
        "nothing_granted_to_anon",
        "Nobody who is not signed in has any business here.",
        f"""
        select c.oid::regclass::text from pg_class as c join pg_namespace as n on n.oid = c.relnamespace
        where n.nspname in {_OURS} and c.relkind in ('r', 'p', 'v', 'm', 'S') and (
            exists (select from aclexplode(c.relacl) where grantee = 'anon'::regrole)
            or exists (
                select from pg_attribute as a cross join aclexplode(a.attacl) as g
                where a.attrelid = c.oid and g.grantee = 'anon'::regrole
            )
        )
        union all
        select p.oid::regprocedure::text from pg_proc as p join pg_namespace as n on n.oid = p.pronamespace
        where n.nspname in {_OURS} and has_function_privilege('anon', p.oid, 'execute')
        """,
        "grant select (user_id) on public.generator_quotas to anon",
    ),
    Rule(
        "foreign_keys_indexed",
        "Without an index, deleting a parent reads the whole child table.",
        f"""
        select f.conrelid::regclass::text || ' ' || f.conname
        from pg_constraint as f join pg_namespace as n on n.oid = f.connamespace
        where f.contype = 'f' and n.nspname in {_OURS}
            and not exists (
                select from pg_index as i
                where i.indrelid = f.conrelid and i.indisvalid
                    and (i.indkey::smallint[])[0:cardinality(f.conkey) - 1] @> f.conkey
            )
        """,
        "create table seedbed.child (id int primary key, parent uuid references public.generator_exports)",
    ),
    Rule(
        "no_duplicate_index",
        "Two equal indexes cost every write twice.",
        f"""
        select string_agg(i.indexrelid::regclass::text, ', ')
        from pg_index as i join pg_class as c on c.oid = i.indrelid join pg_namespace as n on n.oid = c.relnamespace
        where n.nspname in {_OURS}
        group by i.indrelid, i.indkey::text, i.indclass::text, i.indcollation::text, i.indoption::text,
            pg_get_expr(i.indexprs, i.indrelid), pg_get_expr(i.indpred, i.indrelid)
        having count(*) > 1
        """,
        "create index twin on public.generator_quotas (user_id)",
    ),
    Rule(
        "no_index_inside_another",
        "An index on the first columns of another one is not needed.",
        """
        select small.indexrelid::regclass::text || ' in ' || wide.indexrelid::regclass::text
        from pg_index as small
        join pg_index as wide on wide.indrelid = small.indrelid and wide.indexrelid <> small.indexrelid
        join pg_class as c on c.oid = small.indrelid
        join pg_class as ci on ci.oid = small.indexrelid
        join pg_class as cw on cw.oid = wide.indexrelid
        where c.relnamespace in ('public'::regnamespace, 'seedbed'::regnamespace)
            and ci.relam = cw.relam and not small.indisunique
            and small.indexprs is null and wide.indexprs is null
            and small.indpred is null and wide.indpred is null
            and starts_with(wide.indkey::text, small.indkey::text || ' ')
        """,
        "create index prefix on public.generator_exports (owner_id)",
    ),
    Rule(
        "primary_keys",
        "A table without a primary key cannot be replicated by row.",
        f"""
        select c.oid::regclass::text from pg_class as c join pg_namespace as n on n.oid = c.relnamespace
        where n.nspname in {_OURS} and c.relkind in ('r', 'p')
            and not exists (select from pg_index as i where i.indrelid = c.oid and i.indisprimary)
        """,
        "create table seedbed.keyless (id int)",
    ),
    Rule(
        "views_run_as_their_caller",
        "A view runs with its owner's rights, around the policies, unless it says otherwise.",
        f"""
        select c.oid::regclass::text from pg_class as c join pg_namespace as n on n.oid = c.relnamespace
        where n.nspname in {_OURS} and c.relkind = 'v'
            and not coalesce(c.reloptions, '{{}}') && array['security_invoker=on', 'security_invoker=true']
        """,
        "create view seedbed.peep as select * from public.generator_exports",
    ),
    Rule(
        "no_materialized_view_or_foreign_table_exposed",
        "Row-level security does not reach them.",
        """
        select c.oid::regclass::text from pg_class as c
        where c.relnamespace = 'public'::regnamespace and c.relkind in ('m', 'f')
        """,
        "create materialized view public.frozen as select 1 as one",
    ),
    Rule(
        "no_extension_in_public",
        "Its functions would be offered by the API; and we need none.",
        """
        select e.extname::text from pg_extension as e where e.extnamespace = 'public'::regnamespace
        """,
        "create extension citext schema public",
    ),
    Rule(
        "people_do_not_write_tables_without_a_column_list",
        "A grant on the whole table covers columns added later: mass assignment by omission.",
        """
        select c.oid::regclass::text || ' ' || g.privilege_type
        from pg_class as c cross join aclexplode(c.relacl) as g
        where c.relnamespace = 'public'::regnamespace and g.grantee = 'authenticated'::regrole
            and g.privilege_type in ('INSERT', 'UPDATE', 'TRUNCATE', 'REFERENCES', 'TRIGGER', 'MAINTAIN')
        """,
        "grant update on public.generator_quotas to authenticated",
    ),
    Rule(
        "described",
        "Every table and view of ours says what it is for.",
        """
        select c.oid::regclass::text from pg_class as c
        where c.relnamespace in ('public'::regnamespace, 'seedbed'::regnamespace) and c.relkind in ('r', 'v')
            and c.relname not in ('alembic_version', 'definitions')
            and obj_description(c.oid, 'pg_class') is null
        """,
        "create table seedbed.mystery (id int primary key)",
    ),
)
