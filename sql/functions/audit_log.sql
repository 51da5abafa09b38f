-- The audit log is written by triggers on the tables themselves, so that an act is on record however it was done:
-- through the service, through the Data API, or by somebody at a SQL prompt. It is committed with the act, or not at all.

-- SECURITY DEFINER, all of them: whoever acts may not write the log.

create or replace function seedbed.note_act(act text, export uuid, owner uuid, details jsonb, request text)
    returns void
    language sql volatile security definer set search_path = pg_catalog, pg_temp
    as $$
        insert into seedbed.audit_log (act, actor_id, acting_role, export_id, owner_id, details, request_id)
        values (
            act, auth.uid(),
            -- Inside a definer function current_user is the definer; the role that was set is still told.
            coalesce(nullif(current_setting('role', true), 'none'), session_user),
            export, owner, details,
            coalesce(request, nullif(current_setting('seedbed.request_id', true), ''))
        )
    $$;
comment on function seedbed.note_act(text, uuid, uuid, jsonb, text) is 'Adds a row to the audit log.';

create or replace function seedbed.note_export_act() returns trigger
    language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
    as $$
    begin
        if tg_op = 'INSERT' then
            perform seedbed.note_act(
                'create', new.id, new.owner_id,
                jsonb_build_object('format', new.format, 'rows', new.rows_total, 'schema', new.schema_id), new.request_id
            );
        elsif tg_op = 'DELETE' then
            perform seedbed.note_act(
                'delete', old.id, old.owner_id, jsonb_build_object('status', old.status, 'bytes', old.bytes), null
            );
        elsif new.status = 'cancelling' or (new.status = 'cancelled' and old.status = 'queued') then
            perform seedbed.note_act('cancel', new.id, new.owner_id, jsonb_build_object('status', old.status), null);
        elsif new.status = 'queued' and old.status in ('failed', 'cancelled', 'expired') then
            perform seedbed.note_act('retry', new.id, new.owner_id, jsonb_build_object('status', old.status), null);
        elsif new.status = 'expired' then
            perform seedbed.note_act('expire', new.id, new.owner_id, jsonb_build_object('bytes', old.bytes), null);
        end if;
        return null;
    end
    $$;
comment on function seedbed.note_export_act() is 'Logs what is done to an export.';

create or replace function seedbed.note_share_act() returns trigger
    language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
    as $$
    declare
        share public.generator_export_shares := coalesce(new, old);
        owner uuid := (select e.owner_id from public.generator_exports as e where e.id = share.export_id);
    begin
        -- Shares that go with their export are told by the export's own row.
        if owner is not null then
            perform seedbed.note_act(
                case tg_op when 'INSERT' then 'share' when 'UPDATE' then 'change share' else 'unshare' end,
                share.export_id, owner,
                jsonb_strip_nulls(
                    jsonb_build_object('user', share.user_id, 'email', share.invited_as, 'role', share.role)
                ),
                null
            );
        end if;
        return null;
    end
    $$;
comment on function seedbed.note_share_act() is 'Logs who was given an export, and from whom it was taken back.';

create or replace function seedbed.note_invitation_act() returns trigger
    language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
    as $$
    declare
        invitation public.generator_export_invitations := coalesce(new, old);
        owner uuid := (select e.owner_id from public.generator_exports as e where e.id = invitation.export_id);
    begin
        -- What comes of it is told by the share's own row.
        if owner is not null then
            perform seedbed.note_act(
                case tg_op when 'INSERT' then 'share' when 'UPDATE' then 'change share' else 'unshare' end,
                invitation.export_id, owner,
                jsonb_build_object('email', invitation.email, 'role', invitation.role), null
            );
        end if;
        return null;
    end
    $$;
comment on function seedbed.note_invitation_act() is 'Logs who was invited to an export by mail address, and no longer is.';

create or replace function seedbed.note_download_act() returns trigger
    language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
    as $$
    begin
        perform seedbed.note_act(
            case new.kind when 'signed' then 'sign' else 'download' end,
            new.export_id,
            (select e.owner_id from public.generator_exports as e where e.id = new.export_id),
            jsonb_build_object('user', new.user_id, 'expires', new.expires_at), new.request_id
        );
        return null;
    end
    $$;
comment on function seedbed.note_download_act() is 'Logs each URL handed out and each download.';

create or replace function seedbed.note_quota_act() returns trigger
    language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
    as $$
    begin
        perform seedbed.note_act(
            case tg_op when 'DELETE' then 'remove quota' else 'set quota' end,
            null, coalesce(new.user_id, old.user_id),
            jsonb_build_object('before', to_jsonb(old) - 'user_id', 'after', to_jsonb(new) - 'user_id'), null
        );
        return null;
    end
    $$;
comment on function seedbed.note_quota_act() is 'Logs what an administrator allows a user.';

create or replace function seedbed.note_secret_act() returns trigger
    language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
    as $$
    begin
        perform seedbed.note_act(
            'new webhook secret', null, new.user_id, jsonb_build_object('version', new.version), null
        );
        return null;
    end
    $$;
comment on function seedbed.note_secret_act() is 'Logs that a user''s webhooks are signed with another secret from now on.';

revoke all on function seedbed.note_act(text, uuid, uuid, jsonb, text) from public, anon, authenticated, service_role;
revoke all on function seedbed.note_export_act() from public, anon, authenticated, service_role;
revoke all on function seedbed.note_share_act() from public, anon, authenticated, service_role;
revoke all on function seedbed.note_invitation_act() from public, anon, authenticated, service_role;
revoke all on function seedbed.note_download_act() from public, anon, authenticated, service_role;
revoke all on function seedbed.note_quota_act() from public, anon, authenticated, service_role;
revoke all on function seedbed.note_secret_act() from public, anon, authenticated, service_role;

create or replace trigger note_act after insert or delete on public.generator_exports
    for each row execute function seedbed.note_export_act();
-- Progress rewrites the row many times a second and is no act.
create or replace trigger note_change after update of status on public.generator_exports
    for each row when (old.status is distinct from new.status) execute function seedbed.note_export_act();
create or replace trigger note_act after insert or update or delete on public.generator_export_shares
    for each row execute function seedbed.note_share_act();
create or replace trigger note_act after insert or delete on public.generator_export_invitations
    for each row execute function seedbed.note_invitation_act();
create or replace trigger note_change after update of role on public.generator_export_invitations
    for each row when (old.role <> new.role) execute function seedbed.note_invitation_act();
create or replace trigger note_act after insert on public.generator_downloads
    for each row execute function seedbed.note_download_act();
create or replace trigger note_act after insert or update or delete on public.generator_quotas
    for each row execute function seedbed.note_quota_act();
create or replace trigger note_act after insert or update of version on public.generator_webhook_secrets
    for each row execute function seedbed.note_secret_act();
