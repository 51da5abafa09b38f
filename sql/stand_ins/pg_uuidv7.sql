-- Random rather than ordered by time.
create function {s}.uuid_generate_v7() returns uuid language sql as 'select gen_random_uuid()';
