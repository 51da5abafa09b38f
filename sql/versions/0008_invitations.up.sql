-- A share with whoever proves to have a mail address: it becomes a row in generator_export_shares when that person
-- comes by. Nobody is looked up when it is made, so that nobody learns who has an account.
create table public.generator_export_invitations (
    id uuid primary key default gen_random_uuid(),
    export_id uuid not null references public.generator_exports (id) on delete cascade,
    email text not null check (email = lower(email) and email ~ '^[^@\s]{1,64}@[^@\s]{1,190}$'),
    role text not null check (role in ('editor', 'viewer')),
    created_at timestamptz not null default now(),
    created_by uuid default auth.uid(),
    unique (export_id, email)
);
comment on table public.generator_export_invitations is
    'Whom an export is shared with by mail address. generator_claim_invitations makes shares of it.';
alter table public.generator_export_invitations enable row level security, force row level security;

create index generator_export_invitations_email_idx on public.generator_export_invitations (email);

alter table public.generator_export_shares add column invited_as text;
comment on column public.generator_export_shares.invited_as is 'The address of the invitation that this came by.';
