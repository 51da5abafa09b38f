-- What a job that has ended remembers of its worker.

-- Procrastinate leaves it there, and a worker that goes is taken out of every job that it ever did: a deploy would
-- write the whole table of jobs anew. Nobody asks of a job that does not run whose it was; so it is let go of with its
-- end, in the row that is written then anyway.
create or replace function seedbed.let_go_of_job() returns trigger
    language plpgsql volatile security invoker set search_path = pg_catalog, pg_temp
    as $$
    begin
        new.worker_id := null;
        return new;
    end
    $$;
comment on function seedbed.let_go_of_job() is 'Takes the worker out of a job that does not run any more.';

revoke all on function seedbed.let_go_of_job() from public, anon, authenticated, service_role;

create or replace trigger let_go_of_job before update on queue.procrastinate_jobs
    for each row when (old.status = 'doing' and new.status <> 'doing')
    execute function seedbed.let_go_of_job();
