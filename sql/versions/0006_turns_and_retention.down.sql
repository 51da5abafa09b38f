drop table seedbed.upkeep_turns;
drop index public.generator_exports_finished_idx;
drop index public.generator_exports_stored_idx;
alter table public.generator_exports drop column bytes_expected;
alter table public.generator_exports drop column retention_s;
drop index queue.seedbed_turns_idx;
