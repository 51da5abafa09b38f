alter table public.generator_export_shares drop column invited_as;
drop table public.generator_export_invitations;
