-- What people do to an export's state. They may not write the columns; these functions do, after asking who they are.
-- Errors: P0002 no such export (or none the caller may see), 42501 not the caller's to do, 55000 not in this state.
-- Deferring the job that follows from it is the caller's business, in the same transaction.

create or replace function seedbed.refuse_state(doing text, status text) returns void
    language plpgsql volatile security invoker set search_path = pg_catalog, pg_temp
    as $$
    begin
        raise object_not_in_prerequisite_state using
            message = format('an export that is %s cannot be %s', status, doing),
            detail = status;
    end
    $$;
comment on function seedbed.refuse_state(text, text) is 'Raises 55000; its detail is the state the export is in.';

-- Queued exports end at once; running ones become cancelling, and the worker ends them. Asking again changes nothing.
create or replace function seedbed.cancel_export(export uuid) returns text
    language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
    as $$
    declare
        found public.generator_exports;
    begin
        perform seedbed.require_role(export, array['owner', 'editor']);
        select * into strict found from public.generator_exports as e where e.id = export for no key update;
        if found.status in ('cancelling', 'cancelled') then
            return found.status;
        elsif found.status = 'running' then
            update public.generator_exports as e set status = 'cancelling' where e.id = export;
            perform public.generator_append_event(export, 'cancelling');
            return 'cancelling';
        elsif found.status = 'queued' then
            -- A retried export still has the upload of its earlier run, which nobody is going to finish.
            if found.upload_id is not null then
                insert into seedbed.orphaned_objects (object_path, upload_id)
                values (found.object_path, found.upload_id);
            end if;
            update public.generator_exports as e
            set status = 'cancelled', finished_at = now(), upload_id = null
            where e.id = export;
            perform public.generator_append_event(export, 'cancelled');
            return 'cancelled';
        end if;
        perform seedbed.refuse_state('cancelled', found.status);
    end
    $$;

-- Not through the Data API, which logs in as `authenticator`: there nobody checks the quota, nor queues the job.
-- Finished parts stay, as long as the upload that holds them does. Part 0, the export as a whole, starts afresh.
create or replace function seedbed.retry_export(export uuid) returns text
    language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
    as $$
    declare
        found public.generator_exports;
        done record;
    begin
        perform seedbed.require_role(export, array['owner', 'editor']);
        if session_user = 'authenticator' then
            raise insufficient_privilege using
                message = 'an export is run again by POST …/export/{id}/retry, which checks the quota and queues the job';
        end if;
        select * into strict found from public.generator_exports as e where e.id = export for no key update;
        if found.status not in ('failed', 'cancelled', 'expired') then
            perform seedbed.refuse_state('run again', found.status);
        end if;
        update public.generator_export_parts as p
        set state = 'pending', token = null, lease_expires_at = null, runs = 0, attempts = 0, rows_done = 0,
            etag = null, bytes = null, crc32 = null, sha256 = null, facts = null, started_at = null, finished_at = null
        where p.export_id = export and (
            p.state <> 'done' or found.upload_id is null or p.part_no = 0
        );
        select count(*) as parts, coalesce(sum(p.rows_done), 0) as rows, coalesce(sum(p.bytes), 0) as bytes into done
        from public.generator_export_parts as p
        where p.export_id = export and p.state = 'done' and p.part_no > 0;
        update public.generator_exports as e
        set status = 'queued', attempts = 0, error_details = null, finished_at = null, started_at = null,
            expires_at = null, bytes = null, sha256 = null, crc32 = null,
            parts_done = done.parts, rows_generated = done.rows, bytes_generated = done.bytes,
            progress_percent = coalesce(trunc(100.0 * done.rows / nullif(e.rows_total, 0), 2), 0)
        where e.id = export;
        perform public.generator_append_event(export, 'retry');
        return 'queued';
    end
    $$;

-- The owner's alone. The record of it and the order to remove its file are written by a trigger: see removal.sql.
create or replace function seedbed.delete_export(export uuid) returns text
    language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
    as $$
    declare
        found public.generator_exports;
    begin
        perform seedbed.require_role(export, array['owner']);
        select * into strict found from public.generator_exports as e where e.id = export for update;
        -- A worker may be writing its file; it could finish the upload after we removed the object.
        if found.status in ('running', 'cancelling') then
            perform seedbed.refuse_state('deleted', found.status);
        end if;
        delete from public.generator_exports as e where e.id = export;
        return found.object_path;
    end
    $$;

create or replace function public.generator_cancel_export(export uuid) returns text
    language sql volatile security invoker set search_path = pg_catalog, pg_temp
    as $$ select seedbed.cancel_export(export) $$;
comment on function public.generator_cancel_export(uuid) is
    'Owner and editors: cancels a queued or running export; returns its status.';

create or replace function public.generator_retry_export(export uuid) returns text
    language sql volatile security invoker set search_path = pg_catalog, pg_temp
    as $$ select seedbed.retry_export(export) $$;
comment on function public.generator_retry_export(uuid) is
    'Owner and editors, but for the Data API: queues a failed, cancelled or expired export again, keeping its finished parts; returns its status.';

create or replace function public.generator_delete_export(export uuid) returns text
    language sql volatile security invoker set search_path = pg_catalog, pg_temp
    as $$ select seedbed.delete_export(export) $$;
comment on function public.generator_delete_export(uuid) is
    'Owner: deletes an export that is not running; returns the path of its file, which the service removes.';

revoke all on function seedbed.refuse_state(text, text) from public, anon, authenticated, service_role;
revoke all on function seedbed.cancel_export(uuid) from public, anon, authenticated, service_role;
revoke all on function seedbed.retry_export(uuid) from public, anon, authenticated, service_role;
revoke all on function seedbed.delete_export(uuid) from public, anon, authenticated, service_role;
revoke all on function public.generator_cancel_export(uuid) from public, anon, authenticated, service_role;
revoke all on function public.generator_retry_export(uuid) from public, anon, authenticated, service_role;
revoke all on function public.generator_delete_export(uuid) from public, anon, authenticated, service_role;
grant execute on function seedbed.cancel_export(uuid) to authenticated;
grant execute on function seedbed.retry_export(uuid) to authenticated;
grant execute on function seedbed.delete_export(uuid) to authenticated;
grant execute on function public.generator_cancel_export(uuid) to authenticated;
grant execute on function public.generator_retry_export(uuid) to authenticated;
grant execute on function public.generator_delete_export(uuid) to authenticated;
