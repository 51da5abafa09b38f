alter table queue.procrastinate_jobs reset (autovacuum_vacuum_scale_factor, autovacuum_vacuum_threshold);
