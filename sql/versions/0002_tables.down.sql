drop table
    public.generator_downloads,
    public.generator_event_tickets,
    public.generator_idempotency_keys,
    public.generator_quotas,
    public.generator_export_deliveries,
    public.generator_export_shares,
    public.generator_export_events,
    public.generator_export_parts,
    public.generator_exports,
    public.generator_schemas,
    seedbed.removed_exports,
    seedbed.orphaned_objects;
