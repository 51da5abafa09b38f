alter table public.generator_exports drop column tracestate;
