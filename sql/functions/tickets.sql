-- Tickets for event streams: issued to a user, redeemed once, both in one statement. Only digests are kept.

-- Not through the Data API, which logs in as `authenticator`: it asks less of a token than the service does, and a ticket
-- would admit by claims that are refused there, an anonymous user's or another audience's.
-- SECURITY DEFINER: people may not write tickets, which carry the claims they will be redeemed with.
create or replace function seedbed.issue_event_ticket(token_sha256 text, export uuid, ttl_s integer)
    returns timestamptz
    language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
    as $$
    declare
        until timestamptz;
        caller constant uuid := auth.uid();
    begin
        if session_user = 'authenticator' then
            raise insufficient_privilege using message = 'tickets are issued by the service';
        end if;
        if 1000 <= (
            select count(*) from public.generator_event_tickets as t where t.expires_at > now() and t.user_id = caller
        ) then
            raise program_limit_exceeded using message = '1,000 tickets were issued within a minute; use some of them first';
        end if;
        if export is not null then
            perform seedbed.require_role(export, array['owner', 'editor', 'viewer']);
        end if;
        insert into public.generator_event_tickets (token_sha256, user_id, claims, export_id, expires_at)
        values (
            -- What people write themselves decides nothing about a stream, and may be long.
            issue_event_ticket.token_sha256, caller, auth.jwt() - 'user_metadata' - 'app_metadata', export,
            now() + make_interval(secs => least(greatest(ttl_s, 1), 60))
        )
        returning expires_at into until;
        return until;
    end
    $$;

create or replace function public.generator_issue_event_ticket(
    token_sha256 text, export uuid default null, ttl_s integer default 60
)
    returns timestamptz
    language sql volatile security invoker set search_path = pg_catalog, pg_temp
    as $$ select seedbed.issue_event_ticket(token_sha256, export, ttl_s) $$;
comment on function public.generator_issue_event_ticket(text, uuid, integer) is
    'Issues a ticket for one export''s events, or for all of the caller''s; returns when it ends, at most 60 s from now.';

-- The update's row lock lets one of two redeemers through; the other finds used_at set.
create or replace function public.generator_redeem_event_ticket(token_sha256 text)
    returns table (user_id uuid, claims jsonb, export_id uuid)
    language sql volatile security invoker set search_path = pg_catalog, pg_temp
    as $$
        update public.generator_event_tickets as t
        set used_at = now()
        where t.token_sha256 = generator_redeem_event_ticket.token_sha256
            and t.used_at is null
            and t.expires_at > now()
        returning t.user_id, t.claims, t.export_id
    $$;
comment on function public.generator_redeem_event_ticket(text) is
    'The service''s: uses a ticket up and returns whose it is; no row when it is unknown, used or over.';

revoke all on function seedbed.issue_event_ticket(text, uuid, integer) from public, anon, authenticated, service_role;
revoke all on function public.generator_issue_event_ticket(text, uuid, integer)
    from public, anon, authenticated, service_role;
revoke all on function public.generator_redeem_event_ticket(text) from public, anon, authenticated, service_role;
grant execute on function seedbed.issue_event_ticket(text, uuid, integer) to authenticated;
grant execute on function public.generator_issue_event_ticket(text, uuid, integer) to authenticated;
grant execute on function public.generator_redeem_event_ticket(text) to service_role;
