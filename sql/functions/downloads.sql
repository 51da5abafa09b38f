-- Handing out a file.

-- One statement decides and keeps the record: nothing is handed out that is not written down.
-- SECURITY DEFINER: people may not write the record themselves.
create or replace function seedbed.authorise_download(
    export uuid, kind text, expires_at timestamptz, request_id text
)
    returns table (object_path text, file_name text, content_type text, bytes bigint, sha256 text)
    language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
    as $$
    declare
        found public.generator_exports;
    begin
        perform seedbed.require_role(export, array['owner', 'editor']);
        select * into strict found from public.generator_exports as e where e.id = export;
        if found.status <> 'completed' then
            perform seedbed.refuse_state('downloaded', found.status);
        end if;
        -- Nobody can take the record back, and anybody may call this with what they like: a time is one that there is, and
        -- a request's id no longer than one.
        insert into public.generator_downloads (export_id, user_id, kind, expires_at, request_id)
        values (
            export, auth.uid(), authorise_download.kind,
            case
                when authorise_download.expires_at is not null then
                    least(greatest(authorise_download.expires_at, now() - interval '1 year'), now() + interval '1 year')
            end,
            left(authorise_download.request_id, 128)
        );
        return query select found.object_path, found.file_name, found.content_type, found.bytes, found.sha256;
    end
    $$;

create or replace function public.generator_authorise_download(
    export uuid, kind text, expires_at timestamptz default null, request_id text default null
)
    returns table (object_path text, file_name text, content_type text, bytes bigint, sha256 text)
    language sql volatile security invoker set search_path = pg_catalog, pg_temp
    as $$ select * from seedbed.authorise_download(export, kind, expires_at, request_id) $$;
comment on function public.generator_authorise_download(uuid, text, timestamptz, text) is
    'Owner and editors: records the download of a completed export and returns what signing needs. '
    'P0002, 42501, and 55000 while there is no file.';

revoke all on function seedbed.authorise_download(uuid, text, timestamptz, text)
    from public, anon, authenticated, service_role;
revoke all on function public.generator_authorise_download(uuid, text, timestamptz, text)
    from public, anon, authenticated, service_role;
grant execute on function seedbed.authorise_download(uuid, text, timestamptz, text) to authenticated;
grant execute on function public.generator_authorise_download(uuid, text, timestamptz, text) to authenticated;
