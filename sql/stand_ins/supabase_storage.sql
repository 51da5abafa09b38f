-- The tables of Supabase's schema `storage` that keys of projects refer to: names, types, defaults and keys. What only
-- the storage server itself reads and writes (parts of uploads, prefixes) is left out.
create schema if not exists storage;
create table storage.buckets (
    id text primary key, name text not null unique, owner uuid, owner_id text, created_at timestamptz default now(),
    updated_at timestamptz default now(), public boolean default false, avif_autodetection boolean default false,
    file_size_limit bigint, allowed_mime_types text[]
);
create table storage.objects (
    id uuid primary key default gen_random_uuid(), bucket_id text references storage.buckets, name text, owner uuid,
    owner_id text, created_at timestamptz default now(), updated_at timestamptz default now(),
    last_accessed_at timestamptz default now(), metadata jsonb, user_metadata jsonb, version text,
    path_tokens text[] generated always as (string_to_array(name, '/')) stored,
    unique (bucket_id, name)
);
