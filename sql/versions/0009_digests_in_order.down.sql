alter table public.generator_export_parts drop column running_over;
alter table public.generator_export_parts drop column running_sha256;
