-- storage.objects of Supabase Storage: who may download, and have a URL signed for, a file of the bucket
-- generator-exports. The storage server asks this as the caller. Applied where Supabase Storage is, and only there.
--
-- Owner and editors of a completed export. generator_exports is asked under its own policies as well. Uploads are the
-- service's: there is no policy for writing, and none on owner_id, which service uploads leave null.
do $$
begin
    if to_regclass('storage.objects') is null or to_regprocedure('storage.foldername(text)') is null then
        return;  -- no Supabase Storage here
    end if;
    if exists (
        select from pg_catalog.pg_policies
        where schemaname = 'storage' and tablename = 'objects' and policyname = 'generator exports: owner and editors download'
    ) then
        return;
    end if;
    create policy "generator exports: owner and editors download" on storage.objects
        for select to authenticated
        using (
            bucket_id = 'generator-exports'
            and exists (
                select from public.generator_exports as e
                where e.object_path = objects.name
                    and e.status = 'completed'
                    and (
                        e.owner_id = (select auth.uid())
                        or exists (
                            select from public.generator_export_shares as s
                            where s.export_id = e.id and s.user_id = (select auth.uid()) and s.role = 'editor'
                        )
                    )
            )
        );
exception when insufficient_privilege then
    raise insufficient_privilege using
        message = format('"%s" may not make a policy on storage.objects', current_user),
        hint = 'Run sql/policies/storage_objects.sql once as the owner of storage.objects, then migrate again.';
end
$$;
