-- Each job leaves two dead rows, one when it is fetched and one when it ends: three versions of what stays for a day.
-- A fifth of the table, which is what autovacuum waits for otherwise, would be hours of them.
alter table queue.procrastinate_jobs set (
    autovacuum_vacuum_scale_factor = 0.02,
    autovacuum_vacuum_threshold = 200
);
