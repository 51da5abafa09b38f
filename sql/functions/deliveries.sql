-- What people do about deliveries. Errors are those of states.sql.

-- The first one is version 1, which deliveries are signed with before anybody asked for it. The version before stays
-- good for a day, so that a receiver can be changed without missing one.
-- SECURITY DEFINER: people may not write versions themselves.
create or replace function seedbed.rotate_webhook_secret()
    returns table (version integer, created_at timestamptz, previous_until timestamptz)
    language sql volatile security definer set search_path = pg_catalog, pg_temp
    as $$
        insert into public.generator_webhook_secrets as s (user_id) values (auth.uid())
        on conflict (user_id) do update
        set version = s.version + 1, created_at = now(), previous_until = now() + interval '24 hours'
        returning s.version, s.created_at, s.previous_until
    $$;

create or replace function public.generator_rotate_webhook_secret()
    returns table (version integer, created_at timestamptz, previous_until timestamptz)
    language sql volatile security invoker set search_path = pg_catalog, pg_temp
    as $$ select r.version, r.created_at, r.previous_until from seedbed.rotate_webhook_secret() as r $$;
comment on function public.generator_rotate_webhook_secret() is
    'Puts the caller''s next signing secret in force; the one before holds for another day.';

-- Owner: due at once, with a schedule of its own. Queueing the job is the caller's business.
create or replace function seedbed.redeliver(export uuid, delivery uuid) returns void
    language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
    as $$
    declare
        found public.generator_export_deliveries;
    begin
        perform seedbed.require_role(export, array['owner']);
        perform from public.generator_exports as e where e.id = export for no key update;
        select * into found from public.generator_export_deliveries as d
        where d.id = delivery and d.export_id = export for no key update;
        if found.id is null then
            raise no_data_found using message = 'no such delivery';
        elsif found.state = 'delivering' and found.next_attempt_at > now() then
            raise object_not_in_prerequisite_state using
                message = 'the delivery is being sent at this moment', detail = found.state;
        -- A webhook's receiver can turn calls away; a mailbox, which may be anybody's, would only fill up.
        elsif found.channel = 'email' and found.delivered_at > now() - interval '10 minutes' then
            raise object_not_in_prerequisite_state using
                message = 'the mail was sent less than ten minutes ago', detail = found.state;
        end if;
        update public.generator_export_deliveries as d
        set state = 'pending', round_start = d.attempts, next_attempt_at = now()
        where d.id = delivery;
        -- Said here and not by a trigger: what a worker does to the row looks the same. The target stays out of the log,
        -- since a webhook's URL may hold a secret.
        perform seedbed.note_act(
            'redeliver', export, (select e.owner_id from public.generator_exports as e where e.id = export),
            jsonb_build_object('delivery', delivery, 'channel', found.channel, 'state', found.state), null
        );
    end
    $$;

create or replace function public.generator_redeliver(export uuid, delivery uuid) returns void
    language sql volatile security invoker set search_path = pg_catalog, pg_temp
    as $$ select seedbed.redeliver(export, delivery) $$;
comment on function public.generator_redeliver(uuid, uuid) is 'Owner: makes a delivery due again.';

revoke all on function seedbed.rotate_webhook_secret() from public, anon, authenticated, service_role;
revoke all on function seedbed.redeliver(uuid, uuid) from public, anon, authenticated, service_role;
revoke all on function public.generator_rotate_webhook_secret() from public, anon, authenticated, service_role;
revoke all on function public.generator_redeliver(uuid, uuid) from public, anon, authenticated, service_role;
grant execute on function seedbed.rotate_webhook_secret() to authenticated;
grant execute on function seedbed.redeliver(uuid, uuid) to authenticated;
grant execute on function public.generator_rotate_webhook_secret() to authenticated;
grant execute on function public.generator_redeliver(uuid, uuid) to authenticated;
