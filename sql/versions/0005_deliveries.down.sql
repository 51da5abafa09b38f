drop table public.generator_webhook_secrets;
drop index public.generator_export_deliveries_due_idx;
alter table public.generator_export_deliveries
    drop column event,
    drop column event_seq,
    drop column payload,
    drop column round_start,
    drop column next_attempt_at,
    drop column last_error;
create index generator_export_deliveries_export_idx on public.generator_export_deliveries (export_id);
create index generator_export_deliveries_open_idx on public.generator_export_deliveries (updated_at)
    where state in ('pending', 'delivering');
