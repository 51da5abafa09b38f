-- W3C's tracestate of the request: what vendors on its way have added to the trace. Empty where there is none.
alter table public.generator_exports add column tracestate text;
alter table public.generator_exports add constraint generator_exports_tracestate_check
    check (length(tracestate) <= 512) not valid;
alter table public.generator_exports validate constraint generator_exports_tracestate_check;
