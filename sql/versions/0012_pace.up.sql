-- How fast an export is, which its end is predicted by: see app/exports/pace.py. Empty before its parts are known.
alter table public.generator_exports add column pace jsonb;
