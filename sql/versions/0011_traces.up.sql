-- W3C's traceparent of the request: an id and no secret. Empty where nothing is traced.
alter table public.generator_exports add column traceparent text;
alter table public.generator_exports add constraint generator_exports_traceparent_check
    check (traceparent ~ '^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$') not valid;
alter table public.generator_exports validate constraint generator_exports_traceparent_check;
