-- However an export is deleted, a record of it stays and its file does not.

-- SECURITY DEFINER: whoever deletes the row may not write these tables.
create or replace function seedbed.note_removed_export() returns trigger
    language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
    as $$
    begin
        insert into seedbed.removed_exports (
            id, owner_id, removed_by, schema_id, status, format, file_name, object_path, rows_generated, bytes,
            requested_at, started_at, finished_at
        )
        values (
            old.id, old.owner_id, auth.uid(), old.schema_id, old.status, old.format, old.file_name, old.object_path,
            old.rows_generated, old.bytes, old.requested_at, old.started_at, old.finished_at
        );
        -- Committed with the deletion, so that a crash before the store is told leaves no file behind.
        insert into seedbed.orphaned_objects (object_path) values (old.object_path);
        if old.upload_id is not null then
            insert into seedbed.orphaned_objects (object_path, upload_id) values (old.object_path, old.upload_id);
        end if;
        return null;
    end
    $$;
comment on function seedbed.note_removed_export() is 'Keeps a record of a deleted export and orders the removal of its file.';

revoke all on function seedbed.note_removed_export() from public, anon, authenticated, service_role;

create or replace trigger note_removed_export
    after delete on public.generator_exports
    for each row execute function seedbed.note_removed_export();
