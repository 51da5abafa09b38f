-- generator_exports: who sees and queues exports.
--
--   owner           sees it; queues it; cancels, re-runs and deletes it by function
--   editor, viewer  see it; editors cancel and re-run it by function
--   anybody else    sees nothing
--
-- Nobody but the service writes a column: state changes go through sql/functions/states.sql. `notify` (addresses,
-- webhook URLs) and `upload_id` are the service's to read.

alter table public.generator_exports enable row level security, force row level security;

revoke all on public.generator_exports from public, anon, authenticated, service_role;
grant select, insert, update, delete on public.generator_exports to service_role;
grant select (
    id, owner_id, schema_id, config, plan, plan_sha256, seed, prompt_context, engine_version, status, format,
    compression, file_name, extension, object_path, content_type, rows_total, rows_generated, bytes_generated,
    parts_total, parts_done, progress_percent, bytes, sha256, crc32, attempts, error_details, request_id, last_seq,
    requested_at, started_at, finished_at, expires_at, updated_at, retention_s, bytes_expected, pace
) on public.generator_exports to authenticated;
grant insert (
    id, owner_id, schema_id, config, plan, plan_sha256, seed, prompt_context, engine_version, format, compression,
    file_name, extension, content_type, rows_total, parts_total, notify, request_id, retention_s,
    bytes_expected, traceparent, tracestate
) on public.generator_exports to authenticated;

drop policy if exists "people see exports they own or were given" on public.generator_exports;
create policy "people see exports they own or were given" on public.generator_exports
    for select to authenticated
    using (
        owner_id = (select auth.uid())
        or exists (
            select from public.generator_export_shares as s
            where s.export_id = generator_exports.id and s.user_id = (select auth.uid())
        )
    );

-- Not through the Data API, which logs in as `authenticator`: there nobody has checked the plan and the quota.
drop policy if exists "people queue exports of their own" on public.generator_exports;
create policy "people queue exports of their own" on public.generator_exports
    for insert to authenticated
    with check (
        owner_id = (select auth.uid())
        and status = 'queued'
        and (
            schema_id is null
            or exists (select from public.generator_schemas as s where s.id = generator_exports.schema_id)
        )
        and session_user <> 'authenticator'
    );

drop policy if exists "the service does everything" on public.generator_exports;
create policy "the service does everything" on public.generator_exports
    for all to service_role using (true) with check (true);
