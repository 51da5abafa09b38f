-- Idempotency keys: each belongs to its owner, so that two users' equal keys never meet.

-- Outcomes: claimed (go on, then settle it), replay (answer as before), mismatch (same key, other request) and
-- in_flight (another transaction holds the key at this moment). A key is free again after 24 hours.
-- Not through the Data API, which logs in as `authenticator`: there nobody has served a request, and what is put down as
-- its answer would be given out as one.
-- SECURITY DEFINER: people may not write keys.
create or replace function seedbed.claim_idempotency_key(
    key text, request_sha256 text, out outcome text, out export_id uuid, out response jsonb
)
    language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
    as $$
    declare
        caller uuid := auth.uid();
        kept public.generator_idempotency_keys;
    begin
        if caller is null then
            raise insufficient_privilege using message = 'a key belongs to a user';
        elsif session_user = 'authenticator' then
            raise insufficient_privilege using message = 'keys are claimed by the service';
        end if;
        -- Held until the claimer's transaction ends. Without it the second of two would wait on the first's row.
        if not pg_try_advisory_xact_lock(hashtextextended(caller::text || ':' || claim_idempotency_key.key, 0)) then
            outcome := 'in_flight';
            return;
        end if;
        insert into public.generator_idempotency_keys as k (owner_id, key, request_sha256)
        values (caller, claim_idempotency_key.key, claim_idempotency_key.request_sha256)
        on conflict on constraint generator_idempotency_keys_pkey do update
        set request_sha256 = excluded.request_sha256, export_id = null, response = null, created_at = now()
        where k.created_at < now() - interval '24 hours';
        if found then
            outcome := 'claimed';
            return;
        end if;
        select * into strict kept
        from public.generator_idempotency_keys as k
        where k.owner_id = caller and k.key = claim_idempotency_key.key;
        if kept.request_sha256 <> claim_idempotency_key.request_sha256 then
            outcome := 'mismatch';
        elsif kept.export_id is null then
            outcome := 'in_flight';
        else
            outcome := 'replay';
            export_id := kept.export_id;
            response := kept.response;
        end if;
    end
    $$;

-- SECURITY DEFINER: as above. Settles a key once, for an export of the caller's own.
create or replace function seedbed.settle_idempotency_key(key text, export uuid, response jsonb) returns void
    language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
    as $$
    begin
        perform seedbed.require_role(export, array['owner']);
        update public.generator_idempotency_keys as k
        set export_id = export, response = settle_idempotency_key.response
        where k.owner_id = auth.uid() and k.key = settle_idempotency_key.key and k.export_id is null;
        if not found then
            raise no_data_found using message = 'no such claim';
        end if;
    end
    $$;

create or replace function public.generator_claim_idempotency_key(
    key text, request_sha256 text, out outcome text, out export_id uuid, out response jsonb
)
    language sql volatile security invoker set search_path = pg_catalog, pg_temp
    as $$ select * from seedbed.claim_idempotency_key(key, request_sha256) $$;
comment on function public.generator_claim_idempotency_key(text, text) is
    'Claims the caller''s key for a request: claimed, replay (with the export), mismatch or in_flight.';

create or replace function public.generator_settle_idempotency_key(key text, export uuid, response jsonb default null)
    returns void
    language sql volatile security invoker set search_path = pg_catalog, pg_temp
    as $$ select seedbed.settle_idempotency_key(key, export, response) $$;
comment on function public.generator_settle_idempotency_key(text, uuid, jsonb) is
    'Says what came of the request that claimed the key, in the same transaction.';

revoke all on function seedbed.claim_idempotency_key(text, text) from public, anon, authenticated, service_role;
revoke all on function seedbed.settle_idempotency_key(text, uuid, jsonb) from public, anon, authenticated, service_role;
revoke all on function public.generator_claim_idempotency_key(text, text)
    from public, anon, authenticated, service_role;
revoke all on function public.generator_settle_idempotency_key(text, uuid, jsonb)
    from public, anon, authenticated, service_role;
grant execute on function seedbed.claim_idempotency_key(text, text) to authenticated;
grant execute on function seedbed.settle_idempotency_key(text, uuid, jsonb) to authenticated;
grant execute on function public.generator_claim_idempotency_key(text, text) to authenticated;
grant execute on function public.generator_settle_idempotency_key(text, uuid, jsonb) to authenticated;
