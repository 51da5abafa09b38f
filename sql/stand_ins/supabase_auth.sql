-- The part of Supabase's schema `auth` that the schemas of projects lean on, as its migrations leave it: names, types,
-- defaults and keys. What only the auth server itself reads and writes (its tokens) is left out. The checks are not
-- there: they say what every user of a project has in these columns.
create schema if not exists auth;
create table auth.users (
    instance_id uuid check (instance_id = '00000000-0000-0000-0000-000000000000'), id uuid primary key,
    aud varchar(255) check (aud = 'authenticated'), role varchar(255) check (role = 'authenticated'),
    email varchar(255), encrypted_password varchar(255), email_confirmed_at timestamptz, invited_at timestamptz,
    last_sign_in_at timestamptz, raw_app_meta_data jsonb, raw_user_meta_data jsonb, is_super_admin boolean,
    created_at timestamptz, updated_at timestamptz, phone text unique default null, phone_confirmed_at timestamptz,
    confirmed_at timestamptz generated always as (least(email_confirmed_at, phone_confirmed_at)) stored,
    banned_until timestamptz, is_sso_user boolean not null default false, deleted_at timestamptz,
    is_anonymous boolean not null default false
);
-- One address may come by way of several identity providers, and once by none.
create unique index users_email_partial_key on auth.users (email) where is_sso_user = false;
create function auth.jwt() returns jsonb language sql stable as $$
    select coalesce(
        nullif(current_setting('request.jwt.claim', true), ''), nullif(current_setting('request.jwt.claims', true), '')
    )::jsonb
$$;
create function auth.uid() returns uuid language sql stable as $$
    select coalesce(nullif(current_setting('request.jwt.claim.sub', true), ''), auth.jwt() ->> 'sub')::uuid
$$;
create function auth.role() returns text language sql stable as $$
    select coalesce(nullif(current_setting('request.jwt.claim.role', true), ''), auth.jwt() ->> 'role')
$$;
create function auth.email() returns text language sql stable as $$
    select coalesce(nullif(current_setting('request.jwt.claim.email', true), ''), auth.jwt() ->> 'email')
$$;
