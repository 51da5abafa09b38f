-- generator_export_parts: whoever sees the export sees its parts; the service alone writes them.
-- The token, which makes a worker's word count, is not shown.

alter table public.generator_export_parts enable row level security, force row level security;

revoke all on public.generator_export_parts from public, anon, authenticated, service_role;
grant select, insert, update, delete on public.generator_export_parts to service_role;
grant select (
    export_id, part_no, segments, rows, state, lease_expires_at, runs, attempts, bytes, crc32, sha256, rows_done,
    started_at, finished_at
) on public.generator_export_parts to authenticated;

-- The subquery runs as the caller, under the policies of generator_exports.
drop policy if exists "people see parts of exports they see" on public.generator_export_parts;
create policy "people see parts of exports they see" on public.generator_export_parts
    for select to authenticated
    using (exists (select from public.generator_exports as e where e.id = generator_export_parts.export_id));

drop policy if exists "the service does everything" on public.generator_export_parts;
create policy "the service does everything" on public.generator_export_parts
    for all to service_role using (true) with check (true);
