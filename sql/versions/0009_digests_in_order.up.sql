-- SHA-256 goes through a file from front to back: the maker of each part takes it up where the part before ends.
alter table public.generator_export_parts add column running_sha256 bytea;
-- What it went through in this part. Should the part be made again and be another one, all that follows is worthless.
alter table public.generator_export_parts add column running_over text;
